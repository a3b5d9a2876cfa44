import { resourceOfKind } from "../kubernetes";
import { type AdmissionControl } from "./admission";
import { isSystemNamespace } from "./namespaces";
import { TENANT } from "./podWays";
import { search } from "./search";
import { type Trust } from "./trust";

/** Parameters of bound policies that nothing keeps a tenant from changing: the policy is worth what somebody writes there. */
export function changeableParameters(
    control: AdmissionControl,
    trust: Trust,
    rootNamespaces: readonly string[],
): readonly string[] {
    const parameters = new Set(control.bound.flatMap(bound => bound.parameters));
    return [...parameters].flatMap(({ urn, group, version, kind, namespace, name, object }) => {
        if (isSystemNamespace(namespace, rootNamespaces)) {
            return [];
        }
        const request = {
            operation: "UPDATE" as const,
            group,
            version,
            resource: resourceOfKind(kind),
            kind,
            ...(namespace === "" ? {} : { namespace }),
            name,
            user: TENANT,
            object,
            oldObject: object,
        };
        const { kind: outcome } = search({ requests: [request], asWritten: true }, control, trust);
        return outcome === "closed"
            ? []
            : [
                  `policies take parameters from ${urn}, and nothing keeps others from writing it; keep it in the gateway's namespace`,
              ];
    });
}

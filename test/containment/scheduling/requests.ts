import { type Fields, fields, fieldsList } from "../../../containment/kubernetes";
import { type AdmissionRequest } from "../../../containment/scheduling/admissionRequest";
import { type Request, type Sender, type SentObject } from "../../../attacks";

const PLURALS: Readonly<Record<string, string>> = {
    Endpoints: "endpoints",
    NetworkPolicy: "networkpolicies",
    ServiceEntry: "serviceentries",
    WorkloadEntry: "workloadentries",
    ProxyConfig: "proxyconfigs",
    ComputeClass: "computeclasses",
    RuntimeClass: "runtimeclasses",
    AuthorizationPolicy: "authorizationpolicies",
};

/** Kinds of the objects that subresources take in place of their parent. */
const OPTIONS: Readonly<Record<string, string>> = {
    exec: "PodExecOptions",
    attach: "PodAttachOptions",
    portforward: "PodPortForwardOptions",
    proxy: "PodProxyOptions",
};

/** The catalogue's request as the API server hands it to admission. */
export function admissionRequest(request: Request, { user, groups = [] }: Sender): AdmissionRequest {
    const sender = { user: { username: user, groups } };
    switch (request.operation) {
        case "connect":
            return {
                ...target(request.to),
                ...(request.port === undefined ? {} : { name: `${request.to.metadata.name}:${request.port}` }),
                ...sender,
                operation: "CONNECT",
                subresource: request.subresource,
                kind: request.to.kind === "Node" ? "NodeProxyOptions" : OPTIONS[request.subresource]!,
                object: request.path === undefined ? {} : { path: `/${decodeURIComponent(request.path)}` },
                oldObject: null,
            };
        case "delete":
            return {
                ...target(request.before),
                ...sender,
                operation: "DELETE",
                object: null,
                oldObject: named(request.before),
            };
        case "update":
            return {
                ...target(request.before),
                ...sender,
                operation: "UPDATE",
                ...(request.subresource === undefined ? {} : { subresource: request.subresource }),
                kind: request.object.kind,
                object: named(request.object),
                oldObject:
                    request.subresource === "scale" ? { ...named(request.object), spec: {} } : named(request.before),
            };
        case "create":
            return request.below === undefined
                ? {
                      ...target(request.object),
                      ...sender,
                      operation: "CREATE",
                      object: named(request.object),
                      oldObject: null,
                  }
                : {
                      ...target(request.below.object),
                      ...sender,
                      operation: "CREATE",
                      subresource: request.below.subresource,
                      kind: request.object.kind,
                      object: named(request.object),
                      oldObject: null,
                  };
    }
}

function target(
    object: SentObject,
): Pick<AdmissionRequest, "group" | "version" | "resource" | "kind" | "namespace" | "name"> {
    const [group, version] = object.apiVersion.includes("/")
        ? (object.apiVersion.split("/") as [string, string])
        : ["", object.apiVersion];
    const { kind, metadata } = object;
    return {
        group,
        version,
        kind,
        resource: PLURALS[kind] ?? `${kind.toLowerCase()}${kind.endsWith("s") ? "es" : "s"}`,
        ...(metadata.namespace === undefined ? {} : { namespace: metadata.namespace }),
        ...(metadata.name === undefined ? {} : { name: metadata.name }),
    };
}

/** What the API server completes before its policies see the object: a generated name, and tolerations for extended resources. */
function named(object: SentObject): Fields {
    const { metadata } = object;
    const spec = fields(object.spec);
    const requests = fieldsList(spec.containers).flatMap(({ resources }) =>
        Object.keys(fields(fields(resources).requests)),
    );
    // Its plugin ExtendedResourceToleration; kubernetes.io is the domain of the built-in resources.
    const extended =
        object.kind === "Pod" ? requests.filter(name => name.includes("/") && !name.includes("kubernetes.io/")) : [];
    const tolerations = [
        ...fieldsList(spec.tolerations),
        ...extended.map(key => ({ key, operator: "Exists", effect: "NoSchedule" })),
    ];
    return {
        ...object,
        metadata: { ...metadata, name: metadata.name ?? `${metadata.generateName}x7k2p` },
        ...(extended.length > 0 ? { spec: { ...spec, tolerations } } : {}),
    };
}

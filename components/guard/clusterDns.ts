import { CLUSTER_DNS_CONFIG_MAPS } from "../../base/conventions";
import { anyOf, exemptions, inGroup, list, USER, when } from "./cel";
import { breakGlassAudit } from "./gatewayNamespace";
import { type GuardObject, policyWithBinding } from "./policy";
import { type GuardSettings } from "./settings";

/** Whom the cluster's DNS asks. Its pods and Services are in kube-system as well, and left to who administers that namespace. */
export function clusterDnsRules(settings: GuardSettings): GuardObject[] {
    const breakGlass = inGroup(settings.breakGlassGroup);
    const { "control-plane": controlPlane, "exempt-identities": exempt } = exemptions(settings);
    return policyWithBinding(
        {
            policy: "cluster-dns",
            matches: [
                {
                    apiGroups: [""],
                    apiVersions: ["v1"],
                    operations: ["CREATE", "UPDATE", "DELETE"],
                    resources: ["configmaps"],
                },
            ],
            namespaces: { only: ["kube-system"] },
            // The request has no name where a whole collection is deleted.
            variables: {
                configuration: '(request.operation == "DELETE" ? oldObject : object).metadata.?name.orValue("")',
            },
            checks: [
                {
                    name: "steered",
                    finding: "changes whom the cluster's DNS asks",
                    offenders: when(
                        `variables.configuration in ${list(CLUSTER_DNS_CONFIG_MAPS)} && !(${anyOf([controlPlane!, exempt!, breakGlass])})`,
                        `"ConfigMap " + variables.configuration + " by " + ${USER}`,
                    ),
                },
            ],
            audit: {
                "break-glass": breakGlassAudit(
                    `variables.configuration in ${list(CLUSTER_DNS_CONFIG_MAPS)} && ${breakGlass}`,
                ),
            },
        },
        settings,
    );
}

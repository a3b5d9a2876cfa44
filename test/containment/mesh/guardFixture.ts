import { type Resource } from "../../../containment/resource";
import { resourceOf } from "./fixture";

/** The smallest guard that keeps tenants out of the mesh's configuration: one policy for each group of kinds. */
export function meshGuard(): Resource[] {
    return [
        ...policy("addresses", "", ["services", "services/status"], UNCLAIMED),
        ...policy("registry", "networking.istio.io", ["serviceentries", "workloadentries"]),
        ...policy("gateways", "networking.istio.io", ["gateways"]),
        ...policy("routes", "networking.istio.io", ["virtualservices", "destinationrules"], BOUND),
        ...policy("extensions", "networking.istio.io", ["envoyfilters", "proxyconfigs"]),
        ...policy("plugins", "extensions.istio.io", ["wasmplugins", "trafficextensions"]),
    ];
}

/** Tenants have routes of their own, as long as these bind to no Gateway of the gateway's namespace. */
const BOUND = `!object.spec.?gateways.orValue([]).exists(g, g.startsWith("istio-egress/"))`;
const UNCLAIMED =
    "object.spec.?externalIPs.orValue([]).size() == 0 && object.?status.?loadBalancer.?ingress.orValue([]).size() == 0";
const OWNED = `object.metadata.namespace == "istio-egress"`;

function policy(name: string, group: string, resources: readonly string[], condition = OWNED): Resource[] {
    return [
        resourceOf({
            apiVersion: "admissionregistration.k8s.io/v1",
            kind: "ValidatingAdmissionPolicy",
            metadata: { name },
            spec: {
                failurePolicy: "Fail",
                matchConstraints: {
                    resourceRules: [
                        { apiGroups: [group], apiVersions: ["*"], operations: ["CREATE", "UPDATE"], resources },
                    ],
                },
                validations: [
                    {
                        expression: condition,
                        message: `only the gateway's namespace has ${resources.join(" and ")}`,
                    },
                ],
            },
        }),
        resourceOf({
            apiVersion: "admissionregistration.k8s.io/v1",
            kind: "ValidatingAdmissionPolicyBinding",
            metadata: { name },
            spec: { policyName: name, validationActions: ["Deny"] },
        }),
    ];
}

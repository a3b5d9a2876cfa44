import { type Resource } from "../../../containment/resource";
import { resourceOf } from "./fixture";

/** The smallest guard that keeps tenants out of the mesh's configuration: one policy for each group of kinds. */
export function meshGuard(): Resource[] {
    return [
        ...policy("registry", "networking.istio.io", ["serviceentries", "workloadentries"]),
        ...policy("gateways", "networking.istio.io", ["gateways"]),
        ...policy("routes", "networking.istio.io", ["virtualservices", "destinationrules"], BOUND),
        ...policy("extensions", "networking.istio.io", ["envoyfilters"]),
        ...policy("plugins", "extensions.istio.io", ["wasmplugins"]),
    ];
}

/** Tenants have routes of their own, as long as these bind to no Gateway of the gateway's namespace. */
const BOUND = `!object.spec.?gateways.orValue([]).exists(g, g.startsWith("istio-egress/"))`;
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

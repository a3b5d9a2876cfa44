import { type Resource } from "../../../containment/resource";
import { resourceOf } from "./fixture";

/** The smallest guard that keeps tenants out of the mesh's configuration: one policy for each group of kinds. */
export function meshGuard(): Resource[] {
    return [
        ...policy("registry", "networking.istio.io", ["serviceentries", "workloadentries"]),
        ...policy("routes", "networking.istio.io", ["gateways", "virtualservices", "destinationrules"]),
        ...policy("extensions", "networking.istio.io", ["envoyfilters"]),
        ...policy("plugins", "extensions.istio.io", ["wasmplugins"]),
    ];
}

function policy(name: string, group: string, resources: readonly string[]): Resource[] {
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
                        expression: 'object.metadata.namespace == "istio-egress"',
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

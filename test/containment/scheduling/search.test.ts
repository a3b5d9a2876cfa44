import assert from "node:assert/strict";
import { kubernetesObjects } from "../../../containment/kubernetes";
import { AdmissionControl } from "../../../containment/scheduling/admission";
import { TENANT } from "../../../containment/scheduling/podWays";
import { search } from "../../../containment/scheduling/search";
import { trustOf } from "../../../containment/scheduling/trust";
import { resourceOf } from "../mesh/fixture";

/** Refuses every Service, but for those that the selector leaves out. */
function refusing(objectSelector: object): AdmissionControl {
    const manifest = (kind: string, spec: object) =>
        resourceOf({ apiVersion: "admissionregistration.k8s.io/v1", kind, metadata: { name: "services" }, spec });
    return new AdmissionControl(
        kubernetesObjects([
            manifest("ValidatingAdmissionPolicy", {
                matchConstraints: {
                    resourceRules: [
                        { apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE"], resources: ["services"] },
                    ],
                },
                validations: [{ expression: "false" }],
            }),
            manifest("ValidatingAdmissionPolicyBinding", {
                policyName: "services",
                validationActions: ["Deny"],
                matchResources: { objectSelector },
            }),
        ]),
    );
}

const SERVICE = {
    operation: "CREATE",
    group: "",
    version: "v1",
    resource: "services",
    kind: "Service",
    namespace: "payments",
    user: TENANT,
    object: { apiVersion: "v1", kind: "Service", metadata: { name: "one" }, spec: {} },
    oldObject: null,
} as const;

describe("search", () => {
    const outcome = (objectSelector: object) =>
        search(
            { requests: [SERVICE] },
            refusing(objectSelector),
            trustOf([], { gatewayNamespace: "istio-egress", rootNamespaces: [] }),
        ).kind;

    it("tries a label that a selector exempts on an object that has no labels at all", () => {
        assert.equal(outcome({ matchExpressions: [{ key: "exempt", operator: "DoesNotExist" }] }), "open");
        assert.equal(outcome({ matchExpressions: [{ key: "exempt", operator: "NotIn", values: ["yes"] }] }), "open");
    });

    it("gives up where no label helps", () => {
        assert.equal(outcome({}), "closed");
    });
});

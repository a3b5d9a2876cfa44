import assert from "node:assert/strict";
import { compileGuard } from "../../../components/guard/compile";
import { catalogueSettings } from "../../../attacks";
import { exemptNamespaces, isExempt, type TolerationRule } from "../../../live/verify/cluster/exemptNamespaces";

/** As the API server would give the guard's objects back. */
function live(exempt: readonly string[]): TolerationRule {
    const objects = compileGuard({ ...catalogueSettings, exemptNamespaces: exempt });
    const found = objects.filter(({ metadata }) => metadata.name === "egress-gateway.gateway-node-toleration");
    return {
        policy: found.find(({ kind }) => kind === "ValidatingAdmissionPolicy") as TolerationRule["policy"],
        binding: found.find(({ kind }) => kind === "ValidatingAdmissionPolicyBinding") as TolerationRule["binding"],
    };
}

describe("the namespaces that verify lets run on gateway nodes", () => {
    it("are those that the live guard exempts, by name and by prefix", () => {
        const exempt = exemptNamespaces(live(["kube-system", "gke-managed-*"]));
        for (const [namespace, expected] of [
            ["kube-system", true],
            ["gke-managed-new", true],
            ["gke-manager", false],
            ["kube-system-2", false],
            ["payments", false],
        ] as const) {
            assert.equal(isExempt(namespace, exempt), expected, namespace);
        }
    });

    it("are no namespaces of a prefix that the settings took off the list", () => {
        assert.equal(isExempt("gke-managed-new", exemptNamespaces(live(["kube-system"]))), false);
    });

    it("are the defaults of the settings where there is no guard", () => {
        assert.equal(isExempt("gke-managed-new", exemptNamespaces({ policy: undefined, binding: undefined })), true);
    });
});

import assert from "node:assert/strict";
import { componentProblems } from "../../components/problems";
import { virtualAddressOf } from "../../components/mesh/names";
import { destination, platform, settings } from "../settings/build";

const GUARD = { exemptUsers: ["deployer@acme-dev.iam.gserviceaccount.com"] };

function paths(values: Record<string, unknown>, cluster: Record<string, unknown> = {}): string[] {
    const read = settings(
        { guard: GUARD, ...values },
        { platform: { path: "egress-gateway:platform", value: platform({}, cluster) } },
    );
    return componentProblems(read).map(({ path }) => path);
}

describe("componentProblems", () => {
    it("finds nothing in good settings", () => {
        assert.deepEqual(paths({}), []);
    });

    it("refuses exemptions that would switch the guard off where it is needed", () => {
        const exemptNamespaces = ["kube-system", "istio-egress", "payments"];
        assert.deepEqual(paths({ guard: { ...GUARD, exemptNamespaces } }), [
            "egress-gateway:guard.exemptNamespaces[1]",
            "egress-gateway:guard.exemptNamespaces[2]",
        ]);
    });

    it("refuses an empty break-glass group, and a guard that refuses its own deployer", () => {
        assert.deepEqual(paths({ guard: { ...GUARD, breakGlassGroup: " " } }), [
            "egress-gateway:guard.breakGlassGroup",
        ]);
        assert.deepEqual(paths({ guard: {} }), ["egress-gateway:guard.exemptUsers"]);
    });

    it("refuses a Kubernetes version without admission policies, unless the guard is switched off", () => {
        assert.deepEqual(paths({}, { kubernetesVersion: "1.29" }), [
            "egress-gateway:platform.cluster.kubernetesVersion",
        ]);
        assert.deepEqual(paths({ disabledComponents: ["guard"] }, { kubernetesVersion: "1.29" }), []);
    });

    it("refuses two destinations that clients would know by one address, and takes one that is told apart", () => {
        const tcp = (host: string, virtualAddress?: string) =>
            destination(host, {
                ports: [{ number: 5432, protocol: "tcp", ...(virtualAddress === undefined ? {} : { virtualAddress }) }],
            });
        const taken = virtualAddressOf("a.example.com");
        assert.deepEqual(paths({ destinations: [tcp("a.example.com"), tcp("b.example.com", taken)] }), [
            "egress-gateway:destinations[1].ports[0].virtualAddress",
        ]);
        assert.deepEqual(paths({ destinations: [tcp("a.example.com"), tcp("b.example.com")] }), []);
    });
});

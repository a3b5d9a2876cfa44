import assert from "node:assert/strict";
import {
    COLLECTED_KINDS,
    collectorChecks,
    definitionChecks,
    identityCheck,
    injectionCheck,
    NEEDED_KINDS,
} from "../../../live/preflight/cluster/installation";
import { settings } from "../../settings/build";

describe("what preflight asks of the cluster's installation", () => {
    it("wants every kind that this stack writes, in its version", () => {
        assert.equal(definitionChecks(NEEDED_KINDS)[0]!.result, "agrees");
        const [older] = definitionChecks({ ...NEEDED_KINDS, "telemetry.istio.io/v1": [] });
        assert.equal(older!.result, "contradicts");
        assert.equal(older!.found, "not served: telemetry.istio.io/v1 Telemetry");
        assert.equal(definitionChecks({})[0]!.result, "contradicts");
    });

    it("wants the kinds of the collector that the settings name, and of no other", () => {
        const found = (collector: string, served: typeof COLLECTED_KINDS) =>
            collectorChecks(settings({ monitoring: { collector } }), served).map(check => check.result);
        assert.deepEqual(found("none", {}), []);
        for (const [collector, version] of [
            ["google-managed-prometheus", "monitoring.googleapis.com/v1"],
            ["prometheus-operator", "monitoring.coreos.com/v1"],
        ] as const) {
            assert.deepEqual(found(collector, { [version]: COLLECTED_KINDS[version]! }), ["agrees"]);
            assert.deepEqual(found(collector, { ...COLLECTED_KINDS, [version]: [] }), ["contradicts"]);
        }
    });

    const injector = (namespaceSelector: unknown, objectSelector: unknown) => ({
        name: "istio-sidecar-injector/object.sidecar-injector.istio.io",
        namespaceSelector,
        objectSelector,
    });
    const injected = (...injectors: ReturnType<typeof injector>[]) =>
        injectionCheck(
            settings({ mesh: { revision: "canary" } }),
            { "sidecar.istio.io/inject": "true", "istio.io/rev": "canary" },
            injectors,
        ).result;
    const unlabelled = { matchExpressions: [{ key: "istio-injection", operator: "DoesNotExist" }] };

    it("wants an injector that takes the gateway's pods by their labels", () => {
        assert.equal(injected(injector(unlabelled, { matchLabels: { "istio.io/rev": "canary" } })), "agrees");
        assert.equal(injected(injector(unlabelled, { matchLabels: { "istio.io/rev": "stable" } })), "contradicts");
        assert.equal(injected(injector({ matchLabels: { "istio-injection": "enabled" } }, {})), "contradicts");
        assert.equal(injected(), "contradicts");
    });

    const deployer = (guard: Record<string, unknown>, groups: readonly string[] = []) =>
        identityCheck(settings({ guard }), { username: "ci@acme-dev.iam.gserviceaccount.com", groups }).result;

    it("wants the caller to be exempt from the guard: by name, by its beginning, or by a group", () => {
        assert.equal(deployer({ exemptUsers: ["somebody-else@acme.example"] }), "contradicts");
        assert.equal(deployer({ exemptUsers: ["ci@acme-dev.iam.gserviceaccount.com"] }), "agrees");
        assert.equal(
            deployer({ exemptUsers: ["x@acme.example"], exemptGroups: ["deployers"] }, ["deployers"]),
            "agrees",
        );
        assert.equal(deployer({ exemptUsers: ["x@acme.example"], exemptGroups: ["deployers"] }), "contradicts");
    });
});

import assert from "node:assert/strict";
import {
    definitionChecks,
    identityCheck,
    injectionCheck,
    WRITTEN_KINDS,
} from "../../../live/preflight/cluster/installation";
import { kubernetesChecks } from "../../../live/preflight/cluster/checks";
import { type KubernetesFacts } from "../../../live/preflight/cluster/facts";
import { type Settings } from "../../../settings/settings";
import { settings } from "../../settings/build";

describe("what preflight asks of the cluster's installation", () => {
    const definitions = (served: typeof WRITTEN_KINDS, collector = "none") =>
        definitionChecks(settings({ monitoring: { collector } }), served).map(({ id, result }) => `${result} ${id}`);

    it("wants every kind that this stack writes, in its version", () => {
        assert.deepEqual(definitions(WRITTEN_KINDS), ["agrees istio/definitions"]);
        const [older] = definitionChecks(settings(), { ...WRITTEN_KINDS, "telemetry.istio.io/v1": [] });
        assert.equal(older!.result, "contradicts");
        assert.equal(older!.found, "not served: telemetry.istio.io/v1 Telemetry");
        assert.deepEqual(definitions({}), ["contradicts istio/definitions"]);
    });

    it("wants the kinds of the collector that the settings name, and of no other", () => {
        for (const [collector, version] of [
            ["google-managed-prometheus", "monitoring.googleapis.com/v1"],
            ["prometheus-operator", "monitoring.coreos.com/v1"],
        ] as const) {
            const { [version]: _, ...others } = WRITTEN_KINDS;
            assert.equal(definitions(WRITTEN_KINDS, collector)[1], "agrees monitoring/definitions");
            assert.equal(definitions(others, collector)[1], "contradicts monitoring/definitions");
        }
    });

    const injector = (namespaceSelector: unknown, objectSelector: unknown) => ({
        name: "istio-sidecar-injector/object.sidecar-injector.istio.io",
        namespaceSelector,
        objectSelector,
    });
    const injected = (...injectors: ReturnType<typeof injector>[]) =>
        injectionCheck(settings({ mesh: { revision: "canary" } }), injectors).result;
    const unlabelled = { matchExpressions: [{ key: "istio-injection", operator: "DoesNotExist" }] };

    it("wants an injector that takes the gateway's pods by their labels", () => {
        assert.equal(injected(injector(unlabelled, { matchLabels: { "istio.io/rev": "canary" } })), "agrees");
        assert.equal(injected(injector(unlabelled, { matchLabels: { "istio.io/rev": "stable" } })), "contradicts");
        assert.equal(injected(injector({ matchLabels: { "istio-injection": "enabled" } }, {})), "contradicts");
        assert.equal(injected(), "contradicts");
    });

    it("asks so for the pods of each gateway, in its own namespace", () => {
        const gateways = { exit: { name: "exit", namespace: "istio-egress-exit" } } as unknown as Settings["gateways"];
        const facts: KubernetesFacts = {
            version: "v1.34.1",
            namespaces: [],
            serviceAccounts: [],
            istiod: { version: "1.30.3", environment: {}, nodeSelector: {}, meshConfig: undefined },
            mesh: undefined,
            kinds: WRITTEN_KINDS,
            injectors: [injector({ matchLabels: { "kubernetes.io/metadata.name": "istio-egress" } }, {})],
            caller: { username: "somebody", groups: [] },
        };
        const told = kubernetesChecks({ ...settings(), gateways }, facts).filter(({ id }) =>
            id.startsWith("istio/injection"),
        );
        assert.deepEqual(
            told.map(({ id, result }) => `${result} ${id}`),
            ["agrees istio/injection", "contradicts istio/injection/exit"],
        );
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

import assert from "node:assert/strict";
import { type MeshFacts } from "../../../live/preflight/cluster/facts";
import { meshChecks, visibilityChecks } from "../../../live/preflight/cluster/foreignObjects";
import { type Settings } from "../../../settings/settings";
import { destination, settings } from "../../settings/build";

const SETTINGS = settings({ destinations: [destination("api.example.com")], mesh: { version: "1.31" } });
const NOTHING: MeshFacts = {
    serviceEntries: [],
    virtualServices: [],
    destinationRules: [],
    gateways: [],
    envoyFilters: [],
};

const entry = (namespace: string, created: string, exportTo: string[] = []) => ({
    namespace,
    name: "api",
    hosts: ["api.example.com"],
    created,
    exportTo,
});
const OWN = entry("istio-egress", "2026-06-01T00:00:00Z", ["payments"]);

describe("a ServiceEntry of others for a declared host", () => {
    const told = (...serviceEntries: MeshFacts["serviceEntries"]): string[] =>
        meshChecks(SETTINGS, { ...NOTHING, serviceEntries }).map(({ remedy, result }) => `${result} ${remedy ?? ""}`);

    it("wins where it is older than ours, or ours is still to be made", () => {
        for (const entries of [
            [entry("other", "2026-05-01T00:00:00Z"), OWN],
            [entry("other", "2026-07-01T00:00:00Z")],
        ]) {
            const [check, ...others] = told(...entries);
            assert.deepEqual(others, []);
            assert.match(
                check!,
                /^contradicts istio-egress, payments see it|^contradicts payments, istio-egress see it/,
            );
            assert.match(check!, /this one is older and wins/);
        }
    });

    it("does not win where ours is older, and is told all the same", () => {
        assert.match(
            told(OWN, entry("other", "2026-07-01T00:00:00Z"))[0]!,
            /^contradicts .*ours is older and wins, until it is made anew/,
        );
    });

    it("is ours where it is in the namespace of a further gateway", () => {
        const gateways = { exit: { namespace: "istio-egress-exit" } } as unknown as Settings["gateways"];
        const [check] = meshChecks(
            { ...SETTINGS, gateways },
            { ...NOTHING, serviceEntries: [entry("istio-egress-exit", "2026-05-01T00:00:00Z")] },
        );
        assert.equal(check!.result, "agrees");
    });

    it("is nothing where neither the clients nor the gateway see it", () => {
        assert.deepEqual(told(OWN, entry("other", "2026-05-01T00:00:00Z", ["."])), ["agrees "]);
        assert.match(told(OWN, entry("payments", "2026-05-01T00:00:00Z", ["."]))[0]!, /^contradicts payments sees it/);
    });
});

describe("serviceEntryVisibility", () => {
    const result = (
        version: string,
        serviceEntryVisibility?: { defaultVisibility: string; applyToSidecars: boolean },
    ) =>
        visibilityChecks(settings({ mesh: { version } }), {
            version,
            environment: {},
            nodeSelector: {},
            meshConfig: {
                trustDomain: "cluster.local",
                ...(serviceEntryVisibility === undefined ? {} : { serviceEntryVisibility }),
            },
        }).map(check => check.result);

    it("is a lock to turn on from Istio 1.31 on", () => {
        assert.deepEqual(result("1.30"), []);
        assert.deepEqual(result("1.31"), ["attention"]);
        assert.deepEqual(result("1.31", { defaultVisibility: "PUBLIC", applyToSidecars: true }), ["attention"]);
        assert.deepEqual(result("1.31", { defaultVisibility: "NAMESPACE", applyToSidecars: false }), ["attention"]);
        assert.deepEqual(result("1.31", { defaultVisibility: "NAMESPACE", applyToSidecars: true }), ["agrees"]);
    });
});

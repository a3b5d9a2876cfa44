import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import * as path from "node:path";
import { planOffline } from "../../plan/offline";
import { packPolicies } from "../../policy/pack";
import { type PackSettings } from "../../policy/settings";
import { violations } from "./sdk";

const ROOT = path.join(__dirname, "..", "..");

describe("the pack on this project's own stacks", function () {
    // Three whole plans; a busy machine takes its time for them.
    this.timeout(120_000);

    const pack = packPolicies();

    async function found(stack: string, settings: Partial<PackSettings> = {}): Promise<(readonly [string, string])[]> {
        const { resources, project } = await planOffline(ROOT, stack);
        const config = { "pack-settings": settings };
        return (await violations(pack, resources, config, project)).map(({ policy, message }) => [policy, message]);
    }

    it("finds nothing in dev", async () => {
        assert.deepEqual(await found("dev"), []);
    });

    for (const stack of ["blue", "green"]) {
        it(`finds nothing in ${stack}, which shares its network's perimeter`, async () => {
            assert.deepEqual(await found(stack), []);
        });
    }

    it("finds nothing in teams, where several gateways have names of their own", async () => {
        assert.deepEqual(await found("teams"), []);
    });

    it("holds what is in a further gateway's namespace to the gateway's rules", async () => {
        const { resources, project } = await planOffline(ROOT, "teams");
        const everybody = {
            type: "kubernetes:security.istio.io/v1:AuthorizationPolicy",
            urn: "urn:pulumi:teams::egress-gateway::kubernetes:security.istio.io/v1:AuthorizationPolicy::everybody",
            inputs: {
                apiVersion: "security.istio.io/v1",
                kind: "AuthorizationPolicy",
                metadata: { name: "everybody", namespace: "istio-egress-payments" },
                spec: { rules: [{}] },
            },
        };
        const said = await violations(pack, [...resources, everybody], {}, project);
        assert.ok(said.some(({ policy, urn }) => policy === "gateway-authorization" && urn === everybody.urn));
        assert.ok(said.some(({ policy, urn }) => policy === "gateway-authorization" && urn.endsWith("::everybody")));
    });

    it("finds nothing in prod, once its shared hosts were reviewed", async () => {
        const file = path.join(ROOT, "policy", "config", "prod.json");
        const config = JSON.parse(readFileSync(file, "utf8")) as { "pack-settings": Partial<PackSettings> };
        assert.deepEqual(await found("prod", config["pack-settings"]), []);
    });

    it("advises a review of prod's shared hosts, and of nothing else", async () => {
        const advice = await found("prod");
        assert.deepEqual([...new Set(advice.map(([policy]) => policy))], ["shared-hosts"]);
        assert.match(advice[0]![1], /api\.github\.com: anybody's repositories, gists and issues take data in/);
    });
});

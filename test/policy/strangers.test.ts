import assert from "node:assert/strict";
import { packPolicies } from "../../policy/pack";
import { STRANGERS } from "./cases/strangers";
import { violations } from "./sdk";

/** Beside what a gateway would be spoken of by name. */
const NODE_KEY = "egress-gateway/node";

describe("the pack on a program that knows of no gateway", () => {
    const pack = packPolicies();
    const mandatory = new Set(
        pack.filter(({ enforcementLevel }) => enforcementLevel === "mandatory").map(({ name }) => name),
    );

    for (const [title, program] of Object.entries(STRANGERS)) {
        it(`stops nothing: ${title}`, async () => {
            const found = await violations(pack, program, {}, "stranger");
            assert.deepEqual(
                found
                    .filter(({ policy }) => mandatory.has(policy))
                    .map(({ policy, message }) => `${policy}: ${message}`),
                [],
            );
        });
    }

    it("says which rules it did not ask", async () => {
        const found = await violations(pack, STRANGERS["Datadog's agent"]!, {}, "stranger");
        const [unnamed] = found.filter(({ policy }) => policy === "gateway-unnamed");
        assert.match(unnamed!.message, /^Nothing names an egress gateway, so these rules had nothing to protect: /);
    });

    it("stops the same programs' agents where a gateway is named", async () => {
        const settings = { "pack-settings": { gatewayNamespace: "istio-egress" } };
        const found = await violations(pack, STRANGERS["Datadog's agent"]!, settings, "stranger");
        assert.ok(found.some(({ policy }) => policy === "gateway-node-toleration"));
    });

    it("stops an object that speaks of the gateway's nodes itself", async () => {
        const pod = {
            type: "kubernetes:core/v1:Pod",
            inputs: {
                apiVersion: "v1",
                kind: "Pod",
                metadata: { name: "app", namespace: "shop" },
                spec: {
                    containers: [{ name: "app", image: "app" }],
                    tolerations: [{ key: NODE_KEY, operator: "Exists" }],
                },
            },
        };
        const found = await violations(pack, [pod], {}, "stranger");
        assert.deepEqual(
            found.map(({ policy }) => policy),
            ["gateway-node-toleration", "gateway-unnamed"],
        );
    });
});

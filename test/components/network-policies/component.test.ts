import assert from "node:assert/strict";
import { clientPolicies } from "../../../components/network-policies/clientPolicies";
import { gatewayPolicies } from "../../../components/network-policies/gatewayPolicies";
import { NetworkPolicies } from "../../../components/network-policies/networkPolicies";
import { logicalName } from "../../../components/kubernetesObject";
import { settings } from "../../settings/build";
import { registered } from "../registered";

for (const preview of [true, false]) {
    describe(`NetworkPolicies, ${preview ? "in a preview" : "created"}`, () => {
        it("registers both sides apart from each other, every policy unchanged and as its typed class", async () => {
            const sides = { gateway: gatewayPolicies(settings()), clients: clientPolicies(settings()) };
            const all = await registered(() => {
                Object.entries(sides).forEach(([name, policies]) => new NetworkPolicies(name, policies));
            }, preview);
            for (const [side, policies] of Object.entries(sides)) {
                const children = all.filter(({ parent }) => parent === `NetworkPolicies ${side}`);
                assert.ok(children.every(({ type }) => type === "kubernetes:networking.k8s.io/v1:NetworkPolicy"));
                assert.deepEqual(
                    new Map(children.map(({ name, inputs }) => [name, inputs])),
                    new Map(
                        policies.map(policy => [logicalName(policy), JSON.parse(JSON.stringify(policy)) as unknown]),
                    ),
                );
            }
            assert.deepEqual(
                all.filter(({ parent }) => parent === "").map(({ inputs }) => inputs),
                [{ namespaces: ["istio-egress"] }, { namespaces: ["payments"] }],
            );
        });
    });
}

import assert from "node:assert/strict";
import { type Resource } from "../../containment/resource";
import { packPolicies } from "../../policy/pack";
import { CLEAN, DEFECTS, FIREWALL_ALONE, FOREIGN_SETTINGS, TEAM_DEFECTS } from "./cases/defects";
import { violations } from "./sdk";

describe("the defects of a public blueprint, as resources", () => {
    const pack = packPolicies();

    async function refusals(world: readonly Resource[], project = "landing-zone"): Promise<string[]> {
        const found = await violations(pack, world, { "pack-settings": FOREIGN_SETTINGS }, project);
        return [...new Set(found.map(({ policy }) => policy))].sort();
    }

    it("are none in the stack that they are made from", async () => {
        assert.deepEqual(await refusals(CLEAN), []);
    });

    for (const [name, { mutation, rules, alone = [] }] of Object.entries(DEFECTS)) {
        it(`${name}: refused by ${rules.join(", ")}`, async () => {
            assert.deepEqual(await refusals(mutation(CLEAN)), [...rules].sort());
        });

        if (!name.startsWith("env.")) {
            it(`${name}, where the firewall alone stands: refused by ${[...rules, ...alone].join(", ")} besides`, async () => {
                const before = new Set(await refusals(FIREWALL_ALONE));
                const after = await refusals(mutation(FIREWALL_ALONE));
                for (const rule of [...rules, ...alone]) {
                    assert.ok(after.includes(rule), `${rule} among ${after.join(", ")}`);
                }
                assert.deepEqual(
                    after.filter(rule => !before.has(rule)).filter(rule => !rules.includes(rule)),
                    [...alone],
                );
            });
        }
    }

    for (const [name, { resource, rules }] of Object.entries(TEAM_DEFECTS)) {
        it(`${name}: refused by ${rules.join(", ")} in the team's own stack`, async () => {
            assert.deepEqual(await refusals([resource], "team-a"), [...rules]);
        });
    }
});

import assert from "node:assert/strict";
import { packPolicies, packRules } from "../../policy/pack";
import { CASES } from "./cases";
import { assertMessages, CASE_SETTINGS, type Refused, type RuleCases, type Subject } from "./cases/case";
import { violations } from "./sdk";

describe("the rules of the pack", () => {
    const pack = packPolicies();
    const remedies = new Map(packRules().map(({ name, remedy }) => [name, remedy]));

    for (const { rule, passes, fails, unknown } of CASES) {
        describe(rule, () => {
            for (const [what, resources] of Object.entries(passes)) {
                it(`lets pass: ${what}`, async () => {
                    assert.deepEqual(await messages(rule, resources), []);
                });
            }
            refuses("refuses", rule, fails);
            if (typeof unknown !== "string") {
                refuses("refuses, since it cannot be decided yet", rule, unknown);
            }
        });
    }

    function refuses(verb: string, rule: string, cases: Readonly<Record<string, Refused>>): void {
        for (const [what, { resources, messages: expected }] of Object.entries(cases)) {
            it(`${verb}: ${what}`, async () => {
                assertMessages(await messages(rule, resources), expected, remedies.get(rule)!);
            });
        }
    }

    async function messages(rule: string, resources: readonly Subject[]): Promise<string[]> {
        const found = await violations(pack, resources, { "pack-settings": CASE_SETTINGS });
        return found.filter(({ policy }) => policy === rule).map(({ message }) => message);
    }
});

describe("the cases", () => {
    const byRule = new Map<string, RuleCases>(CASES.map(cases => [cases.rule, cases]));

    it("know every rule of the pack, and no other", () => {
        const rules = packRules()
            .filter(({ scope }) => scope !== "pack")
            .map(({ name }) => name);
        assert.deepEqual([...byRule.keys()].sort(), rules.sort());
    });

    for (const { name } of packRules().filter(({ scope }) => scope !== "pack")) {
        it(`show ${name} passing, refusing, and meeting a value that is not known`, () => {
            const cases = byRule.get(name);
            assert.ok(cases !== undefined && Object.keys(cases.passes).length > 0, "passes");
            assert.ok(Object.keys(cases.fails).length > 0, "fails");
            assert.ok(
                typeof cases.unknown === "string" ? cases.unknown !== "" : Object.keys(cases.unknown).length > 0,
                "unknown",
            );
        });
    }
});

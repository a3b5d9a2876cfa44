import assert from "node:assert/strict";
import { type ProofJson } from "../../cli/commands/prove";
import { CLAIMS, type ProofOptions, prove } from "../../containment/prove";
import { verdictSchemaText } from "../../dev/verdictSchema";
import { provenanceOf } from "../../plan/provenance";
import { planned } from "../program/planned";
import { Published } from "./published";

describe("the JSON Schema of a verdict", function () {
    this.timeout(120_000);

    // `worlds.test.ts` asks it of every world.
    const schema = new Published("../../schemas/verdict.json");

    async function proved(stack: string, options: ProofOptions = {}): Promise<ProofJson> {
        const { resources } = await planned(stack);
        return { provenance: provenanceOf({ stack }, resources), ...prove(resources, options) };
    }

    it("is what the types say: `npm run docs` writes it", () => {
        assert.equal(schema.text, verdictSchemaText());
    });

    it("takes the verdicts of stacks, of some claims alone, and beside other stacks", async () => {
        schema.assertTakes(await proved("local"));
        schema.assertTakes(await proved("dev", { claims: ["C2", "C4"] }));
        schema.assertTakes({ ...(await proved("dev")), settled: ["what the network is"] });
    });

    it("refuses what is no such verdict, and whatever the types do not have", async () => {
        const good = await proved("dev");
        const [claim] = good.claims;
        const { gateway: _, ...without } = good;
        for (const bad of [
            {},
            without,
            { ...good, more: 1 },
            { ...good, verdict: "fine" },
            { ...good, claims: [{ ...claim, more: 1 }] },
            { ...good, claims: [{ ...claim, id: "C0" }] },
            { ...good, claims: [{ ...claim, witnesses: [{ source: "x", hops: [] }] }] },
            { ...good, provenance: { ...good.provenance, user: "somebody" } },
        ]) {
            assert.ok(!schema.takes(bad), JSON.stringify(bad).slice(0, 200));
        }
    });

    it("has every claim there is", () => {
        const { definitions } = JSON.parse(schema.text) as { definitions: { ClaimId: { enum: string[] } } };
        assert.deepEqual(definitions.ClaimId.enum, CLAIMS.toSorted());
    });
});

import * as assert from "node:assert/strict";
import { shortUrn } from "../../base/resource";
import { prove } from "../../containment/prove";
import { type Verdict } from "../../containment/verdict";
import { provenanceOf } from "../../plan/provenance";
import { Published } from "../cli/published";
import { planned } from "../program/planned";
import { expectedOf, stackUnder, worldFolders, worldOf } from "./worlds/folder";

/** Everything that a verdict says to people. */
function words({ claims, assumptions, residualRisks }: Verdict): string {
    return [
        ...claims.flatMap(({ id, witnesses, reasons }) => [
            ...witnesses.map(({ source, extent, hops, remedy }) =>
                [`${id}: ${source}`, extent, ...hops.map(({ at, decision }) => `${at}: ${decision}`), remedy].join(
                    "\n  ",
                ),
            ),
            ...reasons.map(reason => `${id}: ${reason}`),
        ]),
        ...assumptions,
        ...residualRisks,
    ].join("\n");
}

describe("worlds as folders of plain files (test/containment/worlds)", () => {
    const schema = new Published("../../schemas/verdict.json");
    for (const folder of worldFolders()) {
        const expected = expectedOf(folder);
        it(`${folder}: ${"refused" in expected ? "refused" : expected.verdict}`, async () => {
            const stack = stackUnder(folder);
            const resources = worldOf(folder, stack === undefined ? [] : (await planned(stack)).resources);
            if ("refused" in expected) {
                assert.throws(
                    () => prove(resources),
                    (error: Error) => error.message.includes(expected.refused),
                );
                return;
            }
            const verdict = prove(resources);
            const said = words(verdict);
            schema.assertTakes({ provenance: provenanceOf({}, resources), ...verdict });
            for (const { hops, remedy } of verdict.claims.flatMap(({ witnesses }) => witnesses)) {
                const way = hops.map(({ at, decision }) => `${at}: ${decision}`).join("; ");
                const decides = hops.filter(hop => hop.decides === true);
                assert.ok(decides.length > 0, `nothing decides ${way}`);
                // A station that is a resource is what to change, unless it is only borrowed, bound or shared.
                const named = resources.some(({ urn }) => remedy.includes(shortUrn(urn)));
                const toAdd = /^Give network |^Add a second lock|by a ValidatingAdmissionPolicy/.test(remedy);
                assert.ok(named || toAdd, `${remedy} names nothing to change: ${way}`);
            }
            const claims = Object.fromEntries(
                verdict.claims
                    .filter(({ id }) => expected.claims[id] !== undefined)
                    .map(({ id, result }) => [id, result]),
            );
            assert.deepEqual(
                { verdict: verdict.verdict, claims },
                { verdict: expected.verdict, claims: expected.claims },
                said,
            );
            for (const phrase of expected.says) {
                assert.ok(said.includes(phrase), `nothing says "${phrase}":\n${said}`);
            }
        });
    }
});

import assert from "node:assert/strict";
import { stripVTControlCharacters } from "node:util";
import { differenceReport } from "../../cli/differenceReport";

const report = (added: readonly string[], removed: readonly string[]): string[] =>
    stripVTControlCharacters(
        differenceReport({
            verdict: { before: "contained", after: "contained" },
            ...{ claims: [], decisions: [], grants: [], reachability: [], locks: [], replacements: [], refusals: [] },
            assumptions: { added: [], removed: [] },
            residualRisks: { added, removed },
        }),
    )
        .split("Residual risks\n")[1]!
        .split("\n");

describe("what a change does to assumptions and risks", () => {
    const risk = (...hosts: string[]): string =>
        `R3: another site behind the same address: the server name inside is not seen at ${hosts.join(", ")}.`;

    it("is told once where a sentence is about more names, or about fewer", () => {
        const [one, two] = [risk("istio.io:443"), risk("github.com:443", "istio.io:443")];
        assert.deepEqual(report([two], [one]), [`  + ${two} (new: github.com:443)`]);
        assert.deepEqual(report([one], [two]), [`  - ${one} (gone: github.com:443)`]);
    });

    it("is told of each where they are about something else, however alike they begin", () => {
        const other = "R3: whoever is in the break-glass group may enter gateway pods.";
        assert.deepEqual(report([other], [risk("istio.io:443")]), [`  + ${other}`, `  - ${risk("istio.io:443")}`]);
    });
});

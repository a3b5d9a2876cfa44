import assert from "node:assert/strict";
import { stripVTControlCharacters } from "node:util";
import fc from "fast-check";
import { verdictReport } from "../../cli/verdictReport";
import { wrapped } from "../../cli/wrap";
import { planReport } from "../../cli/planReport";
import { prove } from "../../containment/prove";
import { planned } from "../program/planned";

const PROSE = "a sentence that goes on and on, longer than any terminal that anybody has ever sat in front of";

/** Where the second line begins. */
const below = (line: string): number => wrapped(line, 60).split("\n")[1]!.search(/\S/);

describe("a report on a terminal", function () {
    this.timeout(60_000);

    it("goes on behind a bullet, behind a label, and else two columns further in", () => {
        assert.equal(below(`  - ${PROSE}`), 4);
        assert.equal(below(`  \u001b[33m!\u001b[39m ${PROSE}`), 4);
        assert.equal(below(`    firewall  ${PROSE}`), 14);
        assert.equal(below(`    network policy  ${PROSE}  [Type name]`), 20);
        assert.equal(below(`  ${PROSE}`), 4);
        assert.equal(below(PROSE), 2);
    });

    it("loses no word and no colour, and has no line that is too long unless a word is", () => {
        const word = fc.stringMatching(/^[a-z-]{1,12}$/);
        const line = fc.array(fc.tuple(word, fc.constantFrom(" ", "  ", " \u001b[2m"), fc.boolean()), {
            maxLength: 40,
        });
        fc.assert(
            fc.property(
                line,
                fc.integer({ min: 30, max: 120 }),
                fc.integer({ min: 0, max: 8 }),
                (parts, columns, indent) => {
                    const text = " ".repeat(indent) + parts.map(([one, gap]) => `${one}${gap}`).join("");
                    const told = wrapped(text, columns);
                    assert.deepEqual(told.match(/\S+/g), text.match(/\S+/g));
                    for (const one of told.split("\n")) {
                        assert.ok(stripVTControlCharacters(one).trimEnd().length <= columns, one);
                    }
                },
            ),
        );
    });

    it("fits whole reports into 80 columns, but for names that are longer", async () => {
        const { resources } = await planned("dev");
        const open = resources.filter(({ type }) => !type.endsWith(":NetworkFirewallPolicyAssociation"));
        for (const text of [
            planReport(await planned("dev"), prove(open)),
            verdictReport(prove(open)),
            verdictReport(prove(resources)),
        ]) {
            const rest = wrapped(text, 80)
                .split("\n")
                .map(line => stripVTControlCharacters(line))
                .filter(line => line.length > 80 && line.trim().includes(" "));
            assert.deepEqual(rest, []);
        }
    });
});

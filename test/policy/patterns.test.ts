import assert from "node:assert/strict";
import fc from "fast-check";
import { fits } from "../../policy/patterns";

/** By the table of prefixes: whether the first `i` characters of the pattern fit the first `j` of the name. */
function fitsByTable(pattern: string, name: string): boolean {
    let row = Array.from({ length: name.length + 1 }, (_, j) => j === 0);
    for (const character of pattern) {
        const next = [character === "*" && row[0]!];
        for (let j = 1; j <= name.length; j++) {
            next[j] = character === "*" ? next[j - 1]! || row[j]! : row[j - 1]! && character === name[j - 1];
        }
        row = next;
    }
    return row[name.length]!;
}

describe("patterns of names", () => {
    it("mean any text by a star, and themselves by everything else", () => {
        for (const [pattern, name, expected] of [
            ["*", "", true],
            ["a*b", "ab", true],
            ["a*b", "a/\nb", true],
            ["a.b", "axb", false],
            ["a*a", "a", false],
            ["*-egress", "acme-egress", true],
            ["*-egress", "acme-egress-2", false],
            ["**", "anything", true],
        ] as const) {
            assert.equal(fits(pattern, name), expected, `${pattern} ${name}`);
        }
    });

    it("fit what a table of all prefixes says", () => {
        const text = (alphabet: string) => fc.string({ unit: fc.constantFrom(...alphabet), maxLength: 12 });
        fc.assert(
            fc.property(text("ab*"), text("ab"), (pattern, name) => {
                assert.equal(fits(pattern, name), fitsByTable(pattern, name));
            }),
            { numRuns: 5000 },
        );
    });

    // With a choice taken back at each star this asks for more steps than there are atoms.
    it("are answered for many stars and a long name that fits almost", () => {
        assert.equal(fits(`${"*a".repeat(60)}*b`, "a".repeat(20_000)), false);
    });
});

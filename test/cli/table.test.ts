import assert from "node:assert/strict";
import { stripVTControlCharacters } from "node:util";
import { table } from "../../cli/table";

const PROSE =
    "a sentence that goes on and on, longer than any terminal that anybody has ever sat in front of, and then some";

describe("a table on a terminal", () => {
    const { isTTY, columns } = process.stdout;
    const on = (width: number | undefined, make: () => string): string => {
        Object.assign(process.stdout, { isTTY: width !== undefined, columns: width });
        try {
            return make();
        } finally {
            Object.assign(process.stdout, { isTTY, columns });
        }
    };

    for (const width of [60, 80, 120]) {
        it(`fits ${width} columns, and wraps in its last one`, () => {
            const lines = on(width, () =>
                table([
                    ["firewall", "\u001b[32mholds\u001b[39m", PROSE],
                    ["nat", "-", "short"],
                ]),
            ).split("\n");
            assert.ok(lines.length > 2);
            for (const line of lines) {
                assert.ok(stripVTControlCharacters(line).length <= width, line);
            }
            const second = stripVTControlCharacters(lines[1]!);
            assert.equal(second.search(/\S/), stripVTControlCharacters(lines[0]!).indexOf("a sentence"));
            const words = lines.map(line =>
                stripVTControlCharacters(line)
                    .replace(/^ *(firewall|nat) +\S+/, "")
                    .trim(),
            );
            assert.equal(words.slice(0, -1).join(" "), PROSE);
        });
    }

    it("puts below what has no room beside, row by row", () => {
        const lines = on(50, () =>
            table(
                [
                    ["accounts.example.com", "tls 443", "https://accounts.example.com", "identity/broker", "identity"],
                    ["a.example.com", "tcp 22", "a.example.com:22", "", ""],
                ],
                ["host", "port", "the application uses", "who", "owner"],
            ),
        ).split("\n");
        assert.deepEqual(lines, [
            "  host                  port",
            "      the application uses  who  owner",
            "  accounts.example.com  tls 443",
            "      https://accounts.example.com",
            "      identity/broker  identity",
            "  a.example.com         tcp 22",
            "      a.example.com:22",
        ]);
    });

    it("is left alone in a file or a pipe", () => {
        assert.equal(
            on(undefined, () => table([["a", PROSE]])),
            `  a  ${PROSE}`,
        );
    });
});

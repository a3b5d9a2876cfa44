import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";

const PAGE = path.resolve(__dirname, "..", "..", "docs", "stacks.md");

/** What docs/stacks.md shows under this name. */
export function shownAs(name: string): string {
    const page = fs.readFileSync(PAGE, "utf8");
    const block = new RegExp(`<!-- engine: ${name} -->\n\`\`\`\\w*\n([^]*?)\n\`\`\``).exec(page);
    assert.ok(block?.[1], `docs/stacks.md shows nothing as "${name}"`);
    return block[1];
}

/** That what the page shows was printed, line by line and together; the engine indents what a program says. */
export function assertShown(name: string, printed: string): void {
    const unindented = (text: string) => text.split("\n").map(line => line.trim());
    const shown = unindented(shownAs(name));
    const lines = unindented(printed);
    const found = lines.some((_, start) =>
        shown.every((line, offset) => {
            const actual = lines[start + offset] ?? "";
            return offset === 0 ? actual.endsWith(line) : actual === line;
        }),
    );
    assert.ok(found, `docs/stacks.md shows "${name}" as\n${shown.join("\n")}\nand not as\n${printed}`);
}

import * as assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import * as path from "node:path";

const CONTAINMENT = path.join(__dirname, "../../containment");

/** Files that a page names in backquotes, as paths below `directory`. */
function namedFiles(directory: string): string[] {
    const page = readFileSync(path.join(directory, "README.md"), "utf8");
    return [...page.matchAll(/`([\w./-]+\.ts)`/g)].map(([, file]) => file!);
}

describe("the map of the proof (containment/README.md)", () => {
    const folders = readdirSync(CONTAINMENT, { withFileTypes: true }).filter(entry => entry.isDirectory());

    it("has a line for every folder, and every folder says what it takes and gives", () => {
        const map = readFileSync(path.join(CONTAINMENT, "README.md"), "utf8");
        for (const { name } of folders) {
            assert.ok(map.includes(`| [\`${name}/\`](${name}/README.md) |`), `${name} is not on the map`);
            const page = readFileSync(path.join(CONTAINMENT, name, "README.md"), "utf8");
            assert.ok(page.includes("- **Takes**") && page.includes("- **Gives**"), `${name}/README.md`);
        }
    });

    it("names files that exist", () => {
        const missing = ["", ...folders.map(({ name }) => name)].flatMap(folder =>
            namedFiles(path.join(CONTAINMENT, folder))
                .filter(file => !existsSync(path.join(CONTAINMENT, folder, file)))
                .map(file => `${folder}/README.md: ${file}`),
        );
        assert.deepEqual(missing, []);
    });
});

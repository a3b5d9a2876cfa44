import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import * as path from "node:path";
import { settingsPage } from "../../settings/documentation";

describe("docs/settings.md", () => {
    it("is what the schemas say; `npm run docs` writes it anew", () => {
        assert.equal(readFileSync(path.join(__dirname, "..", "..", "docs", "settings.md"), "utf8"), settingsPage());
    });

    it("explains every key", () => {
        const unexplained = settingsPage()
            .split("\n")
            .filter(
                line =>
                    line.startsWith("| `") &&
                    /\|\s*\|$/.test(line) &&
                    !line.includes("keys below") &&
                    !line.startsWith("| `kind`"),
            );
        assert.deepEqual(unexplained, []);
    });
});

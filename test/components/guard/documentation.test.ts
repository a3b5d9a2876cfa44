import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import * as path from "node:path";
import { GUARD_RULES } from "../../../components/guard/rules";

describe("docs/guard.md", () => {
    const page = readFileSync(path.join(__dirname, "..", "..", "..", "docs", "guard.md"), "utf8");
    const sections = new Map(
        page
            .split(/^### /m)
            .slice(1)
            .map(section => {
                const [id = "", ...text] = section.split("\n");
                return [id, text.join("\n")] as const;
            }),
    );

    it("has a section for every rule, which begins with what it says, and none besides", () => {
        assert.deepEqual([...sections.keys()].sort(), GUARD_RULES.map(({ id }) => id).sort());
        for (const { id, title } of GUARD_RULES) {
            assert.ok(sections.get(id)!.startsWith(title), `### ${id} begins with: ${title}`);
        }
    });
});

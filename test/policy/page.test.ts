import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import * as path from "node:path";
import { packRules } from "../../policy/pack";
import { policyPage } from "../../policy/page";
import { pageOf } from "../../policy/rule";

const ROOT = path.join(__dirname, "..", "..");

describe("docs/policies.md", () => {
    it("is what the rules say; `npm run docs` writes it anew", () => {
        assert.equal(readFileSync(path.join(ROOT, "docs", "policies.md"), "utf8"), policyPage());
    });

    for (const { name } of packRules()) {
        it(`has the page that ${name} refers to`, () => {
            const [file, anchor] = pageOf({ name }).split("#");
            assert.ok(readFileSync(path.join(ROOT, file!), "utf8").includes(`\n### ${anchor}\n`));
        });
    }
});

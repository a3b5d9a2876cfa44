import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import * as path from "node:path";
import { globSync } from "tinyglobby";
import { packRules } from "../../policy/pack";

const POLICY = path.join(__dirname, "../../policy");

describe("the files of the pack", () => {
    it("define no rule that the pack does not have", () => {
        const registered = new Set(packRules().map(({ name }) => name));
        const defined = globSync("**/*.ts", { cwd: POLICY }).flatMap(file =>
            [...readFileSync(path.join(POLICY, file), "utf8").matchAll(/\bname: "([a-z0-9-]+)",\s+concern: "/g)].map(
                ([, name]) => ({ file, name: name! }),
            ),
        );
        assert.ok(defined.length > 40, "the rules are written in another way than this test reads them");
        assert.deepEqual(
            defined.filter(({ name }) => !registered.has(name)),
            [],
            "list them in the index.ts of their concern",
        );
    });
});

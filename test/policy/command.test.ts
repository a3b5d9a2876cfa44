import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import * as path from "node:path";
import { packRules } from "../../policy/pack";

const ROOT = path.join(__dirname, "..", "..");

function policies(...flags: readonly string[]): string {
    const { status, stdout, stderr } = spawnSync(
        process.execPath,
        ["dev/run.cjs", "cli/main.ts", "policies", ...flags],
        {
            cwd: ROOT,
            encoding: "utf8",
            env: { ...process.env, NO_COLOR: "1" },
        },
    );
    assert.equal(status, 0, stderr);
    return stdout;
}

describe("the command policies", () => {
    it("lists every rule with its level, what it asks for and what it stops, in columns", () => {
        const lines = policies().split("\n");
        for (const { name, enforcement, description, stops } of packRules()) {
            const index = lines.findIndex(line => line.startsWith(`  ${name} `));
            assert.match(lines[index]!, new RegExp(`^  ${name} +${enforcement} +`));
            assert.ok(lines[index]!.endsWith(`  ${description}`), lines[index]);
            assert.equal(lines[index + 1]!.trim(), `Stops: ${stops}`);
            assert.equal(lines[index + 1]!.indexOf("Stops:"), lines[index]!.indexOf(description));
        }
    });

    it("lists the same for machines", () => {
        const { rules } = JSON.parse(policies("--json")) as { rules: { name: string; stops: string; url: string }[] };
        assert.deepEqual(
            rules.map(({ name, stops, url }) => ({ name, stops, url })),
            packRules().map(({ name, stops }) => ({ name, stops, url: `docs/policies.md#${name}` })),
        );
    });
});

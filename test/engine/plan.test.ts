import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { UNKNOWN } from "../../containment/resource";
import { disagreements, type PlannedResource } from "./agreement";
import { type Engine, withEngine } from "./harness";

const ROOT = path.resolve(__dirname, "..", "..");

/** The plan as people get it, from the command, in a process of its own. */
function plan(stack: string): readonly PlannedResource[] {
    const output = execFileSync(process.execPath, ["dev/run.cjs", "cli/main.ts", "plan", "--stack", stack, "--json"], {
        cwd: ROOT,
        maxBuffer: 1 << 28,
    });
    return (JSON.parse(output.toString()) as { readonly resources: readonly PlannedResource[] }).resources;
}

/** The platform's stack with the outputs that the offline plan takes from a file. */
async function deployPlatform(engine: Engine): Promise<void> {
    const file = path.join(ROOT, "stack-outputs", "platform.prod.json");
    const outputs = JSON.parse(fs.readFileSync(file, "utf8")) as Record<string, unknown>;
    const platform = await engine.stack({ program: async () => outputs, projectName: "platform", name: "prod" });
    await platform.up();
}

describe("the offline plan", () => {
    it("lists what the engine's preview of dev lists: resources, known inputs, options and dependencies", () =>
        withEngine(async engine => {
            const stack = await engine.stack({ name: "dev" });
            const { document } = await stack.preview();
            assert.deepEqual(disagreements(plan("dev"), document.steps), []);
        }));

    it("lists what the engine's preview of prod lists, whose platform is another stack", () =>
        withEngine(async engine => {
            await deployPlatform(engine);
            const stack = await engine.stack({ name: "prod" });
            const { document } = await stack.preview();
            assert.deepEqual(disagreements(plan("prod"), document.steps), []);
        }));
});

describe("comparing a plan with a preview", () => {
    const urn = "urn:pulumi:dev::p::gcp:compute/route:Route::r";
    const planned: PlannedResource = {
        urn,
        type: "gcp:compute/route:Route",
        inputs: { tags: ["a"] },
        dependsOn: ["x"],
    };
    const step = (state: object) => ({
        op: "create",
        urn,
        newState: { urn, custom: true, type: planned.type, inputs: { tags: ["a"] }, dependencies: ["x"], ...state },
    });

    it("finds nothing where nothing differs, and takes a generated name for no difference", () => {
        assert.deepEqual(disagreements([planned], [step({})]), []);
        assert.deepEqual(disagreements([planned], [step({ inputs: { tags: ["a"], name: "r-123" } })]), []);
    });

    it("finds a resource that only one of them has", () => {
        assert.deepEqual(disagreements([planned], []), [`${urn}: only in the plan`]);
        assert.deepEqual(disagreements([], [step({})]), [`${urn}: only in the preview`]);
    });

    it("finds an input that differs, one that is missing, and one that only the plan knows", () => {
        const found = (inputs: object) => disagreements([planned], [step({ inputs })]);
        assert.deepEqual(found({ tags: ["b"] }), [`${urn}: inputs.tags.0 is "a" in the plan, "b" in the preview`]);
        assert.deepEqual(found({}), [`${urn}: inputs.tags is ["a"] in the plan, absent in the preview`]);
        assert.deepEqual(found({ tags: UNKNOWN }), [
            `${urn}: inputs.tags is ["a"] in the plan, unknown in the preview`,
        ]);
    });

    it("finds an option and a dependency that differ", () => {
        assert.deepEqual(disagreements([planned], [step({ protect: true, dependencies: [] })]), [
            `${urn}: dependsOn is ["x"] in the plan, [] in the preview`,
            `${urn}: protect is false in the plan, true in the preview`,
        ]);
    });
});

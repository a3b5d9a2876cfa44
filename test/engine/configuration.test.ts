import assert from "node:assert/strict";
import * as path from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { readStackConfig } from "../../plan/stackConfig";
import { LAYOUTS, parsed } from "../plan/configLayouts";
import { Engine } from "./harness";

describe("a program's configuration", () => {
    let engine: Engine;
    beforeEach(async () => void (engine = await Engine.start()));
    afterEach(() => engine.remove());

    for (const { name, project, stack, folder, values } of LAYOUTS) {
        it(`is the same from the engine and offline, before and after the engine rewrote the file: ${name}`, async () => {
            let seen: Record<string, string> | undefined;
            const file = path.join(folder ?? ".", "Pulumi.dev.yaml");
            const underTest = await engine.stack({
                program: async () => void (seen = pulumi.runtime.allConfig()),
                projectName: "app",
                files: { "Pulumi.yaml": `name: app\nruntime: nodejs\n${project ?? ""}`, [file]: stack },
            });
            await underTest.stack.preview();
            assert.deepEqual(parsed(seen ?? {}), values, "the engine");
            const offline = readStackConfig(underTest.stack.workspace.workDir, "dev").values;
            assert.deepEqual(parsed(offline), values, "offline, after `pulumi stack init` wrote the file anew");
        });
    }
});

import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { platformFactsFrom } from "../../contract/platformStack";
import { planOffline } from "../../plan/offline";

describe("the outputs of another stack, offline", () => {
    let directory: string;
    beforeEach(() => {
        directory = mkdtempSync(path.join(tmpdir(), "outputs-"));
        writeFileSync(path.join(directory, "Pulumi.yaml"), "name: app\nruntime: nodejs\n");
        writeFileSync(path.join(directory, "Pulumi.dev.yaml"), "config: {}\n");
        mkdirSync(path.join(directory, "stack-outputs"));
    });
    afterEach(() => rmSync(directory, { recursive: true }));

    const plan = () =>
        planOffline(directory, "dev", async () => ({ facts: await platformFactsFrom("organization/platform/dev") }));
    const file = () => path.join(directory, "stack-outputs", "platform.dev.json");

    for (const [name, content, message] of [
        ["missing", undefined, /are not known.*pulumi stack output --json/s],
        ["empty", "", /cannot be read.*Unexpected end of JSON/s],
        ["not JSON", "error: no such stack", /cannot be read/],
        ["null", "null", /cannot be read.*as a JSON object/s],
        ["a secret", '{"platform": "[secret]"}', /got "a secret"/],
    ] as const) {
        it(`are one sentence when the file is ${name}`, async () => {
            if (content !== undefined) {
                writeFileSync(file(), content);
            }
            await assert.rejects(plan, { name: "InputError", message });
        });
    }

    it("do not cost a fault of the program its trace", async () => {
        const faulty = () => Promise.reject(new Error("fault"));
        await assert.rejects(
            () => planOffline(directory, "dev", faulty),
            ({ stack }: Error) => stack?.includes("stackOutputs.test.ts") === true,
        );
    });

    it("are one sentence when the file is a folder", async () => {
        mkdirSync(file());
        await assert.rejects(plan, { name: "InputError", message: /EISDIR/ });
        assert.ok(pulumi.runtime.isDryRun());
    });
});

import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { type Plan, planOffline } from "../../plan/offline";
import { PROJECT_DIRECTORY } from "../../plan/project";

describe("the offline plan, of settings as they are written", () => {
    let directory: string;
    beforeEach(() => void (directory = mkdtempSync(path.join(tmpdir(), "written-"))));
    afterEach(() => rmSync(directory, { recursive: true }));

    const read = (file: string): string => readFileSync(path.join(PROJECT_DIRECTORY, file), "utf8");
    const plan = (stack: string, files: Readonly<Record<string, string>> = {}): Promise<Plan> => {
        for (const [file, content] of Object.entries({ "Pulumi.yaml": read("Pulumi.yaml"), ...files })) {
            writeFileSync(path.join(directory, file), content);
        }
        writeFileSync(path.join(directory, "Pulumi.dev.yaml"), stack);
        return planOffline(directory, "dev", () => {
            const entry = require.resolve("../../index");
            delete require.cache[entry];
            return require(entry) as unknown;
        });
    };

    for (const [name, from, to, key] of [
        ["encrypted", /egress-gateway:nat: .*/, "egress-gateway:nat: { secure: v1:abc }", "egress-gateway:nat"],
        ["encrypted inside", /owner: payments/, "owner: { secure: v1:abc }", "egress-gateway:destinations"],
        ["encrypted, of Google", /gcp:project: .*/, "gcp:project: { secure: v1:abc }", "gcp:project"],
    ] as const) {
        it(`takes no default for a setting that is ${name}`, async () => {
            await assert.rejects(plan(read("Pulumi.dev.yaml").replace(from, to)), {
                name: "InputError",
                message: new RegExp(`cannot be known offline.*\\n {2}${key}\\n {4}got "an encrypted value"`),
            });
        });
    }

    it("says the line of a port that the engine would read otherwise", async () => {
        const stack = read("Pulumi.dev.yaml").replace(
            "{ number: 443, protocol: tls }",
            "{ number: 0443, protocol: tls }",
        );
        const line = stack.split("\n").findIndex(text => text.includes("0443")) + 1;
        await assert.rejects(plan(stack), { message: new RegExp(`Pulumi.dev.yaml:${line}\n.*0443.*291`) });
    });

    it("reads destination files in the same way, with a byte order mark or not", async () => {
        const [settings = "", list = ""] = read("Pulumi.dev.yaml").split(/^ {2}egress-gateway:destinations:\n/m);
        const file = path.join(path.relative(PROJECT_DIRECTORY, directory), "list.yaml");
        const stack = `${settings}  egress-gateway:destinationFiles: [${file}]\n`;
        const withMark = await plan(stack, { "list.yaml": `\ufeff${list}` });
        const inStack = await plan(read("Pulumi.dev.yaml"));
        assert.deepEqual(withMark.resources, inStack.resources);
        await assert.rejects(plan(stack, { "list.yaml": list.replace("number: 5432", "number: 0_5432") }), {
            message: /list\.yaml:\d+\n.*0_5432/,
        });
    });

    it("takes what the project says where the stack says nothing", async () => {
        const stack = read("Pulumi.dev.yaml");
        const project = `${read("Pulumi.yaml")}config:\n  egress-gateway:nat: { value: { addresses: 2 } }\n  gcp:project: acme-dev\n`;
        const lean = stack.replace(/ {2}egress-gateway:nat: .*\n/, "").replace(/ {2}gcp:project: .*\n/, "");
        assert.deepEqual((await plan(lean, { "Pulumi.yaml": project })).resources, (await plan(stack)).resources);
    });
});

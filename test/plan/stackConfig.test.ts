import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { UNKNOWN } from "../../containment/resource";
import { readStackConfig } from "../../plan/stackConfig";
import { LAYOUTS, parsed, REFUSED } from "./configLayouts";

describe("readStackConfig", () => {
    let directory: string;

    beforeEach(() => {
        directory = mkdtempSync(path.join(tmpdir(), "stack-config-"));
        writeFileSync(path.join(directory, "Pulumi.yaml"), "name: egress-gateway\nruntime: nodejs\n");
    });
    afterEach(() => rmSync(directory, { recursive: true }));

    const write = (content: string): void => writeFileSync(path.join(directory, "Pulumi.dev.yaml"), content);

    it("hands scalars over as text and structures as JSON, as the engine does", () => {
        write(
            'config:\n  gcp:project: acme\n  egress-gateway:nat: { addresses: 2 }\n  pulumi:disable-default-providers: ["*"]\n',
        );
        assert.deepEqual(readStackConfig(directory, "dev").values, {
            "gcp:project": "acme",
            "egress-gateway:nat": '{"addresses":2}',
            "pulumi:disable-default-providers": '["*"]',
        });
    });

    it("gives a key without a namespace to the project", () => {
        write("config:\n  googleApis: none\n");
        assert.deepEqual(readStackConfig(directory, "dev").values, { "egress-gateway:googleApis": "none" });
    });

    for (const secret of ["{ secure: v1:abc }", "[{ owner: { secure: v1:abc } }]"]) {
        it(`knows of ${secret} that it cannot be known`, () => {
            write(`config:\n  egress-gateway:token: ${secret}\n  gcp:project: acme\n`);
            const config = readStackConfig(directory, "dev");
            assert.deepEqual(config.secretKeys, ["egress-gateway:token"]);
            assert.deepEqual(config.values, { "egress-gateway:token": UNKNOWN, "gcp:project": "acme" });
        });
    }

    it("asks back where a prefix, or `config` itself, is nearly the one that is read", () => {
        write("config:\n  egres-gateway:nat: { addresses: 2 }\n");
        assert.throws(
            () => readStackConfig(directory, "dev"),
            /Pulumi\.dev\.yaml:2[^]*Did you mean `egress-gateway:nat`\?/,
        );
        write("confg:\n  gcp:project: acme\n");
        assert.throws(() => readStackConfig(directory, "dev"), /did you mean that by `confg`\?/);
        write("config:\n  other-project:nat: 1\n  gpc:project: x\n");
        assert.equal(readStackConfig(directory, "dev").values["other-project:nat"], "1");
    });

    it("names the stacks that there are when one is missing", () => {
        write("config: {}\n");
        assert.throws(() => readStackConfig(directory, "prod"), /got "prod", expected one of dev/);
    });

    it("says what is wrong with a file that is not YAML", () => {
        write("config:\n  gcp:project: [acme\n");
        assert.throws(() => readStackConfig(directory, "dev"), /Pulumi\.dev\.yaml cannot be read/);
    });

    for (const content of ["", "[]\n", "gcp:project: acme\n", "config: acme\n"]) {
        it(`refuses a file without a map under \`config\`: ${JSON.stringify(content)}`, () => {
            write(content);
            assert.throws(() => readStackConfig(directory, "dev"), /a map under the key `config`/);
        });
    }

    for (const content of ["", "[]\n", "name:\nruntime: nodejs\n", "name: [\n"]) {
        it(`refuses a project file in one sentence: ${JSON.stringify(content)}`, () => {
            write("config: { a: x }\n");
            writeFileSync(path.join(directory, "Pulumi.yaml"), content);
            assert.throws(() => readStackConfig(directory, "dev"), { name: "InputError", message: /Pulumi\.yaml/ });
        });
    }

    it("refuses what cannot be opened in one sentence", () => {
        mkdirSync(path.join(directory, "Pulumi.dev.yaml"));
        assert.throws(() => readStackConfig(directory, "dev"), { name: "InputError", message: /EISDIR/ });
        rmSync(path.join(directory, "Pulumi.yaml"));
        assert.throws(() => readStackConfig(directory, "dev"), {
            name: "InputError",
            message: /Pulumi\.yaml.*ENOENT/s,
        });
    });

    it("refuses a second project file, since the engine would prefer it", () => {
        write("config: { a: x }\n");
        writeFileSync(path.join(directory, "Pulumi.json"), "{}");
        assert.throws(() => readStackConfig(directory, "dev"), /Pulumi\.json\n.*a second project file/);
    });
});

describe("one reading of a stack's file", () => {
    let directory: string;
    beforeEach(() => void (directory = mkdtempSync(path.join(tmpdir(), "stack-config-"))));
    afterEach(() => rmSync(directory, { recursive: true }));

    const written = (project: string | undefined, stack: string | Uint8Array, folder = ".") => {
        writeFileSync(path.join(directory, "Pulumi.yaml"), `name: app\nruntime: nodejs\n${project ?? ""}`);
        mkdirSync(path.join(directory, folder), { recursive: true });
        writeFileSync(path.join(directory, folder, "Pulumi.dev.yaml"), stack);
        return () => readStackConfig(directory, "dev");
    };

    for (const { name, project, stack, folder, values } of LAYOUTS) {
        it(`takes ${name}`, () => {
            assert.deepEqual(parsed(written(project, stack, folder)().values), values);
        });
    }

    for (const { name, project, stack, refusal } of REFUSED) {
        it(`refuses ${name}`, () => {
            assert.throws(written(project, stack), { name: "InputError", message: refusal });
        });
    }
});

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { readStackConfig } from "../../cli/plan/stackConfig";

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

    it("does not touch encrypted values", () => {
        write("config:\n  egress-gateway:token: { secure: v1:abc }\n  gcp:project: acme\n");
        const config = readStackConfig(directory, "dev");
        assert.deepEqual(config.secretKeys, ["egress-gateway:token"]);
        assert.deepEqual(Object.keys(config.values), ["gcp:project"]);
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
});

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import * as path from "node:path";
import { Ajv } from "ajv";
import { parse } from "yaml";
import { EDITOR_SCHEMAS, editorSchemaText } from "../../settings/jsonSchema";

const ROOT = path.join(__dirname, "..", "..");
const read = (...file: string[]): string => readFileSync(path.join(ROOT, ...file), "utf8");
const validator = (name: string) =>
    new Ajv({ allowUnionTypes: true, strict: false, validateFormats: false }).compile(EDITOR_SCHEMAS[name]!());

const FILES = [
    ...readdirSync(ROOT)
        .filter(name => /^Pulumi\..+\.yaml$/.test(name))
        .map(name => [name, "settings.json"] as const),
    ...readdirSync(path.join(ROOT, "destinations")).map(name => [`destinations/${name}`, "destinations.json"] as const),
];

describe("schemas for editors", () => {
    for (const name of Object.keys(EDITOR_SCHEMAS)) {
        it(`are what the program checks with; \`npm run docs\` writes ${name} anew`, () => {
            assert.equal(read("schemas", name), editorSchemaText(name));
        });
    }

    for (const [file, schema] of FILES) {
        it(`take ${file}, which names its schema in its first line`, () => {
            const validate = validator(schema);
            assert.ok(validate(parse(read(file))), JSON.stringify(validate.errors));
            const [, relative = ""] = /^# yaml-language-server: \$schema=(\S+)\n/.exec(read(file)) ?? [];
            assert.equal(path.join(path.dirname(file), relative), path.join("schemas", schema));
        });
    }

    it("stand beside stack files that no formatter judges, since Pulumi writes them in a form of its own", async () => {
        const { getFileInfo } = await import("prettier");
        const ignorePath = path.join(ROOT, ".prettierignore");
        for (const file of FILES.map(([name]) => name)) {
            const { ignored } = await getFileInfo(path.join(ROOT, file), { ignorePath });
            assert.equal(ignored, file.startsWith("Pulumi."), file);
        }
    });

    it("refuse a key that is misspelt, at any depth, and a value that is none of the choices", () => {
        const validate = validator("settings.json");
        const good = parse(read("Pulumi.dev.yaml")) as { config: Record<string, unknown> };
        for (const wrong of [
            { "egress-gateway:natt": {} },
            { "egress-gateway:nat": { adresses: 2 } },
            { "egress-gateway:googleApis": "all" },
            {
                "egress-gateway:destinations": [
                    {
                        host: "a.example.com",
                        allow: [{ namespace: "a", serviceAccount: "b" }],
                        ports: [{ protocol: "https", number: 1 }],
                    },
                ],
            },
        ]) {
            assert.equal(validate({ config: { ...good.config, ...wrong } }), false, JSON.stringify(wrong));
        }
    });
});

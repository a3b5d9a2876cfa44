import { isBuiltin } from "node:module";
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import * as path from "node:path";
import { EnforcementLevel, PolicyType } from "@pulumi/pulumi/proto/analyzer_pb";
import { globSync } from "tinyglobby";
import { parse } from "yaml";
import { PACK_RULES } from "../../policy/ownRules";
import { packRules } from "../../policy/pack";
import { policyPage } from "../../policy/page";
import { pageOf } from "../../policy/rule";
import { SETTINGS } from "../../policy/settings";
import { CASES } from "./cases";
import { assertMessages, CASE_SETTINGS, type Message, type Subject } from "./cases/case";
import { buildPack, type Diagnostic, PACK, PackProcess } from "./packProcess";

const ROOT = path.join(__dirname, "..", "..");
const POLICY = path.join(ROOT, "policy");

describe("the pack as a process", () => {
    const rules = new Map(packRules().map(rule => [rule.name, rule]));
    let pack: PackProcess;
    let count = 0;

    before(async () => {
        buildPack();
        pack = await PackProcess.start();
        await pack.configure({ "pack-settings": CASE_SETTINGS });
    });
    after(() => pack.stop());

    it("says what it is and what its rules are", async () => {
        const info = (await pack.info()).toObject();
        const manifest = JSON.parse(readFileSync(path.join(PACK, "package.json"), "utf8")) as { version: string };
        assert.equal(info.name, "egress-gateway");
        assert.equal(info.version, manifest.version);
        const described = info.policiesList.map(
            ({ name, description, enforcementlevel, policyType, remediationSteps, url }) => ({
                name,
                description,
                enforcement: enforcementlevel === EnforcementLevel.MANDATORY ? "mandatory" : "advisory",
                scope: policyType === PolicyType.POLICY_TYPE_STACK ? "stack" : "resource",
                remedy: remediationSteps,
                url,
            }),
        );
        const expected = packRules().map(({ name, description, enforcement, scope, remedy }) => ({
            name,
            description,
            enforcement,
            scope: scope === "pack" ? PACK_RULES.find(rule => rule.name === name)!.judges : scope,
            remedy,
            url: `docs/policies.md#${name}`,
        }));
        const byName = (a: { name: string }, b: { name: string }) => a.name.localeCompare(b.name);
        assert.deepEqual(described.sort(byName), expected.sort(byName));
    });

    it("has the settings in the schema that the engine reads, without defaults that it would fill in", async () => {
        const info = await pack.info();
        const schema = info
            .getPoliciesList()
            .find(policy => policy.getName() === "pack-settings")!
            .getConfigschema()!
            .getProperties()!
            .toJavaScript() as Record<string, { description: string; default?: unknown }>;
        for (const [key, { description }] of Object.entries(SETTINGS)) {
            assert.equal(schema[key]?.description, description, key);
            assert.equal(schema[key]?.default, undefined, key);
        }
    });

    for (const { rule, passes, fails, unknown } of CASES) {
        it(`${rule} answers over the protocol as it does in this process`, async () => {
            for (const resources of Object.values(passes)) {
                await expectMessages(rule, resources, []);
            }
            const refused = [...Object.values(fails), ...(typeof unknown === "string" ? [] : Object.values(unknown))];
            for (const { resources, messages } of refused) {
                await expectMessages(rule, resources, messages);
            }
        });
    }

    async function expectMessages(
        rule: string,
        subjects: readonly Subject[],
        expected: readonly Message[],
    ): Promise<void> {
        const { enforcement, remedy, description } = rules.get(rule)!;
        const found = (await diagnostics(subjects)).filter(({ policy }) => policy === rule);
        for (const diagnostic of found) {
            assert.equal(diagnostic.mandatory, enforcement === "mandatory", `${rule} is not ${enforcement} any more`);
            assert.equal(diagnostic.description, description);
            assert.ok(diagnostic.message.startsWith(`${description}\n`), diagnostic.message);
        }
        // The SDK puts the description in front.
        const messages = found.map(({ message }) => message.slice(description.length + 1));
        assertMessages(messages, expected, remedy);
    }

    async function diagnostics(subjects: readonly Subject[]): Promise<Diagnostic[]> {
        const registered = subjects.map((subject, index) => {
            const name = subject.name ?? `subject-${index}`;
            return { subject, type: subject.type, urn: `urn:pulumi:stack-${++count}::shop::${subject.type}::${name}` };
        });
        const found: Diagnostic[] = [];
        for (const { urn, subject } of registered) {
            found.push(...(await pack.analyze(urn, subject)));
        }
        const urnsOf = (names: readonly string[]) =>
            registered.filter(({ subject, urn }) => names.includes(subject.name ?? urn)).map(({ urn }) => urn);
        const stack = registered.map(({ urn, type, subject: { madeFrom = {} } }) => ({
            urn,
            type,
            madeFrom: Object.fromEntries(Object.entries(madeFrom).map(([key, names]) => [key, urnsOf(names)])),
        }));
        return [...found, ...(await pack.analyzeStack(stack))];
    }
});

describe("the built pack", () => {
    it("is one file that needs nothing but Node and the SDK, which the runner has loaded already", () => {
        buildPack();
        const bundle = readFileSync(path.join(PACK, "bin", "index.js"), "utf8");
        const required = new Set([...bundle.matchAll(/\brequire\("([^".][^"]*)"\)/g)].map(match => match[1]!));
        assert.deepEqual([...required].filter(name => !isBuiltin(name)).sort(), ["@pulumi/policy"]);
    });

    it("has one version in both of its manifests", () => {
        const { version } = JSON.parse(readFileSync(path.join(PACK, "package.json"), "utf8")) as { version: string };
        const manifest = parse(readFileSync(path.join(PACK, "PulumiPolicy.yaml"), "utf8")) as { version: string };
        assert.equal(manifest.version, version);
    });

    it("names the versions of the SDK that this project has", () => {
        const manifest = (folder: string) =>
            JSON.parse(readFileSync(path.join(folder, "package.json"), "utf8")) as {
                dependencies: Record<string, string>;
                devDependencies: Record<string, string>;
            };
        const own = manifest(path.join(PACK, ".."));
        const versions = { ...own.dependencies, ...own.devDependencies };
        for (const [name, version] of Object.entries(manifest(PACK).dependencies)) {
            assert.equal(version, versions[name], name);
        }
    });
});

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

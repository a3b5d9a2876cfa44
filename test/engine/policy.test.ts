import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { type Resource } from "../../containment/resource";
import { packRules } from "../../policy/pack";
import { CASES } from "../policy/cases";
import {
    assertMessages,
    CASE_SETTINGS,
    type Message,
    type Refused,
    type RuleCases,
    type Subject,
} from "../policy/cases/case";
import { CLEAN, DEFECTS, FOREIGN_SETTINGS, TEAM_DEFECTS } from "../policy/cases/defects";
import { buildPack } from "../policy/packProcess";
import {
    type Configuration,
    Engine,
    EngineFailure,
    type PolicyViolation,
    type StackOptions,
    withEngine,
} from "./harness";
import { registering, type Registration } from "./policyProgram";

const ROOT = path.resolve(__dirname, "..", "..");

/** A gateway that somebody else's stack has: a component of the gateway's is none in a program of another project. */
const NAMED = { "pack-settings": { ...CASE_SETTINGS, gatewayProjects: ["egress-gateway"] } };

/** What the policies said to a preview, and whether the engine let it pass. */
interface Judgement {
    readonly passed: boolean;
    readonly violations: readonly PolicyViolation[];
}

describe("the policy pack in the engine", function () {
    this.timeout(600_000);

    const rules = new Map(packRules().map(rule => [rule.name, rule]));
    const configs = fs.mkdtempSync(path.join(os.tmpdir(), "egress-gateway-policy-"));
    let engine: Engine;
    let count = 0;

    before(async () => {
        buildPack();
        engine = await Engine.start();
    });
    after(() => {
        engine.remove();
        fs.rmSync(configs, { recursive: true });
    });

    async function judged(options: StackOptions, config: object = {}, on: Engine = engine): Promise<Judgement> {
        const file = path.join(configs, `${++count}.json`);
        fs.writeFileSync(file, JSON.stringify(config));
        const stack = await on.stack(options);
        try {
            const { violations } = await stack.preview({ policyPacks: ["policy"], policyPackConfigs: [file] });
            return { passed: true, violations };
        } catch (error) {
            assert.ok(error instanceof EngineFailure, String(error));
            assert.notDeepEqual(error.violations, [], error.output);
            return { passed: false, violations: error.violations };
        }
    }

    /** This project's dev with other settings, on a backend of its own. */
    function judgedDev(config: object = {}, configure?: (config: Configuration) => void): Promise<Judgement> {
        return withEngine(own =>
            judged({ name: "dev", ...(configure === undefined ? {} : { configure }) }, config, own),
        );
    }

    /** A program of these resources alone, in a stack of its own. */
    function judgedProgram(
        resources: readonly Registration[],
        projectName: string,
        config: object = NAMED,
    ): Promise<Judgement> {
        return judged({ program: registering(resources), projectName, name: `stack-${count}` }, config);
    }

    function messagesOf({ violations }: Judgement, rule: string, urnEnd = ""): string[] {
        const { description } = rules.get(rule)!;
        return violations
            .filter(({ policy, urn }) => policy === rule && (urn ?? "").endsWith(urnEnd))
            .map(({ message }) => {
                assert.ok(message.startsWith(`${description}\n`), message);
                return message.slice(description.length + 1).trimEnd();
            });
    }

    function policiesOf({ violations }: Judgement): string[] {
        return [...new Set(violations.map(({ policy }) => policy))].sort();
    }

    describe("lets this project's stacks pass with nothing to say", () => {
        it("dev, in the preview and in the update, when everything is known", async () => {
            const stack = await engine.stack({ name: "dev" });
            const options = { policyPacks: ["policy"] };
            assert.deepEqual((await stack.preview(options)).violations, []);
            assert.deepEqual((await stack.up(options)).violations, []);
            assert.deepEqual((await stack.preview({ ...options, expectNoChanges: true })).violations, []);

            // What is deployed can be judged without the program, and what is written for the pack is judged with it.
            const analyze = ["policy", "analyze", "--policy-pack", path.join(ROOT, "policy")];
            await stack.cli(analyze);
            const file = path.join(configs, "misspelt.json");
            fs.writeFileSync(file, JSON.stringify({ "pack-settings": { gatewayTag: ["another"] } }));
            await assert.rejects(
                stack.cli([...analyze, "--policy-pack-config", file]),
                /gatewayTag is no setting of this pack; gatewayTags is meant, perhaps/,
            );
        });

        it("prod, whose platform is another stack and whose shared hosts were reviewed", async () => {
            const outputs = JSON.parse(
                fs.readFileSync(path.join(ROOT, "stack-outputs", "platform.prod.json"), "utf8"),
            ) as Record<string, unknown>;
            const platform = await engine.stack({
                program: () => Promise.resolve(outputs),
                projectName: "platform",
                name: "prod",
            });
            await platform.up();
            const stack = await engine.stack({ name: "prod" });
            const { violations } = await stack.preview({
                policyPacks: ["policy"],
                policyPackConfigs: ["policy/config/prod.json"],
            });
            assert.deepEqual(violations, []);
        });
    });

    describe("refuses a seeded violation of every rule, with the rule's message", () => {
        const wanted = (scope: "resource" | "stack"): readonly RuleCases[] =>
            CASES.filter(({ rule }) => rules.get(rule)!.scope === scope);

        /** One program holds a resource for every case: rules about single resources do not mind the others. */
        interface Seeded {
            readonly rule: string;
            readonly title: string;
            readonly resource: Registration;
            readonly messages: readonly Message[];
        }
        const seeded = wanted("resource").flatMap(({ rule, fails, unknown }): Seeded[] =>
            Object.entries({ ...fails, ...(typeof unknown === "string" ? {} : prefixed(unknown)) }).map(
                ([title, { resources, messages }], index) => {
                    const [subject] = resources as readonly [Subject];
                    return { rule, title, messages, resource: { ...subject, name: `${rule}-${index}` } };
                },
            ),
        );
        let judgement: Judgement;

        before(async () => {
            judgement = await judgedProgram(
                seeded.map(({ resource }) => resource),
                "shop",
            );
        });

        it("and the preview fails", () => assert.equal(judgement.passed, false));

        for (const { rule, title, resource, messages } of seeded) {
            it(`${rule}: ${title}`, () => {
                const urnEnd = `${resource.type}::${resource.name}`;
                assertMessages(messagesOf(judgement, rule, urnEnd), messages, rules.get(rule)!.remedy);
                const levels = judgement.violations.filter(({ policy }) => policy === rule).map(({ level }) => level);
                assert.deepEqual([...new Set(levels)], [rules.get(rule)!.enforcement]);
            });
        }

        for (const { rule, fails } of wanted("stack")) {
            const [title, { resources, messages }] = Object.entries(fails)[0] as [string, Refused];
            it(`${rule}: ${title}`, async () => {
                const named = resources.map((resource, index) => ({
                    ...resource,
                    name: resource.name ?? `subject-${index}`,
                }));
                // The gateway's own project: elsewhere rules about single resources refuse its objects first.
                const stack = await judgedProgram(named, "egress-gateway");
                assertMessages(messagesOf(stack, rule), messages, rules.get(rule)!.remedy);
                if (rules.get(rule)!.enforcement === "mandatory") {
                    assert.equal(stack.passed, false);
                }
            });
        }
    });

    describe("refuses every defect of a public blueprint", () => {
        const settings = { "pack-settings": FOREIGN_SETTINGS };

        it("and none in the stack that they are made from", async () => {
            const { passed, violations } = await judgedProgram(registrations(CLEAN), "landing-zone", settings);
            assert.deepEqual([passed, violations], [true, []]);
        });

        for (const [name, { mutation, rules: expected }] of Object.entries(DEFECTS)) {
            it(name, async () => {
                const judgement = await judgedProgram(registrations(mutation(CLEAN)), "landing-zone", settings);
                assert.deepEqual(policiesOf(judgement), [...expected].sort());
            });
        }

        it("and what teams add beside the gateway", async () => {
            const resources = Object.values(TEAM_DEFECTS).map(({ resource }) => resource);
            const { passed, violations } = await judgedProgram(registrations(resources), "team-a", settings);
            assert.equal(passed, false);
            for (const { resource, rules: expected } of Object.values(TEAM_DEFECTS)) {
                const own = violations.filter(({ urn }) => urn?.endsWith(`::${resource.name}`));
                assert.deepEqual([...new Set(own.map(({ policy }) => policy))], expected);
            }
        });
    });

    describe("takes its configuration from the command", () => {
        const PASSTHROUGH = (config: Configuration) => {
            config["egress-gateway:mesh"] = { mutualTls: false };
            config["egress-gateway:destinations"] = [
                { host: "istio.io", allow: [{ namespace: "payments", serviceAccount: "api" }], owner: "payments" },
            ];
        };
        const waiver = {
            resource: "*",
            reason: "the tutorial's second variant, for a demonstration without confidential data",
        };

        it("refuses the variant without mutual TLS", async () => {
            const judgement = await judgedDev({}, PASSTHROUGH);
            assert.equal(judgement.passed, false);
            assert.ok(policiesOf(judgement).includes("gateway-passthrough"), policiesOf(judgement).join(", "));
        });

        it("lets it pass when every rule that it breaks is waived by name, and prints each waiver", async () => {
            const refused = policiesOf(await judgedDev({}, PASSTHROUGH));
            const waivers = refused.map(rule => ({ ...waiver, rule }));
            const judgement = await judgedDev({ "pack-settings": { waivers } }, PASSTHROUGH);
            assert.equal(judgement.passed, true);
            assert.deepEqual(
                policiesOf(judgement).filter(policy => !policy.startsWith("waived")),
                [],
            );
            const printed = judgement.violations.map(({ message }) => message).join("\n");
            assert.match(
                printed,
                /gateway-passthrough is waived \(the tutorial's second variant, .*\): spec\.servers\[0\]\.tls\.mode is PASSTHROUGH/,
            );
        });

        it("refuses a waiver without a reason", async () => {
            const waivers = [{ rule: "gateway-passthrough", resource: "*" }];
            const judgement = await judgedDev({ "pack-settings": { waivers } });
            assert.equal(judgement.passed, false);
            assert.deepEqual(messagesOf(judgement, "pack-settings"), [
                "waivers[0] has no reason: a waiver names a rule, a resource and the reason. Correct the file given with --policy-pack-config.",
            ]);
        });

        it("lowers, and switches off, single rules", async () => {
            const network: Registration = {
                type: "gcp:compute/network:Network",
                name: "vpc",
                inputs: { name: "vpc", deleteDefaultRoutesOnCreate: true },
            };
            const levels = async (config: object): Promise<string[]> => {
                const { violations } = await judgedProgram([network], "shop", { ...NAMED, ...config });
                return violations.filter(({ policy }) => policy === "firewall-order").map(({ level }) => level);
            };
            assert.deepEqual(await levels({}), ["mandatory"]);
            assert.deepEqual(await levels({ "firewall-order": "advisory" }), ["advisory"]);
            assert.deepEqual(await levels({ "firewall-order": { enforcementLevel: "disabled" } }), []);
        });
    });

    it("refuses a stranger's small program in words that its author can act on", async () => {
        const judgement = await judgedProgram(STRANGER, "guestbook");
        assert.equal(judgement.passed, false);
        const said = judgement.violations.map(
            ({ policy, message, urn }) => `${urn!.split("::").at(-1)!}: ${policy}: ${message.split("\n")[1]!}`,
        );
        for (const expected of [
            /^guestbook-vm: external-address: networkInterfaces\[0\]\.accessConfigs gives the machine an external address\. Remove it: Google's APIs are reached by Private Google Access, and the internet by the egress gateway\.$/,
            /^guestbook: default-routes: deleteDefaultRoutesOnCreate is absent\. Set deleteDefaultRoutesOnCreate to true;/,
            /^agent: gateway-node-toleration: The Deployment tolerates every taint, .*: operator Exists without a key\..* Name the taints that the pod is meant for/,
            /^pastebin: mesh-registry: The ServiceEntry is outside namespace istio-egress: ServiceEntry in namespace guestbook\..* Declare the destination/,
        ]) {
            assert.ok(
                said.some(line => expected.test(line)),
                `${String(expected)} among\n${said.join("\n")}`,
            );
        }
    });
});

/** A VPC, a machine with an external address, a deployment with a blanket toleration, a ServiceEntry. */
const STRANGER: readonly Registration[] = [
    { type: "gcp:compute/network:Network", name: "guestbook", inputs: { autoCreateSubnetworks: true } },
    {
        type: "gcp:compute/instance:Instance",
        name: "guestbook-vm",
        inputs: {
            machineType: "e2-micro",
            zone: "europe-west1-b",
            bootDisk: { initializeParams: { image: "debian-cloud/debian-12" } },
            networkInterfaces: [{ network: "guestbook", accessConfigs: [{}] }],
        },
    },
    {
        type: "kubernetes:apps/v1:Deployment",
        name: "agent",
        inputs: {
            apiVersion: "apps/v1",
            kind: "Deployment",
            metadata: { name: "agent", namespace: "guestbook" },
            spec: {
                selector: { matchLabels: { app: "agent" } },
                template: {
                    metadata: { labels: { app: "agent" } },
                    spec: {
                        tolerations: [{ operator: "Exists" }],
                        containers: [{ name: "agent", image: "example/agent:1" }],
                    },
                },
            },
        },
    },
    {
        type: "kubernetes:networking.istio.io/v1:ServiceEntry",
        name: "pastebin",
        inputs: {
            apiVersion: "networking.istio.io/v1",
            kind: "ServiceEntry",
            metadata: { name: "pastebin", namespace: "guestbook" },
            spec: {
                hosts: ["pastebin.com"],
                location: "MESH_EXTERNAL",
                resolution: "DNS",
                ports: [{ number: 443, name: "tls", protocol: "TLS" }],
            },
        },
    },
];

function prefixed<T>(cases: Readonly<Record<string, T>>): Record<string, T> {
    return Object.fromEntries(Object.entries(cases).map(([title, value]) => [`not known: ${title}`, value]));
}

/** Types may share a logical name in a world, not in a program. */
function registrations(world: readonly Resource[]): Registration[] {
    return world.map(({ type, name, inputs }) => ({ type, name, inputs }));
}

import assert from "node:assert/strict";
import * as path from "node:path";
import { planOffline } from "../../plan/offline";
import { type Resource } from "../../containment/resource";
import { policies } from "../../policy/crossguard";
import { meshRules } from "../../policy/mesh";
import { perimeterRules } from "../../policy/perimeter";
import { type ConfiguredSettings } from "../../policy/settings";
import { type Subject } from "./cases/case";
import { workloadRules } from "../../policy/workloads";
import { violations } from "./sdk";

const ROOT = path.join(__dirname, "..", "..");

/** Every name that the defaults have, as another one. */
const RENAMED: readonly (readonly [string, string])[] = [
    ["istio-egress", "my-exit"],
    ["egress-gateway-nodes", "exit-nodes"],
    ['"egress-gateway"', '"exit-tag"'],
    ["acme-dev-egress", "exit-subnet"],
    ["istio-system", "mesh-root"],
];

/** Only where the name stands for what is meant: the Service and its account are not called otherwise by any setting. */
function renamed(resources: readonly Resource[]): Resource[] {
    return resources.map(resource => {
        const isGoogle = /^(gcp|egress-gateway):/.test(resource.type);
        let inputs = JSON.stringify(resource.inputs);
        for (const [from, to] of RENAMED) {
            const applies = from !== '"egress-gateway"' || isGoogle;
            const keepsName = (text: string) =>
                text.replace(
                    /"(gatewayServiceAccount|serviceAccount|app|app.kubernetes.io\/name)":"exit-tag"/g,
                    '"$1":"egress-gateway"',
                );
            inputs = applies ? keepsName(inputs.replaceAll(from, to)) : inputs;
        }
        return { ...resource, inputs: JSON.parse(inputs) as Resource["inputs"] };
    });
}

describe("names that the gateway's components register", function () {
    this.timeout(120_000);
    /** Without the proof, which reads the components itself. */
    const pack = policies([perimeterRules, meshRules, workloadRules]);
    let resources: readonly Resource[];
    before(async () => {
        ({ resources } = await planOffline(ROOT, "dev"));
        resources = renamed(resources);
    });

    async function found(
        more: readonly Subject[] = [],
        settings: Partial<ConfiguredSettings> = {},
        order = resources,
    ): Promise<string[]> {
        const all = await violations(pack, [...order, ...more], { "pack-settings": settings }, "egress-gateway");
        return all.map(({ policy, message }) => `${policy}: ${message}`);
    }

    it("are what the rules go by: a stack under other names has no findings", async () => {
        assert.deepEqual(await found(), []);
    });

    it("are what the rules go by where components come before what is in them, as in the engine", async () => {
        const depth = ({ urn }: Resource) => urn.split("$").length;
        const isComponent = ({ type }: Resource) => type.startsWith("egress-gateway:");
        const first = [...resources].sort(
            (a, b) => Number(isComponent(b)) - Number(isComponent(a)) || depth(a) - depth(b),
        );
        assert.deepEqual(await found([], {}, first), []);
    });

    const stranger: Subject = {
        type: "kubernetes:core/v1:Pod",
        name: "stranger",
        inputs: {
            apiVersion: "v1",
            kind: "Pod",
            metadata: { name: "stranger", namespace: "my-exit" },
            spec: { containers: [{ name: "app", image: "registry.acme.example/app:1" }] },
        },
    };

    it("make a pod in the gateway's namespace a stranger there, and one in the namespace of the default none", async () => {
        assert.match(
            (await found([stranger])).join("\n"),
            /^gateway-namespace-pods: The Pod does not run as service account/,
        );
        const elsewhere = { ...stranger.inputs, metadata: { name: "stranger", namespace: "istio-egress" } };
        assert.deepEqual(await found([{ ...stranger, inputs: elsewhere }]), []);
    });

    it("tell nothing where they are those of a project that is not written among the gateway's", async () => {
        const impostor: Subject = {
            type: "egress-gateway:guard:Guard",
            name: "guard",
            inputs: { gatewayNamespace: "somewhere-else" },
        };
        const inGateway = {
            ...stranger,
            inputs: { ...stranger.inputs, metadata: { name: "stranger", namespace: "istio-egress" } },
        };
        const refused = async (gatewayProjects: readonly string[] | undefined): Promise<string[]> => {
            const settings = { "pack-settings": gatewayProjects === undefined ? {} : { gatewayProjects } };
            const all = await violations(pack, [impostor, inGateway], settings, "shop");
            return all.map(({ policy }) => policy);
        };
        assert.deepEqual(await refused(["egress-gateway"]), ["gateway-namespace-pods"]);
        assert.deepEqual(await refused(["egress-gateway", "shop"]), []);
        assert.deepEqual(await refused(undefined), []);
    });

    it("hold for what was registered before the components, too", async () => {
        const machine: Subject = {
            type: "gcp:compute/instance:Instance",
            name: "machine",
            inputs: { networkInterfaces: [{ subnetwork: "exit-subnet" }], tags: ["exit-tag"] },
        };
        const early = await violations(pack, [stranger, machine, ...resources], {}, "egress-gateway");
        assert.deepEqual(
            early.map(({ policy, message }) => [policy, message.split(". ")[0]]),
            [
                [
                    "gateway-names",
                    "By the rule gateway-namespace-pods, whose names came later: The Pod does not run as service account egress-gateway: serviceAccountName default",
                ],
                [
                    "gateway-names",
                    "By the rule gateway-reserved, whose names came later: networkInterfaces[0].subnetwork is exit-subnet: that is the gateway nodes' subnet",
                ],
                [
                    "gateway-names",
                    "By the rule gateway-reserved, whose names came later: tags[0] is exit-tag: that is the gateway nodes' network tag",
                ],
            ],
        );
    });

    it("are beside those that the configuration has", async () => {
        const machine: Subject = {
            type: "gcp:compute/instance:Instance",
            name: "machine",
            inputs: { networkInterfaces: [], tags: ["another-exit"] },
        };
        assert.deepEqual(await found([machine]), []);
        assert.match(
            (await found([machine], { gatewayTags: ["another-exit"] })).join(),
            /^gateway-reserved: tags\[0\]/,
        );
    });

    it("of further gateways are written for stacks beside them, by name or in full", async () => {
        const machine: Subject = {
            type: "gcp:compute/instance:Instance",
            name: "machine",
            inputs: { networkInterfaces: [], tags: ["egress-gateway-payments"] },
        };
        const taken: Subject = {
            type: "kubernetes:networking.istio.io/v1:Gateway",
            name: "taken",
            inputs: {
                apiVersion: "networking.istio.io/v1",
                kind: "Gateway",
                metadata: { name: "taken", namespace: "shop" },
                spec: { selector: { istio: "egressgateway-payments" }, servers: [] },
            },
        };
        const inNamespace = (namespace: string): Subject => ({
            ...stranger,
            inputs: { ...stranger.inputs, metadata: { name: "stranger", namespace } },
        });
        const refused = async (subject: Subject, gateways: readonly object[]): Promise<string[]> =>
            (
                await violations(pack, [subject], { "pack-settings": { gatewaySubnets: ["exit"], gateways } }, "shop")
            ).map(({ policy }) => policy);
        const payments = [{ name: "payments" }];
        for (const [subject, rule] of [
            [inNamespace("istio-egress-payments"), "gateway-namespace-pods"],
            [machine, "gateway-reserved"],
            [taken, "mesh-gateway-selector"],
        ] as const) {
            assert.deepEqual(await refused(subject, []), [], rule);
            assert.ok((await refused(subject, payments)).includes(rule), rule);
        }
        const elsewhere = [{ name: "payments", namespace: "exit-of-payments" }];
        assert.deepEqual(await refused(inNamespace("istio-egress-payments"), elsewhere), []);
        assert.deepEqual(await refused(inNamespace("exit-of-payments"), elsewhere), ["gateway-namespace-pods"]);
    });

    it("of two gateways are told of where they contradict each other", async () => {
        const [guard] = resources.filter(({ type }) => type === "egress-gateway:guard:Guard");
        const second: Subject = {
            type: guard!.type,
            name: "second",
            inputs: { ...guard!.inputs, gatewayNamespace: "other-exit" },
        };
        const conflicts = (await found([second])).filter(text => text.startsWith("gateway-names"));
        assert.match(conflicts.join(), /The components of the stack register .*"other-exit".* as gatewayNamespace/);
    });
});

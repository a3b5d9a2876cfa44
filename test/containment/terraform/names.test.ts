import * as assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import * as path from "node:path";
import { LIST_IN, LISTS, named } from "../../../containment/terraform/names";
import { tokenOf } from "../../../containment/terraform/types";
import { plural } from "../../../base/words";
import { googleType } from "../../../containment/providerNames";
import { GOOGLE_TYPES, treatmentOf } from "../../../containment/world/catalogue";

const SDK = path.dirname(require.resolve("@pulumi/gcp/package.json"));
const GOOGLE = "registry.terraform.io/hashicorp/google";

type Properties = readonly (readonly [name: string, type: string])[];

/** Harmless by themselves, and read for what they say of others. */
const ALSO_READ = [
    "gcp:compute/backendService:BackendService",
    "gcp:compute/regionBackendService:RegionBackendService",
];

/** Properties of one type: repeated blocks, and blocks of which there is one at most. */
interface Blocks {
    readonly many: ReadonlySet<string>;
    readonly one: ReadonlySet<string>;
}

function propertiesIn(text: string): Properties {
    return [...text.matchAll(/^\s+(\w+)\??: (.*);$/gm)].map(([, name, type]) => [name!, type!]);
}

/** Input types of the SDK by `module.Name`, from its declarations. */
function inputTypes(): ReadonlyMap<string, Properties> {
    const found = new Map<string, Properties>();
    for (const [, module, body] of readFileSync(path.join(SDK, "types/input.d.ts"), "utf8").matchAll(
        /^export declare namespace (\w+) \{\n([\s\S]*?)^\}/gm,
    )) {
        for (const [, name, properties] of body!.matchAll(/^ {4}interface (\w+) \{\n([\s\S]*?)^ {4}\}/gm)) {
            found.set(`${module!}.${name!}`, propertiesIn(properties!));
        }
    }
    return found;
}

const INPUTS = inputTypes();

function blocksOf(token: string): Blocks | undefined {
    const [, module = "", name = ""] = /^gcp:(\w+)\/\w+:(\w+)$/.exec(token) ?? [];
    const folder = path.join(SDK, module.toLowerCase());
    const file = existsSync(folder)
        ? readdirSync(folder).find(each => each.toLowerCase() === `${name.toLowerCase()}.d.ts`)
        : undefined;
    const args =
        file === undefined
            ? undefined
            : new RegExp(`^export interface ${name}Args \\{\\n([\\s\\S]*?)^\\}`, "im").exec(
                  readFileSync(path.join(folder, file), "utf8"),
              )?.[1];
    if (args === undefined) {
        return undefined;
    }
    const [many, one, seen] = [new Set<string>(), new Set<string>(), new Set<string>()];
    const walk = (properties: Properties): void => {
        for (const [property, type] of properties) {
            const inner = /inputs\.([\w.]+)/.exec(type)?.[1];
            if (inner !== undefined) {
                (type.includes("[]") ? many : one).add(property);
                if (!seen.has(inner)) {
                    seen.add(inner);
                    walk(INPUTS.get(inner) ?? []);
                }
            }
        }
    };
    walk(propertiesIn(args));
    return { many, one };
}

/** The types that the proof reads, with what they hold. */
const READ: ReadonlyMap<string, Blocks> = new Map(
    [...GOOGLE_TYPES]
        .filter(
            ([token, { kind }]) =>
                kind === "modelled" || kind === "source" || kind === "way" || ALSO_READ.includes(token),
        )
        .flatMap(([token]) => {
            const blocks = blocksOf(token);
            return blocks === undefined ? [] : [[token, blocks] as const];
        }),
);

describe("names of Terraform's blocks, held to @pulumi/gcp", () => {
    it("covers the types that the proof reads", () => {
        assert.ok(READ.size > 100, `${READ.size} types`);
        assert.ok(READ.get("gcp:container/nodePool:NodePool")!.many.has("taints"));
        assert.ok(READ.get("gcp:container/nodePool:NodePool")!.one.has("networkConfig"));
    });

    it("every repeated block becomes a list, under its singular and its own name", () => {
        const wrong = [...READ].flatMap(([token, { many, one }]) =>
            [...many].flatMap(name => {
                const singular = singularOf(name);
                const spellings = one.has(name) || one.has(singular) || SAME_NAME.has(name) ? [] : [singular, name];
                return spellings
                    .filter(spelling => named(token, snakeCase(spelling)).blocks !== name)
                    .map(
                        spelling =>
                            `${token}: ${spelling} is ${named(token, snakeCase(spelling)).blocks ?? "one block"}`,
                    );
            }),
        );
        assert.deepEqual(wrong, []);
    });

    it("every other block becomes one object", () => {
        const wrong = [...READ].flatMap(([token, { one }]) =>
            [...one]
                .filter(name => !SAME_NAME.has(name) && named(token, snakeCase(name)).blocks !== undefined)
                .map(name => `${token}: ${name} is ${named(token, snakeCase(name)).blocks!}`),
        );
        assert.deepEqual(wrong, []);
    });

    it("no name is there that no type has", () => {
        const all = new Set([...READ.values()].flatMap(({ many }) => [...many]));
        assert.deepEqual(
            [...LISTS, ...Object.keys(LIST_IN).map(plural)].filter(name => !all.has(name)),
            [],
        );
    });
});

/** Lists in one place of a type and objects in another, or in other types: read by nobody. */
const SAME_NAME = new Set(["httpHeaders", "ports", "dumpFlags", "dataDisks", "dataDisk"]);

function singularOf(name: string): string {
    return (
        [name.replace(/ies$/, "y"), name.replace(/es$/, ""), name.replace(/s$/, "")].find(
            each => each !== name && plural(each) === name,
        ) ?? name
    );
}

function snakeCase(name: string): string {
    return name.replace(/[A-Z]/g, letter => `_${letter.toLowerCase()}`);
}

describe("types of Terraform's", () => {
    it("of Google's are those of Pulumi", () => {
        for (const [name, token] of [
            ["google_compute_router_nat", "gcp:compute/routerNat:RouterNat"],
            ["google_compute_vpn_tunnel", "gcp:compute/vPNTunnel:VPNTunnel"],
            ["google_container_cluster", "gcp:container/cluster:Cluster"],
            ["google_project", "gcp:organizations/project:Project"],
            ["google_project_service", "gcp:projects/service:Service"],
            ["google_project_iam_member", "gcp:projects/iAMMember:IAMMember"],
            ["google_organization_iam_custom_role", "gcp:organizations/iAMCustomRole:IAMCustomRole"],
            ["google_service_account", "gcp:serviceaccount/account:Account"],
            ["google_service_account_iam_binding", "gcp:serviceaccount/iAMBinding:IAMBinding"],
            ["google_dns_managed_zone", "gcp:dns/managedZone:ManagedZone"],
            ["google_cloud_run_v2_service", "gcp:cloudrunv2/service:Service"],
        ] as const) {
            assert.equal(tokenOf(name, GOOGLE), token);
            assert.ok(GOOGLE_TYPES.has(token), token);
        }
    });

    it("no two types of Pulumi's that are treated otherwise have one name", () => {
        const wrong = [...GOOGLE_TYPES].filter(([token, { kind }]) => {
            const [, module = "", , name = ""] = /^gcp:(\w+)\/(\w+):(\w+)$/.exec(token) ?? [];
            const found = googleType(`${module}${name}`);
            return found === undefined || GOOGLE_TYPES.get(found)!.kind !== kind;
        });
        assert.deepEqual(wrong, []);
    });

    it("that nobody knows count as a path, and so does a provider that only has the name of a harmless one", () => {
        const kindOf = (type: string, provider: string): string =>
            treatmentOf({
                urn: "u",
                type: tokenOf(type, provider),
                name: "n",
                inputs: {},
                dependsOn: [],
                provider: "p",
            }).kind;
        for (const [type, provider, kind] of [
            ["google_compute_wormhole", GOOGLE, "unmodelled"],
            ["kubernetes_deployment", "registry.terraform.io/hashicorp/kubernetes", "unmodelled"],
            ["kubectl_manifest", "registry.terraform.io/gavinbunney/kubectl", "unmodelled"],
            ["acme_tunnel", "registry.terraform.io/acme/acme", "unmodelled"],
            ["random_id", "registry.terraform.io/hashicorp/random", "harmless"],
            ["random_id", "registry.example/mallory/random", "unmodelled"],
            ["aws_vpc", "registry.terraform.io/hashicorp/aws", "harmless"],
            ["cloudflare_record", "registry.terraform.io/cloudflare/cloudflare", "harmless"],
            ["thing", "", "unmodelled"],
        ] as const) {
            assert.equal(kindOf(type, provider), kind, `${type} of ${provider}`);
        }
    });
});

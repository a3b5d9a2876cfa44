import * as assert from "node:assert/strict";
import { ReaderError, readResources } from "../../../containment/readers";
import { type Resource, UNKNOWN } from "../../../containment/resource";
import { add, change, configure, edited, type Plan, read, remove, threeLocks, type Values } from "./plan";

function named(resources: readonly Resource[], name: string): Resource {
    const found = resources.filter(each => each.name === name);
    assert.equal(found.length, 1, `${name} is ${found.length} resources`);
    return found[0]!;
}

/** The inputs of one resource that a plan creates. */
function inputsOf(address: string, after: Values, unknown: Values = {}, expressions?: Values): Resource["inputs"] {
    return named(read(edited(add(address, after, unknown, expressions))), address).inputs;
}

const reference = (...references: readonly string[]): object => ({ references });

describe("reading Terraform's values", () => {
    it("blocks of one become objects, repeated ones lists under Pulumi's names; maps keep their keys, and what is absent stays so", () => {
        const inputs = inputsOf("google_container_node_pool.p", {
            name: "p",
            cluster: "fl",
            autoscaling: [],
            node_count: null,
            node_config: [{ taint: [{ key: "a_b", effect: "NO_EXECUTE" }], labels: { my_key: "v_w" }, tags: ["t_u"] }],
        });
        assert.deepEqual(inputs, {
            name: "p",
            cluster: "fl",
            nodeConfig: {
                taints: [{ key: "a_b", effect: "NO_EXECUTE" }],
                labels: { my_key: "v_w" },
                tags: ["t_u"],
            },
        });
    });

    it("an empty block is there: an access config is a public address", () => {
        assert.deepEqual(
            inputsOf("google_compute_instance.vm", {
                name: "vm",
                network_interface: [{ subnetwork: "s", access_config: [{ nat_ip: null }] }],
                service_account: [{ email: "e@p", scopes: ["cloud-platform"] }],
            }),
            {
                name: "vm",
                networkInterfaces: [{ subnetwork: "s", accessConfigs: [{}] }],
                serviceAccount: { email: "e@p", scopes: ["cloud-platform"] },
            },
        );
    });

    it("what is not known or secret is UNKNOWN, inside lists, blocks and maps as well", () => {
        const address = "google_compute_firewall.f";
        const plan = edited(
            add(
                address,
                {
                    name: "f",
                    description: "hush",
                    allow: [{ protocol: "tcp", ports: ["22", null] }, { protocol: "udp" }],
                    destination_ranges: [null, "10.0.0.0/8"],
                },
                {
                    id: true,
                    allow: [{ ports: [false, true] }, { ports: true }],
                    destination_ranges: [true, false],
                    network: true,
                },
            ),
            ({ resource_changes: changes }) => {
                changes.at(-1).change.after_sensitive = { description: true };
            },
        );
        assert.deepEqual(named(read(plan), address).inputs, {
            name: "f",
            description: UNKNOWN,
            allows: [
                { protocol: "tcp", ports: ["22", UNKNOWN] },
                { protocol: "udp", ports: UNKNOWN },
            ],
            destinationRanges: [UNKNOWN, "10.0.0.0/8"],
            network: UNKNOWN,
            id: UNKNOWN,
        });
    });

    it("what the configuration leaves to the provider is absent, and what it leaves open is not", () => {
        const unknown = { stack_type: true, network: true, secondary_ip_range: true };
        const inputs = (stack: Values): Resource["inputs"] =>
            inputsOf("google_compute_subnetwork.s", { name: "s" }, unknown, { name: {}, ...stack });
        assert.ok(!("stackType" in inputs({})));
        assert.ok(!("stackType" in inputs({ stack_type: { constant_value: null } })));
        assert.equal(inputs({ stack_type: reference("local.stack") })["stackType"], UNKNOWN);
        // It may be a `dynamic` block, which the configuration does not show.
        assert.equal(inputs({})["secondaryIpRanges"], UNKNOWN);
    });
});

describe("resolving what Terraform's configuration refers to", () => {
    const VPC = "projects/fl-prod/global/networks/fl-vpc";

    it("through modules, keys and the provider's project to one resource", () => {
        const resources = read(threeLocks());
        const pool = named(resources, "google_container_node_pool.gateway").inputs as Record<string, Values>;
        assert.equal(named(resources, "google_compute_firewall.belt").inputs["network"], VPC);
        assert.equal(named(resources, 'module.network.google_compute_subnetwork.this["apps"]').inputs["network"], VPC);
        assert.equal(pool["nodeConfig"]!["serviceAccount"], "fl-exit-nodes@fl-prod.iam.gserviceaccount.com");
        assert.equal(pool["networkConfig"]!["subnetwork"], "projects/fl-prod/regions/us-central1/subnetworks/fl-exit");
        assert.deepEqual(named(resources, "google_compute_router_nat.nat").inputs["natIps"], [
            "projects/fl-prod/regions/us-central1/addresses/fl-exit-0",
        ]);
    });

    const networkOf = (expression: object, edit: (plan: Plan) => void = () => undefined): unknown =>
        named(
            read(
                edited(
                    add("google_compute_network.other", { name: "other", project: "p" }, { id: true }, {}),
                    configure("google_compute_firewall.belt", given => {
                        given.network = expression;
                    }),
                    edit,
                ),
            ),
            "google_compute_firewall.belt",
        ).inputs["network"];
    const other = ["google_compute_network.other.id", "google_compute_network.other"];

    it("a value that two resources may give is not known, nor is one of several instances, a local, a number or a part", () => {
        assert.equal(networkOf(reference(...other)), "projects/p/global/networks/other");
        for (const references of [
            [...other, "module.network.network_id", "module.network"],
            [...other, "local.which"],
            [...other, "data.google_compute_network.d.id", "data.google_compute_network.d"],
            ["google_service_account.nodes", "each.key"],
            ["google_compute_network.other.network_id", "google_compute_network.other"],
            ["google_compute_network.gone.id", "google_compute_network.gone"],
            ["module.network.nothing", "module.network"],
            ["module.absent.id", "module.absent"],
            [],
        ]) {
            assert.equal(networkOf(reference(...references)), UNKNOWN, references.join(", "));
        }
    });

    it("of several instances none is taken, unless the key says which", () => {
        const account = (...references: readonly string[]): unknown =>
            (
                named(
                    read(
                        edited(
                            configure("google_container_node_pool.apps", given => {
                                given.node_config[0].service_account = reference(...references);
                            }),
                        ),
                    ),
                    "google_container_node_pool.apps",
                ).inputs["nodeConfig"] as Values
            )["serviceAccount"];
        const nodes = "google_service_account.nodes";
        assert.match(String(account(`${nodes}["app"].email`, `${nodes}["app"]`, nodes)), /^fl-app-nodes@/);
        assert.equal(account(nodes, "each.key"), UNKNOWN);
        // Two references, of which the second is no part of the first.
        assert.equal(account(`${nodes}["app"].email`, `${nodes}["app"]`, nodes, nodes), UNKNOWN);
    });

    it("of a module that is there twice none is taken", () => {
        const twice = networkOf(reference("module.network.network_id", "module.network"), plan => {
            const again = plan.resource_changes.find(({ address }) => address.endsWith("google_compute_network.vpc"));
            plan.resource_changes.push({
                ...again,
                address: again.address.replace("module.network", "module.network[1]"),
            });
        });
        assert.equal(twice, UNKNOWN);
    });

    it("without the name or the project of what is referred to, it is not known", () => {
        const unnamed = change("module.network.google_compute_network.vpc", (after, unknown) => {
            delete after.name;
            unknown.name = true;
        });
        assert.equal(networkOf(reference("module.network.network_id", "module.network"), unnamed), UNKNOWN);
        const unset = (plan: Plan): void => {
            plan.variables = {};
        };
        assert.equal(networkOf(reference("module.network.network_id", "module.network"), unset), UNKNOWN);
    });

    it("of several blocks nothing is told apart: the configuration leaves `dynamic` ones out, and sets have an order of their own", () => {
        const networksOf = (blocks: readonly object[], ...said: readonly object[]): unknown[] =>
            (
                inputsOf(
                    "google_compute_instance.vm",
                    { name: "vm", network_interface: blocks.map(() => ({})) },
                    { network_interface: blocks.map(() => ({ network: true })) },
                    { network_interface: said },
                )["networkInterfaces"] as Values[]
            ).map(({ network }) => network);
        const vpc = { network: reference("module.network.network_id", "module.network") };
        assert.deepEqual(networksOf([{}], vpc), [VPC]);
        assert.deepEqual(networksOf([{}, {}], vpc, vpc), [VPC, VPC]);
        assert.deepEqual(networksOf([{}, {}], vpc, { network: reference("local.n") }), [UNKNOWN, UNKNOWN]);
        assert.deepEqual(networksOf([{}, {}], vpc), [UNKNOWN, UNKNOWN]);
    });

    it("a project that the configuration says is never the provider's", () => {
        const link = (expressions: Values): unknown => {
            const resources = read(
                edited(
                    add("google_compute_network.elsewhere", { name: "e" }, { id: true, project: true }, expressions),
                    configure("google_compute_firewall.belt", given => {
                        given.network = reference(
                            "google_compute_network.elsewhere.id",
                            "google_compute_network.elsewhere",
                        );
                    }),
                ),
            );
            return named(resources, "google_compute_firewall.belt").inputs["network"];
        };
        assert.equal(link({}), "projects/fl-prod/global/networks/e");
        assert.equal(link({ project: reference("local.p") }), UNKNOWN);
        const inputs = inputsOf(
            "google_compute_network.n",
            { name: "n" },
            { project: true },
            { project: reference("google_project.p.project_id", "google_project.p") },
        );
        assert.equal(inputs["project"], UNKNOWN);
    });
});

describe("which of Terraform's resources count", () => {
    const before = { name: "n", project: "p" };
    const changeOf = (actions: readonly string[], old: Values, after: Values | null = null): Resource[] =>
        read(
            edited(({ resource_changes: changes }) => {
                changes.push({
                    address: "google_project_service.x",
                    mode: "managed",
                    type: "google_project_service",
                    name: "x",
                    provider_name: "registry.terraform.io/hashicorp/google",
                    change: { actions, before: old, after, after_unknown: {} },
                });
            }),
        ).filter(({ name }) => name === "google_project_service.x");

    it("what is created, changed, kept or replaced; and what is deleted or forgotten only where it stays", () => {
        for (const actions of [["create"], ["update"], ["no-op"], ["delete", "create"], ["create", "delete"]]) {
            assert.equal(changeOf(actions, before, before).length, 1, actions.join());
        }
        assert.equal(changeOf(["delete"], before).length, 0);
        const [abandoned] = changeOf(["delete"], { ...before, deletion_policy: "ABANDON" });
        assert.equal(abandoned!.doubt, undefined);
        const [forgotten] = changeOf(["forget"], before);
        assert.match(forgotten!.doubt!, /nothing shows whether it still exists/);
        assert.equal(changeOf(["delete", "create"], { ...before, deletion_policy: "ABANDON" }, before).length, 2);
    });

    it("data sources are none", () => {
        const plan = edited(({ resource_changes: changes }) => {
            changes.push({
                address: "data.google_project.p",
                mode: "data",
                type: "google_project",
                name: "p",
                change: { actions: ["read"], before: null, after: {}, after_unknown: {} },
            });
        });
        assert.equal(read(plan).length, read(threeLocks()).length);
    });

    it("a state counts as it is, with modules below modules; what waits for its deletion is doubted", () => {
        const entry = (address: string, more: object = {}): object => ({
            address,
            mode: "managed",
            type: "google_compute_network",
            name: "n",
            provider_name: "registry.terraform.io/hashicorp/google-beta",
            values: { id: "projects/p/global/networks/n", name: "n", project: "p", network_id: 7 },
            sensitive_values: { project: true },
            ...more,
        });
        const inner = "module.a.module.b[0].google_compute_network.n";
        const resources = read({
            format_version: "1.0",
            terraform_version: "1.9.8",
            values: {
                root_module: {
                    resources: [entry("google_compute_network.n", { deposed_key: "1f2e" })],
                    child_modules: [{ address: "module.a", child_modules: [{ resources: [entry(inner)] }] }],
                },
            },
        });
        const network = named(resources, inner);
        assert.equal(network.type, "gcp:compute/network:Network");
        assert.equal(network.id, "projects/p/global/networks/n");
        assert.deepEqual(network.inputs, { id: network.id, name: "n", project: UNKNOWN, networkId: 7 });
        assert.match(named(resources, "google_compute_network.n").doubt!, /waits for its deletion/);
        assert.equal(new Set(resources.map(({ urn }) => urn)).size, resources.length);
    });

    it("the pools that a cluster in a state shows again are counted once", () => {
        const entry = (type: string, values: Values): object => ({
            address: `${type}.x`,
            mode: "managed",
            type,
            name: "x",
            provider_name: "registry.terraform.io/hashicorp/google",
            values,
        });
        const inline = (...names: readonly string[]): unknown => {
            const cluster = read({
                terraform_version: "1.9.8",
                values: {
                    root_module: {
                        resources: [
                            entry("google_container_cluster", {
                                id: "c",
                                name: "c",
                                location: "l",
                                node_pool: names.map(name => ({ name })),
                            }),
                            entry("google_container_node_pool", { name: "own", cluster: "c", location: "l" }),
                        ],
                    },
                },
            }).find(({ type }) => type.endsWith(":Cluster"))!;
            return [cluster.inputs["nodePools"], cluster.inputs["removeDefaultNodePool"]];
        };
        assert.deepEqual(inline("own", "default-pool"), [[{ name: "default-pool" }], undefined]);
        assert.deepEqual(inline("own"), [undefined, true]);
    });

    it("in a state nothing shows in which of several clusters an object stands, or of none that is shown", () => {
        const providers = (clusters: number): number => {
            const entry = (type: string, index: number): object => ({
                address: `${type}.x[${index}]`,
                mode: "managed",
                type,
                provider_name: `registry.terraform.io/hashicorp/${type.split("_")[0]!}`,
                values: { name: `c${index}`, manifest: { apiVersion: "v1", kind: "Namespace" } },
            });
            const objects = [0, 1].map(index => entry("kubernetes_manifest", index));
            const resources = Array.from({ length: clusters }, (_, index) => entry("google_container_cluster", index));
            const read1 = read({
                terraform_version: "1.9.8",
                values: { root_module: { resources: [...resources, ...objects] } },
            });
            return new Set(read1.filter(({ type }) => type.startsWith("kubernetes:")).map(({ provider }) => provider))
                .size;
        };
        assert.deepEqual([0, 1, 2].map(providers), [2, 1, 2]);
    });

    it("Kubernetes objects are their manifests; what Terraform spells otherwise, and charts, stay unread", () => {
        const typeOf = (address: string, values: Values, unknown: Values = {}): string =>
            named(read(edited(add(address, values, unknown))), address).type;
        const manifest = { apiVersion: "v1", kind: "Namespace", metadata: { name: "n" } };
        assert.equal(typeOf("kubernetes_manifest.m", { manifest }), "kubernetes:core/v1:Namespace");
        assert.equal(
            typeOf("kubernetes_namespace_v1.n", { metadata: [{ name: "n", labels: { a_b: "c" } }] }),
            "kubernetes:core/v1:Namespace",
        );
        assert.match(typeOf("kubernetes_manifest.m", {}, { manifest: true }), /^terraform-kubernetes:/);
        assert.match(typeOf("kubernetes_namespace.n", {}, { metadata: true }), /^terraform-kubernetes:/);
        assert.match(typeOf("kubernetes_deployment.d", { metadata: [{ name: "d" }] }), /^terraform-kubernetes:/);
        assert.equal(typeOf("helm_release.h", { chart: "gateway" }), "kubernetes:helm.sh/v3:Release");
    });

    it("network policies in Terraform's blocks are what Kubernetes has: empty selects all, absent nothing", () => {
        const policy = (spec: Values, unknown: Values = {}): Resource => {
            const address = "kubernetes_network_policy_v1.p";
            const metadata = [{ name: "p", namespace: "shop", labels: null }];
            return named(read(edited(add(address, { metadata, spec: [spec] }, unknown))), address);
        };
        const written = policy({
            pod_selector: [{ match_labels: { app_name: "web" }, match_expressions: [] }],
            policy_types: ["Ingress", "Egress"],
            ingress: [],
            egress: [
                {
                    to: [
                        {
                            ip_block: [{ cidr: "10.0.0.0/8", except: ["10.1.0.0/16"] }],
                            namespace_selector: [],
                            pod_selector: [],
                        },
                        { ip_block: [], namespace_selector: [{}], pod_selector: [] },
                    ],
                    ports: [
                        { port: "443", protocol: "TCP", end_port: 445 },
                        { port: "dns", protocol: "UDP", end_port: null },
                    ],
                },
                { to: [], ports: [] },
            ],
        });
        assert.equal(written.type, "kubernetes:networking.k8s.io/v1:NetworkPolicy");
        assert.deepEqual(written.inputs, {
            apiVersion: "networking.k8s.io/v1",
            kind: "NetworkPolicy",
            metadata: { name: "p", namespace: "shop" },
            spec: {
                podSelector: { matchLabels: { app_name: "web" }, matchExpressions: [] },
                policyTypes: ["Ingress", "Egress"],
                ingress: [],
                egress: [
                    {
                        to: [{ ipBlock: { cidr: "10.0.0.0/8", except: ["10.1.0.0/16"] } }, { namespaceSelector: {} }],
                        ports: [
                            { port: 443, protocol: "TCP", endPort: 445 },
                            { port: "dns", protocol: "UDP" },
                        ],
                    },
                    { to: [], ports: [] },
                ],
            },
        });
        const everybody = policy({ pod_selector: [{}], policy_types: ["Egress"] }, { spec: [{ egress: true }] });
        assert.deepEqual(everybody.inputs["spec"], { podSelector: {}, policyTypes: ["Egress"], egress: UNKNOWN });
        assert.match(policy({}, { spec: true }).type, /^terraform-kubernetes:/);
    });
});

describe("refusing what is no whole output of terraform show", () => {
    const state = { version: 4, terraform_version: "1.9.8", serial: 3, lineage: "x", resources: [] };
    for (const [what, document, because] of [
        ["a plan with an error", { ...threeLocks(), errored: true }, /ended with an error/],
        ["deferred changes", { ...threeLocks(), deferred_changes: [{}] }, /defers 1 changes/],
        ["Terraform's state file", state, /Terraform's own state file, expected the output of `terraform show -json`/],
        ["a plan of nothing", { planned_values: {}, resource_changes: [] }, /the Terraform plan has no resources/],
        [
            "changes that are left out",
            { ...threeLocks(), resource_changes: [] },
            /google_compute_network_firewall_policy\.egress in "planned_values" and not in "resource_changes".*without -target/,
        ],
        [
            "a change without actions",
            { resource_changes: [{ address: "a.b", type: "a" }] },
            /resource_changes\[0\].*"actions"/,
        ],
        [
            "a resource without an address",
            { terraform_version: "1", values: { root_module: { resources: [{ type: "a" }] } } },
            /values\.root_module\.resources\[0\].*"address"/,
        ],
    ] as const) {
        it(what, () => {
            assert.throws(
                () => readResources(JSON.stringify(document)),
                (error: unknown) => error instanceof ReaderError && because.test(error.message),
            );
        });
    }

    it("two files with the same addresses are two worlds", () => {
        const [one, other] = [read(threeLocks()), read(edited(remove("google_compute_firewall.ssh")))];
        assert.ok(one.every(({ urn }) => other.every(each => each.urn !== urn)));
    });
});

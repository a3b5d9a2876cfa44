import * as assert from "node:assert/strict";
import { networkClaims, prove } from "../../../containment/prove";
import { type Resource } from "../../../containment/resource";
import { type Claim, type Result, type Verdict } from "../../../containment/verdict";
import { B1, B3 } from "../worlds/threeLocks";
import { add, change, type Edit, edited, read, remove, threeLocks } from "./plan";

const VPC = "module.network.google_compute_network.vpc";
const subnets = ["apps", "exit"].map(name => `module.network.google_compute_subnetwork.this["${name}"]`);
const ruleAt = (priority: number): string => `google_compute_network_firewall_policy_rule.rule["${priority}"]`;
const APP = "fl-app-nodes@fl-prod.iam.gserviceaccount.com";
const SYSTEM = "fl-system-nodes@fl-prod.iam.gserviceaccount.com";

/** The firewall policy is the only lock left. */
const FIREWALL_ALONE: readonly Edit[] = [
    change("google_compute_router_nat.nat", (after, unknown) => {
        Object.assign(after, {
            nat_ip_allocate_option: "AUTO_ONLY",
            source_subnetwork_ip_ranges_to_nat: "ALL_SUBNETWORKS_ALL_IP_RANGES",
            nat_ips: null,
            subnetwork: [],
        });
        Object.assign(unknown, { nat_ips: false, subnetwork: [] });
    }),
    change(VPC, after => {
        after.delete_default_routes_on_create = false;
    }),
    add("google_compute_route.all", {
        name: "all",
        project: "fl-prod",
        network: "fl-vpc",
        dest_range: "0.0.0.0/0",
        next_hop_gateway: "default-internet-gateway",
        tags: null,
    }),
    remove("google_compute_firewall.belt"),
];

const EXTERNAL_IPV6: readonly Edit[] = [
    ...subnets.map(address =>
        change(address, (after, unknown) => {
            Object.assign(after, { stack_type: "IPV4_IPV6", ipv6_access_type: "EXTERNAL" });
            delete unknown.stack_type;
        }),
    ),
    change("google_container_cluster.cluster", after => {
        after.ip_allocation_policy[0].stack_type = "IPV4_IPV6";
    }),
];

const CLASSIC_FIRST: readonly Edit[] = [
    remove("google_compute_firewall.belt"),
    change(VPC, after => {
        after.network_firewall_policy_enforcement_order = "AFTER_CLASSIC_FIREWALL";
    }),
];

const denyFor = (...accounts: readonly string[]): Edit[] =>
    [60000, 60001].map(priority =>
        change(ruleAt(priority), after => {
            after.target_service_accounts = accounts;
        }),
    );

const GOOGLE_DIRECT: readonly Edit[] = ["34.126.0.0/18", "2001:4860:8040::/42"].flatMap((range, index) => [
    add(`google_compute_firewall.direct[${index}]`, {
        name: `direct-${index}`,
        project: "fl-prod",
        network: "projects/fl-prod/global/networks/fl-vpc",
        direction: "EGRESS",
        priority: 1000,
        allow: [{ protocol: "all", ports: [] }],
        deny: [],
        destination_ranges: [range],
    }),
    add(`google_compute_route.direct[${index}]`, {
        name: `direct-${index}`,
        project: "fl-prod",
        network: "projects/fl-prod/global/networks/fl-vpc",
        dest_range: range,
        next_hop_gateway: "default-internet-gateway",
    }),
]);

const WITHOUT_DESTINATION = add("google_compute_network_firewall_policy_rule.example", {
    firewall_policy: "fl-egress",
    project: "fl-prod",
    priority: 1010,
    direction: "EGRESS",
    action: "allow",
    match: [{ dest_ip_ranges: null, layer4_configs: [{ ip_protocol: "tcp", ports: ["8002-8003"] }] }],
    target_service_accounts: [APP, SYSTEM],
});

const PRIVATE_RANGE: readonly Edit[] = [
    change(ruleAt(300), after => {
        Object.assign(after.match[0], {
            dest_ip_ranges: ["199.36.153.8/30"],
            layer4_configs: [{ ip_protocol: "tcp", ports: null }],
        });
    }),
    change("google_compute_route.google", after => {
        after.dest_range = "199.36.153.8/30";
    }),
];

const SHARED_POOL: readonly Edit[] = [
    remove("google_container_node_pool.gateway"),
    change("kubernetes_manifest.gateway", ({ manifest }) => {
        manifest.spec.template.spec = {
            affinity: {
                nodeAffinity: {
                    requiredDuringSchedulingIgnoredDuringExecution: {
                        nodeSelectorTerms: [
                            { matchExpressions: [{ key: "resource-type", operator: "In", values: ["system"] }] },
                        ],
                    },
                },
            },
            tolerations: [
                { key: "components.gke.io/gke-managed-components", operator: "Exists", effect: "NoSchedule" },
            ],
        };
    }),
    ...["inside", "exit"].map(name =>
        change(`google_compute_network_firewall_policy_rule.${name}`, (after, unknown) => {
            after.target_service_accounts = [SYSTEM];
            unknown.target_service_accounts = [false];
        }),
    ),
    change("google_container_node_pool.system", after => {
        after.node_config[0].tags = ["fl-exit"];
    }),
    change("google_compute_router_nat.nat", (after, unknown) => {
        if (after.subnetwork.length > 0) {
            after.subnetwork[0].name = "projects/fl-prod/regions/us-central1/subnetworks/fl-apps";
            delete unknown.subnetwork[0].name;
        }
    }),
];

function claim(resources: readonly Resource[], id = "C1"): Claim {
    return networkClaims(resources).claims.find(found => found.id === id)!;
}

/** What a verdict says, without where it was read. */
function answers({ verdict, claims, assumptions }: Verdict): unknown {
    return {
        verdict,
        assumptions,
        claims: claims.map(({ id, result, witnesses }) => [
            id,
            result,
            witnesses.map(({ source, extent }) => [source.replaceAll(/\(.*?\)/g, ""), extent]),
        ]),
    };
}

describe("Terraform's plans judged", () => {
    it("the three-locks world has the verdict that it has as a Pulumi program", () => {
        assert.deepEqual(answers(prove(read(threeLocks()))), answers(prove(B3)));
        assert.deepEqual(
            networkClaims(read(threeLocks())).locks.map(({ lock, without, alone }) => [lock, without.C1, alone]),
            networkClaims(B3).locks.map(({ lock, without, alone }) => [lock, without.C1, alone]),
        );
    });

    it("with the firewall as its only lock too", () => {
        const world = read(edited(...FIREWALL_ALONE));
        assert.deepEqual(answers(prove(world)), answers(prove(B1)));
        assert.equal(claim(world).result, "holds");
    });

    const defects: Readonly<
        Record<string, { readonly edits: readonly Edit[]; readonly says: RegExp; readonly alone?: Result }>
    > = {
        "c1, the gateway in a shared pool": {
            edits: SHARED_POOL,
            says: /^node of pool fl\/system, which the gateway shares.*tcp 443 to all of the public IPv4 internet$/,
        },
        "c2, a deny for some pools": {
            edits: [...FIREWALL_ALONE, ...denyFor(APP)],
            says: /^node of pool fl\/system: every protocol and port to all of the public IPv4 internet$/,
        },
        "c3, no deny for IPv6, with external IPv6": {
            edits: [remove(ruleAt(60001)), ...EXTERNAL_IPV6],
            says: /^node of pool fl\/apps: every protocol and port to all of the public IPv6 internet$/,
        },
        "c3b, classic allows before the policy": {
            edits: [...CLASSIC_FIRST, ...GOOGLE_DIRECT],
            says: /^node of pool fl\/apps: every protocol and port to .*Google's direct connectivity range$/,
        },
        "c3c, an allow without a destination": {
            edits: [...FIREWALL_ALONE, WITHOUT_DESTINATION],
            says: /^node of pool fl\/apps: tcp 8002-8003 to all of the public IPv4 internet$/,
        },
        "c5b, the private Google range": {
            edits: PRIVATE_RANGE,
            says: /^node of pool fl\/apps: tcp to all of private\.googleapis\.com/,
        },
    };
    for (const [name, { edits, says }] of Object.entries(defects)) {
        it(`${name}: violated, with the witness`, () => {
            const { result, witnesses } = claim(read(edited(...edits)));
            const said = witnesses.map(({ source, extent }) => `${source}: ${extent!}`);
            assert.equal(result, "violated");
            assert.ok(
                said.some(text => says.test(text)),
                said.join("\n"),
            );
        });
    }

    it("c6b, nothing guards admission: C2 is violated, by a pod that tolerates the taint", () => {
        const { result, witnesses } = prove(read(threeLocks())).claims.find(({ id }) => id === "C2")!;
        assert.equal(result, "violated");
        assert.match(JSON.stringify(witnesses), /a pod that tolerates the taint/);
    });

    it("near misses stay contained: no deny for IPv6 without IPv6, classic allows behind the policy", () => {
        for (const edits of [[remove(ruleAt(60001))], [...GOOGLE_DIRECT], [...EXTERNAL_IPV6]]) {
            assert.equal(claim(read(edited(...edits))).result, "holds");
        }
    });

    it("a deny that is forgotten, or that the plan deletes, is no lock", () => {
        const doomed: Edit = plan => {
            const entry = plan.resource_changes.find(({ address }) => address === ruleAt(60000));
            entry.change = { ...entry.change, actions: ["delete"], before: entry.change.after, after: null };
            const { root_module: root } = plan.planned_values;
            root.resources = root.resources.filter(({ address }: { address: string }) => address !== ruleAt(60000));
        };
        for (const edit of [remove(ruleAt(60000)), doomed]) {
            assert.equal(claim(read(edited(...FIREWALL_ALONE, edit))).result, "violated");
        }
    });

    it("what is not known leaves the verdict open: what a rule is for, and what nobody reads", () => {
        const open: Readonly<Record<string, readonly Edit[]>> = {
            "what the deny is for": [
                ...FIREWALL_ALONE,
                change(ruleAt(60000), (after, unknown) => {
                    delete after.match[0].dest_ip_ranges;
                    unknown.match[0].dest_ip_ranges = true;
                }),
            ],
            "the ranges of an allow": [
                ...FIREWALL_ALONE,
                change(ruleAt(100), (after, unknown) => {
                    delete after.match[0].dest_ip_ranges;
                    unknown.match[0].dest_ip_ranges = true;
                }),
            ],
            "a whole block of a rule": [
                ...FIREWALL_ALONE.slice(0, -1),
                ...CLASSIC_FIRST,
                change("google_compute_firewall.ssh", (after, unknown) => {
                    Object.assign(after, { direction: "EGRESS", priority: 900, source_ranges: null });
                    delete after.allow;
                    Object.assign(unknown, { allow: true, direction: false, source_ranges: false });
                }),
                add("google_compute_firewall.deny", {
                    name: "deny",
                    project: "fl-prod",
                    network: "fl-vpc",
                    direction: "EGRESS",
                    priority: 1000,
                    deny: [{ protocol: "all", ports: [] }],
                    destination_ranges: ["0.0.0.0/0"],
                }),
            ],
            "a type of Google's": [add("google_compute_wormhole.w", { name: "w", project: "fl-prod" })],
            "an object in Terraform's own spelling": [add("kubernetes_job_v1.j", { metadata: [{ name: "j" }] })],
            "a provider that nobody knows": [add("acme_tunnel.t", { name: "t" })],
            "a program that is run": [
                add("null_resource.gcloud", {}, {}, {}),
                plan => {
                    plan.configuration.root_module.resources.at(-1).provisioners = [{ type: "local-exec" }];
                },
            ],
        };
        for (const [what, edits] of Object.entries(open)) {
            assert.equal(claim(read(edited(...edits))).result, "unknown", what);
        }
        assert.equal(claim(read(edited(add("null_resource.n", {}, {}, {})))).result, "holds", "and no more than that");
    });
});

import assert from "node:assert/strict";
import { prove } from "../../containment/prove";
import { type Resource } from "../../containment/resource";
import { type Claim } from "../../containment/verdict";
import { planned } from "../program/planned";

type Inputs = Record<string, unknown>;

/** The teams stack with three gateways, with the inputs of one resource changed. */
class Changed {
    constructor(private readonly resources: readonly Resource[]) {}

    /** @param end of the URN */
    change(end: string, change: (inputs: Inputs) => unknown): Changed {
        const found = this.resources.filter(({ urn }) => urn.endsWith(end));
        assert.equal(found.length, 1, `${end}: ${found.map(({ urn }) => urn).join(", ")}`);
        return new Changed(
            this.resources.map(resource => {
                if (resource !== found[0]) {
                    return resource;
                }
                const inputs = structuredClone(resource.inputs) as Inputs;
                const changed = change(inputs);
                return { ...resource, inputs: (changed === undefined ? inputs : changed) as Inputs };
            }),
        );
    }

    add(resource: Omit<Resource, "dependsOn">): Changed {
        return new Changed([...this.resources, { dependsOn: [], ...resource }]);
    }

    claim(id: Claim["id"]): Claim {
        const claim = prove(this.resources, { claims: [id] }).claims.find(each => each.id === id);
        assert.ok(claim, id);
        return claim;
    }
}

const teams = async (): Promise<Changed> => new Changed((await planned("teams")).resources);
const at = (inputs: unknown, ...path: readonly (string | number)[]): Inputs =>
    path.reduce((value, key) => (value as Record<string | number, unknown>)[key], inputs) as Inputs;

const NAT = "::perimeter-payments-nat";
const DEFAULT_NAT = "RouterNat::perimeter-nat";
const POOL = "nodePool:NodePool::gateway-pool-payments";
const DEPLOYMENT = "Deployment::istio-egress-payments/egress-gateway";

/** Each makes traffic of one gateway come from another's addresses, or from nobody's. */
const MUTATIONS: readonly (readonly [string, (world: Changed) => Changed, RegExp])[] = [
    [
        "two NATs serve each other's subnets",
        world =>
            world
                .change(NAT, inputs => {
                    at(inputs, "subnetworks", 0)["name"] =
                        "projects/acme-teams/regions/europe-west1/subnetworks/acme-teams-egress";
                })
                .change(DEFAULT_NAT, inputs => {
                    at(inputs, "subnetworks", 0)["name"] =
                        "projects/acme-teams/regions/europe-west1/subnetworks/acme-teams-egress-payments";
                }),
        /leaves by NAT acme-teams-egress, which is gateway default's/,
    ],
    [
        "a NAT serves both",
        world =>
            world.change(DEFAULT_NAT, inputs => {
                inputs["sourceSubnetworkIpRangesToNat"] = "ALL_SUBNETWORKS_ALL_IP_RANGES";
                delete inputs["subnetworks"];
            }),
        /leaves by NAT acme-teams-egress, which is gateway default's/,
    ],
    [
        "a NAT has another gateway's address",
        world =>
            world.change(NAT, inputs => {
                inputs["natIps"] = [
                    "projects/acme-teams/regions/europe-west1/addresses/acme-teams-egress-supply-nat-1",
                ];
            }),
        /has address acme-teams-egress-supply-nat-1, which is gateway supply's/,
    ],
    [
        "a NAT has an address that is nobody's",
        world =>
            world.change(NAT, inputs => {
                inputs["natIps"] = ["projects/acme-teams/regions/europe-west1/addresses/somewhere"];
            }),
        /has address somewhere, which is no gateway's/,
    ],
    [
        "a NAT takes what Google gives it",
        world =>
            world.change(NAT, inputs => {
                inputs["natIpAllocateOption"] = "AUTO_ONLY";
                delete inputs["natIps"];
            }),
        /Google picks its addresses/,
    ],
    [
        "a NAT of nobody's serves the nodes",
        world =>
            world.add({
                urn: "urn:pulumi:teams::egress-gateway::gcp:compute/routerNat:RouterNat::stray",
                type: "gcp:compute/routerNat:RouterNat",
                name: "stray",
                inputs: {
                    project: "acme-teams",
                    region: "europe-west1",
                    name: "stray",
                    router: "acme-teams-egress",
                    natIpAllocateOption: "AUTO_ONLY",
                    sourceSubnetworkIpRangesToNat: "ALL_SUBNETWORKS_ALL_IP_RANGES",
                },
            }),
        /leaves by NAT stray/,
    ],
    [
        "nodes have external addresses",
        world =>
            world.change(POOL, inputs => {
                at(inputs, "networkConfig")["enablePrivateNodes"] = false;
            }),
        /leaves by external IPv4 address/,
    ],
    [
        "a pool is in another gateway's subnet",
        world =>
            world.change(POOL, inputs => {
                at(inputs, "networkConfig")["subnetwork"] =
                    "projects/acme-teams/regions/europe-west1/subnetworks/acme-teams-egress";
            }),
        /subnet acme-teams-egress in common/,
    ],
    [
        "pools share an account",
        world =>
            world.change(POOL, inputs => {
                at(inputs, "nodeConfig")["serviceAccount"] = "egress-gateway-nodes@acme-teams.iam.gserviceaccount.com";
            }),
        /service account egress-gateway-nodes@acme-teams.iam.gserviceaccount.com in common/,
    ],
    [
        "pools share a network tag",
        world =>
            world.change(POOL, inputs => {
                at(inputs, "nodeConfig")["tags"] = ["egress-gateway-payments", "egress-gateway"];
            }),
        /network tag egress-gateway in common/,
    ],
    [
        "pods of one tolerate and select another's nodes",
        world =>
            world.change(DEPLOYMENT, inputs => {
                const spec = at(inputs, "spec", "template", "spec");
                spec["nodeSelector"] = { "egress-gateway/node": "supply" };
                at(spec, "tolerations", 0)["value"] = "supply";
            }),
        /may run on pool acme-teams\/gateway-pool-supply/,
    ],
    [
        "pools share a taint and a label",
        world =>
            world.change(POOL, inputs => {
                at(inputs, "nodeConfig")["labels"] = { "egress-gateway/node": "supply" };
                at(inputs, "nodeConfig", "taints", 0)["value"] = "supply";
            }),
        /Deployment istio-egress-supply\/egress-gateway may run on pool acme-teams\/gateway-pool-payments/,
    ],
    [
        "clients are led to another gateway",
        world =>
            world.change("VirtualService::istio-egress-payments/api-stripe-com-mesh", inputs => {
                at(inputs, "spec", "tls", 0, "route", 0, "destination")["host"] =
                    "egress-gateway.istio-egress.svc.cluster.local";
            }),
        /clients are led to gateway default/,
    ],
    [
        "another gateway forwards the destination",
        world =>
            world.change("VirtualService::istio-egress/istio-io-443", inputs => {
                at(inputs, "spec", "tcp", 0, "route", 0, "destination")["host"] = "api.stripe.com";
            }),
        /gateway default has a route to it/,
    ],
    [
        "a destination is declared for both",
        world =>
            world.change("mesh:Mesh::mesh", inputs => {
                (inputs["destinations"] as unknown[]).push({
                    host: "api.stripe.com",
                    ports: [{ protocol: "tls", number: 443 }],
                    allow: [{ namespace: "payments", serviceAccount: "api" }],
                });
            }),
        /declared to leave by gateway payments/,
    ],
];

describe("C7, by whose addresses a destination is reached", () => {
    it("is claimed by stacks with several gateways, and holds for three", async () => {
        const { verdict, claims, locks } = prove((await planned("teams")).resources);
        assert.equal(verdict, "contained");
        assert.deepEqual(
            claims.filter(({ id }) => id === "C7").map(({ result, reasons }) => ({ result, reasons })),
            [{ result: "holds", reasons: [] }],
        );
        assert.deepEqual(locks.flatMap(({ lock, without }) => (without.C7 === "holds" ? [] : [lock])).sort(), [
            "NAT of each gateway's own subnet",
            "taint of the gateway nodes",
        ]);
        assert.ok(prove((await planned("dev")).resources).claims.every(({ id }) => id !== "C7"));
    });

    it("tells the gateways apart beside another stack too", async () => {
        const { gateway } = prove([...(await planned("teams")).resources, ...(await planned("dev")).resources], {
            claims: ["C1"],
        });
        assert.deepEqual(
            gateway.gateways?.map(({ name, pools }) => `${name}: ${pools.join()}`),
            [
                "default: acme-teams/gateway-pool",
                "payments: acme-teams/gateway-pool-payments",
                "supply: acme-teams/gateway-pool-supply",
                "default: acme-dev/gateway-pool",
            ],
        );
    });

    for (const [what, mutate, told] of MUTATIONS) {
        it(`is violated where ${what}`, async () => {
            const claim = mutate(await teams()).claim("C7");
            assert.equal(claim.result, "violated", JSON.stringify(claim, undefined, 2));
            assert.match(JSON.stringify(claim.witnesses), told);
            for (const { hops } of claim.witnesses) {
                assert.equal(hops.filter(({ decides }) => decides).length, 1);
            }
        });
    }

    it("is not known where a gateway accepts what is not declared for it, and C4 is violated then", async () => {
        const mutated = (await teams()).change("Gateway::istio-egress/istio-io-443", inputs => {
            at(inputs, "spec")["selector"] = { istio: "egressgateway-payments" };
        });
        assert.equal(mutated.claim("C4").result, "violated");
        assert.equal(mutated.claim("C7").result, "unknown");
    });

    it("is not known where whose addresses a NAT has is not", async () => {
        const mutated = (await teams()).change(NAT, inputs => {
            inputs["natIps"] = ["04da6b54-80e4-46f7-96ec-b56ff0331ba9"];
        });
        assert.equal(mutated.claim("C7").result, "unknown");
    });
});

describe("C3, of several gateways", () => {
    it("is violated where one gateway's nodes reach a port that is declared for another alone", async () => {
        const widened = (await teams()).change("NetworkFirewallPolicyWithRules::perimeter-firewall", inputs => {
            const rules = inputs["rules"] as { ruleName: string; match: { layer4Configs: { ports?: string[] }[] } }[];
            const rule = rules.find(({ ruleName }) => ruleName === "allow-gateway-public-supply");
            assert.deepEqual(
                rule?.match.layer4Configs.map(({ ports }) => ports),
                [["5432"]],
            );
            rule!.match.layer4Configs[0]!.ports!.push("443");
        });
        const claim = widened.claim("C3");
        assert.equal(claim.result, "violated");
        assert.match(JSON.stringify(claim.witnesses), /gateway-pool-supply/);
        assert.doesNotMatch(JSON.stringify(claim.witnesses), /gateway-pool-payments/);
    });
});

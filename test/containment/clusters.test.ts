import * as assert from "node:assert/strict";
import { diffReachability } from "../../containment/diff";
import { explainPacket } from "../../containment/explain";
import { prove } from "../../containment/prove";
import { type Resource } from "../../containment/resource";
import { type Claim, type ClaimId, type Result, type Verdict } from "../../containment/verdict";
import { WorldError } from "../../containment/world/inputs";
import { planned } from "../program/planned";
import { compute, resource } from "./worlds/build";

type Inputs = Readonly<Record<string, unknown>>;
type World = readonly Resource[];
type Mutation = (world: World) => World;

const NETWORK = "projects/acme-host/global/networks/acme-shared";
const POLICY = "acme-blue-egress-shared";
const NETWORK_CLAIMS: readonly ClaimId[] = ["C1", "C3", "C5"];

/** Changes a resource of one of the stacks, which call theirs by the same names. */
function change(stack: string, name: string, how: (inputs: Inputs) => Inputs, type?: string): Mutation {
    return world => {
        const isIt = (entry: Resource): boolean =>
            entry.urn.startsWith(`urn:pulumi:${stack}::`) &&
            entry.name === name &&
            (type === undefined || entry.type.endsWith(`:${type}`)) &&
            !entry.type.startsWith("egress-gateway:");
        assert.equal(world.filter(isIt).length, 1, `${stack} has ${name}`);
        return world.map(entry => (isIt(entry) ? { ...entry, inputs: how(entry.inputs) } : entry));
    };
}

function without(stack: string, ...names: readonly string[]): Mutation {
    return world => {
        const left = world.filter(({ urn, name }) => !urn.startsWith(`urn:pulumi:${stack}::`) || !names.includes(name));
        assert.equal(left.length, world.length - names.length);
        return left;
    };
}

/** A rule more in the shared policy, by whomever. */
function rule(priority: number, more: Inputs): Mutation {
    const inputs = {
        project: "acme-host",
        firewallPolicy: POLICY,
        priority,
        direction: "EGRESS",
        action: "allow",
        ruleName: `rule ${priority}`,
        match: { destIpRanges: ["0.0.0.0/0"], layer4Configs: [{ ipProtocol: "all" }] },
        ...more,
    };
    return world => [...world, resource(compute("NetworkFirewallPolicyRule"), `rule-${priority}`, inputs)];
}

const all =
    (...mutations: readonly Mutation[]): Mutation =>
    world =>
        mutations.reduce((changed, mutation) => mutation(changed), world);

const routeForAll =
    (destRange: string): Mutation =>
    world => [
        ...world,
        resource(compute("Route"), "for-all", {
            network: NETWORK,
            project: "acme-host",
            destRange,
            nextHopGateway: "default-internet-gateway",
        }),
    ];
const NAT_FOR_ALL = change("green", "perimeter-nat", ({ subnetworks: _, ...inputs }) => ({
    ...inputs,
    sourceSubnetworkIpRangesToNat: "ALL_SUBNETWORKS_ALL_IP_RANGES",
}));
/** Nothing but the shared policy holds anybody back. */
const POLICY_ONLY = all(
    without("blue", "perimeter-belt-ipv4", "perimeter-belt-ipv6"),
    routeForAll("0.0.0.0/0"),
    NAT_FOR_ALL,
);

const BLUE_ACCOUNT = "egress-gateway-nodes@acme-blue.iam.gserviceaccount.com";
const GREEN_ACCOUNT = "egress-gateway-nodes@acme-green.iam.gserviceaccount.com";

describe("two clusters in one network, whose perimeter belongs to one stack", () => {
    let blue: World;
    let green: World;

    before(async () => {
        blue = (await planned("blue")).resources;
        green = (await planned("green")).resources;
    });

    const judged = (mutation: Mutation = world => world): Verdict =>
        prove(mutation([...blue, ...green]), { claims: NETWORK_CLAIMS });
    const claim = ({ claims }: Verdict, id: ClaimId): Claim => claims.find(each => each.id === id)!;
    const results = ({ claims }: Verdict): Result[] => claims.map(({ result }) => result);

    it("are contained together, with each lock standing alone, and on fewer assumptions than the second alone", () => {
        const verdict = prove([...blue, ...green]);
        assert.equal(verdict.verdict, "contained");
        assert.deepEqual(
            verdict.gateway.pools.map(({ name }) => name),
            ["acme-blue/gateway-pool", "acme-green/gateway-pool"],
        );
        assert.deepEqual(
            verdict.locks.flatMap(({ lock, alone }) => (alone === undefined ? [] : [[lock, alone]])),
            ["firewall", "belt", "nat", "route"].map(lock => [lock, "holds"]),
        );
        const taken = /of stack organization\/egress-gateway\/blue is attached to/;
        assert.ok(prove(green).assumptions.some(text => taken.test(text)));
        assert.ok(!verdict.assumptions.some(text => taken.test(text)));
        assert.ok(verdict.assumptions.some(text => /Stacks that join perimeter/.test(text)));
    });

    it("hold still with the shared policy as the only lock", () => {
        assert.deepEqual(results(judged(POLICY_ONLY)), ["holds", "holds", "violated"]);
    });

    it("are judged each alone: who joined, on what the owner's outputs say", () => {
        assert.deepEqual(
            [blue, green].map(world => prove(world).verdict),
            ["contained", "contained"],
        );
        const observing = green.map(entry =>
            entry.type === "egress-gateway:perimeter:Perimeter"
                ? {
                      ...entry,
                      inputs: { ...entry.inputs, joined: { ...(entry.inputs["joined"] as Inputs), mode: "observe" } },
                  }
                : entry,
        );
        // The owner denies nothing then; route and NAT are all that is left.
        assert.deepEqual(results(prove(observing, { claims: NETWORK_CLAIMS })), ["holds", "violated", "violated"]);
        const untold = green.map(entry =>
            entry.type === "egress-gateway:perimeter:Perimeter"
                ? { ...entry, inputs: { ...entry.inputs, joined: undefined } }
                : entry,
        );
        assert.notEqual(prove(untold).verdict, "contained");
    });

    interface Hole {
        readonly mutation: Mutation;
        readonly on?: Mutation;
        readonly claim: ClaimId;
        readonly becomes?: Result;
        /** The witness's source, and what its hops or the reasons say. */
        readonly source?: RegExp;
        readonly says?: RegExp;
    }

    const HOLES: Readonly<Record<string, Hole>> = {
        "a joiner's allow without a target, in its band": {
            mutation: rule(20450, {}),
            on: POLICY_ONLY,
            claim: "C1",
            source: /application nodes of cluster acme-blue/,
            says: /rule 20450/,
        },
        "a rule before all bands that lets the owner's gateway into the network": {
            mutation: rule(50, {
                targetServiceAccounts: [BLUE_ACCOUNT],
                match: { destIpRanges: ["10.0.0.0/8"], layer4Configs: [{ ipProtocol: "all" }] },
            }),
            claim: "C3",
            source: /acme-blue\/gateway-pool/,
            says: /rule 50/,
        },
        "the owner's allow for its cluster, from anywhere and to everywhere inside": {
            mutation: change("blue", "perimeter-firewall-100", ({ match, ...inputs }) => {
                const { srcIpRanges: _, ...others } = match as { srcIpRanges: unknown };
                return { ...inputs, match: { ...others, destIpRanges: ["10.0.0.0/8"] } };
            }),
            claim: "C3",
            source: /acme-green\/gateway-pool/,
            says: /allow-cluster/,
        },
        "one account for both gateways, which opens each to the other's destinations": {
            mutation: all(
                change("green", "gateway-pool", inputs => ({
                    ...inputs,
                    nodeConfig: { ...(inputs["nodeConfig"] as Inputs), serviceAccount: BLUE_ACCOUNT },
                })),
                ...[20390, 20400, 20401].map(priority =>
                    change("green", `perimeter-firewall-${priority}`, inputs => ({
                        ...inputs,
                        targetServiceAccounts: [BLUE_ACCOUNT],
                    })),
                ),
            ),
            claim: "C3",
            source: /acme-blue\/gateway-pool|acme-green\/gateway-pool/,
        },
        "the owner's deny, for its own nodes alone": {
            mutation: change("blue", "perimeter-firewall-60000", inputs => ({
                ...inputs,
                targetServiceAccounts: [BLUE_ACCOUNT],
            })),
            on: POLICY_ONLY,
            claim: "C1",
            source: /application nodes of cluster acme-green/,
        },
        "the owner's deny, gone": {
            mutation: without("blue", "perimeter-firewall-60000"),
            on: POLICY_ONLY,
            claim: "C1",
            source: /application nodes of cluster acme-green/,
        },
        "the owner's policy, attached to nothing": {
            mutation: world => world.filter(({ type }) => !type.endsWith(":NetworkFirewallPolicyAssociation")),
            on: POLICY_ONLY,
            claim: "C1",
            source: /application nodes of cluster acme-green/,
        },
        "an application pool of one cluster that runs as the other's gateway": {
            mutation: world => [
                ...world,
                resource("gcp:container/nodePool:NodePool", "applications", {
                    project: "acme-blue",
                    location: "europe-west1",
                    cluster: "projects/acme-blue/locations/europe-west1/clusters/acme-blue",
                    networkConfig: { enablePrivateNodes: true },
                    nodeConfig: { serviceAccount: GREEN_ACCOUNT },
                }),
            ],
            on: POLICY_ONLY,
            claim: "C1",
            source: /acme-blue\/applications/,
        },
        "a NAT of the one that serves a subnet whose name is not known": {
            mutation: change("green", "perimeter-nat", inputs => ({
                ...inputs,
                subnetworks: [
                    { name: "04da6b54-80e4-46f7-96ec-b56ff0331ba9", sourceIpRangesToNats: ["ALL_IP_RANGES"] },
                ],
            })),
            on: all(
                without("blue", "perimeter-belt-ipv4", "perimeter-belt-ipv6", "perimeter-firewall-60000"),
                routeForAll("1.1.1.0/24"),
            ),
            claim: "C1",
            becomes: "unknown",
            says: /a subnet that it serves is not known before up/,
        },
    };

    const SERVES_BLUE = change("green", "perimeter-nat", inputs => ({
        ...inputs,
        subnetworks: [
            ...(inputs["subnetworks"] as readonly object[]),
            {
                name: "projects/acme-host/regions/europe-west1/subnetworks/acme-blue-egress",
                sourceIpRangesToNats: ["PRIMARY_IP_RANGE"],
            },
        ],
    }));

    it("leave each by its own addresses: a NAT that serves the other's gateway is seen, and an address in both NATs", () => {
        const addresses = (mutation: Mutation) => claim(prove(mutation([...blue, ...green]), { claims: ["C7"] }), "C7");
        assert.equal(addresses(world => world).result, "holds");
        const served = addresses(SERVES_BLUE);
        assert.equal(served.result, "violated");
        assert.match(served.witnesses[0]?.source ?? "", /acme-blue\/gateway-pool/);
        assert.match(served.witnesses[0]?.hops.map(({ decision }) => decision).join("\n") ?? "", /of another stack/);
        const address = "projects/acme-host/regions/europe-west1/addresses/partner-ip-1";
        const both = addresses(
            change("blue", "perimeter-nat", inputs => ({
                ...inputs,
                natIps: [...(inputs["natIps"] as readonly string[]), address],
            })),
        );
        assert.equal(both.result, "violated");
        assert.match(
            both.witnesses[0]?.hops[0]?.decision ?? "",
            /partner-ip-1, which is gateway default of another stack's/,
        );
    });

    for (const [
        title,
        { mutation, on = (world: World) => world, claim: id, becomes = "violated", source, says },
    ] of Object.entries(HOLES)) {
        it(`${title}: ${id} is ${becomes}`, () => {
            const found = claim(judged(all(on, mutation)), id);
            assert.equal(found.result, becomes, found.witnesses.map(({ source: name }) => name).join(", "));
            const { witnesses, reasons } = found;
            if (source !== undefined) {
                assert.ok(
                    witnesses.some(witness => source.test(witness.source)),
                    witnesses.map(witness => witness.source).join(", "),
                );
            }
            if (says !== undefined) {
                assert.match(
                    [...witnesses.flatMap(({ hops }) => hops.map(hop => hop.decision)), ...reasons].join("\n"),
                    says,
                );
            }
        });
    }

    const refused = (mutation: Mutation, words: RegExp): void => {
        assert.throws(
            () => judged(mutation),
            (error: Error) => error instanceof WorldError && words.test(error.message),
        );
    };

    it("are no world where both own a policy", () => {
        const own = all(
            world =>
                world.filter(({ type, urn }) => !(urn.startsWith("urn:pulumi:green::") && type.endsWith("PolicyRule"))),
            world => [
                ...world,
                resource(compute("NetworkFirewallPolicyWithRules"), "second", {
                    project: "acme-host",
                    name: "acme-green-egress",
                    rules: [],
                }),
                resource(compute("NetworkFirewallPolicyAssociation"), "second", {
                    project: "acme-host",
                    name: "second",
                    firewallPolicy: "acme-green-egress",
                    attachmentTarget: NETWORK,
                }),
            ],
        );
        refused(own, /expected one global policy for each network/);
    });

    it("are no world where two stacks have one band", () => {
        refused(rule(20100, {}), /got priority 20100 for both/);
    });

    it("are no world where both stacks are in one cluster", () => {
        const one: Mutation = world =>
            world.map(entry =>
                entry.type === "egress-gateway:platform:Platform"
                    ? {
                          ...entry,
                          inputs: {
                              ...entry.inputs,
                              project: "acme-blue",
                              cluster: { ...(entry.inputs["cluster"] as Inputs), name: "acme-blue" },
                          },
                      }
                    : entry,
            );
        refused(one, /expected one stack for each cluster/);
    });

    it("can be asked about one of them", () => {
        const verdict = prove([...blue, ...green], { claims: NETWORK_CLAIMS, gateway: { cluster: "acme-green" } });
        assert.deepEqual(
            verdict.gateway.pools.map(({ name }) => name),
            ["acme-green/gateway-pool"],
        );
        assert.deepEqual(results(verdict), ["holds", "holds", "holds"]);
    });

    it("answer about a packet of the first, past the rules of both", () => {
        const hops = (world: World, to: string) =>
            explainPacket(world, "acme-blue/applications", { protocol: "tcp", destination: to, port: 443 });
        const decisions = hops([...blue, ...green], "1.1.1.1").map(({ decision }) => decision);
        assert.match(decisions.join("\n"), /rule deny-ipv4 .* denies it/);
        // Green's nodes are no part of blue's cluster.
        assert.match(
            hops([...blue, ...green], "10.32.0.9")
                .map(({ decision }) => decision)
                .join("\n"),
            /denies it/,
        );
        assert.match(
            hops([...blue, ...green], "10.0.0.9")
                .map(({ decision }) => decision)
                .join("\n"),
            /allow/,
        );
    });

    it("differ where one begins to let more out", () => {
        const opened = diffReachability(
            POLICY_ONLY([...blue, ...green]),
            all(POLICY_ONLY, rule(20450, {}))([...blue, ...green]),
        );
        assert.ok(opened.some(({ source, opened: more }) => /cluster acme-blue/.test(source) && more.length > 0));
    });
});

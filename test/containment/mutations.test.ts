import * as assert from "node:assert/strict";
import { networkClaims } from "../../containment/prove";
import { type Resource } from "../../containment/resource";
import { type Claim, type Lock, type Result } from "../../containment/verdict";
import { all, type Mutation } from "./worlds/build";
import { B1, B3, MUTATIONS, SWITCHES } from "./worlds/threeLocks";

function c1(world: readonly Resource[]): Claim {
    return networkClaims(world).claims.find(({ id }) => id === "C1")!;
}

function lock(world: readonly Resource[], name: string): Lock | undefined {
    return networkClaims(world).locks.find(found => found.lock === name);
}

/** "source name: extent" of every witness, sorted. */
function said(claim: Claim): string[] {
    return claim.witnesses.map(({ source, extent }) => `${source}: ${extent!}`).sort();
}

const NOBODY_ELSE = "any other VM or future node pool in network fl-vpc";

describe("a contained network under foreign names", () => {
    for (const [name, world] of [
        ["three locks (B3)", B3],
        ["the firewall alone (B1)", B1],
    ] as const) {
        it(`${name}: C1 and C3 hold, without a witness`, () => {
            const { claims } = networkClaims(world);
            assert.deepEqual(
                claims.map(({ id, result, witnesses, reasons }) => [id, result, witnesses.length, reasons]),
                [
                    ["C1", "holds", 0, []],
                    ["C3", "holds", 0, []],
                ],
            );
        });
    }

    it("with three locks no single one is missed, and each holds alone", () => {
        assert.deepEqual(
            networkClaims(B3).locks.map(({ lock: name, without, alone }) => [name, without.C1, alone]),
            [
                ["firewall", "holds", "holds"],
                ["belt", "holds", "holds"],
                ["nat", "holds", "holds"],
                ["route", "holds", "holds"],
                ["no external IPv6", "holds", undefined],
            ],
        );
    });

    it("with the firewall alone everything stands and falls with it", () => {
        assert.deepEqual(
            networkClaims(B1).locks.map(({ lock: name, without, alone, resources }) => [
                name,
                without.C1,
                alone,
                resources.length > 0,
            ]),
            [
                ["firewall", "violated", "holds", true],
                ["nat", "holds", "violated", false],
                ["route", "holds", "violated", false],
                ["no external IPv6", "holds", undefined, true],
            ],
        );
    });

    const lost: Readonly<Record<keyof typeof SWITCHES, string | undefined>> = {
        nat: "nat",
        route: "route",
        belt: "belt",
        order: "belt",
        stack: undefined,
    };
    for (const [name, mutation] of Object.entries(SWITCHES) as [keyof typeof SWITCHES, Mutation][]) {
        it(`env.${name} alone leaves C1 holding and takes ${lost[name] ?? "the stack type"} away, and nothing else`, () => {
            const world = mutation(B3);
            assert.equal(c1(world).result, "holds");
            const intact = networkClaims(world)
                .locks.filter(({ alone }) => alone === "holds")
                .map(({ lock: found }) => found);
            assert.deepEqual(
                intact,
                ["firewall", "belt", "nat", "route"].filter(found => found !== lost[name]),
            );
            assert.equal(
                networkClaims(world).locks.find(({ lock: found }) => found === "no external IPv6")!.resources.length >
                    0,
                name !== "stack",
            );
        });
    }
});

interface Expectation {
    readonly mutation: Mutation;
    readonly b1: Result;
    readonly b3: Result;
    /** What must be said on B1, complete: nothing else may be. */
    readonly says?: readonly string[];
    /** GKE may place nodes that name no subnet in the gateway's. */
    readonly nat?: Result;
    /** The lock that is lost where the world stays contained. */
    readonly lost?: string;
}

const EVERYTHING_V4 = "every protocol and port to all of the public IPv4 internet";
const SPARE_GOOGLE = [
    "every protocol and port to all of private.googleapis.com, which also serves *.run.app",
    "every protocol and port to all of Google's direct connectivity range",
];

const DEFECTS: Readonly<Record<string, Expectation>> = {
    "c1a, the gateway in a shared pool": {
        mutation: MUTATIONS.c1a,
        b1: "violated",
        b3: "violated",
    },
    "c1b, a taint that the scheduler alone obeys": { mutation: MUTATIONS.c1b, b1: "holds", b3: "holds" },
    "c2, a deny for some pools": {
        mutation: MUTATIONS.c2,
        b1: "violated",
        b3: "holds",
        lost: "firewall",
        says: [NOBODY_ELSE, "node of pool fl/system"].flatMap(source =>
            [EVERYTHING_V4, ...SPARE_GOOGLE].map(extent => `${source}: ${extent}`),
        ),
    },
    "c2 with auto-provisioned pools": {
        mutation: MUTATIONS.c2AutoProvisioning,
        nat: "violated",
        b1: "violated",
        b3: "holds",
        lost: "firewall",
        says: [NOBODY_ELSE, "node of pool fl/(auto-provisioned)"].flatMap(source =>
            [EVERYTHING_V4, ...SPARE_GOOGLE].map(extent => `${source}: ${extent}`),
        ),
    },
    "c3, no deny for IPv6": { mutation: MUTATIONS.c3, b1: "holds", b3: "holds" },
    "c3b, classic allows behind the policy": { mutation: MUTATIONS.c3b, b1: "holds", b3: "holds" },
    "c3c, an allow without a destination": {
        mutation: MUTATIONS.c3c,
        b1: "violated",
        b3: "holds",
        lost: "firewall",
    },
    "c3c with an empty list": { mutation: MUTATIONS.c3cEmptyList, b1: "violated", b3: "holds", lost: "firewall" },
    "c3c in two halves": { mutation: MUTATIONS.c3cHalves, b1: "violated", b3: "holds", lost: "firewall" },
    "c5b, the private Google range": { mutation: MUTATIONS.c5b, b1: "violated", b3: "violated" },
};

describe("the defects of a public blueprint", () => {
    for (const [name, { mutation, b1, b3, says, lost, nat }] of Object.entries(DEFECTS)) {
        it(`${name}: ${b1} where the firewall is the only lock, ${b3} with three`, () => {
            assert.equal(c1(mutation(B1)).result, b1);
            assert.equal(c1(mutation(B3)).result, b3);
            if (says !== undefined) {
                assert.deepEqual(said(c1(mutation(B1))), [...says].sort());
            }
            if (lost !== undefined) {
                assert.equal(lock(mutation(B3), lost)!.alone, "violated", `lock ${lost} is lost`);
                assert.deepEqual(
                    ["nat", "route"].map(other => lock(mutation(B3), other)!.alone),
                    [nat ?? "holds", "holds"],
                    "and the others are not",
                );
            }
        });
    }

    it("c1a names the nodes of the shared pool and the port of the rule, and neither the other pool nor other ports", () => {
        for (const world of [MUTATIONS.c1a(B1), MUTATIONS.c1a(B3)]) {
            const claim = c1(world);
            const internet = claim.witnesses.filter(({ extent }) => extent!.endsWith("the public IPv4 internet"));
            assert.deepEqual(
                internet.map(({ packet, extent }) => [packet, extent]),
                [
                    [
                        { protocol: "tcp", destination: "1.1.1.1", port: 443 },
                        "tcp 443 to all of the public IPv4 internet",
                    ],
                ],
            );
            assert.match(
                internet[0]!.source,
                /^node of pool fl\/system, which the gateway shares: their only taint, components\.gke\.io\/gke-managed-components/,
            );
            assert.ok(
                claim.witnesses.every(
                    ({ source }) => !source.includes("fl/apps") && !source.startsWith("any other VM"),
                ),
                "app nodes are still denied, although their subnet is served by NAT now",
            );
            assert.deepEqual(
                internet[0]!.hops.map(({ at }) => at),
                ["source", "firewall", "route", "NAT"],
            );
        }
    });

    it("c2 shows the implied rule, and the witness leaves on any port", () => {
        const witness = c1(MUTATIONS.c2(B1)).witnesses.find(({ source }) => source === "node of pool fl/system")!;
        assert.deepEqual(witness.packet, { protocol: "tcp", destination: "1.1.1.1", port: 443 });
        assert.match(
            witness.hops.map(({ decision }) => decision).join("\n"),
            /no rule decides, and the implied rule allows egress\n.*default internet gateway\nNAT fl-nat translates/,
        );
    });

    it("c2 on three locks is open once NAT, route and belt are gone as well, and not a step before", () => {
        const { nat, route, belt } = SWITCHES;
        assert.equal(c1(all(MUTATIONS.c2, nat, route, belt)(B3)).result, "violated");
        assert.equal(c1(all(MUTATIONS.c2, nat, belt)(B3)).result, "holds", "the route holds");
        assert.equal(c1(all(MUTATIONS.c2, nat, route)(B3)).result, "holds", "the belt holds");
    });

    it("c2 without NAT for the source still reaches Google's own addresses over a default route", () => {
        const { route, belt } = SWITCHES;
        assert.deepEqual(
            c1(all(MUTATIONS.c2, route, belt)(B3)).witnesses.map(({ packet }) => packet!.destination),
            ["199.36.153.8", "34.126.0.1", "199.36.153.8", "34.126.0.1"],
        );
    });

    it("a pool with an account that nobody names stays inside, since the deny has no target", () => {
        const stranger = B1.map(entry =>
            entry.name === "pool-apps" ? { ...entry, inputs: { ...entry.inputs, nodeConfig: {} } } : entry,
        );
        assert.equal(c1(stranger).result, "holds");
    });

    it("c3 is open only where subnets have external IPv6, and there for everything", () => {
        for (const world of [B1, B3]) {
            const open = c1(all(MUTATIONS.c3, SWITCHES.stack)(world));
            assert.equal(open.result, "violated");
            assert.deepEqual(
                said(open).filter(text => text.endsWith("public IPv6 internet")),
                [NOBODY_ELSE, "node of pool fl/apps", "node of pool fl/system"].map(
                    source => `${source}: every protocol and port to all of the public IPv6 internet`,
                ),
            );
            assert.deepEqual(open.witnesses[0]!.packet, {
                protocol: "tcp",
                destination: "2606:4700:4700::1111",
                port: 443,
            });
            assert.ok(
                open.witnesses.every(({ packet }) => packet!.destination.includes(":")),
                "and for IPv6 alone",
            );
            assert.equal(c1(SWITCHES.stack(world)).result, "holds", "the deny for ::/0 holds by itself");
            assert.equal(
                lock(MUTATIONS.c3(world), "no external IPv6")!.without.C1,
                "violated",
                "the stack type is the only guard",
            );
            assert.equal(lock(world, "no external IPv6")!.without.C1, "holds");
        }
    });

    it("c3b is open only where classic rules come first, and then for Google's direct range alone", () => {
        for (const world of [B1, B3]) {
            const open = c1(all(MUTATIONS.c3b, SWITCHES.order)(world));
            assert.equal(open.result, "violated");
            assert.deepEqual(
                said(open),
                [NOBODY_ELSE, "node of pool fl/apps", "node of pool fl/system"].map(
                    source => `${source}: every protocol and port to all of Google's direct connectivity range`,
                ),
            );
            assert.match(
                open.witnesses[0]!.hops.map(({ decision }) => decision).join("\n"),
                /classic rules: rule google-direct-0 \(priority 1000, for every machine\) allows it\ngoogle-direct-0: 34\.126\.0\.0\/18 to the default internet gateway/,
            );
            assert.match(open.witnesses[0]!.remedy, /BEFORE_CLASSIC_FIREWALL/);
        }
    });

    it("c3b behind the policy is told as a residual risk: the allows and the routes", () => {
        const risks = networkClaims(MUTATIONS.c3b(B3)).residualRisks.join("\n");
        assert.match(risks, /Rule google-direct-0 .*allows public addresses to others than the gateway/);
        assert.match(risks, /Route google-direct-0 .*leads every machine to 34\.126\.0\.0\/18/);
        assert.doesNotMatch(networkClaims(B3).residualRisks.join("\n"), /google-direct|allows public addresses/);
    });

    it("c3c names both pools and exactly tcp 8002-8003, in each way of writing it", () => {
        for (const mutation of [MUTATIONS.c3c, MUTATIONS.c3cEmptyList, MUTATIONS.c3cHalves]) {
            const claim = c1(mutation(B1));
            const internet = said(claim).filter(text => text.endsWith("public IPv4 internet"));
            assert.deepEqual(
                internet,
                [
                    "any other VM or future node pool in network fl-vpc, running as fl-app-nodes@fl-prod.iam.gserviceaccount.com",
                    "node of pool fl/apps",
                    "node of pool fl/system",
                ].map(source => `${source}: tcp 8002-8003 to all of the public IPv4 internet`),
            );
            assert.ok(claim.witnesses.every(({ packet }) => packet!.protocol === "tcp" && packet!.port === 8002));
        }
    });

    it("c3c on three locks is held by route and NAT, and not by the belt, which comes after the policy's allow", () => {
        const world = MUTATIONS.c3c(B3);
        assert.deepEqual(
            ["firewall", "belt", "nat", "route"].map(name => lock(world, name)!.alone),
            ["violated", "violated", "holds", "holds"],
        );
        assert.equal(c1(all(MUTATIONS.c3c, SWITCHES.nat, SWITCHES.route)(B3)).result, "violated");
    });

    it("c5b reaches Google's private range on every TCP port from every source, past NAT scope and tagged route", () => {
        for (const world of [B1, B3]) {
            const claim = c1(MUTATIONS.c5b(world));
            assert.deepEqual(
                said(claim),
                [NOBODY_ELSE, "node of pool fl/apps", "node of pool fl/system"].map(
                    source => `${source}: tcp to all of private.googleapis.com, which also serves *.run.app`,
                ),
            );
            assert.deepEqual(claim.witnesses[0]!.packet, { protocol: "tcp", destination: "199.36.153.8", port: 443 });
            assert.match(claim.witnesses[0]!.hops.at(-1)!.decision, /Google's own addresses are reached without NAT/);
        }
    });

    it("the restricted range is no violation but a residual risk, which a service perimeter removes", () => {
        assert.match(networkClaims(B3).residualRisks.join("\n"), /R2: /);
        const perimeter = {
            urn: "urn:p",
            type: "gcp:accesscontextmanager/servicePerimeter:ServicePerimeter",
            name: "p",
            inputs: {},
            dependsOn: [],
        };
        assert.doesNotMatch(networkClaims([...B3, perimeter]).residualRisks.join("\n"), /R2: /);
    });

    it("all at once is the blueprint itself, and undone is what it was, to the letter", () => {
        const everything = all(
            MUTATIONS.c1a,
            MUTATIONS.c2,
            MUTATIONS.c3,
            MUTATIONS.c3b,
            MUTATIONS.c3c,
            MUTATIONS.c5b,
            SWITCHES.nat,
            SWITCHES.route,
            SWITCHES.order,
            SWITCHES.stack,
        )(B3);
        assert.equal(c1(everything).result, "violated");
        assert.deepEqual(networkClaims(B3), networkClaims([...B3]));
    });
});

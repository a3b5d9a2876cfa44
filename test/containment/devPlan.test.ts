import * as assert from "node:assert/strict";
import { networkClaims, prove } from "../../containment/prove";
import { type Resource } from "../../containment/resource";
import { type Claim, type ClaimId, type Result } from "../../containment/verdict";
import { type GuardPolicyId, policyName } from "../../components/guard/rules";
import { planned } from "../program/planned";
import { ACCESS_ATTEMPTS } from "./attempts/access";
import { WITHOUT_POLICY, type WithoutPolicy } from "./attempts/withoutGuard";
import { APP_NODES, FIREWALL_ONLY, NETWORK_ATTEMPTS } from "./attempts/network";
import { all } from "./worlds/build";

describe("known ways out, tried on the plan of the dev stack", () => {
    let dev: readonly Resource[];

    before(async () => {
        dev = (await planned("dev")).resources;
    });

    const claimOf = (world: readonly Resource[], id: ClaimId): Claim =>
        networkClaims(world).claims.find(claim => claim.id === id)!;

    it("the plan holds as it is, and still with the firewall as its only lock", () => {
        for (const world of [dev, FIREWALL_ONLY(dev)]) {
            assert.deepEqual(
                ["C1", "C3"].map(id => claimOf(world, id as ClaimId).result),
                ["holds", "holds"],
            );
        }
        const alone = (world: readonly Resource[]): (Result | undefined)[] =>
            networkClaims(world).locks.map(lock => lock.alone);
        assert.deepEqual(alone(dev), ["holds", "holds", "holds", "holds", undefined]);
        assert.deepEqual(alone(FIREWALL_ONLY(dev)), ["holds", "violated", "violated", undefined]);
    });

    it("with the firewall as its only lock, the remedy names the locks that would stand behind it, and no others", () => {
        const depth = prove(FIREWALL_ONLY(dev)).claims.find(({ id }) => id === "C5")!;
        assert.equal(depth.result, "violated");
        assert.deepEqual(
            depth.witnesses.map(({ remedy }) => remedy?.replaceAll(/ \([^)]*\)/g, "")),
            ["Add a second lock: nat, or route."],
        );
    });

    for (const {
        title,
        bypasses,
        mutation,
        on = FIREWALL_ONLY,
        claim = "C1",
        becomes = "violated",
        packet,
        source,
        says,
        devPlan = "holds",
    } of NETWORK_ATTEMPTS) {
        it(`${bypasses.join(", ")}: ${title} is ${becomes}; with every lock in place ${devPlan}`, () => {
            const before = claimOf(on(dev), claim);
            const after = claimOf(all(on, mutation)(dev), claim);
            assert.equal(after.result, becomes);
            const said = after.witnesses.map(witness => ({
                ...witness,
                text: [witness.source, witness.extent, ...witness.hops.map(({ decision }) => decision)].join("\n"),
            }));
            if (packet !== undefined) {
                const witness = said.find(
                    found =>
                        JSON.stringify(found.packet) === JSON.stringify(packet) &&
                        (source ?? /./).test(found.source) &&
                        (says ?? /./).test(found.text),
                );
                assert.ok(
                    witness !== undefined,
                    `no such witness among\n${said.map(found => `${JSON.stringify(found.packet)} ${found.text}`).join("\n\n")}`,
                );
                const known = before.witnesses.map(found => `${found.source} ${JSON.stringify(found.packet)}`);
                assert.ok(!known.includes(`${witness.source} ${JSON.stringify(witness.packet)}`), "it was open before");
            } else {
                assert.match(after.reasons.join("\n"), says!);
            }
            assert.equal(claimOf(mutation(dev), claim).result, devPlan);
        });
    }

    it("application nodes are named, whatever their accounts turn out to be", () => {
        const { witnesses } = claimOf(all(FIREWALL_ONLY, NETWORK_ATTEMPTS[0]!.mutation)(dev), "C1");
        assert.ok(witnesses.some(({ source }) => source === APP_NODES));
    });
});

describe("known ways onto gateway nodes and to other workloads' destinations, tried on the plan of the dev stack", () => {
    let dev: readonly Resource[];

    before(async () => {
        dev = (await planned("dev")).resources;
    });

    for (const { title, bypasses, claim, mutation, becomes = "violated", says } of ACCESS_ATTEMPTS) {
        it(`${bypasses.join(", ")}: ${title}: ${claim} is ${becomes}`, () => {
            const { claims } = prove(mutation(dev));
            const found = claims.find(({ id }) => id === claim)!;
            assert.equal(found.result, becomes);
            assert.match(textOf(found), says);
        });
    }
});

describe("the guard of the dev stack, without one of its policies", () => {
    let dev: readonly Resource[];
    let holding: readonly Claim[];

    before(async () => {
        dev = (await planned("dev")).resources;
        holding = prove(dev).claims;
    });

    const isPolicy = ({ type }: Resource): boolean => type.endsWith(":ValidatingAdmissionPolicy");

    it("consists of the policies that the table has a row for", () => {
        assert.deepEqual(
            dev
                .filter(isPolicy)
                .map(({ name }) => name)
                .sort(),
            (Object.keys(WITHOUT_POLICY) as GuardPolicyId[]).map(policyName).sort(),
        );
    });

    for (const [policy, row] of Object.entries(WITHOUT_POLICY) as [GuardPolicyId, WithoutPolicy][]) {
        const what = "turns" in row ? `${row.turns} is ${row.into}` : `every claim holds: it protects ${row.protects}`;
        it(`${policy}: ${what}`, () => {
            const claims = prove(dev.filter(entry => !(isPolicy(entry) && entry.name === policyName(policy)))).claims;
            const turned = claims.filter(({ id, result }) => result !== holding.find(claim => claim.id === id)!.result);
            assert.deepEqual(
                turned.map(({ id, result }) => [id, result]),
                "turns" in row ? [[row.turns, row.into]] : [],
            );
            if ("turns" in row) {
                assert.match(textOf(turned[0]!), row.says);
            } else {
                assert.equal(holding.find(({ id }) => row.heldBy.startsWith(id))?.result, "holds", row.heldBy);
            }
        });
    }
});

function textOf({ reasons, witnesses }: Claim): string {
    return [
        ...reasons,
        ...witnesses.flatMap(({ source, extent, hops }) => [source, extent, ...hops.map(hop => hop.decision)]),
    ].join("\n");
}

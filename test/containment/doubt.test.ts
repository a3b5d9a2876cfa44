import * as assert from "node:assert/strict";
import { explanationOf } from "../../containment/explanation";
import { networkClaims, prove } from "../../containment/prove";
import { type Resource } from "../../containment/resource";
import { type Claim, type ClaimModule } from "../../containment/verdict";
import { compute, resource } from "./worlds/build";
import { B1, B3, PROJECT } from "./worlds/threeLocks";

const DOUBT = "it waits for its deletion";
const doubted = (made: Resource): Resource => ({ ...made, doubt: DOUBT });

function inDoubt(world: readonly Resource[], ...names: readonly string[]): Resource[] {
    assert.deepEqual(
        names.filter(name => !world.some(entry => entry.name === name)),
        [],
    );
    return world.map(entry => (names.includes(entry.name) ? doubted(entry) : entry));
}

const egress = (name: string, more: Record<string, unknown>): Resource =>
    resource(compute("Firewall"), name, {
        project: PROJECT,
        network: "fl-vpc",
        direction: "EGRESS",
        destinationRanges: ["0.0.0.0/0"],
        ...more,
    });
const hole = egress("hole", { priority: 10, allows: [{ protocol: "tcp" }] });
const lock = egress("lock", { priority: 5, denies: [{ protocol: "all" }] });

function c1(world: readonly Resource[]): Claim {
    return networkClaims(world).claims.find(({ id }) => id === "C1")!;
}

describe("what may be there or not", () => {
    // The policy alone encloses this world, and classic rules come first.
    const classicFirst = B1.map(entry =>
        entry.name === "vpc"
            ? { ...entry, inputs: { ...entry.inputs, networkFirewallPolicyEnforcementOrder: "AFTER_CLASSIC_FIREWALL" } }
            : entry,
    );

    it("is no lock", () => {
        assert.equal(c1(B1).result, "holds");
        const { result, reasons } = c1(inDoubt(B1, "attached"));
        assert.equal(result, "violated");
        assert.match(reasons.join("\n"), /where urn:.*::attached is not there: it waits for its deletion/);
    });

    it("is a hole", () => {
        assert.equal(c1(classicFirst).result, "holds");
        const { result, reasons } = c1([...classicFirst, doubted(hole)]);
        assert.equal(result, "violated");
        assert.match(reasons.join("\n"), /where urn:.*::hole is there: it waits for its deletion/);
    });

    it("is tried in every combination: the hole without the lock before it, though both together and neither hold", () => {
        assert.equal(c1([...classicFirst, hole, lock]).result, "holds");
        const { result, reasons } = c1([...classicFirst, doubted(hole), doubted(lock)]);
        assert.equal(result, "violated");
        assert.match(reasons.join("\n"), /::hole is there/);
        assert.match(reasons.join("\n"), /::lock is not there/);
    });

    it("changes nothing where others hold as well", () => {
        const { result, reasons } = c1([
            ...inDoubt(B3, "belt"),
            doubted(egress("idle", { denies: [{ protocol: "tcp" }] })),
        ]);
        assert.deepEqual([result, reasons], ["holds", []]);
    });

    it("shows in the matrix: a lock with a hole that may be there holds nothing alone", () => {
        const alone = (world: readonly Resource[]) =>
            networkClaims(world).locks.find(({ lock: name }) => name === "route")!.alone;
        const forAll = resource(compute("Route"), "for-all", {
            project: PROJECT,
            network: "fl-vpc",
            destRange: "0.0.0.0/0",
            nextHopGateway: "default-internet-gateway",
        });
        assert.equal(alone(B3), "holds");
        assert.equal(c1([...B3, doubted(forAll)]).result, "holds");
        assert.equal(alone([...B3, doubted(forAll)]), "violated");
    });

    it("is unknown when there is too much of it for every combination", () => {
        const many = Array.from({ length: 5 }, (_, index) =>
            doubted(egress(`idle-${index}`, { priority: 100 + index, denies: [{ protocol: "tcp" }] })),
        );
        const { result, reasons } = c1([...B3, ...many]);
        assert.equal(result, "unknown");
        assert.match(reasons.join("\n"), /5 resources may be there or not.*idle-4/);
    });

    it("concerns every other claim as well", () => {
        const object = resource("kubernetes:core/v1:ConfigMap", "object", {});
        const module: ClaimModule = {
            claims: ["C2"],
            judge: ({ resources }) => ({
                claims: [
                    {
                        id: "C2",
                        statement: "The object is there.",
                        result: resources.some(({ name }) => name === "object") ? "holds" : "violated",
                        witnesses: [],
                        reasons: [],
                    },
                ],
                locks: [],
                assumptions: [],
                residualRisks: [],
            }),
        };
        const result = (...more: readonly Resource[]) =>
            prove([...B3, ...more], { modules: [module] }).claims.find(({ id }) => id === "C2")!.result;
        assert.deepEqual([result(object), result(doubted(object)), result()], ["holds", "violated", "violated"]);
    });

    it("keeps a packet's fate from being told where it decides", () => {
        const ask = (world: readonly Resource[]) =>
            explanationOf(
                world,
                { kind: "machine", name: "node:fl/apps" },
                { kind: "packet", packet: { protocol: "tcp", destination: "1.1.1.1", port: 443 } },
            );
        assert.equal(ask(classicFirst).arrives, false);
        const { arrives, answer } = ask([...classicFirst, doubted(hole)]);
        assert.equal(arrives, undefined);
        assert.match(answer, /hole: it waits for its deletion/);
        assert.equal(ask([...B3, doubted(hole)]).arrives, false);
    });
});

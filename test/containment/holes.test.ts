import assert from "node:assert/strict";
import { changesFor, holesOf } from "../../containment/holes";
import { type Claim, type ClaimId, type Witness } from "../../containment/verdict";

function witness(source: string, resource: string, remedy: string): Witness {
    const urn = `urn:pulumi:a::b::gcp:compute/firewall:Firewall::${resource}`;
    const hops = [
        { at: "source", decision: source },
        { at: "firewall", decision: `allowed for ${source}`, resource: urn, decides: true as const },
    ];
    return { source, packet: { protocol: "tcp", destination: "1.1.1.1", port: 443 }, hops, remedy };
}

function violated(id: ClaimId, ...witnesses: readonly Witness[]): Claim {
    return { id, statement: "", result: "violated", witnesses, reasons: [] };
}

describe("what witnesses have in common", () => {
    it("is one hole where the same station lets them through and the same change closes them", () => {
        const holes = holesOf([
            witness("a", "x", "Close."),
            witness("b", "x", "Close."),
            witness("c", "y", "Close."),
            witness("d", "x", "Move d."),
        ]);
        assert.deepEqual(
            holes.map(({ witness: { source }, alike }) => [source, ...alike]),
            [["a", "b"], ["c"], ["d"]],
        );
        assert.ok(holes[0]!.witness.hops.every(({ at }) => at !== "source"));
    });
});

describe("what to change", () => {
    it("closes every witness, most first, and takes the alternative that serves others too", () => {
        const claims = [
            violated(
                "C1",
                witness("a", "x", "Deny a; or take the NAT."),
                witness("b", "x", "Deny b; or take the NAT."),
            ),
            violated("C3", witness("g", "x", "Limit g.")),
            violated("C2", ...["p", "q", "r"].map(source => witness(source, "x", "bind the guard"))),
        ];
        assert.deepEqual(changesFor({ claims }), [
            { change: "Bind the guard.", closes: { C2: 3 } },
            { change: "Take the NAT.", closes: { C1: 2 } },
            { change: "Limit g.", closes: { C3: 1 } },
        ]);
    });

    it("is the first that a remedy names where no other serves more, and nothing for what makes no verdict", () => {
        const claims = [
            violated("C1", witness("a", "x", "Deny a; or take the NAT.")),
            violated("C5", witness("b", "x", "Add a lock.")),
        ];
        assert.deepEqual(changesFor({ claims }), [{ change: "Deny a.", closes: { C1: 1 } }]);
        assert.deepEqual(
            changesFor({ claims, asked: ["C5"] }).map(({ change }) => change),
            ["Add a lock."],
        );
    });
});

import assert from "node:assert/strict";
import { explanationOf } from "../../containment/explanation";
import { goalOf, originOf } from "../../cli/endpoints";
import { meshFindings } from "../../containment/mesh/claims";
import { networkClaims } from "../../containment/prove";
import { type Resource } from "../../containment/resource";
import { type ClaimId } from "../../containment/verdict";
import { readWorld } from "../../containment/world/world";
import { planned } from "../program/planned";

/** Two addresses of a bank. What stack prod has in their place are documentation addresses, which no route leads to. */
const [FIRST, SECOND] = ["9.9.9.9", "149.112.112.112"] as const;
const CALLER = "treasury/messages";

type Change = (inputs: Record<string, any>) => void; // eslint-disable-line @typescript-eslint/no-explicit-any

describe("destinations without a name", function () {
    this.timeout(120_000);
    let prod: readonly Resource[];

    before(async () => {
        const text = JSON.stringify((await planned("prod")).resources);
        prod = JSON.parse(
            text.replaceAll("203.0.113.24", FIRST).replaceAll("203.0.113.25", SECOND),
        ) as readonly Resource[];
    });

    function changed(which: (resource: Resource) => boolean, change: Change): readonly Resource[] {
        assert.equal(prod.filter(which).length, 1);
        return prod.map(resource => {
            const copy = which(resource) ? structuredClone(resource) : resource;
            if (copy !== resource) {
                change(copy.inputs as Record<string, unknown>);
            }
            return copy;
        });
    }

    const claim = (resources: readonly Resource[], id: ClaimId) =>
        id === "C4" ? meshFindings(readWorld(resources)) : networkClaims(resources).claims.find(one => one.id === id)!;

    const policy = ({ type }: Resource) => type.endsWith(":NetworkFirewallPolicyWithRules");
    const ruleChanged = (change: Change) =>
        changed(policy, ({ rules }) => {
            const found = (rules as { ruleName: string }[]).filter(
                ({ ruleName }) => ruleName === "allow-gateway-addresses-2222",
            );
            assert.equal(found.length, 1);
            change(found[0]!);
        });
    const entryChanged = (change: Change) =>
        changed(
            ({ inputs }) =>
                inputs["kind"] === "ServiceEntry" &&
                JSON.stringify(inputs["spec"]).includes(`[{"address":"${FIRST}"}]`),
            change,
        );

    it("are contained, with a port that nothing else has", () => {
        for (const id of ["C1", "C3", "C4"] as const) {
            const { result, reasons, witnesses } = claim(prod, id);
            assert.deepEqual({ id, result, reasons, witnesses }, { id, result: "holds", reasons: [], witnesses: [] });
        }
    });

    it("are assumed to be where the internet is", () => {
        const { assumptions } = networkClaims(prod);
        assert.ok(assumptions.some(text => text.includes(FIRST) && text.includes("interconnect")));
    });

    it("do not open their port to other addresses", () => {
        for (const ranges of [["0.0.0.0/0"], [`${FIRST}/32`, "8.8.8.8/32"]]) {
            const opened = ruleChanged(({ match }) => (match.destIpRanges = ranges));
            const { result, witnesses } = claim(opened, "C3");
            assert.equal(result, "violated");
            assert.equal(witnesses[0]!.packet?.port, 2222);
        }
    });

    it("do not open other ports of their address", () => {
        const opened = ruleChanged(({ match }) => (match.layer4Configs[0].ports = ["23"]));
        assert.equal(claim(opened, "C3").result, "violated");
    });

    it("lead to the address that was dialled, and to no neighbour", () => {
        const swapped = entryChanged(({ spec }) => (spec.endpoints = [{ address: SECOND }]));
        assert.equal(claim(swapped, "C4").result, "violated");
        const divided = entryChanged(({ spec }) => spec.endpoints.push({ address: SECOND }));
        assert.equal(claim(divided, "C4").result, "violated");
    });

    it("lead nowhere that is not declared", () => {
        const elsewhere = entryChanged(({ spec }) => (spec.endpoints = [{ address: "8.8.8.8" }]));
        assert.equal(claim(elsewhere, "C4").result, "violated");
    });

    it("are explained to the address that the gateway dials", () => {
        const { arrives, legs } = explanationOf(prod, originOf(CALLER), goalOf(`${FIRST}:2222`));
        assert.equal(arrives, true);
        assert.equal(legs[1]?.title, `From a gateway node, to ${FIRST}:2222`);
        assert.equal(explanationOf(prod, originOf("treasury/rates"), goalOf(`${FIRST}:2222`)).arrives, false);
    });
});

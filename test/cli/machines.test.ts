import assert from "node:assert/strict";
import { verdictJunit } from "../../cli/evidence/junit";
import { verdictMetrics } from "../../cli/evidence/metrics";
import { type Claim, type Result, type Verdict } from "../../containment/verdict";
import { type Provenance } from "../../plan/provenance";

const PROVENANCE: Provenance = {
    stacks: ['d"e\\v\n'],
    sources: [],
    version: "0.1.0",
    time: "2027-01-01T00:00:00.000Z",
    resources: 1,
};

const WITNESS = {
    source: "node <a>",
    hops: [{ at: "firewall", decision: "no rule", decides: true }],
    remedy: "Deny.",
} as const;

function verdictOf(...results: readonly Result[]): Verdict {
    const ids = ["C1", "C2", "C5"] as const;
    const claims = results.map((result, index): Claim => ({
        id: ids[index]!,
        statement: "It is so.",
        result,
        witnesses: result === "violated" ? [WITNESS, { ...WITNESS, source: "node b" }] : [],
        reasons: result === "unknown" ? ["nobody shows it"] : [],
    }));
    const gateway = { pools: [], alike: [], possible: [], reasons: [], elsewhere: [] };
    return { verdict: "unknown", gateway, claims, locks: [], exemptions: [], assumptions: [], residualRisks: [] };
}

describe("a verdict for machines", () => {
    it("is one case of JUnit a claim: violated fails, unknown is an error, and names stay the same", () => {
        const xml = verdictJunit(verdictOf("holds", "unknown", "violated"), PROVENANCE, 1);
        assert.match(
            xml,
            /<testsuites name="egress-gateway prove d&quot;e\\v\\u000a" tests="3" failures="1" errors="1" time="1\.0">/,
        );
        assert.match(xml, /<testcase classname="C1" name="It is so\."\/>/);
        assert.match(xml, /<error type="unknown" message="nobody shows it">/);
        assert.match(xml, /<failure type="violated" message="node &lt;a&gt;\. Remedy: Deny\.">/);
        const names = (text: string) => text.match(/classname="C\d" name="[^"]*"/g);
        assert.deepEqual(names(verdictJunit(verdictOf("violated", "holds", "unknown"), PROVENANCE, 2)), names(xml));
    });

    it("is a number a claim for Prometheus: below 1 whatever is not so, with how old it is", () => {
        const lines = verdictMetrics(verdictOf("holds", "violated", "unknown"), PROVENANCE).split("\n");
        const stack = 'stack="d\\"e\\\\v\\\\u000a"';
        assert.ok(lines.includes(`egress_gateway_containment{${stack},claim="C1",decides="true"} 1`), lines.join("\n"));
        assert.ok(lines.includes(`egress_gateway_containment{${stack},claim="C2",decides="true"} 0`));
        assert.ok(lines.includes(`egress_gateway_containment{${stack},claim="C5",decides="false"} -1`));
        assert.ok(lines.includes(`egress_gateway_containment_holes{${stack},claim="C2",decides="true"} 1`));
        assert.ok(lines.includes(`egress_gateway_containment_judged_timestamp_seconds{${stack}} 1798761600`));
        // The format's own grammar (prometheus.io, "Exposition formats"), and a line end behind the last.
        const sample = /^\w+\{(?:\w+="(?:[^"\\\n]|\\[\\"n])*",?)+\} -?\d+$/;
        assert.ok(
            lines.every(line => /^(# (?:HELP|TYPE) .*)?$/.test(line) || sample.test(line)),
            lines.join("\n"),
        );
        assert.equal(lines.at(-1), "");
    });
});

import { strict as assert } from "node:assert";
import { stripVTControlCharacters } from "node:util";
import { claimResults } from "../../../live/verify/judge/verdict";
import { overall, verifyReport } from "../../../live/verify/report/json";
import { junitXml } from "../../../live/verify/report/junit";
import { verdictText } from "../../../cli/probeReport";
import { type ProbeOutcome, type ProbeResult } from "../../../live/verify/result";

function result(
    claim: "C1" | "C2" | "C3" | "C4" | undefined,
    outcome: ProbeOutcome,
    id = `${claim}/${outcome}`,
): ProbeResult {
    return {
        probe: {
            kind: "inspection",
            id,
            title: `title of ${id}`,
            ...(claim === undefined ? {} : { claim }),
            bypasses: [],
            inspect: "gateway-node-taint",
            namespace: "istio-egress",
        },
        outcome,
        seen: "something",
        because: `reason <of> "${id}" & more`,
        nodes: [],
    };
}
const ALL_HOLD = (["C1", "C2", "C3", "C4"] as const).map(claim => result(claim, "passed"));

describe("the verdict of a run", () => {
    it("holds when every probe of every claim passed", () => {
        const results = ALL_HOLD;
        const claims = claimResults(results);
        assert.deepEqual(
            claims.map(one => one.result),
            ["holds", "holds", "holds", "holds"],
        );
        assert.equal(overall(claims, results), "holds");
    });

    it("is violated by one failed probe, in that claim and in all", () => {
        const results = [...ALL_HOLD, result("C2", "failed")];
        const claims = claimResults(results);
        assert.deepEqual(
            claims.map(one => one.result),
            ["holds", "violated", "holds", "holds"],
        );
        assert.equal(overall(claims, results), "violated");
    });

    for (const outcome of ["unproven", "not-run"] as const) {
        it(`is unknown, and never holds, with one probe that was ${outcome}`, () => {
            const results = [...ALL_HOLD, result("C1", outcome)];
            const claims = claimResults(results);
            assert.equal(claims[0]!.result, "unknown");
            assert.equal(overall(claims, results), "unknown");
        });
    }

    it("is unknown for a claim that nothing tried", () => {
        const claims = claimResults(ALL_HOLD.filter(({ probe }) => probe.claim !== "C3"));
        assert.equal(claims[2]!.result, "unknown");
        assert.match(claims[2]!.reasons.join(), /--gateway-node-namespace/);
    });

    it("is not touched by controls", () => {
        const results = [...ALL_HOLD, result(undefined, "failed")];
        assert.equal(overall(claimResults(results), results), "holds");
    });
});

describe("the reports of a run", () => {
    const results = [
        ...ALL_HOLD,
        result("C4", "failed"),
        result("C1", "unproven"),
        result(undefined, "passed", "control"),
    ];
    const claims = claimResults(results);

    it("tell every probe that did not pass, with its reason, and how many did", () => {
        const text = stripVTControlCharacters(verdictText(claims, results));
        assert.match(text, /C4\s+violated .*1 passed, 1 failed/);
        assert.match(text, /C1\s+unknown .*1 passed, 1 without proof/);
        assert.match(text, /title of C4\/failed/);
        assert.doesNotMatch(text, /title of C2\/passed/);
    });

    it("are JUnit XML in which a failed probe fails and an unproven one is an error", () => {
        const xml = junitXml("dev", claims, results, 12.34);
        assert.match(
            xml,
            /<testsuites name="egress-gateway verify dev" tests="7" failures="1" errors="1" time="12.3">/,
        );
        assert.match(xml, /<failure type="failed" message="reason &lt;of&gt; &quot;C4\/failed&quot; &amp; more">/);
        assert.match(xml, /<error type="unproven"/);
        assert.equal(xml.match(/<testcase /g)!.length, 7);
        assert.equal(xml.match(/<testsuite /g)!.length, xml.match(/<\/testsuite>/g)!.length);
    });

    it("show a claim without probes as an error, because an empty suite looks green", () => {
        const without = ALL_HOLD.filter(({ probe }) => probe.claim !== "C3");
        assert.match(junitXml("dev", claimResults(without), without, 0), /tests="4" failures="0" errors="1"/);
    });

    it("judge no claim by some of its probes, and lose none of these", () => {
        const some = [result("C2", "passed"), result("C4", "passed"), result("C4", "failed")];
        const whole = claimResults(some, ["C2"]);
        const text = stripVTControlCharacters(verdictText(whole, some, ["C2", "refused/orders"]));
        assert.match(text, /^ {2}C2 +holds/);
        assert.doesNotMatch(text, /^ {2}C4/m);
        assert.match(text, /C2, refused\/orders alone: 2 of 3 probes passed\. No other claim is judged\./);
        assert.match(text, /again: --only "C4\/failed"/);
        assert.match(
            junitXml("dev", whole, some, 0),
            /<testsuite name="C4, some of its probes" tests="2" failures="1"/,
        );
        assert.equal(overall(whole, some), "violated");
        assert.equal(overall([], [result("C4", "passed")]), "holds");
        assert.equal(overall([], [result("C4", "unproven")]), "unknown");
    });

    it("keep characters that XML cannot hold out of it", () => {
        const odd = { ...result("C1", "failed"), because: "a\u0000b\u001bc" };
        const codes = [...junitXml("dev", claimResults([odd]), [odd], 0)].map(character => character.codePointAt(0)!);
        assert.deepEqual(
            codes.filter(code => code < 32 && code !== 10),
            [],
        );
    });

    it("are JSON with the verdict, the claims, every probe and what was left behind", () => {
        const report = verifyReport("dev", claims, results, ["Pod payments/probe-1"], ["a note"]);
        assert.equal(report.verdict, "violated");
        assert.equal(report.probes.length, 7);
        assert.deepEqual(report.left, ["Pod payments/probe-1"]);
        assert.deepEqual(JSON.parse(JSON.stringify(report)), report);
    });
});

import { printable, printableIn } from "../../../base/printable";
import { type LiveClaimResult, type ProbeResult } from "../result";

/**
 * JUnit's XML as CI systems read it: a suite per claim, one for the controls, a case per probe. What was not proven is an
 * error, so that no dashboard shows it green.
 */
export function junitXml(
    stack: string,
    givenClaims: readonly LiveClaimResult[],
    givenResults: readonly ProbeResult[],
    elapsedSeconds: number,
): string {
    const [claims, results] = printableIn([givenClaims, givenResults] as const);
    const suites = [
        ...claims.map(({ id, statement, reasons }) =>
            suite(
                `${id}: ${statement}`,
                results.filter(({ probe }) => probe.claim === id),
                reasons,
            ),
        ),
        // Of claims that were not tried as a whole.
        ...[...new Set(results.flatMap(({ probe }) => probe.claim ?? []))]
            .filter(claim => claims.every(({ id }) => id !== claim))
            .map(claim =>
                suite(
                    `${claim}, some of its probes`,
                    results.filter(({ probe }) => probe.claim === claim),
                    undefined,
                ),
            ),
        suite(
            "controls",
            results.filter(({ probe }) => probe.claim === undefined),
            undefined,
        ),
    ];
    const total = (key: "tests" | "failures" | "errors"): number => suites.reduce((sum, one) => sum + one[key], 0);
    return [
        `<?xml version="1.0" encoding="UTF-8"?>`,
        `<testsuites name="${escaped(`egress-gateway verify ${printable(stack)}`)}" tests="${total("tests")}" failures="${total("failures")}" errors="${total("errors")}" time="${elapsedSeconds.toFixed(1)}">`,
        ...suites.map(({ xml }) => xml),
        `</testsuites>`,
        "",
    ].join("\n");
}

interface Suite {
    readonly tests: number;
    readonly failures: number;
    readonly errors: number;
    readonly xml: string;
}

/** @param reasons Of a claim without probes: it becomes one case, because an empty suite looks like success. */
function suite(name: string, results: readonly ProbeResult[], reasons: readonly string[] | undefined): Suite {
    const cases =
        results.length === 0 && reasons !== undefined ? [errorCase(name, reasons.join("; "))] : results.map(testCase);
    const failures = results.filter(({ outcome }) => outcome === "failed").length;
    const errors = cases.length - failures - results.filter(({ outcome }) => outcome === "passed").length;
    return {
        tests: cases.length,
        failures,
        errors,
        xml: [
            `  <testsuite name="${escaped(name)}" tests="${cases.length}" failures="${failures}" errors="${errors}">`,
            ...cases,
            `  </testsuite>`,
        ].join("\n"),
    };
}

function testCase({ probe, outcome, seen, because, diagnosis }: ProbeResult): string {
    const open = `    <testcase classname="${escaped(probe.claim ?? "control")}" name="${escaped(probe.id)}"`;
    if (outcome === "passed") {
        return `${open}/>`;
    }
    const kind = outcome === "failed" ? "failure" : "error";
    const text = [
        probe.title,
        `seen: ${seen}`,
        because,
        ...(diagnosis === undefined ? [] : [`died at: ${diagnosis.hop}. ${diagnosis.next}`]),
    ].join("\n");
    return `${open}>\n      <${kind} type="${outcome}" message="${escaped(because)}">${escaped(text)}</${kind}>\n    </testcase>`;
}

function errorCase(name: string, because: string): string {
    return `    <testcase classname="claim" name="${escaped(name)}">\n      <error type="not-run" message="${escaped(because)}"/>\n    </testcase>`;
}

/** XML has no way to write these (XML 1.0, 2.2), nor control characters, which are escapes already. */
function escaped(text: string): string {
    return text
        .replace(/[\ud800-\udfff\ufffe\uffff]/gu, "\uFFFD")
        .replaceAll("&", "&amp;")
        .replaceAll("<", "&lt;")
        .replaceAll(">", "&gt;")
        .replaceAll('"', "&quot;");
}

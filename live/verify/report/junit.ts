import { type JunitCase, junitDocument, type JunitSuite } from "../../../base/junit";
import { printable, printableIn } from "../../../base/printable";
import { type LiveClaimResult, type ProbeResult } from "../result";

/** JUnit's XML of a run: a suite per claim, one for the controls, a case per probe. */
export function junitXml(
    stack: string,
    givenClaims: readonly LiveClaimResult[],
    givenResults: readonly ProbeResult[],
    elapsedSeconds: number,
): string {
    const [claims, results] = printableIn([givenClaims, givenResults] as const);
    const casesOf = (claim: string | undefined): JunitCase[] =>
        results.filter(({ probe }) => probe.claim === claim).map(caseOf);
    const suites: JunitSuite[] = [
        ...claims.map(({ id, statement, reasons }) => {
            const name = `${id}: ${statement}`;
            const cases = casesOf(id);
            return { name, cases: cases.length > 0 ? cases : [notRun(name, reasons.join("; "))] };
        }),
        // Of claims that were not tried as a whole.
        ...[...new Set(results.flatMap(({ probe }) => probe.claim ?? []))]
            .filter(claim => claims.every(({ id }) => id !== claim))
            .map(claim => ({ name: `${claim}, some of its probes`, cases: casesOf(claim) })),
        { name: "controls", cases: casesOf(undefined) },
    ];
    return junitDocument(`egress-gateway verify ${printable(stack)}`, suites, elapsedSeconds);
}

function caseOf({ probe, outcome, seen, because, diagnosis }: ProbeResult): JunitCase {
    const names = { classname: probe.claim ?? "control", name: probe.id };
    const text = [
        probe.title,
        `seen: ${seen}`,
        because,
        ...(diagnosis === undefined ? [] : [`died at: ${diagnosis.hop}. ${diagnosis.next}`]),
    ].join("\n");
    return outcome === "passed"
        ? names
        : {
              ...names,
              problem: { kind: outcome === "failed" ? "failure" : "error", type: outcome, message: because, text },
          };
}

/** A claim without probes is one case, because an empty suite looks like success. */
function notRun(name: string, because: string): JunitCase {
    return { classname: "claim", name, problem: { kind: "error", type: "not-run", message: because } };
}

import { printable, printableIn } from "../base/printable";
import { colours as pc } from "./colours";
import { table } from "./table";
import { type LiveClaimResult, type ProbeOutcome, type ProbeResult } from "../live/verify/result";

const MARKS: Readonly<Record<ProbeOutcome, string>> = {
    passed: pc.green("pass"),
    failed: pc.red("FAIL"),
    unproven: pc.yellow("open"),
    "not-run": pc.yellow("n/a "),
};

/** A control that worked is only there for the probes beside it, which name it. */
export function isQuiet({ outcome, probe }: ProbeResult): boolean {
    return probe.claim === undefined && outcome === "passed";
}

/** One probe, as soon as it is judged. */
export function resultLine(result: ProbeResult): string {
    const { probe, outcome, because, diagnosis } = printableIn(result);
    const rows = probe.bypasses.length === 0 ? "" : pc.dim(` (bypass ${probe.bypasses.join(", ")})`);
    return [
        `  ${MARKS[outcome]}  ${probe.claim ?? "  "}  ${probe.title}${rows}`,
        `            ${pc.dim(because)}`,
        ...(diagnosis === undefined ? [] : [`            ${pc.bold(`died at: ${diagnosis.hop}.`)} ${diagnosis.next}`]),
    ].join("\n");
}

function againLine(result: ProbeResult): string {
    const { id, claim } = result.probe;
    return claim === undefined
        ? resultLine(result)
        : `${resultLine(result)}\n            ${pc.dim(`again: --only "${printable(id)}"`)}`;
}

/** The verdict, claim by claim, and every probe that did not pass, with its reason. */
export function verdictText(
    given: readonly LiveClaimResult[],
    results: readonly ProbeResult[],
    only?: readonly string[],
): string {
    const claims = printableIn(given);
    const colour = { holds: pc.green, violated: pc.red, unknown: pc.yellow };
    const rows = claims.map(({ id, statement, result, passed, failed, unproven, notRun }) => [
        id,
        colour[result](result),
        statement,
        [
            `${passed} passed`,
            ...(failed > 0 ? [`${failed} failed`] : []),
            ...(unproven > 0 ? [`${unproven} without proof`] : []),
            ...(notRun > 0 ? [`${notRun} not tried`] : []),
        ].join(", "),
    ]);
    const missing = claims
        .filter(({ passed, failed, unproven, notRun }) => passed + failed + unproven + notRun === 0)
        .flatMap(({ id, reasons }) => reasons.map(reason => `  ${id}: ${reason}`));
    const open = results.filter(({ outcome }) => outcome !== "passed");
    const tried = results.filter(({ probe }) => probe.claim !== undefined);
    return [
        ...(rows.length === 0 ? [] : [table(rows)]),
        ...(only === undefined
            ? []
            : [
                  `  ${printableIn(only).join(", ")} alone: ${tried.filter(({ outcome }) => outcome === "passed").length} of ${tried.length} probes passed. No other claim is judged.`,
              ]),
        ...(missing.length === 0 ? [] : ["", ...missing]),
        ...(open.length === 0 ? [] : ["", pc.bold("What did not pass"), ...open.map(againLine)]),
    ].join("\n");
}

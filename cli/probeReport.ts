import { colours as pc } from "./colours";
import { table } from "./table";
import { type LiveClaimResult, type Outcome, type ProbeResult } from "../verify/result";

const MARKS: Readonly<Record<Outcome, string>> = {
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
export function resultLine({ probe, outcome, because, diagnosis }: ProbeResult): string {
    const rows = probe.bypasses.length === 0 ? "" : pc.dim(` (bypass ${probe.bypasses.join(", ")})`);
    return [
        `  ${MARKS[outcome]}  ${probe.claim ?? "  "}  ${probe.title}${rows}`,
        `            ${pc.dim(because)}`,
        ...(diagnosis === undefined ? [] : [`            ${pc.bold(`died at: ${diagnosis.hop}.`)} ${diagnosis.next}`]),
    ].join("\n");
}

/** The verdict, claim by claim, and every probe that did not pass, with its reason. */
export function verdictText(claims: readonly LiveClaimResult[], results: readonly ProbeResult[]): string {
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
    return [
        table(rows),
        ...(missing.length === 0 ? [] : ["", ...missing]),
        ...(open.length === 0 ? [] : ["", pc.bold("What did not pass"), ...open.map(resultLine)]),
    ].join("\n");
}

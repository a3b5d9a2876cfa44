import { type Result } from "../../../containment/verdict";
import { sourceName } from "../probe";
import { type LiveClaimResult, type ProbeResult } from "../result";

/** What `verify --json` prints. */
export interface VerifyReport {
    readonly stack: string;
    readonly verdict: Result;
    /** What was tried alone; absent where everything was. */
    readonly only?: readonly string[];
    /** Those that were tried as a whole. */
    readonly claims: readonly LiveClaimResult[];
    readonly probes: readonly object[];
    /** Objects that could not be deleted, as `kind namespace/name`. */
    readonly left: readonly string[];
    readonly notes: readonly string[];
}

export function verifyReport(
    stack: string,
    claims: readonly LiveClaimResult[],
    results: readonly ProbeResult[],
    left: readonly string[],
    notes: readonly string[],
    only?: readonly string[],
): VerifyReport {
    return {
        stack,
        verdict: overall(claims, results),
        ...(only === undefined ? {} : { only }),
        claims,
        probes: results.map(({ probe, outcome, seen, because, diagnosis, nodes }) => ({
            id: probe.id,
            title: probe.title,
            ...(probe.claim === undefined ? { control: true } : { claim: probe.claim }),
            ...(probe.gateway === undefined ? {} : { gateway: probe.gateway }),
            bypasses: probe.bypasses,
            kind: probe.kind,
            ...(probe.kind === "network"
                ? { source: sourceName(probe.source), attempt: probe.attempt, expect: probe.expect }
                : {}),
            ...(probe.kind === "admission" ? { rules: probe.rules } : {}),
            outcome,
            seen,
            because,
            ...(diagnosis === undefined ? {} : { diagnosis }),
            nodes,
        })),
        left,
        notes,
    };
}

/** What was tried, as one word: about the claims that were tried as a whole, and about every probe. */
export function overall(claims: readonly LiveClaimResult[], results: readonly ProbeResult[]): Result {
    const tried = results.filter(({ probe }) => probe.claim !== undefined);
    return tried.some(({ outcome }) => outcome === "failed")
        ? "violated"
        : claims.some(({ result }) => result !== "holds") || tried.some(({ outcome }) => outcome !== "passed")
          ? "unknown"
          : "holds";
}

import { type Result } from "../../containment/verdict";
import { sourceName } from "../probe";
import { type LiveClaimResult, type ProbeResult } from "../result";

/** What `verify --json` prints. */
export interface VerifyReport {
    readonly stack: string;
    readonly verdict: Result;
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
): VerifyReport {
    return {
        stack,
        verdict: overall(claims),
        claims,
        probes: results.map(({ probe, outcome, seen, because, diagnosis, nodes }) => ({
            id: probe.id,
            title: probe.title,
            ...(probe.claim === undefined ? { control: true } : { claim: probe.claim }),
            bypasses: probe.bypasses,
            kind: probe.kind,
            ...(probe.kind === "network"
                ? { source: sourceName(probe.source), attempt: probe.attempt, expect: probe.expect }
                : {}),
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

export function overall(claims: readonly LiveClaimResult[]): Result {
    return claims.some(({ result }) => result === "violated")
        ? "violated"
        : claims.some(({ result }) => result === "unknown")
          ? "unknown"
          : "holds";
}

import { type Result } from "../../containment/verdict";
import { type LiveClaim, type Probe } from "./probe";

/**
 * `passed`: what the probe expects was seen, with its reason. `failed`: the opposite was seen. `unproven`: it was denied, but
 * not for a reason that counts, or its control failed. `not-run`: it could not be tried.
 */
export type ProbeOutcome = "passed" | "failed" | "unproven" | "not-run";

export interface ProbeResult {
    readonly probe: Probe;
    readonly outcome: ProbeOutcome;
    /** What was seen, in words. */
    readonly seen: string;
    /** Why that passes or not, and which counter or message says so. */
    readonly because: string;
    /** Only where a probe that should pass was denied: where it died, and what to look at next. */
    readonly diagnosis?: Diagnosis;
    /** Nodes that the probe ran on. */
    readonly nodes: readonly string[];
}

export interface Diagnosis {
    readonly hop: string;
    readonly next: string;
}

/** A claim, as far as it can be tried from inside. */
export interface LiveClaimResult {
    readonly id: LiveClaim;
    readonly statement: string;
    readonly result: Result;
    readonly passed: number;
    readonly failed: number;
    readonly unproven: number;
    readonly notRun: number;
    /** Why it is not `holds`. */
    readonly reasons: readonly string[];
}

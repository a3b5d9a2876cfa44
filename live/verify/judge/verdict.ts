import { CLAIMS_OF_EVERY_STACK, type LiveClaim } from "../probe";
import { type LiveClaimResult, type ProbeResult } from "../result";

/** What each claim comes to when it is tried from inside. */
const STATEMENTS: Readonly<Record<LiveClaim, string>> = {
    C1: "nothing but gateway nodes reaches a public address",
    C2: "nothing but the gateway comes to run on gateway nodes",
    C3: "gateway nodes reach declared ports only, and nothing private that they do not need",
    C4: "each destination is open to the declared identities, and to nobody else",
    C6: "no name but the declared ones is resolved for client workloads",
    C7: "what reaches the echo server through a gateway comes from that gateway's addresses",
};

/**
 * A claim holds when all of its probes passed and none is missing. One that saw the opposite makes it violated; one that
 * could not be tried, or was denied for no reason that counts, makes it unknown, which is never taken for `holds`.
 *
 * @param claims Those that were tried as a whole.
 */
export function claimResults(
    results: readonly ProbeResult[],
    claims: readonly LiveClaim[] = CLAIMS_OF_EVERY_STACK,
): LiveClaimResult[] {
    return claims.map(id => {
        const own = results.filter(({ probe }) => probe.claim === id);
        const count = (outcome: ProbeResult["outcome"]): number => own.filter(one => one.outcome === outcome).length;
        const open = own.filter(({ outcome }) => outcome !== "passed");
        const failed = count("failed");
        return {
            id,
            statement: STATEMENTS[id],
            result: failed > 0 ? "violated" : own.length === 0 || open.length > 0 ? "unknown" : "holds",
            passed: count("passed"),
            failed,
            unproven: count("unproven"),
            notRun: count("not-run"),
            reasons:
                own.length === 0 ? [NOTHING_TRIED[id]] : open.map(({ probe, because }) => `${probe.id}: ${because}`),
        };
    });
}

const NOTHING_TRIED: Readonly<Record<LiveClaim, string>> = {
    C1: "no probe tried it",
    C2: "no probe tried it",
    C3: "no probe stood on a gateway node; --gateway-node-namespace names an exempt namespace from which one may",
    C4: "no probe tried it",
    C6: "no probe tried it",
    C7: "no echo server told a source address; --echo names one that is a destination",
};

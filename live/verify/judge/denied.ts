import { type Observation, observed } from "../observation";
import { type ProbeSource } from "../probe";
import { type ProbeOutcome } from "../result";
import { backed, inWords, reasonsOf, shows } from "./backing";
import { observationsOf, type Surroundings, type Tried } from "./evidence";

export interface Judgement {
    readonly outcome: ProbeOutcome;
    readonly because: string;
}

/**
 * A denied probe passes when every try, in every pod, was denied for a reason that it expects. Counters are shared by the
 * probes of a step, so a counter has to have risen by as much as all of them together account for.
 *
 * @param step All probes of the step, this one among them.
 */
export function judgeDenied(tried: Tried, step: readonly Tried[], surroundings: Surroundings): Judgement {
    const { probe } = tried;
    const observations = observationsOf(tried);
    const reasons = reasonsOf(probe);
    const unable = observations.find(one => one.saw === "nothing");
    if (observations.length === 0) {
        return neverRan(tried);
    }
    if (unable?.saw === "nothing") {
        return { outcome: "not-run", because: unable.why };
    }
    const reached = observations.find(
        one => isReached(one, probe.source) && !reasons.some(reason => shows(reason, one, probe.attempt)),
    );
    if (reached !== undefined) {
        return { outcome: "failed", because: `it got through: ${observed([reached])}` };
    }
    const stray = observations.find(one => !reasons.some(reason => shows(reason, one, probe.attempt)));
    if (stray !== undefined) {
        return {
            outcome: "unproven",
            because: `denied, but by ${observed([stray])}; expected ${reasons.map(inWords).join(", or ")}`,
        };
    }
    const problems: string[] = [];
    for (const reason of reasons.filter(one => observations.every(seen => shows(one, seen, probe.attempt)))) {
        const verdict = backed(reason, tried, step, surroundings);
        if (verdict.holds) {
            return { outcome: "passed", because: verdict.because };
        }
        problems.push(verdict.because);
    }
    return problems.length > 0
        ? { outcome: "unproven", because: problems.join("; ") }
        : judgeEachTry(observations, tried, step, surroundings);
}

/** Different tries, different reasons: each try has to have one that is backed, of those that it looks like. */
function judgeEachTry(
    observations: readonly Observation[],
    tried: Tried,
    step: readonly Tried[],
    surroundings: Surroundings,
): Judgement {
    const verdicts = reasonsOf(tried.probe).map(reason => ({
        reason,
        verdict: backed(reason, tried, step, surroundings),
    }));
    const each = observations.map(seen => {
        const fitting = verdicts
            .filter(({ reason }) => shows(reason, seen, tried.probe.attempt))
            .map(({ verdict }) => verdict);
        return fitting.find(({ holds }) => holds) ?? fitting[0]!;
    });
    const weak = each.filter(({ holds }) => !holds);
    const words = (weak.length === 0 ? each : weak).map(({ because }) => because);
    return { outcome: weak.length === 0 ? "passed" : "unproven", because: [...new Set(words)].join("; ") };
}

/** No pod tried anything: that is a denial where the pod itself was to be kept away, and nothing at all elsewhere. */
function neverRan({ probe, runs }: Tried): Judgement {
    const [run] = runs;
    for (const reason of reasonsOf(probe)) {
        if (reason.by === "admission" && reason.rules.some(rule => run?.refusal?.includes(`[${rule}]`) === true)) {
            return { outcome: "passed", because: `the API server refused the pod: ${run!.refusal}` };
        }
        if (reason.by === "taint" && /taint/i.test(run?.failure ?? "")) {
            return { outcome: "passed", because: `the taint kept the pod off: ${run!.failure}` };
        }
    }
    return {
        outcome: "not-run",
        because:
            run?.refusal === undefined
                ? (run?.failure ?? "no pod tried it")
                : `the API server refused the pod: ${run.refusal}`,
    };
}

/** Something beyond the caller answered. A caller with a sidecar may have been answered by that, so there only an answer counts. */
function isReached(seen: Observation, source: ProbeSource): boolean {
    const sidecar = source.kind === "client" || source.kind === "other-account" || source.kind === "mesh-stranger";
    switch (seen.saw) {
        case "answer":
        case "records":
        case "untrusted-certificate":
        case "open":
            return true;
        case "refused":
        case "reset":
            return !sidecar;
        default:
            return false;
    }
}

import { observed } from "../observation";
import { type ProbeResult } from "../result";
import { isAnswer, judgeAllowed } from "./allowed";
import { type Judgement, judgeDenied } from "./denied";
import { nodesOf, observationsOf, type Surroundings, type Tried } from "./evidence";

/**
 * Judges the network probes of one step. Those of a gateway share its counters.
 *
 * @param around What is known of the gateway that a probe is about.
 */
export function judgeStep(
    step: readonly Tried[],
    around: (gateway: string | undefined) => Omit<Surroundings, "controlSucceeded">,
): ProbeResult[] {
    return step.map(tried => {
        const { gateway } = tried.probe;
        const sharing = step.filter(({ probe }) => probe.gateway === gateway);
        const surroundings: Surroundings = {
            ...around(gateway),
            controlSucceeded: (id, node) => controlSucceeded(step, id, node),
        };
        return {
            probe: tried.probe,
            seen: observed(observationsOf(tried)),
            nodes: nodesOf(tried),
            ...(missing(tried) ??
                (tried.probe.expect.allowed
                    ? judgeAllowed(tried, sharing, surroundings)
                    : judgeDenied(tried, sharing, surroundings))),
        };
    });
}

/** Where some of a probe's pods tried and others could not, the others might have seen something else. */
function missing({ runs }: Tried): Judgement | undefined {
    const stopped = runs.find(({ observations }) => observations.length === 0);
    return stopped === undefined || runs.every(({ observations }) => observations.length === 0)
        ? undefined
        : { outcome: "not-run", because: stopped.refusal ?? stopped.failure ?? "one of its pods tried nothing" };
}

/** A pod's control runs beside its probes, so on the same node; of its tries one is enough. */
function controlSucceeded(step: readonly Tried[], id: string, node: string): boolean | undefined {
    const runs = step.find(({ probe }) => probe.id === id)?.runs.filter(run => run.node === node) ?? [];
    return runs.length === 0 ? undefined : runs.every(({ observations }) => observations.some(isAnswer));
}

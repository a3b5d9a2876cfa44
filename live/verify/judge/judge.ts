import { observed } from "../observation";
import { type ProbeResult } from "../result";
import { isAnswer, judgeAllowed } from "./allowed";
import { type Judgement, judgeDenied } from "./denied";
import { nodesOf, observationsOf, type Surroundings, type Tried } from "./evidence";

/** Judges the network probes of one step, which share the gateway's counters. */
export function judgeStep(step: readonly Tried[], surroundings: Omit<Surroundings, "controlSucceeded">): ProbeResult[] {
    const withControls: Surroundings = {
        ...surroundings,
        controlSucceeded: (id, node) => controlSucceeded(step, id, node),
    };
    return step.map(tried => ({
        probe: tried.probe,
        seen: observed(observationsOf(tried)),
        nodes: nodesOf(tried),
        ...(missing(tried) ??
            (tried.probe.expect.allowed
                ? judgeAllowed(tried, step, withControls)
                : judgeDenied(tried, step, withControls))),
    }));
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

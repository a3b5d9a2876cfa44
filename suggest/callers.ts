import { type WorkloadIdentity } from "../settings/schema";
import { type Demand } from "./evidence";
import { type Outcome } from "./observation";
import { type Seen, workloadText } from "./seen";

/** Somebody who called, how often, and when. */
export interface Caller {
    readonly who: string;
    readonly calls: number;
    /** Absent where no line has a time. */
    readonly first?: number;
    readonly last?: number;
}

/** Whose calls got through. */
export function answeredIn({ identities }: Demand): readonly { identity: WorkloadIdentity; seen: Seen }[] {
    return [...identities.values()].filter(({ seen }) => seen.of("answered") > 0);
}

export function callersOf(demand: Demand): readonly Caller[] {
    return sorted(answeredIn(demand).map(({ identity, seen }) => callerOf(workloadText(identity), seen)));
}

export function callerOf(who: string, seen: Seen, outcome: Outcome = "answered"): Caller {
    const { first, last } = seen;
    return { who, calls: seen.of(outcome), ...(Number.isFinite(first) ? { first, last } : {}) };
}

export const sorted = (callers: readonly Caller[]): readonly Caller[] =>
    callers.toSorted((a, b) => b.calls - a.calls || (a.who < b.who ? -1 : 1));

/** When any of them called first and last; undefined where no line has a time. */
export function periodOf(callers: readonly Caller[]): { readonly first: number; readonly last: number } | undefined {
    const times = callers.flatMap(({ first, last }) =>
        first === undefined || last === undefined ? [] : [first, last],
    );
    return times.length === 0 ? undefined : { first: Math.min(...times), last: Math.max(...times) };
}

import { type Demand } from "./evidence";
import { type Seen } from "./seen";

/** Somebody who called, how often, and when. */
export interface Caller {
    readonly who: string;
    readonly calls: number;
    readonly first: number;
    readonly last: number;
}

export function callersOf({ identities }: Demand): readonly Caller[] {
    return sorted(
        [...identities].filter(([, { seen }]) => seen.of("answered") > 0).map(([who, { seen }]) => callerOf(who, seen)),
    );
}

export function callerOf(who: string, seen: Seen, outcome: "answered" | "refused" | "failed" = "answered"): Caller {
    return { who, calls: seen.of(outcome), first: seen.first, last: seen.last };
}

export const sorted = (callers: readonly Caller[]): readonly Caller[] =>
    callers.toSorted((a, b) => b.calls - a.calls || (a.who < b.who ? -1 : 1));

import { type WorkloadIdentity } from "../settings/schema";
import { type Call, type Client, type Outcome, type Witness } from "./observation";

/** What is counted of a call. */
type Sight = Pick<Call, "witness" | "outcome" | "at">;

/** How often, and when for the first and the last time. */
export class Seen {
    first = Infinity;
    last = -Infinity;
    private readonly counts: Partial<Record<Witness, Record<Outcome, number>>> = {};

    add({ witness, outcome, at }: Sight): void {
        (this.counts[witness] ??= { answered: 0, failed: 0, refused: 0 })[outcome] += 1;
        if (at !== undefined) {
            this.first = Math.min(this.first, at);
            this.last = Math.max(this.last, at);
        }
    }

    /** A call is told once by each witness that it passed, so that the most of one of them are how many there were. */
    of(outcome: Outcome): number {
        return Math.max(0, ...Object.values(this.counts).map(counts => counts[outcome]));
    }

    by(witness: Witness): number {
        return this.counts[witness]?.answered ?? 0;
    }
}

/** From the first to the last of all; infinite the wrong way round where none has a time. */
export function spanOf(all: readonly Pick<Seen, "first" | "last">[]): Pick<Seen, "first" | "last"> {
    return { first: Math.min(...all.map(({ first }) => first)), last: Math.max(...all.map(({ last }) => last)) };
}

/** Callers whose service account is known, by {@link workloadText}. */
export type Identities = Map<string, { readonly identity: WorkloadIdentity; readonly seen: Seen }>;

/** What a map has for a key, made where it has nothing; undefined where it already has as many others as it may. */
export function entryIn<K, V>(map: Map<K, V>, key: K, make: () => V): V;
export function entryIn<K, V>(map: Map<K, V>, key: K, make: () => V, most: number): V | undefined;
export function entryIn<K, V>(map: Map<K, V>, key: K, make: () => V, most = Infinity): V | undefined {
    const before = map.get(key);
    if (before !== undefined || map.size >= most) {
        return before;
    }
    const made = make();
    map.set(key, made);
    return made;
}

export const newSeen = (): Seen => new Seen();

export function workloadText({ namespace, serviceAccount }: WorkloadIdentity): string {
    return `${namespace}/${serviceAccount}`;
}

export function labelOf({ address, pod }: Client): string {
    return pod !== undefined
        ? `pod ${pod.namespace === undefined ? "" : `${pod.namespace}/`}${pod.name}`
        : (address ?? "somebody");
}

import { type WorkloadIdentity } from "../settings/schema";
import { type Client, type Outcome, type Witness } from "./observation";

/** How often, and when for the first and the last time. */
export class Seen {
    first = Infinity;
    last = -Infinity;
    private readonly counts: Partial<Record<`${Witness} ${Outcome}`, number>> = {};

    add(witness: Witness, outcome: Outcome, at: number | undefined): void {
        const key = `${witness} ${outcome}` as const;
        this.counts[key] = (this.counts[key] ?? 0) + 1;
        if (at !== undefined) {
            this.first = Math.min(this.first, at);
            this.last = Math.max(this.last, at);
        }
    }

    /** A call is told once by each witness that it passed, so that the most of one of them are how many there were. */
    of(outcome: Outcome): number {
        return Math.max(
            ...(["sidecar", "gateway", "network"] as const).map(one => this.counts[`${one} ${outcome}`] ?? 0),
        );
    }

    by(witness: Witness): number {
        return this.counts[`${witness} answered`] ?? 0;
    }
}

export function seenIn<K>(map: Map<K, Seen>, key: K): Seen {
    const before = map.get(key);
    if (before !== undefined) {
        return before;
    }
    const made = new Seen();
    map.set(key, made);
    return made;
}

export function workloadText({ namespace, serviceAccount }: WorkloadIdentity): string {
    return `${namespace}/${serviceAccount}`;
}

export function labelOf({ address, pod }: Client): string {
    return pod !== undefined
        ? `pod ${pod.namespace === undefined ? "" : `${pod.namespace}/`}${pod.name}`
        : (address ?? "somebody");
}

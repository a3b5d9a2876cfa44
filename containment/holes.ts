import { shortUrn } from "../base/resource";
import { decidingClaims } from "./prove";
import { type ClaimId, type Verdict, type Witness } from "./verdict";

/** A way around: what several witnesses show, each from another place. */
export interface Hole {
    /** One of them, which stands for all. */
    readonly witness: Witness;
    /** Who else comes through, or how else. */
    readonly alike: readonly string[];
}

/** Witnesses of one hole: the same packet, let through by the same stations, and closed by the same change. */
export function holesOf(witnesses: readonly Witness[]): Hole[] {
    const groups = new Map<string, Witness[]>();
    for (const witness of witnesses) {
        const key = JSON.stringify([witness.packet, decidersOf(witness), witness.remedy]);
        groups.set(key, [...(groups.get(key) ?? []), witness]);
    }
    return [...groups.values()].map(([first, ...others]) => ({
        // Where it starts says who it is, not what lets it through.
        witness: others.length === 0 ? first! : { ...first!, hops: first!.hops.filter(({ at }) => at !== "source") },
        alike: others.map(({ source }) => source),
    }));
}

/** The stations that let a witness through, each once, in words that stay the same from one plan to the next. */
export function decidersOf({ hops }: Witness): string[] {
    const deciding = hops.filter(({ decides }) => decides === true);
    return [
        ...new Set(
            deciding.map(({ at, resource }) => [at, ...(resource === undefined ? [] : [shortUrn(resource)])].join(" ")),
        ),
    ];
}

/** One thing to change, and how many witnesses of which claims it closes. */
export interface Change {
    readonly change: string;
    readonly closes: Readonly<Partial<Record<ClaimId, number>>>;
}

/**
 * The shortest list of changes that closes every witness of the claims that make the verdict, the one that closes most first: of what a
 * remedy gives as alternatives, one that serves others too.
 */
export function changesFor({ asked, claims }: Pick<Verdict, "asked" | "claims">): Change[] {
    const deciding = decidingClaims(asked);
    let open = claims
        .filter(({ id, result }) => result === "violated" && deciding.includes(id))
        .flatMap(({ id, witnesses }) => witnesses.map(({ remedy }) => ({ id, alternatives: alternativesIn(remedy) })));
    const changes: Change[] = [];
    while (open.length > 0) {
        const counts = new Map<string, number>();
        for (const change of open.flatMap(({ alternatives }) => alternatives)) {
            counts.set(change, (counts.get(change) ?? 0) + 1);
        }
        // Of several that do as much, the first that was named.
        const [change] = [...counts].reduce((best, next) => (next[1] > best[1] ? next : best));
        const closed = open.filter(({ alternatives }) => alternatives.includes(change));
        const closes: Partial<Record<ClaimId, number>> = {};
        for (const { id } of closed) {
            closes[id] = (closes[id] ?? 0) + 1;
        }
        changes.push({ change, closes });
        open = open.filter(one => !closed.includes(one));
    }
    return changes;
}

/** Remedies give alternatives behind `; or`. */
function alternativesIn(remedy: string): string[] {
    return remedy.split("; or ").map(text => `${text.charAt(0).toUpperCase()}${text.slice(1)}`.replace(/\.?$/, "."));
}

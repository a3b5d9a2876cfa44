import { shortUrn } from "../base/resource";
import { type Witness } from "./verdict";

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

import { type Claim, type Lock, type Result } from "./verdict";

const WORSE: readonly Result[] = ["holds", "unknown", "violated"];

/** The one that a verdict should be afraid of: what is judged in several worlds, or for several gateways, is worth no more. */
export function worse(one: Result, other: Result): Result {
    return WORSE.indexOf(one) >= WORSE.indexOf(other) ? one : other;
}

export function worstClaim(claims: readonly Claim[]): Claim {
    return {
        ...claims[0]!,
        result: claims.map(({ result }) => result).reduce(worse),
        witnesses: claims.flatMap(({ witnesses }) => witnesses),
        reasons: [...new Set(claims.flatMap(({ reasons }) => reasons))],
    };
}

/** Locks of one name. */
export function worstLock(locks: readonly Lock[]): Lock {
    return locks.reduce((one, other) => ({
        ...one,
        resources: [...new Set([...one.resources, ...other.resources])],
        without: Object.fromEntries(
            [...new Set([...Object.keys(one.without), ...Object.keys(other.without)])].map(key => {
                const id = key as Claim["id"];
                const results = [one.without[id], other.without[id]].filter(result => result !== undefined);
                return [id, results.reduce(worse)];
            }),
        ),
        ...(one.alone === undefined || other.alone === undefined ? {} : { alone: worse(one.alone, other.alone) }),
    }));
}

/** Locks of one name that several gateways, or stacks, have each: what is said of more than one is said once. */
export function sharedLock(locks: readonly Lock[]): Lock {
    // What is in brackets stays together: "(tcp 53; udp 53)".
    const said = locks.flatMap(({ description }) => description.split(/; (?![^(]*\))/));
    return { ...worstLock(locks), description: [...new Set(said)].join("; ") };
}

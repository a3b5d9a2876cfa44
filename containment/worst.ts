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

/** Locks of each name as one. */
export function worstLocks(locks: readonly Lock[]): Lock[] {
    return byName(locks, worstLock);
}

/** Locks that several gateways, or stacks, have each, those of each name as one: what is said of more than one is said once. */
export function sharedLocks(locks: readonly Lock[]): Lock[] {
    return byName(locks, alike => {
        // What is in brackets stays together: "(tcp 53; udp 53)".
        const said = alike.flatMap(({ description }) => description.split(/; (?![^(]*\))/));
        return { ...worstLock(alike), description: [...new Set(said)].join("; ") };
    });
}

function byName(locks: readonly Lock[], together: (alike: readonly Lock[]) => Lock): Lock[] {
    return [...new Set(locks.map(({ lock }) => lock))].map(name => together(locks.filter(({ lock }) => lock === name)));
}

function worstLock(locks: readonly Lock[]): Lock {
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

import { worse } from "./doubt";
import { type Claim, type ClaimSet, type Lock, type Result } from "./verdict";
import { type World } from "./world/world";

/**
 * A room that judges one gateway, for all of them: a claim is worth what it is worth for the worst of them. To each gateway the others are
 * strangers, with their nodes, their pods and their namespaces.
 */
export function ofEachGateway(judge: (world: World) => ClaimSet): (world: World) => ClaimSet {
    return world => {
        const sets = world.gateways.map(gateway => judge({ ...world, gateway }));
        const [first, ...others] = sets;
        return first === undefined || others.length === 0 ? judge(world) : together(sets);
    };
}

function together(sets: readonly ClaimSet[]): ClaimSet {
    const claims = sets.flatMap(set => set.claims);
    const locks = sets.flatMap(set => set.locks);
    return {
        claims: [...new Set(claims.map(({ id }) => id))].map(id => merged(claims.filter(claim => claim.id === id))),
        locks: [...new Set(locks.map(({ lock }) => lock))].map(name =>
            mergedLock(locks.filter(({ lock }) => lock === name)),
        ),
        assumptions: [...new Set(sets.flatMap(({ assumptions }) => assumptions))],
        residualRisks: [...new Set(sets.flatMap(({ residualRisks }) => residualRisks))],
    };
}

function merged(claims: readonly Claim[]): Claim {
    return {
        ...claims[0]!,
        result: claims.map(({ result }) => result).reduce(worse),
        witnesses: claims.flatMap(({ witnesses }) => witnesses),
        reasons: [...new Set(claims.flatMap(({ reasons }) => reasons))],
    };
}

function mergedLock(locks: readonly Lock[]): Lock {
    const without = new Map<string, Result>();
    for (const [id, result] of locks.flatMap(lock => Object.entries(lock.without))) {
        without.set(id, worse(without.get(id) ?? "holds", result));
    }
    return {
        ...locks[0]!,
        resources: [...new Set(locks.flatMap(({ resources }) => resources))],
        without: Object.fromEntries(without),
    };
}

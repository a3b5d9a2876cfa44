import { assumptions, residualRisks } from "./claims/caveats";
import { Enclosure } from "./claims/enclosure";
import { GatewayScope } from "./claims/gatewayScope";
import { depthClaim, networkLocks } from "./claims/locks";
import { meshClaims } from "./mesh/claims";
import { networkPolicyClaims } from "./network-policies/facts";
import { Reach } from "./reach/reach";
import { type Resource } from "./resource";
import { schedulingClaims } from "./scheduling/claims";
import {
    type Claim,
    type ClaimId,
    type ClaimModule,
    type ClaimSet,
    type Lock,
    type Result,
    type Verdict,
} from "./verdict";
import { readWorld } from "./world/world";

export interface ProofOptions {
    /** What decides C2, C4 and their locks. @default scheduling, the mesh and network policies */
    readonly modules?: readonly ClaimModule[];
}

/** The claims that containment is made of; C5 tells how deep it is. */
const CONTAINMENT: readonly ClaimId[] = ["C1", "C2", "C3", "C4"];

/**
 * Decides containment over registered resources: of one stack, or of several together (the stack that owns the network beside
 * this one), which then need fewer assumptions.
 *
 * @throws WorldError when the resources describe no world: an unreadable range, contradictory targets, nothing at all
 */
export function prove(
    resources: readonly Resource[],
    { modules = [schedulingClaims, meshClaims, networkPolicyClaims] }: ProofOptions = {},
): Verdict {
    const sets = [networkClaims(resources), ...modules.map(module => module(resources))];
    const claims = sets.flatMap(set => set.claims);
    const results = Object.fromEntries(claims.map(({ id, result }) => [id, result])) as Partial<
        Record<ClaimId, Result>
    >;
    const locks = merged(sets.flatMap(set => set.locks)).map(lock => ({
        ...lock,
        without: { ...results, ...lock.without },
    }));
    const depth = depthClaim(locks, results.C1 ?? "unknown");
    return {
        verdict: verdictOf(claims),
        claims: [...claims, depth].sort((a, b) => a.id.localeCompare(b.id)),
        locks,
        assumptions: [...new Set(sets.flatMap(set => set.assumptions))],
        residualRisks: [...new Set(sets.flatMap(set => set.residualRisks))],
    };
}

/** C1 and C3 with the locks of the network. */
export function networkClaims(resources: readonly Resource[]): ClaimSet {
    const reach = new Reach(readWorld(resources));
    const enclosure = new Enclosure(reach);
    const scope = new GatewayScope(reach);
    const c1 = enclosure.claim();
    const c3 = scope.claim();
    const locks = networkLocks(reach, enclosure, scope);
    return { claims: [c1, c3], locks, assumptions: assumptions(reach, locks), residualRisks: residualRisks(reach, c1) };
}

function verdictOf(claims: readonly Claim[]): Verdict["verdict"] {
    const containment = claims.filter(({ id }) => CONTAINMENT.includes(id));
    const decided = CONTAINMENT.every(id => containment.some(claim => claim.id === id && claim.result === "holds"));
    return containment.some(({ result }) => result === "violated") ? "violated" : decided ? "contained" : "unknown";
}

/** Locks of the same name are one lock: it is made of the resources of all, and fails wherever one of them fails. */
function merged(locks: readonly Lock[]): Lock[] {
    const byName = new Map<string, Lock>();
    for (const lock of locks) {
        const before = byName.get(lock.lock);
        byName.set(
            lock.lock,
            before === undefined
                ? lock
                : {
                      ...before,
                      description:
                          before.description === lock.description
                              ? lock.description
                              : `${before.description}; ${lock.description}`,
                      resources: [...new Set([...before.resources, ...lock.resources])],
                      without: { ...before.without, ...lock.without },
                  },
        );
    }
    return [...byName.values()];
}

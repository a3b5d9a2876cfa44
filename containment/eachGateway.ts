import { type ClaimSet } from "./verdict";
import { type World } from "./world/world";
import { sharedLocks, worstClaim } from "./worst";

/**
 * A room that judges one gateway, for all of them: a claim is worth what it is worth for the worst of them. To each gateway the others are
 * strangers, with their nodes, their pods and their namespaces.
 */
export function ofEachGateway(judge: (world: World) => ClaimSet): (world: World) => ClaimSet {
    return world =>
        world.gateways.length < 2
            ? judge(world)
            : together(world.gateways.map(gateway => judge({ ...world, gateway })));
}

function together(sets: readonly ClaimSet[]): ClaimSet {
    const claims = sets.flatMap(set => set.claims);
    return {
        claims: [...new Set(claims.map(({ id }) => id))].map(id => worstClaim(claims.filter(claim => claim.id === id))),
        get locks() {
            return sharedLocks(sets.flatMap(set => set.locks));
        },
        assumptions: [...new Set(sets.flatMap(({ assumptions }) => assumptions))],
        residualRisks: [...new Set(sets.flatMap(({ residualRisks }) => residualRisks))],
    };
}

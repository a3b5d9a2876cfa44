import { DEFAULT_GATEWAY } from "../../base/conventions";
import { Reach } from "../reach/reach";
import { AS_IT_IS, type Conditions } from "../reach/conditions";
import { type Claim, type ClaimSet, type Result, type Witness } from "../verdict";
import { type EgressGateway } from "../world/gateway";
import { type World } from "../world/world";
import { forwardedByOthers } from "./forwarding";
import { Leaving } from "./leaving";
import { nodesOfOthers, withoutNodeSelector } from "./nodes";

const STATEMENT =
    "What leaves for a destination comes from the addresses of the destination's own gateway, and from no other.";

/** What contradicts the claim, and what keeps it from being decided. */
export interface Found {
    readonly witnesses: readonly Witness[];
    readonly reasons: readonly string[];
}

/** A gateway among several. */
export type NamedGateway = EgressGateway & { readonly name: string };

/**
 * Claim C7, with the locks that hold it. Its three parts are the way of a packet, backwards: a node leaves by its own gateway's addresses;
 * a gateway's pods run on its own nodes; a destination is forwarded by its own gateway.
 */
export function addressClaims(world: World): ClaimSet {
    const named = world.gateways.filter((gateway): gateway is NamedGateway => gateway.name !== undefined);
    const several = named.length > 1;
    if (!several && world.neighbourGateways.length === 0) {
        return { claims: [], locks: [], assumptions: [], residualRisks: [] };
    }
    // Beside those of other clusters there is nothing to keep apart in this one.
    const gateways = several ? named : [{ ...world.gateway, name: DEFAULT_GATEWAY }];
    const forwarded = several ? forwardedByOthers(world, gateways) : { witnesses: [], reasons: [] };
    const reach = new Reach(world);
    const decide = (conditions: Conditions = AS_IT_IS, keptApart = gateways): Found =>
        joined([
            ...gateways.map(gateway => new Leaving(reach, gateway, conditions).found()),
            nodesOfOthers(keptApart),
            forwarded,
        ]);
    const found = decide();
    const nats = world.networks.flatMap(network => network.nats.map(({ resource }) => resource));
    const untainted = gateways.map(gateway => ({
        ...gateway,
        pools: gateway.pools.map(each => ({ ...each, pool: { ...each.pool, taints: [], labels: new Map() } })),
        workloads: gateway.workloads.map(withoutNodeSelector),
    }));
    return {
        claims: [claimOf(found)],
        locks: [
            {
                lock: "NAT of each gateway's own subnet",
                description: "the nodes of a gateway leave by the addresses of the NAT that serves their subnet",
                resources: nats,
                without: { C7: resultOf(decide({ ...AS_IT_IS, natEverywhere: true })) },
            },
            {
                lock: "taint of the gateway nodes",
                description:
                    "nothing runs there without tolerating the taint; NO_EXECUTE holds for pods that name their node too",
                resources: gateways.flatMap(({ pools }) => pools.flatMap(({ pool }) => pool.resource ?? [])),
                without: { C7: resultOf(decide(AS_IT_IS, untainted)) },
            },
        ],
        assumptions: [],
        residualRisks: [
            "Google's own services see a node's internal address: Private Google Access uses no NAT, whichever gateway the node is of.",
        ],
    };
}

function claimOf(found: Found): Claim {
    return { id: "C7", statement: STATEMENT, result: resultOf(found), ...found };
}

function resultOf({ witnesses, reasons }: Found): Result {
    return witnesses.length > 0 ? "violated" : reasons.length > 0 ? "unknown" : "holds";
}

function joined(all: readonly Found[]): Found {
    return {
        witnesses: all.flatMap(({ witnesses }) => witnesses),
        reasons: [...new Set(all.flatMap(({ reasons }) => reasons))],
    };
}

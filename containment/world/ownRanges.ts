import { type AddressRange, prefixLength } from "../kernel/address";
import { type NetworkWorld } from "./world";

/** Shorter prefixes, of default routes and their halves, are ways out and not somebody's network. */
const SHORTEST_PREFIX = 8;

/**
 * What the networks use inside, whatever the registries say of it: ranges of their subnets, and what their routes lead to elsewhere
 * than to the internet. Google lets subnets have 240.0.0.0/4, 198.18.0.0/15 and public ranges used privately (VPC documentation,
 * "Valid IPv4 ranges").
 */
export function ownRanges(networks: readonly NetworkWorld[]): AddressRange[] {
    return networks.flatMap(({ subnets, routes }) => [
        ...subnets
            .flatMap(({ primary, secondary }) => [primary, ...secondary.values()])
            .filter(range => range !== undefined),
        ...routes
            .filter(
                ({ nextHop, destination }) => nextHop !== "internet" && prefixLength(destination) >= SHORTEST_PREFIX,
            )
            .map(({ destination }) => destination),
    ]);
}

/**
 * Ports of one NAT address and protocol that Cloud NAT hands out: 65,536 less the 1,024 well-known ones (Cloud NAT
 * documentation, "Ports").
 */
export const PORTS_PER_ADDRESS = 64512;

/** A surge upgrade runs one node more than the autoscaler's maximum. */
export const SURGE_NODES = 1;

/** Cloud NAT keeps a closed connection's port for 120 s before the same destination may use it again. */
const TIME_WAIT_SECONDS = 120;

export interface NatDemand {
    readonly addresses: number;
    readonly maxNodes: number;
    readonly minPortsPerNode: number;
    readonly maxPortsPerNode: number;
}

export interface NatCapacity {
    /** Nodes that may exist at once: the maximum and one that an upgrade adds. */
    readonly nodes: number;
    readonly portsAvailable: number;
    /** Addresses without which a new node gets no ports. */
    readonly addressesNeeded: number;
    /** Addresses with which every node could grow to its maximum at the same time. */
    readonly addressesForMaximum: number;
    /** Connections at a time from one node to one destination address, port and protocol. */
    readonly connectionsPerNodeAndDestination: { readonly guaranteed: number; readonly maximum: number };
    /** New connections a second from one node to one destination that can be kept up. */
    readonly connectionRatePerNodeAndDestination: { readonly guaranteed: number; readonly maximum: number };
}

/** Formula: Cloud NAT documentation, "IP addresses and ports". */
export function natCapacity({ addresses, maxNodes, minPortsPerNode, maxPortsPerNode }: NatDemand): NatCapacity {
    const nodes = maxNodes + SURGE_NODES;
    return {
        nodes,
        portsAvailable: addresses * PORTS_PER_ADDRESS,
        addressesNeeded: Math.ceil((nodes * minPortsPerNode) / PORTS_PER_ADDRESS),
        addressesForMaximum: Math.ceil((nodes * maxPortsPerNode) / PORTS_PER_ADDRESS),
        connectionsPerNodeAndDestination: { guaranteed: minPortsPerNode, maximum: maxPortsPerNode },
        connectionRatePerNodeAndDestination: {
            guaranteed: Math.floor(minPortsPerNode / TIME_WAIT_SECONDS),
            maximum: Math.floor(maxPortsPerNode / TIME_WAIT_SECONDS),
        },
    };
}

/** The number at the end of a machine type such as `e2-standard-4`; undefined where the name does not say it. */
export function processorCount(machineType: string): number | undefined {
    const found = /-(?:standard|highmem|highcpu)-(\d+)(?:-lssd)?$/.exec(machineType);
    return found === null ? undefined : Number(found[1]);
}

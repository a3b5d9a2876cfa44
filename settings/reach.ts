import { isAddress } from "../base/cidr";
import { type Destination } from "./schema";

/** The ports on which the gateway leaves to any public address, since names may resolve to any; whatever the applications dial. */
export function publicPorts(destinations: readonly Destination[]): number[] {
    return numbers(destinations.filter(({ host }) => !isAddress(host)));
}

/** Addresses that the gateway reaches with the same ports. */
export interface FixedReach {
    readonly ports: readonly number[];
    readonly addresses: readonly string[];
}

/** Where the gateway leaves to besides: the addresses that are declared by themselves, by their ports. */
export function fixedReach(destinations: readonly Destination[]): FixedReach[] {
    const groups = new Map<string, { ports: number[]; addresses: string[] }>();
    for (const destination of destinations.filter(({ host }) => isAddress(host))) {
        const ports = numbers([destination]);
        const group = groups.get(ports.join()) ?? { ports, addresses: [] };
        groups.set(ports.join(), group);
        group.addresses.push(destination.host);
    }
    return [...groups].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, group]) => group);
}

function numbers(destinations: readonly Destination[]): number[] {
    return [...new Set(destinations.flatMap(({ ports }) => ports.map(({ number }) => number)))].sort((a, b) => a - b);
}

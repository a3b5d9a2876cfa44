import { isWildcard, USUAL_PROTOCOLS } from "../base/conventions";
import { type WorkloadIdentity } from "../settings/schema";
import { type NewPort } from "../plan/destinationsEdit";

/** A host that objects declare, with what is known of it so far. */
export interface Wanted {
    readonly host: string;
    /** Of the list of destinations, by the number of the far side's port. */
    readonly ports: Map<number, NewPort>;
    readonly allow: Map<string, WorkloadIdentity>;
    /** The objects that say so. */
    readonly sources: Set<string>;
}

export class Wishes {
    readonly all = new Map<string, Wanted>();

    of(host: string, source: string): Wanted {
        const wanted = this.all.get(host) ?? { host, ports: new Map(), allow: new Map(), sources: new Set() };
        this.all.set(host, wanted);
        wanted.sources.add(source);
        return wanted;
    }
}

/** Notes a port. @returns why it cannot be, where it cannot */
export function put({ host, ports }: Wanted, port: NewPort): string | undefined {
    if (isWildcard(host) && port.protocol !== "tls") {
        return "below a wildcard the gateway finds the host by the server name of the application's own TLS: list the hosts that speak something else";
    }
    const before = ports.get(port.number);
    if (before !== undefined && JSON.stringify(before) !== JSON.stringify(port)) {
        return `one port has one meaning, and ${port.number} is \`${before.protocol}\` by another field`;
    }
    ports.set(port.number, port);
    return undefined;
}

export function allow(wanted: Wanted, workload: WorkloadIdentity): void {
    wanted.allow.set(`${workload.namespace}/${workload.serviceAccount}`, workload);
}

/** What is usually spoken on a port where only the port is known. */
export function usualPort(number: number): NewPort {
    return { number, protocol: USUAL_PROTOCOLS[number] ?? "tcp" };
}

import { clientPort, outerSni, ridesTls } from "../../settings/destinations";
import { type Destination, type DestinationPort } from "../../settings/schema";
import { objectName } from "./names";

/** A port that rides the gateway's TLS leg: told apart by SNI, so each has a server, a subset and a route of its own. */
export interface TlsLegPort {
    readonly port: Extract<DestinationPort, { protocol: "tls" | "tcp" }>;
    /** The outer SNI, which picks the server. */
    readonly sni: string;
    /** Subset of the gateway's Service in the DestinationRules of the client namespaces. */
    readonly subset: string;
    /** Name of the server's `Gateway` and of the VirtualService behind it. */
    readonly name: string;
}

/** A port that rides the gateway's HTTP leg: told apart by Host. */
export type HttpLegPort = Extract<DestinationPort, { protocol: "http" | "originate" }>;

/**
 * The lowest port has the subset that bears the destination's name alone; a subset holds one SNI for the gateway's 443, so
 * every further port has one of its own.
 */
export function tlsLegPorts({ host, ports }: Pick<Destination, "host" | "ports">): TlsLegPort[] {
    const name = objectName(host);
    return ports
        .filter(ridesTls)
        .sort((a, b) => a.number - b.number)
        .map((port, index) => ({
            port,
            sni: outerSni(host, port),
            subset: index === 0 ? name : `${name}-${port.number}`,
            name: `${name}-${port.number}`,
        }));
}

/** Sorted by the port that the application dials. */
export function httpLegPorts({ ports }: Pick<Destination, "ports">): HttpLegPort[] {
    return ports.filter((port): port is HttpLegPort => !ridesTls(port)).sort((a, b) => clientPort(a) - clientPort(b));
}

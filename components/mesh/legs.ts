import { tenantHost } from "../../base/conventions";
import { hasTenants } from "../../settings/certificates";
import { checksInnerName, clientPort, outerSni, ridesTls } from "../../settings/destinations";
import { type Destination, type DestinationPort } from "../../settings/schema";
import { objectName, tenantName } from "./names";

/** A port that rides the gateway's TLS leg: told apart by SNI, so each has a server, a subset and a route of its own. */
export interface TlsLegPort {
    readonly port: Extract<DestinationPort, { protocol: "tls" | "tcp" }>;
    /** The outer SNI, which picks the server. */
    readonly sni: string;
    /** Subset of the gateway's Service in the DestinationRules of the client namespaces. */
    readonly subset: string;
    /** Name of the server's `Gateway` and of the VirtualService behind it. */
    readonly name: string;
    /** Whether the gateway closes what has another server name inside. */
    readonly checksInnerName: boolean;
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
            checksInnerName: checksInnerName(host, port),
        }));
}

/** Whether the far side is spoken to in HTTP/2; both legs carry it then, as gRPC needs (trailers, streams in both directions). */
export function speaksHttp2(port: DestinationPort): boolean {
    return !ridesTls(port) && port.upstreamProtocol !== undefined;
}

/** Callers whom the HTTP leg tells apart from others of the same host, by the Host that arrives there. */
export interface HttpTenant {
    /** What the sidecars write; the policies hold it to the identities below. */
    readonly host: string;
    /** Beginning of the names of its objects. */
    readonly name: string;
    readonly allow: Destination["allow"];
    /** Of the host, at the gateway: whose certificate is shown. Absent: everybody's is the same. */
    readonly subset?: { readonly name: string; readonly namespace: string };
}

/**
 * All callers of a host together, or those of each namespace, where the far side knows each by another certificate. What a route of
 * the gateway could ask for otherwise (a header, a source) is the caller's own to write.
 */
export function httpTenants({ host, ports, allow }: Pick<Destination, "host" | "ports" | "allow">): HttpTenant[] {
    if (!hasTenants({ ports })) {
        return [{ host, name: objectName(host), allow }];
    }
    return [...new Set(allow.map(({ namespace }) => namespace))].sort().map(namespace => {
        const name = tenantName(namespace, host);
        return {
            host: tenantHost(namespace, host),
            name,
            allow: allow.filter(workload => workload.namespace === namespace),
            subset: { name, namespace },
        };
    });
}

/** Sorted by the port that the application dials. */
export function httpLegPorts({ ports }: Pick<Destination, "ports">): HttpLegPort[] {
    return ports.filter((port): port is HttpLegPort => !ridesTls(port)).sort((a, b) => clientPort(a) - clientPort(b));
}

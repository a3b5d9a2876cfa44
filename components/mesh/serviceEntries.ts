import { clientPort } from "../../settings/destinations";
import { type Destination, type DestinationPort } from "../../settings/schema";
import { type GatewayFacts } from "./gatewayFacts";
import { type ServiceEntry, type ServicePort } from "./istioObject";
import { objectName, virtualAddressOf } from "./names";
import { OWN_NAMESPACE, toClients } from "./visibility";

/**
 * A destination is known twice. The gateway resolves it by DNS. The clients get a twin without any endpoint: their sidecars
 * can route it to the gateway and nowhere else, and do not poll DNS for it. The two are never visible to the same namespace,
 * because Istio would let the older one win.
 */
export function serviceEntries(destination: Destination, gateway: GatewayFacts): ServiceEntry[] {
    return [gatewayEntry(destination, gateway), clientEntry(destination, gateway)];
}

function gatewayEntry({ host, ports }: Destination, { namespace }: GatewayFacts): ServiceEntry {
    return {
        apiVersion: "networking.istio.io/v1",
        kind: "ServiceEntry",
        metadata: { name: objectName(host), namespace },
        spec: {
            hosts: [host],
            location: "MESH_EXTERNAL",
            resolution: "DNS",
            ports: byNumber(ports.map(gatewayPort)),
            exportTo: OWN_NAMESPACE,
        },
    };
}

function clientEntry(destination: Destination, { namespace }: GatewayFacts): ServiceEntry {
    const { host, ports } = destination;
    return {
        apiVersion: "networking.istio.io/v1",
        kind: "ServiceEntry",
        metadata: { name: `${objectName(host)}-clients`, namespace },
        spec: {
            hosts: [host],
            ...virtualAddresses(host, ports),
            location: "MESH_EXTERNAL",
            // Not NONE: sidecars would then send the client's TLS to the black hole instead of the route.
            resolution: "STATIC",
            ports: byNumber(ports.map(clientSidePort)),
            exportTo: toClients(destination),
        },
    };
}

/**
 * Raw TCP carries no name, so that only the address can tell one `tcp` destination from another on the same port.
 *
 * The address is the host's, not the port's: where a host has `tcp` and `tls` ports, clients without Istio's DNS capture
 * reach neither. Two entries, one with and one without the address, would not help, since Istio merges entries of one host.
 */
function virtualAddresses(host: string, ports: readonly DestinationPort[]): { addresses?: string[] } {
    const tcp = ports.filter(port => port.protocol === "tcp");
    const chosen = tcp.flatMap(({ virtualAddress }) => (virtualAddress === undefined ? [] : [virtualAddress]));
    const addresses = chosen.length > 0 ? [...new Set(chosen)].sort() : [virtualAddressOf(host)];
    return tcp.length === 0 ? {} : { addresses };
}

/** The port as it is at the destination. */
function gatewayPort(port: DestinationPort): ServicePort {
    switch (port.protocol) {
        case "tls":
            return servicePort(port.number, "TLS");
        case "http":
            return servicePort(port.number, "HTTP");
        case "originate":
            return servicePort(port.number, "HTTPS");
        case "tcp":
            return servicePort(port.number, "TCP");
    }
}

/** The port as the application dials it. */
function clientSidePort(port: DestinationPort): ServicePort {
    return port.protocol === "originate" ? servicePort(clientPort(port), "HTTP") : gatewayPort(port);
}

/** Istio wants every port of a ServiceEntry named. */
export function servicePort(number: number, protocol: ServicePort["protocol"]): ServicePort {
    return { number, name: `${protocol.toLowerCase()}-${number}`, protocol };
}

export function byNumber(ports: readonly ServicePort[]): ServicePort[] {
    return [...ports].sort((a, b) => a.number - b.number);
}

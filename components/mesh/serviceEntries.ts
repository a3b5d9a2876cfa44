import { innerNameHost } from "../../base/conventions";
import { checksInnerName, clientPort } from "../../settings/destinations";
import { type DestinationPort } from "../../settings/schema";
import { type GatewayFacts } from "./gatewayFacts";
import { type ServiceEntry, type ServiceEntrySpec, type ServicePort } from "./istioObject";
import { type MeshDestination, OWN_NAMESPACE, toClients } from "./meshDestination";
import { objectName, virtualAddressOf } from "./names";

/**
 * A destination is known twice. The gateway resolves it by DNS, or connects to its address. The clients get a twin without any endpoint: their sidecars
 * can route it to the gateway and nowhere else, and do not poll DNS for it. The two are never visible to the same namespace,
 * because Istio would let the older one win.
 */
export function serviceEntries(destination: MeshDestination, gateway: GatewayFacts): ServiceEntry[] {
    const { host, address, ports } = destination;
    const inside = ports.filter(port => checksInnerName(host, port));
    const name = objectName(host);
    return [
        ...gatewayEntry(
            name,
            host,
            ports.filter(port => !inside.includes(port)),
            address === undefined ? { resolution: "DNS" } : { resolution: "STATIC", endpoints: [{ address }] },
            gateway,
        ),
        // An EnvoyFilter puts the endpoint here, which reads the name inside; without it there is none.
        ...gatewayEntry(`${name}-inner`, innerNameHost(host), inside, { resolution: "STATIC" }, gateway),
        clientEntry(destination, gateway),
    ];
}

/** None without ports. */
function gatewayEntry(
    name: string,
    host: string,
    ports: readonly DestinationPort[],
    whither: Pick<ServiceEntrySpec, "resolution" | "endpoints">,
    { namespace }: GatewayFacts,
): ServiceEntry[] {
    if (ports.length === 0) {
        return [];
    }
    return [
        {
            apiVersion: "networking.istio.io/v1",
            kind: "ServiceEntry",
            metadata: { name, namespace },
            spec: {
                hosts: [host],
                location: "MESH_EXTERNAL",
                resolution: whither.resolution,
                ports: byNumber(ports.map(gatewayPort)),
                ...(whither.endpoints === undefined ? {} : { endpoints: whither.endpoints }),
                exportTo: OWN_NAMESPACE,
            },
        },
    ];
}

function clientEntry(destination: MeshDestination, { namespace }: GatewayFacts): ServiceEntry {
    const { host, address, ports } = destination;
    return {
        apiVersion: "networking.istio.io/v1",
        kind: "ServiceEntry",
        metadata: { name: `${objectName(host)}-clients`, namespace },
        spec: {
            hosts: [host],
            ...(address === undefined ? virtualAddresses(host, ports) : { addresses: [address] }),
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

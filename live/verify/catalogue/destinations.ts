import { type ContractPort, type EgressOutputs } from "../../../contract/egress";
import { type VerifiedGateway } from "../outputs";
import { isBelow, isWildcard, meshHost } from "../../../base/conventions";
import {
    aboutGateway,
    type Attempt,
    type GatewayRoute,
    type NetworkProbe,
    type Reason,
    type ProbeSource,
    sourceName,
} from "../probe";
import { clusterApiControl } from "./controls";
import { type Targets } from "./targets";

/** One port of one destination, with who may use it. */
export interface DestinationPort {
    readonly host: string;
    readonly port: ContractPort;
    readonly allow: EgressOutputs["destinations"][number]["allow"];
    readonly route: GatewayRoute;
    /** Name of the gateway that carries it; absent where there is only one. */
    readonly gateway: string | undefined;
}

/** @param below names below wildcards, which only somebody who knows that they exist can give; without one a wildcard has no such probe */
export function destinationPorts(
    { destinations, name: gateway }: Pick<VerifiedGateway, "destinations" | "name">,
    below: readonly string[] = [],
): DestinationPort[] {
    return destinations.flatMap(({ host: declared, ports, allow }) => {
        const hosts = isWildcard(declared) ? below.filter(name => isBelow(name, declared)) : [declared];
        return hosts.flatMap(host =>
            ports.map(port => ({
                host,
                port,
                allow,
                gateway,
                route: {
                    // What is below a wildcard is counted together.
                    host: isWildcard(declared) ? declared : meshHost(declared),
                    port: port.number,
                    leg: port.plainHttp ? ("http" as const) : ("tls" as const),
                },
            })),
        );
    });
}

/** The domain of a wildcard is none of its names, and has no route; unless it is declared besides. */
export function besideWildcardProbes(
    { destinations }: Pick<EgressOutputs, "destinations">,
    { publicAddress }: Targets,
): NetworkProbe[] {
    return destinations.flatMap(({ host: wildcard, ports, allow }) => {
        const host = wildcard.slice(2);
        const [workload] = allow;
        const [port] = ports;
        if (
            !isWildcard(wildcard) ||
            workload === undefined ||
            port === undefined ||
            destinations.some(other => other.host === host)
        ) {
            return [];
        }
        const source: ProbeSource = { kind: "client", ...workload };
        return [
            {
                kind: "network",
                id: `undeclared/${sourceName(source)}/beside ${wildcard}:${port.number}`,
                title: `${sourceName(source)} has no route to ${host}, which is not below ${wildcard}`,
                claim: "C4",
                bypasses: [42],
                source,
                attempt: { action: "https", host, port: port.clientPort, at: publicAddress, anyCertificate: true },
                expect: { allowed: false, reasons: SIDECAR },
                control: clusterApiControl(source).id,
            },
        ];
    });
}

/** How an application uses a destination. */
function useOf({ host, port }: Pick<DestinationPort, "host" | "port">): Attempt {
    switch (port.protocol) {
        case "tls":
            return { action: "https", host, port: port.clientPort };
        case "http":
        case "originate":
            return { action: "http", host, port: port.clientPort };
        case "tcp":
            return { action: "tcp", host, port: port.clientPort, send: greeting(port.number) };
    }
}

/** Bytes that a server of that port answers or at least does not mind: PostgreSQL's SSLRequest, an empty line elsewhere. */
function greeting(port: number): string {
    return port === 5432 ? "\\000\\000\\000\\010\\004\\322\\026\\057" : "\\r\\n";
}

/** Every allowed pair, through the gateway, with the counters that have to move. */
export function allowedProbes(ports: readonly DestinationPort[]): NetworkProbe[] {
    return ports.flatMap(destination =>
        destination.allow.map((workload): NetworkProbe => {
            const source: ProbeSource = { kind: "client", ...workload };
            const { host, port, route, gateway } = destination;
            const probe: NetworkProbe = {
                kind: "network",
                id: `allowed/${sourceName(source)}/${host}:${port.number}`,
                title: `${sourceName(source)} reaches ${host}:${port.number} (${port.protocol}) through the gateway`,
                claim: "C4",
                bypasses: [],
                source,
                attempt: useOf(destination),
                expect: { allowed: true, through: route },
            };
            return aboutGateway(probe, gateway);
        }),
    );
}

const SIDECAR: readonly Reason[] = [
    { by: "sidecar" },
    // With `outboundTraffic: allow-any` the sidecar lets it pass, and the perimeter drops it.
    { by: "network", hint: "the firewall log has the packets" },
];

/**
 * Who may not use a destination: every account of a client namespace that sees the host and is not allowed, one account more
 * that no destination names, and one workload of each client namespace that does not see the host; whichever gateway carries theirs.
 */
export function refusedProbes(ports: readonly DestinationPort[]): NetworkProbe[] {
    const clients = clientsOf(ports);
    const namespaces = [...new Set(clients.map(({ namespace }) => namespace))];
    return ports.flatMap(destination => {
        const { host, port, allow, route, gateway } = destination;
        const allowed = (client: Client): boolean =>
            allow.some(one => one.namespace === client.namespace && one.serviceAccount === client.serviceAccount);
        const sees = (namespace: string): boolean => allow.some(one => one.namespace === namespace);
        const refusal: Reason =
            route.leg === "tls" ? { by: "gateway-handshake", towards: route } : { by: "gateway-authorization" };
        const refused = (source: ProbeSource, reasons: readonly Reason[], why: string): NetworkProbe => {
            const probe: NetworkProbe = {
                kind: "network",
                id: `refused/${sourceName(source)}/${host}:${port.number}`,
                title: `${sourceName(source)} ${why} ${host}:${port.number}`,
                claim: "C4",
                bypasses: [35],
                source,
                attempt: useOf(destination),
                expect: { allowed: false, reasons },
                control: clusterApiControl(source).id,
            };
            return aboutGateway(probe, gateway);
        };
        return namespaces.flatMap(namespace =>
            sees(namespace)
                ? [
                      refused({ kind: "other-account", namespace }, [refusal], "is refused by the gateway at"),
                      ...clients
                          .filter(client => client.namespace === namespace && !allowed(client))
                          .map(client =>
                              refused({ kind: "client", ...client }, [refusal], "is refused by the gateway at"),
                          ),
                  ]
                : clients
                      .filter(client => client.namespace === namespace)
                      .slice(0, 1)
                      .map(client => refused({ kind: "client", ...client }, SIDECAR, "has no route to")),
        );
    });
}

/** What an allowed workload may try with the declared hosts, and with hosts that nobody declared. */
export function undeclaredProbes(ports: readonly DestinationPort[], targets: Targets): NetworkProbe[] {
    const { publicAddress, undeclaredHost } = targets;
    return firstOfEachNamespace(ports).flatMap(({ namespace, serviceAccount }) => {
        const source: ProbeSource = { kind: "client", namespace, serviceAccount };
        const own = ports.filter(({ allow }) =>
            allow.some(one => one.namespace === namespace && one.serviceAccount === serviceAccount),
        );
        const probe = (
            name: string,
            title: string,
            bypasses: readonly number[],
            attempt: Attempt,
            reasons: readonly Reason[],
        ): NetworkProbe => ({
            kind: "network",
            id: `undeclared/${sourceName(source)}/${name}`,
            title: `${sourceName(source)} ${title}`,
            claim: "C4",
            bypasses,
            source,
            attempt,
            expect: { allowed: false, reasons },
            control: clusterApiControl(source).id,
        });
        const tls = own.find(({ port }) => port.protocol === "tls");
        const http = own.find(({ port }) => port.protocol === "http");
        const elsewhere = (
            name: string,
            what: string,
            bypass: number,
            action: "http" | "https",
            destination: DestinationPort | undefined,
        ): NetworkProbe[] => {
            if (destination === undefined) {
                return [];
            }
            const { gateway, host, port, route } = destination;
            const tried = probe(
                `other-address-${name}`,
                `cannot take the ${what} ${host} to another address`,
                [bypass],
                { action, host, port: port.clientPort, at: publicAddress },
                [{ by: "redirected", through: route }, ...SIDECAR],
            );
            return [aboutGateway(tried, gateway)];
        };
        return [
            probe(
                "tls",
                `has no TLS route to ${undeclaredHost}`,
                [28, 29],
                { action: "https", host: undeclaredHost, port: 443, at: publicAddress, anyCertificate: true },
                SIDECAR,
            ),
            probe(
                "http",
                `has no HTTP route to ${undeclaredHost}`,
                [28, 29],
                { action: "http", host: undeclaredHost, port: 80, at: publicAddress },
                SIDECAR,
            ),
            probe(
                "no-sni",
                "gets nowhere with TLS that names no host",
                [38],
                { action: "https", host: publicAddress, port: 443, anyCertificate: true },
                SIDECAR,
            ),
            probe(
                "no-tls",
                "gets nowhere with plain TCP on 443",
                [39],
                { action: "tcp", host: publicAddress, port: 443, send: "SSH-2.0-probe\\r\\n" },
                SIDECAR,
            ),
            ...elsewhere("tls", "name", 36, "https", tls),
            ...elsewhere("http", "Host", 41, "http", http),
        ];
    });
}

export interface Client {
    readonly namespace: string;
    readonly serviceAccount: string;
}

/** Everybody whom some destination allows, in the order of the list. */
export function clientsOf(ports: readonly Pick<DestinationPort, "allow">[]): Client[] {
    const clients = new Map<string, Client>();
    for (const { allow } of ports) {
        for (const { namespace, serviceAccount } of allow) {
            clients.set(`${namespace}/${serviceAccount}`, { namespace, serviceAccount });
        }
    }
    return [...clients.values()];
}

export function firstOfEachNamespace(ports: readonly DestinationPort[]): Client[] {
    const first = new Map<string, Client>();
    for (const client of clientsOf(ports)) {
        first.set(client.namespace, first.get(client.namespace) ?? client);
    }
    return [...first.values()];
}

import { type Fields, type KubernetesObject, fields, fieldsList, integer, text, texts } from "../kubernetes";
import { append } from "./exported";
import { type MeshModel } from "./model";

/** One server of a Gateway, at the port of the pods that it comes to. */
export interface Server {
    readonly gateway: KubernetesObject;
    readonly name: string;
    readonly server: Fields;
    readonly port: number;
    readonly serverPort: number;
    readonly protocol: string;
    readonly mode: string | undefined;
    /** `*`, `*.suffix` or exact, each with the namespace whose virtual services may bind to it (`*` for any). */
    readonly hosts: readonly { readonly namespace: string; readonly host: string }[];
}

export function serversOf(mesh: MeshModel, gateway: KubernetesObject): Server[] {
    const taken = new Set<string>();
    return fieldsList(gateway.spec.servers).flatMap((server): Server[] => {
        const { number, protocol } = fields(server.port);
        const serverPort = integer(number);
        if (serverPort === undefined) {
            return [];
        }
        const port = mesh.podPorts.get(serverPort) ?? serverPort;
        const hosts = texts(server.hosts).map(entry => {
            const [namespace, host] = entry.includes("/") ? (entry.split("/", 2) as [string, string]) : ["*", entry];
            return { namespace: namespace === "." ? gateway.namespace : namespace, host: host.toLowerCase() };
        });
        const tls = server.tls === undefined ? undefined : fields(server.tls);
        // Within one Gateway the order is known: a later TLS server that repeats a host is skipped as a whole.
        if (tls !== undefined && hosts.some(({ host }) => taken.has(`${port}/${host}`))) {
            return [];
        }
        hosts.forEach(({ host }) => tls !== undefined && taken.add(`${port}/${host}`));
        return [
            {
                gateway,
                name: `${gateway.namespace}/${gateway.name}`,
                server,
                port,
                serverPort,
                protocol: (text(protocol) ?? "").toUpperCase(),
                mode: tls === undefined ? undefined : (text(tls.mode) ?? "PASSTHROUGH").toUpperCase(),
                hosts,
            },
        ];
    });
}

/**
 * Servers of different Gateways that cannot stand beside each other on one port: the same host on two TLS servers, or plaintext
 * beside TLS. Gateways are ordered by age and the later server is dropped (`MergeGateways`); a plan does not show the age.
 */
export function rivalsOn(servers: readonly Server[]): ReadonlyMap<Server, readonly Server[]> {
    const rivals = new Map<Server, Server[]>();
    const claim = new Map<string, Server[]>();
    for (const server of servers) {
        const claims = server.mode === undefined ? [] : server.hosts.map(({ host }) => host);
        claims.forEach(host => append(claim, host, server));
    }
    for (const claimants of claim.values()) {
        for (const server of claimants.length > 1 ? claimants : []) {
            claimants.filter(other => other.gateway !== server.gateway).forEach(other => append(rivals, server, other));
        }
    }
    const plaintext = servers.filter(({ mode }) => mode === undefined);
    const encrypted = servers.filter(({ mode }) => mode !== undefined);
    if (plaintext.length > 0 && encrypted.length > 0) {
        plaintext.forEach(server => append(rivals, server, encrypted[0]!));
        encrypted.forEach(server => append(rivals, server, plaintext[0]!));
    }
    const opaque = plaintext.filter(({ protocol }) => protocol === "TCP");
    if (opaque.length > 0 && plaintext.length > 1) {
        plaintext.forEach(server =>
            append(
                rivals,
                server,
                plaintext.find(other => other !== server)!,
            ),
        );
    }
    return rivals;
}

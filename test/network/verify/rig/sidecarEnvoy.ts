import { type Resource } from "../../../../containment/resource";
import {
    administration,
    endpoints,
    extension,
    httpConnectionManager,
    type Pair,
    socket,
    statistics,
    tcpProxy,
    tlsClient,
    type VirtualHost,
} from "./envoy";
import { type DestinationRule, istioObjects, type ServiceEntry, type VirtualService } from "./istioObjects";
import { type RigGateway } from "./gateways";

/** Ranges inside the network, which a sidecar leaves alone: the cluster's own Services and pods, and the control plane. */
const INSIDE = ["10.0.0.0/8", "172.16.0.0/12", "169.254.0.0/16"].map(range => {
    const [address, length] = range.split("/");
    return { address_prefix: address, prefix_len: Number(length) };
});

/**
 * A sidecar as Istio would configure it for a workload of this namespace: TLS by SNI, HTTP by Host and TCP by virtual address go
 * to the gateway inside mutual TLS; everything else outside is closed at once (a client namespace has REGISTRY_ONLY) or passed
 * on to where it wanted (elsewhere the mesh's default, ALLOW_ANY).
 */
export function sidecarEnvoy(
    resources: readonly Resource[],
    gateways: readonly RigGateway[],
    namespace: string,
    own: Pair,
    meshAuthority: string,
): object {
    const visible = istioObjects<VirtualService>(resources, "VirtualService").filter(
        ({ spec }) => spec.gateways.includes("mesh") && spec.exportTo.includes(namespace),
    );
    const rules = istioObjects<DestinationRule>(resources, "DestinationRule").filter(
        ({ metadata }) => metadata.namespace === namespace,
    );
    const closed = istioObjects(resources, "Sidecar").some(({ metadata }) => metadata.namespace === namespace);
    const elsewhere = closed ? "BlackHoleCluster" : "PassthroughCluster";
    const { admin, cluster, listener } = administration();
    const chains = [
        ...tlsChains(visible),
        ...tcpChains(visible, virtualAddresses(resources, namespace)),
        httpChain(visible, closed),
    ];
    const ports = [...new Set([443, 80, ...chains.map(({ filter_chain_match: match }) => match.destination_port)])];
    return {
        admin,
        ...statistics([]),
        static_resources: {
            clusters: [
                cluster,
                { name: "BlackHoleCluster", type: "STATIC", connect_timeout: "1s" },
                {
                    name: "PassthroughCluster",
                    type: "ORIGINAL_DST",
                    lb_policy: "CLUSTER_PROVIDED",
                    connect_timeout: "10s",
                },
                ...gateways.flatMap(gateway =>
                    gatewayClusters(
                        gateway,
                        rules.find(({ spec }) => spec.host === gateway.host),
                        own,
                        meshAuthority,
                    ),
                ),
            ],
            listeners: [
                listener,
                {
                    name: "0.0.0.0_15021",
                    address: socket("0.0.0.0", 15021),
                    filter_chains: [
                        { filters: [httpConnectionManager("agent", [{ name: "ready", domains: ["*"], status: 200 }])] },
                    ],
                },
                {
                    name: "virtualOutbound",
                    address: socket("0.0.0.0", 15001),
                    listener_filters: [
                        extension(
                            "envoy.filters.listener.original_dst",
                            "extensions.filters.listener.original_dst.v3.OriginalDst",
                        ),
                        extension(
                            "envoy.filters.listener.tls_inspector",
                            "extensions.filters.listener.tls_inspector.v3.TlsInspector",
                        ),
                    ],
                    listener_filters_timeout: "2s",
                    continue_on_listener_filters_timeout: true,
                    filter_chains: [
                        ...ports.map(port => ({
                            filter_chain_match: { destination_port: port, prefix_ranges: INSIDE },
                            filters: [tcpProxy("PassthroughCluster")],
                        })),
                        { filter_chain_match: { prefix_ranges: INSIDE }, filters: [tcpProxy("PassthroughCluster")] },
                        ...chains,
                        ...ports
                            .filter(port => port !== 80)
                            .map(port => ({
                                filter_chain_match: { destination_port: port },
                                filters: [tcpProxy(elsewhere)],
                            })),
                    ],
                    default_filter_chain: { filters: [tcpProxy(elsewhere)] },
                },
            ],
        },
    };
}

interface Chain {
    readonly filter_chain_match: { readonly destination_port: number; readonly [other: string]: unknown };
    readonly filters: readonly object[];
}

function subsetCluster({
    host,
    port,
    subset,
}: {
    readonly host: string;
    readonly subset?: string;
    readonly port: { readonly number: number };
}): string {
    return `outbound|${port.number}|${subset}|${host}`;
}

function tlsChains(visible: readonly VirtualService[]): Chain[] {
    return visible.flatMap(({ spec }) =>
        (spec.tls ?? []).flatMap(({ match, route }) =>
            match.map(({ port, sniHosts }) => ({
                filter_chain_match: { destination_port: port, server_names: sniHosts, transport_protocol: "tls" },
                filters: [tcpProxy(subsetCluster(route[0]!.destination))],
            })),
        ),
    );
}

function tcpChains(visible: readonly VirtualService[], addresses: ReadonlyMap<string, string>): Chain[] {
    return visible.flatMap(({ spec }) =>
        (spec.tcp ?? []).flatMap(({ match, route }) =>
            match.map(({ port }) => ({
                filter_chain_match: {
                    destination_port: port,
                    prefix_ranges: [{ address_prefix: addresses.get(spec.hosts[0]!), prefix_len: 32 }],
                },
                filters: [tcpProxy(subsetCluster(route[0]!.destination))],
            })),
        ),
    );
}

function httpChain(visible: readonly VirtualService[], closed: boolean): Chain {
    const hosts: VirtualHost[] = visible.flatMap(({ metadata, spec }) =>
        (spec.http ?? []).map(({ route }) => ({
            name: metadata.name,
            domains: spec.hosts.flatMap(host => [host, `${host}:*`]),
            cluster: subsetCluster(route[0]!.destination),
        })),
    );
    const others: VirtualHost = {
        name: "others",
        domains: ["*"],
        ...(closed ? { status: 502 } : { cluster: "PassthroughCluster" }),
    };
    return {
        filter_chain_match: { destination_port: 80 },
        filters: [httpConnectionManager("outbound_0.0.0.0_80;", [...hosts, others])],
    };
}

/** Virtual addresses of the `tcp` destinations that a namespace sees, by host. */
export function virtualAddresses(resources: readonly Resource[], namespace: string): Map<string, string> {
    return new Map(
        istioObjects<ServiceEntry>(resources, "ServiceEntry")
            .filter(
                ({ spec }) =>
                    spec.exportTo.includes(namespace) && spec.resolution === "STATIC" && spec.addresses !== undefined,
            )
            .map(({ spec }) => [spec.hosts[0]!, spec.addresses![0]!]),
    );
}

function gatewayClusters(
    { host, identity, pods }: RigGateway,
    rule: DestinationRule | undefined,
    own: Pair,
    authority: string,
): object[] {
    return (rule?.spec.subsets ?? []).flatMap(({ name: subset, trafficPolicy }) =>
        trafficPolicy.portLevelSettings.map(({ port, tls }) => {
            const name = subsetCluster({ host, port, subset });
            const target = port.number === 80 ? 8080 : 8443;
            return {
                name,
                type: "STATIC",
                connect_timeout: "2s",
                ...endpoints(
                    name,
                    pods.map(({ address }) => ({ address, port: target })),
                ),
                transport_socket: tlsClient({
                    own,
                    authority,
                    // Istio's own server name, where the rule gives none.
                    sni: tls?.sni ?? `outbound_.${port.number}_.${subset}_.${host}`,
                    names: [identity],
                    nameType: "URI",
                }),
            };
        }),
    );
}

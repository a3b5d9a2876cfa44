import { KEPT_COUNTERS } from "../../components/gateway/proxyConfig";
import {
    type DestinationRule,
    type EnvoyFilter,
    type GatewayObject,
    type IstioObject,
    type ServiceEntry,
    type VirtualService,
} from "../../components/mesh/istioObject";
import { type Authority } from "./verify/rig/certificates";
import { endpoints, extension, mutualServer, socket, statistics, tcpProxy, tlsClient } from "./verify/rig/envoy";

const GATEWAY = "spiffe://cluster.local/ns/istio-egress/sa/egress-gateway";

const ofKind = <O extends IstioObject>(objects: readonly IstioObject[], kind: O["kind"]): O[] =>
    objects.filter(object => object.kind === kind) as O[];

const TLS_INSPECTOR = extension(
    "envoy.filters.listener.tls_inspector",
    "extensions.filters.listener.tls_inspector.v3.TlsInspector",
);

/**
 * What istiod makes of the objects for the gateway's proxy, on one port: a chain for each TLS server with its identities, clusters of
 * the services that its namespace sees, and the filters' patches applied as Istio does (`REMOVE` by name, `ADD` at the end).
 */
export function gatewayProxy(
    objects: readonly IstioObject[],
    { port, adminPort }: { readonly port: number; readonly adminPort: number },
    mesh: Authority,
): object {
    const routes = ofKind<VirtualService>(objects, "VirtualService");
    const clusterOf = (gateway: string): string => {
        const route = routes.find(({ spec }) => spec.gateways.includes(gateway));
        const [leg] = route!.spec.tcp ?? route!.spec.tls!;
        const { host, port: to } = leg!.route[0]!.destination;
        return `outbound|${to.number}||${host}`;
    };
    const clusters: { readonly name: string }[] = ofKind<ServiceEntry>(objects, "ServiceEntry")
        .filter(({ spec }) => spec.exportTo.includes("."))
        .flatMap(({ spec }) =>
            spec.ports.map(({ number }) => {
                const name = `outbound|${number}||${spec.hosts[0]!}`;
                const fixed = (spec.endpoints ?? []).map(({ address }) => ({ address, port: number }));
                return spec.resolution === "STATIC"
                    ? { name, type: "STATIC", ...endpoints(name, fixed) }
                    : {
                          name,
                          type: "STRICT_DNS",
                          dns_lookup_family: "V4_ONLY",
                          ...endpoints(name, [{ address: spec.hosts[0]!, port: number }]),
                      };
            }),
        );
    const listeners: object[] = [
        {
            name: "servers",
            address: socket("127.0.0.1", port),
            listener_filters: [TLS_INSPECTOR],
            filter_chains: ofKind<GatewayObject>(objects, "Gateway").flatMap(({ metadata, spec }) =>
                spec.servers
                    .filter(server => server.port.number === 443)
                    .map(({ hosts, tls }) => ({
                        name: metadata.name,
                        filter_chain_match: { server_names: hosts },
                        // Without mutual TLS, the client's own passes through.
                        ...(tls?.mode === "ISTIO_MUTUAL"
                            ? {
                                  transport_socket: mutualServer(
                                      mesh.issue("gateway", [`URI:${GATEWAY}`]),
                                      mesh.certificate,
                                      tls.subjectAltNames ?? [],
                                  ),
                              }
                            : {}),
                        filters: [tcpProxy(clusterOf(metadata.name))],
                    })),
            ),
        },
    ];
    for (const { metadata, spec } of ofKind<EnvoyFilter>(objects, "EnvoyFilter")) {
        for (const { applyTo, match, patch } of metadata.namespace === "istio-egress" ? spec.configPatches : []) {
            if (patch.operation === "REMOVE") {
                const name = "cluster" in match && "name" in match.cluster! ? match.cluster.name : undefined;
                clusters.splice(indexOf(clusters, name), 1);
            } else {
                (applyTo === "CLUSTER" ? (clusters as object[]) : listeners).push(patch.value!);
            }
        }
    }
    return {
        admin: { address: socket("127.0.0.1", adminPort) },
        ...statistics(KEPT_COUNTERS),
        bootstrap_extensions: [
            extension(
                "envoy.bootstrap.internal_listener",
                "extensions.bootstrap.internal_listener.v3.InternalListener",
            ),
        ],
        static_resources: { listeners, clusters },
    };
}

function indexOf(clusters: readonly { readonly name: string }[], name: string | undefined): number {
    const index = clusters.findIndex(cluster => cluster.name === name);
    if (index === -1) {
        throw new Error(`a filter removes cluster ${name}, and nothing is called that`);
    }
    return index;
}

/** Where one workload of a namespace gets into the mesh. */
export interface Entrance {
    readonly identity: string;
    readonly port: number;
    /** Subset of the gateway's Service to which everything goes, whatever it is; absent: by server name, as a sidecar's routes say. */
    readonly straightTo?: string;
}

/**
 * Sidecars of one namespace, each with a certificate of its own, and workloads that hold theirs against the gateway without one. Without
 * mutual TLS, what they send goes on as it is.
 */
export function sidecars(
    objects: readonly IstioObject[],
    namespace: string,
    entrances: readonly Entrance[],
    gatewayPort: number,
    mesh: Authority,
): object {
    const rule = ofKind<DestinationRule>(objects, "DestinationRule").find(
        ({ metadata }) => metadata.namespace === namespace,
    )!;
    const routes = ofKind<VirtualService>(objects, "VirtualService").filter(
        ({ spec }) => spec.gateways.includes("mesh") && spec.exportTo.includes(namespace),
    );
    const cluster = (identity: string, subset = ""): string => `${identity} ${subset}`;
    return {
        static_resources: {
            listeners: entrances.map(({ identity, port, straightTo }) => ({
                address: socket("127.0.0.1", port),
                // Where no name is looked for, the server may speak first.
                listener_filters: straightTo === undefined ? [TLS_INSPECTOR] : [],
                filter_chains:
                    straightTo === undefined
                        ? routes.flatMap(({ spec }) =>
                              (spec.tls ?? []).map(({ match, route }) => ({
                                  filter_chain_match: { server_names: match.flatMap(({ sniHosts }) => sniHosts) },
                                  filters: [tcpProxy(cluster(identity, route[0]!.destination.subset))],
                              })),
                          )
                        : [{ filters: [tcpProxy(cluster(identity, straightTo))] }],
            })),
            clusters: [...new Set(entrances.map(({ identity }) => identity))].flatMap(identity =>
                (rule.spec.subsets ?? [undefined]).map(subset => ({
                    name: cluster(identity, subset?.name),
                    type: "STATIC",
                    // As Istio does.
                    circuit_breakers: {
                        thresholds: [{ max_connections: 4_294_967_295, max_pending_requests: 4_294_967_295 }],
                    },
                    ...endpoints(cluster(identity, subset?.name), [{ address: "127.0.0.1", port: gatewayPort }]),
                    ...(subset === undefined
                        ? {}
                        : {
                              transport_socket: tlsClient({
                                  own: mesh.issue(identity.replaceAll("/", "-"), [
                                      `URI:spiffe://cluster.local/${identity}`,
                                  ]),
                                  authority: mesh.certificate,
                                  sni: (subset.trafficPolicy.portLevelSettings[0]!.tls as { readonly sni: string }).sni,
                                  names: [GATEWAY],
                                  nameType: "URI",
                              }),
                          }),
                })),
            ),
        },
    };
}

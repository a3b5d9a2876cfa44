import { innerNameHost, isWildcard } from "../base/conventions";

/** A port at which the gateway reads the server name inside a connection. */
export interface InnerNamePort {
    /** `istio.io`: this name alone. `*.example.com`: every name below, and the connection goes where its name says. */
    readonly host: string;
    readonly port: number;
    /** Silence after which the gateway asks whether a connection still lives. */
    readonly keepAliveSeconds: number;
    /** Labels of the gateway's pods. */
    readonly podLabels: Readonly<Record<string, string>>;
}

/** Names that one wildcard's DNS cache holds at a time: whoever may use it cannot fill the gateway's memory with invented ones. */
const MAX_HOSTS = 256;

/** As many as the gateway takes: Istio lifts Envoy's limit of 1,024 connections for its own clusters (`getDefaultCircuitBreakerThresholds`). */
const NO_LIMIT = 4_294_967_295;

const TYPE = "type.googleapis.com/envoy.extensions";

/**
 * Spec of the EnvoyFilter by which the gateway closes what has another server name inside than the destination's. Istio has no field
 * for it. The cluster that the destination's own chain leads to is replaced by one that leads to an internal listener; that
 * listener reads the inner name, has one chain for it, and connects to the host: the one that is declared, or of a wildcard the one
 * that it has read. Without the filter the cluster has no endpoint, and everything is closed.
 *
 * The proof recognises the filter by rendering it again: what differs in any field is not this one.
 */
export function innerNameFilterSpec({ host, port, keepAliveSeconds, podLabels }: InnerNamePort) {
    const entrance = `outbound|${port}||${innerNameHost(host)}`;
    // Counted under the destination's own name, as a subset of it.
    const onward = `outbound|${port}|inner|${host}`;
    const dnsCache = { name: onward, dns_lookup_family: "V4_ONLY", max_hosts: MAX_HOSTS };
    const added = (applyTo: "CLUSTER" | "LISTENER", value: object) => ({
        applyTo,
        match: { context: "GATEWAY" },
        patch: { operation: "ADD", value },
    });
    return {
        workloadSelector: { labels: podLabels },
        configPatches: [
            {
                applyTo: "CLUSTER" as const,
                match: { context: "GATEWAY", cluster: { name: entrance } },
                patch: { operation: "REMOVE" },
            },
            added("CLUSTER", {
                name: entrance,
                type: "STATIC",
                connect_timeout: "10s",
                circuit_breakers: UNLIMITED,
                ...endpoint(entrance, { envoy_internal_address: { server_listener_name: onward } }),
                transport_socket: {
                    name: "envoy.transport_sockets.internal_upstream",
                    typed_config: {
                        "@type": `${TYPE}.transport_sockets.internal_upstream.v3.InternalUpstreamTransport`,
                        transport_socket: {
                            name: "envoy.transport_sockets.raw_buffer",
                            typed_config: { "@type": `${TYPE}.transport_sockets.raw_buffer.v3.RawBuffer` },
                        },
                    },
                },
            }),
            added("CLUSTER", {
                name: onward,
                // Istio's statistics end the name of a cluster so.
                alt_stat_name: `${onward};`,
                connect_timeout: "10s",
                circuit_breakers: UNLIMITED,
                upstream_connection_options: { tcp_keepalive: { keepalive_time: keepAliveSeconds } },
                ...(isWildcard(host)
                    ? {
                          lb_policy: "CLUSTER_PROVIDED",
                          cluster_type: {
                              name: "envoy.clusters.dynamic_forward_proxy",
                              typed_config: {
                                  "@type": `${TYPE}.clusters.dynamic_forward_proxy.v3.ClusterConfig`,
                                  dns_cache_config: dnsCache,
                              },
                          },
                      }
                    : {
                          type: "STRICT_DNS",
                          dns_lookup_family: "V4_ONLY",
                          dns_refresh_rate: "60s",
                          respect_dns_ttl: true,
                          ...endpoint(onward, { socket_address: { address: host, port_value: port } }),
                      }),
            }),
            added("LISTENER", {
                name: onward,
                internal_listener: {},
                listener_filters: [
                    {
                        name: "envoy.filters.listener.tls_inspector",
                        typed_config: { "@type": `${TYPE}.filters.listener.tls_inspector.v3.TlsInspector` },
                    },
                ],
                filter_chains: [
                    {
                        name: host,
                        filter_chain_match: { server_names: [host] },
                        filters: [
                            ...(isWildcard(host)
                                ? [
                                      {
                                          name: "envoy.filters.network.sni_dynamic_forward_proxy",
                                          typed_config: {
                                              "@type": `${TYPE}.filters.network.sni_dynamic_forward_proxy.v3.FilterConfig`,
                                              port_value: port,
                                              dns_cache_config: dnsCache,
                                          },
                                      },
                                  ]
                                : []),
                            {
                                name: "envoy.filters.network.tcp_proxy",
                                typed_config: {
                                    "@type": `${TYPE}.filters.network.tcp_proxy.v3.TcpProxy`,
                                    stat_prefix: onward,
                                    cluster: onward,
                                },
                            },
                        ],
                    },
                ],
            }),
        ],
    };
}

const UNLIMITED = {
    thresholds: [
        { max_connections: NO_LIMIT, max_pending_requests: NO_LIMIT, max_requests: NO_LIMIT, max_retries: NO_LIMIT },
    ],
};

function endpoint(cluster: string, address: object) {
    return {
        load_assignment: {
            cluster_name: cluster,
            endpoints: [{ lb_endpoints: [{ endpoint: { address } }] }],
        },
    };
}

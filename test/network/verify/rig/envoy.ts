/** Pieces of Envoy configuration that gateway and sidecar share. */

const TYPES = "type.googleapis.com/envoy";

export function extension(name: string, type: string, config: object = {}): object {
    return { name, typed_config: { "@type": `${TYPES}.${type}`, ...config } };
}

export function socket(address: string, port: number): object {
    return { socket_address: { address, port_value: port } };
}

export function tcpProxy(cluster: string, statPrefix = cluster): object {
    return extension("envoy.filters.network.tcp_proxy", "extensions.filters.network.tcp_proxy.v3.TcpProxy", {
        stat_prefix: statPrefix,
        cluster,
    });
}

export interface VirtualHost {
    readonly name: string;
    readonly domains: readonly string[];
    readonly cluster?: string;
    readonly status?: number;
}

export function httpConnectionManager(
    statPrefix: string,
    hosts: readonly VirtualHost[],
    filters: readonly object[] = [],
): object {
    return extension(
        "envoy.filters.network.http_connection_manager",
        "extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
        {
            stat_prefix: statPrefix,
            route_config: {
                virtual_hosts: hosts.map(({ cluster, domains, name, status }) => ({
                    name,
                    domains,
                    routes: [
                        {
                            match: { prefix: "/" },
                            ...(cluster === undefined
                                ? { direct_response: { status } }
                                : { route: { cluster, timeout: "0s" } }),
                        },
                    ],
                })),
            },
            http_filters: [
                ...filters,
                extension("envoy.filters.http.router", "extensions.filters.http.router.v3.Router"),
            ],
        },
    );
}

export interface Pair {
    readonly certificate: string;
    readonly key: string;
}

function pair({ certificate, key }: Pair): object {
    return { certificate_chain: { filename: certificate }, private_key: { filename: key } };
}

function sans(type: "URI" | "DNS", names: readonly string[]): object {
    return names.length === 0
        ? {}
        : { match_typed_subject_alt_names: names.map(exact => ({ san_type: type, matcher: { exact } })) };
}

/** `ISTIO_MUTUAL` of a gateway's server: any certificate of the mesh, or only those that are named. */
export function mutualServer(own: Pair, meshAuthority: string, identities: readonly string[]): object {
    return extension("envoy.transport_sockets.tls", "extensions.transport_sockets.tls.v3.DownstreamTlsContext", {
        require_client_certificate: true,
        common_tls_context: {
            tls_certificates: [pair(own)],
            validation_context: { trusted_ca: { filename: meshAuthority }, ...sans("URI", identities) },
        },
    });
}

export function tlsClient(options: {
    own?: Pair;
    authority: string;
    sni: string;
    names: readonly string[];
    nameType: "URI" | "DNS";
}): object {
    return extension("envoy.transport_sockets.tls", "extensions.transport_sockets.tls.v3.UpstreamTlsContext", {
        sni: options.sni,
        common_tls_context: {
            ...(options.own === undefined ? {} : { tls_certificates: [pair(options.own)] }),
            validation_context: {
                trusted_ca: { filename: options.authority },
                ...sans(options.nameType, options.names),
            },
        },
    });
}

export function endpoints(
    cluster: string,
    addresses: readonly { readonly address: string; readonly port: number }[],
): object {
    return {
        load_assignment: {
            cluster_name: cluster,
            endpoints: [
                {
                    lb_endpoints: addresses.map(({ address, port }) => ({
                        endpoint: { address: socket(address, port) },
                    })),
                },
            ],
        },
    };
}

/**
 * Tags and matcher as in Istio's bootstrap (istio/istio, tools/packaging/common/envoy_bootstrap.json): they decide under which
 * names the counters appear, and which exist at all.
 */
export function statistics(inclusionRegexps: readonly string[]): object {
    return {
        stats_config: {
            use_all_default_tags: false,
            stats_tags: [
                { tag_name: "cluster_name", regex: "^cluster(\\.(.+);)" },
                {
                    tag_name: "http_conn_manager_prefix",
                    regex: "^http\\.(((?:[_.[:digit:]\\w]*|[_\\[\\]aAbBcCdDeEfF[:digit:]\\w\\:]*));\\.)",
                },
                { tag_name: "tcp_prefix", regex: "^tcp\\.((.*?)\\.)\\w+?$" },
                { tag_name: "response_code", regex: "_rq(_(\\d{3}))$" },
                { tag_name: "response_code_class", regex: "_rq(_(\\dxx))$" },
                {
                    tag_name: "listener_address",
                    regex: "^listener\\.(((?:[_.[:digit:]]*|[_\\[\\]aAbBcCdDeEfF[:digit:]]*))\\.)",
                },
                { tag_name: "authz_enforce_result", regex: "rbac(\\.(allowed|denied))" },
                { tag_name: "authz_dry_run_action", regex: "(\\.istio_dry_run_(allow|deny)_)" },
                { tag_name: "authz_dry_run_result", regex: "(\\.shadow_(allowed|denied))" },
            ],
            stats_matcher: {
                inclusion_list: {
                    patterns: [
                        ...["cluster_manager", "listener_manager", "server", "cluster.xds-grpc"].map(prefix => ({
                            prefix,
                        })),
                        ...[
                            "rbac.allowed",
                            "rbac.denied",
                            "shadow_allowed",
                            "shadow_denied",
                            "downstream_cx_active",
                        ].map(suffix => ({ suffix })),
                        ...inclusionRegexps.map(regex => ({ safe_regex: { regex } })),
                    ],
                },
            },
        },
        deferred_stat_options: { enable_deferred_creation_stats: true },
    };
}

/** Administration on loopback, and the counters for everybody who may reach the port. */
export function administration(): { readonly admin: object; readonly listener: object; readonly cluster: object } {
    const name = "prometheus_stats";
    return {
        admin: { address: socket("127.0.0.1", 15000) },
        cluster: {
            name,
            alt_stat_name: `${name};`,
            type: "STATIC",
            connect_timeout: "0.25s",
            ...endpoints(name, [{ address: "127.0.0.1", port: 15000 }]),
        },
        listener: {
            name: "0.0.0.0_15090",
            address: socket("0.0.0.0", 15090),
            filter_chains: [
                {
                    filters: [
                        extension(
                            "envoy.filters.network.http_connection_manager",
                            "extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
                            {
                                stat_prefix: "stats",
                                route_config: {
                                    virtual_hosts: [
                                        {
                                            name: "backend",
                                            domains: ["*"],
                                            routes: [
                                                { match: { prefix: "/stats/prometheus" }, route: { cluster: name } },
                                            ],
                                        },
                                    ],
                                },
                                http_filters: [
                                    extension("envoy.filters.http.router", "extensions.filters.http.router.v3.Router"),
                                ],
                            },
                        ),
                    ],
                },
            ],
        },
    };
}

import { type Resource } from "../../../../containment/resource";
import {
    administration,
    endpoints,
    extension,
    httpConnectionManager,
    mutualServer,
    type Pair,
    socket,
    statistics,
    tcpProxy,
    tlsClient,
    type VirtualHost,
} from "./envoy";
import {
    type AuthorizationPolicy,
    type DestinationRule,
    type Gateway,
    istioObjects,
    type ServiceEntry,
    type VirtualService,
} from "./istioObjects";

export interface GatewayFiles {
    readonly own: Pair;
    readonly meshAuthority: string;
    readonly publicAuthority: string;
    /** Certificate for far sides that want one. */
    readonly client: Pair;
}

/**
 * What istiod would give to a gateway's proxy for the registered objects of its namespace, written by hand after what Istio 1.30 generates:
 * one filter chain per TLS server, by SNI, with the server's subject names; one chain for the HTTP leg with a virtual host
 * per VirtualService; clusters that resolve the declared names; authorization as RBAC filters; statistics under Istio's names.
 */
export function gatewayEnvoy(resources: readonly Resource[], files: GatewayFiles): object {
    const gateways = istioObjects<Gateway>(resources, "Gateway");
    const services = istioObjects<VirtualService>(resources, "VirtualService").filter(
        ({ spec }) => !spec.gateways.includes("mesh"),
    );
    const policies = istioObjects<AuthorizationPolicy>(resources, "AuthorizationPolicy");
    const { admin, cluster, listener } = administration();
    const servers = gateways.flatMap(({ metadata, spec }) =>
        spec.servers.map(server => ({ ...server, gateway: metadata.name })),
    );
    const socketFor = (identities: readonly string[] = []) => mutualServer(files.own, files.meshAuthority, identities);
    return {
        admin,
        ...statistics(inclusionRegexps(resources)),
        cluster_manager: { enable_deferred_cluster_creation: true },
        static_resources: {
            clusters: [cluster, ...clusters(resources, files)],
            listeners: [
                listener,
                {
                    name: "0.0.0.0_8443",
                    address: socket("0.0.0.0", 8443),
                    listener_filters: [
                        extension(
                            "envoy.filters.listener.tls_inspector",
                            "extensions.filters.listener.tls_inspector.v3.TlsInspector",
                        ),
                    ],
                    listener_filters_timeout: "5s",
                    filter_chains: servers
                        .filter(({ port }) => port.number === 443)
                        .map(({ gateway, hosts, port, tls }) => ({
                            name: port.name,
                            filter_chain_match: { server_names: hosts, transport_protocol: "tls" },
                            transport_socket: socketFor(tls.subjectAltNames),
                            filters: [...networkRbac(policies), tcpProxy(tcpCluster(services, gateway, hosts))],
                        })),
                },
                {
                    name: "0.0.0.0_8080",
                    address: socket("0.0.0.0", 8080),
                    filter_chains: servers
                        .filter(({ port }) => port.number === 80)
                        .map(({ gateway, port, tls }) => ({
                            name: port.name,
                            transport_socket: socketFor(tls.subjectAltNames),
                            filters: [
                                httpConnectionManager(
                                    "outbound_0.0.0.0_8080;",
                                    virtualHosts(services, gateway),
                                    httpRbac(policies),
                                ),
                            ],
                        })),
                },
            ],
        },
    };
}

/** The counters that the Deployment's annotation asks for. */
function inclusionRegexps(resources: readonly Resource[]): readonly string[] {
    const deployment = resources.find(({ type }) => type === "kubernetes:apps/v1:Deployment")!.inputs as {
        spec: { template: { metadata: { annotations: Record<string, string> } } };
    };
    const config = JSON.parse(deployment.spec.template.metadata.annotations["proxy.istio.io/config"]!) as {
        proxyStatsMatcher: { inclusionRegexps: string[] };
    };
    return config.proxyStatsMatcher.inclusionRegexps;
}

function tcpCluster(services: readonly VirtualService[], gateway: string, hosts: readonly string[]): string {
    const service = services.find(
        ({ spec }) =>
            spec.tcp !== undefined && spec.gateways.includes(gateway) && spec.hosts.some(host => hosts.includes(host)),
    );
    const { host, port } = service!.spec.tcp![0]!.route[0]!.destination;
    return `outbound|${port.number}||${host}`;
}

function virtualHosts(services: readonly VirtualService[], gateway: string): VirtualHost[] {
    return services
        .filter(({ spec }) => spec.http !== undefined && spec.gateways.includes(gateway))
        .map(({ metadata, spec }) => {
            const { host, port } = spec.http![0]!.route[0]!.destination;
            return {
                name: metadata.name,
                domains: spec.hosts.flatMap(name => [name, `${name}:*`]),
                cluster: `outbound|${port.number}||${host}`,
            };
        });
}

function clusters(resources: readonly Resource[], files: GatewayFiles): object[] {
    const rules = istioObjects<DestinationRule>(resources, "DestinationRule");
    return istioObjects<ServiceEntry>(resources, "ServiceEntry")
        .filter(({ spec }) => spec.resolution === "DNS")
        .flatMap(({ spec }) =>
            spec.ports.map(({ number }) => {
                const [host] = spec.hosts as readonly [string];
                const name = `outbound|${number}||${host}`;
                const tls = rules
                    .find(rule => rule.spec.host === host)
                    ?.spec.trafficPolicy?.portLevelSettings?.find(({ port }) => port.number === number)?.tls;
                return {
                    name,
                    // Istio ends the statistic's name with a semicolon, so that its dots can be told from a host's.
                    alt_stat_name: `${name};`,
                    type: "STRICT_DNS",
                    dns_lookup_family: "V4_ONLY",
                    connect_timeout: "2s",
                    ...endpoints(name, [{ address: host, port: number }]),
                    ...(tls === undefined
                        ? {}
                        : {
                              transport_socket: tlsClient({
                                  ...(tls.mode === "MUTUAL" ? { own: files.client } : {}),
                                  authority: files.publicAuthority,
                                  sni: tls.sni ?? host,
                                  names: tls.subjectAltNames ?? [host],
                                  nameType: "DNS",
                              }),
                          }),
                };
            }),
        );
}

/** Without any policy nothing is judged; with one, whatever no rule allows is denied. */
function networkRbac(policies: readonly AuthorizationPolicy[]): object[] {
    const rules = rulesFor(policies, "8443").filter(({ operation }) => operation.hosts === undefined);
    return policies.length === 0
        ? []
        : [
              extension("envoy.filters.network.rbac", "extensions.filters.network.rbac.v3.RBAC", {
                  stat_prefix: "tcp.",
                  rules: { action: "ALLOW", policies: policiesOf(rules) },
              }),
          ];
}

export function httpRbac(policies: readonly AuthorizationPolicy[]): object[] {
    return policies.length === 0
        ? []
        : [
              extension("envoy.filters.http.rbac", "extensions.filters.http.rbac.v3.RBAC", {
                  rules: { action: "ALLOW", policies: policiesOf(rulesFor(policies, "8080")) },
              }),
          ];
}

interface Rule {
    readonly name: string;
    /** Absent: everybody. */
    readonly principals?: readonly string[];
    readonly operation: { readonly ports: readonly string[]; readonly hosts?: readonly string[] };
}

function rulesFor(policies: readonly AuthorizationPolicy[], port: string): Rule[] {
    return policies.flatMap(({ metadata, spec }) =>
        (spec.rules ?? []).flatMap(({ from, to }) =>
            to
                .filter(({ operation }) => operation.ports.includes(port))
                .map(({ operation }) => ({
                    name: metadata.name,
                    ...(from === undefined ? {} : { principals: from.flatMap(({ source }) => source.principals) }),
                    operation,
                })),
        ),
    );
}

function policiesOf(rules: readonly Rule[]): object {
    const header = (host: string): object => ({
        header: {
            name: ":authority",
            string_match: host.endsWith("*") ? { prefix: host.slice(0, -1) } : { exact: host },
        },
    });
    return Object.fromEntries(
        rules.map(({ name, operation, principals }) => [
            name,
            {
                permissions: [
                    {
                        and_rules: {
                            rules: [
                                {
                                    or_rules: {
                                        rules: operation.ports.map(port => ({ destination_port: Number(port) })),
                                    },
                                },
                                ...(operation.hosts === undefined
                                    ? []
                                    : [{ or_rules: { rules: operation.hosts.map(header) } }]),
                            ],
                        },
                    },
                ],
                principals: principals?.map(principal => ({
                    authenticated: {
                        principal_name:
                            principal === "*"
                                ? { safe_regex: { regex: "spiffe://.+" } }
                                : { exact: `spiffe://${principal}` },
                    },
                })) ?? [{ any: true }],
            },
        ]),
    );
}

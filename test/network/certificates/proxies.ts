import {
    type ClientTls,
    type DestinationRule,
    type DestinationRuleSpec,
    type IstioObject,
    type RouteDestination,
    type VirtualService,
} from "../../../components/mesh/istioObject";
import { type WorkloadIdentity } from "../../../settings/schema";
import { type Authority } from "../verify/rig/certificates";
import { endpoints, extension, mutualServer, type Pair, socket, tlsClient } from "../verify/rig/envoy";
import { httpRbac } from "../verify/rig/gatewayEnvoy";
import { type AuthorizationPolicy } from "../verify/rig/istioObjects";

export const GATEWAY_IDENTITY = "spiffe://cluster.local/ns/istio-egress/sa/egress-gateway";

/** What a Secret of the gateway's namespace has: `tls.crt` and `tls.key`, `ca.crt`. */
export interface Secret {
    readonly own?: Pair;
    readonly authority: string;
}

const virtualServices = (objects: readonly IstioObject[]): VirtualService[] =>
    objects.filter((object): object is VirtualService => object.kind === "VirtualService");

/** Whether the gateway's HTTP server asks for it. */
const hasMutualTls = (objects: readonly IstioObject[]): boolean =>
    objects.some(
        object =>
            object.kind === "Gateway" &&
            object.metadata.name === "http" &&
            object.spec.servers.some(({ tls }) => tls?.mode === "ISTIO_MUTUAL"),
    );

/** Routes with the Host that they write; ports in a Host are passed over as Istio does, but for what a route compares. */
function manager(services: readonly VirtualService[], filters: readonly object[], clusterOf: ClusterOf): object {
    return extension("http", "extensions.filters.network.http_connection_manager.v3.HttpConnectionManager", {
        stat_prefix: "http",
        route_config: {
            ignore_port_in_host_matching: true,
            virtual_hosts: services.map(({ metadata, spec }) => ({
                name: metadata.name,
                domains: spec.hosts,
                routes: spec.http!.map(({ rewrite, route }) => ({
                    match: { prefix: "/" },
                    route: { cluster: clusterOf(route[0]!.destination), host_rewrite_literal: rewrite.authority },
                })),
            })),
        },
        http_filters: [...filters, extension("router", "extensions.filters.http.router.v3.Router")],
    });
}

type ClusterOf = (destination: RouteDestination["destination"]) => string;

const clusterName: ClusterOf = ({ host, port, subset }) => `outbound|${port.number}|${subset ?? ""}|${host}`;

/** What istiod makes of the objects for the gateway's HTTP leg, on one port. */
export function gatewayProxy(
    objects: readonly IstioObject[],
    port: number,
    mesh: Authority,
    secrets: Readonly<Record<string, Secret>>,
): object {
    const services = virtualServices(objects).filter(({ spec }) => spec.gateways.includes("http"));
    const policies = objects.filter(({ kind }) => kind === "AuthorizationPolicy") as unknown as AuthorizationPolicy[];
    const rules = objects.filter(
        (object): object is DestinationRule =>
            object.kind === "DestinationRule" &&
            object.metadata.namespace === "istio-egress" &&
            object.spec.host !== "*",
    );
    // Policies name the port of the gateway's pods.
    const rbac = JSON.parse(
        JSON.stringify(httpRbac(policies)).replaceAll('"destination_port":8080', `"destination_port":${port}`),
    ) as object[];
    return {
        static_resources: {
            listeners: [
                {
                    address: socket("127.0.0.1", port),
                    filter_chains: [
                        {
                            ...(hasMutualTls(objects)
                                ? {
                                      transport_socket: mutualServer(
                                          mesh.issue("gateway", [`URI:${GATEWAY_IDENTITY}`]),
                                          mesh.certificate,
                                          [],
                                      ),
                                  }
                                : {}),
                            filters: [manager(services, rbac, clusterName)],
                        },
                    ],
                },
            ],
            clusters: rules.flatMap(({ spec }) =>
                policiesOf(spec).map(({ subset, number, tls }) => {
                    const name = clusterName({
                        host: spec.host,
                        port: { number },
                        ...(subset === undefined ? {} : { subset }),
                    });
                    const originated = tls as Extract<ClientTls, { readonly subjectAltNames: readonly string[] }>;
                    const secret =
                        originated.credentialName === undefined ? undefined : secrets[originated.credentialName];
                    return {
                        name,
                        type: "STRICT_DNS",
                        dns_lookup_family: "V4_ONLY",
                        ...endpoints(name, [{ address: spec.host, port: number }]),
                        transport_socket: tlsClient({
                            ...(originated.mode === "MUTUAL" ? { own: secret!.own! } : {}),
                            authority: secret?.authority ?? mesh.certificate,
                            sni: originated.sni,
                            names: originated.subjectAltNames,
                            nameType: "DNS",
                        }),
                    };
                }),
            ),
        },
    };
}

function policiesOf({ trafficPolicy, subsets }: DestinationRuleSpec) {
    return [
        { subset: undefined, policy: trafficPolicy },
        ...(subsets ?? []).map(({ name, trafficPolicy: policy }) => ({ subset: name, policy })),
    ].flatMap(({ subset, policy }) =>
        policy !== undefined && "portLevelSettings" in policy
            ? policy.portLevelSettings.map(({ port, tls }) => ({ subset, number: port.number, tls }))
            : [],
    );
}

/** The HTTP side of a workload's sidecar, on one port. */
export function sidecarProxy(
    objects: readonly IstioObject[],
    { namespace, serviceAccount }: WorkloadIdentity,
    port: number,
    gatewayPort: number,
    mesh: Authority,
): object {
    const services = virtualServices(objects).filter(
        ({ spec }) => spec.gateways.includes("mesh") && spec.exportTo.includes(namespace),
    );
    const own = mesh.issue(`${namespace}-${serviceAccount}`, [
        `URI:spiffe://cluster.local/ns/${namespace}/sa/${serviceAccount}`,
    ]);
    return {
        static_resources: {
            listeners: [
                {
                    address: socket("127.0.0.1", port),
                    filter_chains: [{ filters: [manager(services, [], () => "gateway")] }],
                },
            ],
            clusters: [
                {
                    name: "gateway",
                    type: "STATIC",
                    ...endpoints("gateway", [{ address: "127.0.0.1", port: gatewayPort }]),
                    ...(hasMutualTls(objects)
                        ? {
                              transport_socket: tlsClient({
                                  own,
                                  authority: mesh.certificate,
                                  sni: "outbound_.80_._.egress-gateway.istio-egress.svc.cluster.local",
                                  names: [GATEWAY_IDENTITY],
                                  nameType: "URI",
                              }),
                          }
                        : {}),
                },
            ],
        },
    };
}

import { GATEWAY_PORTS, innerNameHost } from "../../base/conventions";
import { clientPort } from "../../settings/destinations";
import { type Destination } from "../../settings/schema";
import { HTTP_GATEWAY } from "./gatewayServers";
import { type HttpRoute, type RouteDestination, type VirtualService, type VirtualServiceSpec } from "./istioObject";
import { type HttpLegPort, httpLegPorts, type HttpTenant, httpTenants, type TlsLegPort, tlsLegPorts } from "./legs";
import { type MeshDestination, OWN_NAMESPACE, toClients } from "./meshDestination";
import { objectName } from "./names";
import { type GatewayFacts } from "./gatewayFacts";

/** The routes of a destination: from its clients to the gateway, and from each of the gateway's servers to the outside. */
export function virtualServices(destination: MeshDestination, gateway: GatewayFacts): VirtualService[] {
    const http = httpLegPorts(destination);
    const tenants = httpTenants(destination);
    return [
        ...tenants.map(tenant => meshLeg(destination, tenant, gateway)),
        ...tlsLegPorts(destination).map(port => gatewayTlsLeg(destination, port, gateway)),
        ...(http.length === 0 ? [] : tenants.map(tenant => gatewayHttpLeg(destination.host, tenant, http, gateway))),
    ];
}

/** In the sidecars of the namespaces that may use the destination: whatever port they dial, it goes to the gateway. */
function meshLeg(destination: Destination, tenant: HttpTenant, gateway: GatewayFacts): VirtualService {
    const { host } = destination;
    const name = objectName(host);
    const tls = tlsLegPorts(destination);
    const toGateway = (number: number, subset: string): RouteDestination[] => [
        { destination: { host: gateway.host, ...(gateway.mutualTls ? { subset } : {}), port: { number } } },
    ];
    const toTlsServer = ({ subset }: TlsLegPort) => toGateway(GATEWAY_PORTS.tls.port, subset);
    return virtualService(`${tenant.name}-mesh`, gateway, {
        hosts: [host],
        gateways: ["mesh"],
        exportTo: toClients(tenant),
        ...nonEmpty({
            tls: tls
                .filter(({ port }) => port.protocol === "tls")
                .map(leg => ({ match: [{ port: leg.port.number, sniHosts: [host] }], route: toTlsServer(leg) })),
            tcp: tls
                .filter(({ port }) => port.protocol === "tcp")
                .map(leg => ({ match: [{ port: leg.port.number }], route: toTlsServer(leg) })),
            http: httpLegPorts(destination).map(port => ({
                match: [{ port: clientPort(port) }],
                rewrite: { authority: dialledAuthority(tenant.host, port) },
                route: toGateway(GATEWAY_PORTS.http.port, name),
            })),
        }),
    });
}

/**
 * Behind one TLS server. With mutual TLS the gateway has ended the outer TLS, and what is left are opaque bytes: a `tcp`
 * route. Passed through, the connection still shows the application's own SNI.
 */
function gatewayTlsLeg(
    { host }: MeshDestination,
    { name, sni, port, checksInnerName }: TlsLegPort,
    gateway: GatewayFacts,
): VirtualService {
    const route = toOutside(checksInnerName ? innerNameHost(host) : host, port.number);
    const server = GATEWAY_PORTS.tls.port;
    return virtualService(name, gateway, {
        hosts: [sni],
        gateways: [name],
        exportTo: OWN_NAMESPACE,
        ...(gateway.mutualTls
            ? { tcp: [{ match: [{ port: server }], route }] }
            : { tls: [{ match: [{ port: server, sniHosts: [sni] }], route }] }),
    });
}

/**
 * What the proxies write for one another and a third party has no business with: pod addresses, workload names, retries, the
 * scheme of a hop inside the mesh, and the identifiers of requests and traces (W3C, B3). An application's own values of these
 * cannot be told from a sidecar's, and go as well.
 */
export const MESH_HEADERS = [
    "b3",
    "baggage",
    "traceparent",
    "tracestate",
    "x-b3-flags",
    "x-b3-parentspanid",
    "x-b3-sampled",
    "x-b3-spanid",
    "x-b3-traceid",
    "x-envoy-attempt-count",
    "x-envoy-decorator-operation",
    "x-envoy-expected-rq-timeout-ms",
    "x-envoy-external-address",
    "x-envoy-internal",
    "x-envoy-original-host",
    "x-envoy-original-path",
    "x-envoy-peer-metadata",
    "x-envoy-peer-metadata-id",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-proto",
    "x-request-id",
] as const;

/**
 * The Host that arrives at the gateway says which port was dialled. The sidecar writes it, which knows the port; what clients write
 * differs in case, in the dot at the end, and in whether there is a port at all, and routes compare every letter.
 */
function dialledAuthority(host: string, port: HttpLegPort): string {
    return clientPort(port) === 80 ? host : `${host}:${clientPort(port)}`;
}

/** The Host that the far side is asked for: its own, with its port unless that is the scheme's (RFC 9110, section 7.2). */
function targetAuthority(host: string, { protocol, number }: HttpLegPort): string {
    return number === (protocol === "originate" ? 443 : 80) ? host : `${host}:${number}`;
}

/**
 * Behind the HTTP server. Every HTTP port of the host arrives there, and the port that the client dialled is left in the
 * authority alone (`host:8080`; nothing for 80). The route without a match comes last: port 80, or the lowest there is.
 */
function gatewayHttpLeg(
    host: string,
    tenant: HttpTenant,
    ports: readonly HttpLegPort[],
    gateway: GatewayFacts,
): VirtualService {
    const [lowest, ...others] = [...ports].sort(
        (a, b) => Number(clientPort(b) === 80) - Number(clientPort(a) === 80) || clientPort(a) - clientPort(b),
    );
    const toPort = (port: HttpLegPort): HttpRoute => ({
        rewrite: { authority: targetAuthority(host, port) },
        headers: { request: { remove: MESH_HEADERS } },
        route: toOutside(host, port.number, tenant.subset?.name),
    });
    return virtualService(`${tenant.name}-http`, gateway, {
        hosts: [tenant.host],
        gateways: [HTTP_GATEWAY],
        exportTo: OWN_NAMESPACE,
        http: [
            ...others.map(port => ({
                match: [{ authority: { exact: dialledAuthority(tenant.host, port) } }],
                ...toPort(port),
            })),
            ...(lowest === undefined ? [] : [toPort(lowest)]),
        ],
    });
}

function toOutside(host: string, number: number, subset?: string): RouteDestination[] {
    return [{ destination: { host, ...(subset === undefined ? {} : { subset }), port: { number } } }];
}

function virtualService(name: string, { namespace }: GatewayFacts, spec: VirtualServiceSpec): VirtualService {
    return { apiVersion: "networking.istio.io/v1", kind: "VirtualService", metadata: { name, namespace }, spec };
}

/** Without the lists that have nothing in them. */
function nonEmpty(
    routes: Required<Pick<VirtualServiceSpec, "tls" | "tcp" | "http">>,
): Pick<VirtualServiceSpec, "tls" | "tcp" | "http"> {
    const { tls, tcp, http } = routes;
    return {
        ...(tls.length === 0 ? {} : { tls }),
        ...(http.length === 0 ? {} : { http }),
        ...(tcp.length === 0 ? {} : { tcp }),
    };
}

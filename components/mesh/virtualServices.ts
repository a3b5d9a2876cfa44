import { GATEWAY_PORTS } from "../../settings/conventions";
import { clientPort } from "../../settings/destinations";
import { type Destination } from "../../settings/schema";
import { HTTP_GATEWAY } from "./gatewayServers";
import { type HttpRoute, type RouteDestination, type VirtualService, type VirtualServiceSpec } from "./istioObject";
import { type HttpLegPort, httpLegPorts, type TlsLegPort, tlsLegPorts } from "./legs";
import { objectName } from "./names";
import { type GatewayFacts } from "./gatewayFacts";
import { OWN_NAMESPACE, toClients } from "./visibility";

/** The routes of a destination: from its clients to the gateway, and from each of the gateway's servers to the outside. */
export function virtualServices(destination: Destination, gateway: GatewayFacts): VirtualService[] {
    const http = httpLegPorts(destination);
    return [
        meshLeg(destination, gateway),
        ...tlsLegPorts(destination).map(port => gatewayTlsLeg(destination.host, port, gateway)),
        ...(http.length === 0 ? [] : [gatewayHttpLeg(destination.host, http, gateway)]),
    ];
}

/** In the sidecars of the namespaces that may use the destination: whatever port they dial, it goes to the gateway. */
function meshLeg(destination: Destination, gateway: GatewayFacts): VirtualService {
    const { host } = destination;
    const name = objectName(host);
    const tls = tlsLegPorts(destination);
    const toGateway = (number: number, subset: string): RouteDestination[] => [
        { destination: { host: gateway.host, ...(gateway.mutualTls ? { subset } : {}), port: { number } } },
    ];
    const toTlsServer = ({ subset }: TlsLegPort) => toGateway(GATEWAY_PORTS.tls.port, subset);
    return virtualService(`${name}-mesh`, gateway, {
        hosts: [host],
        gateways: ["mesh"],
        exportTo: toClients(destination),
        ...nonEmpty({
            tls: tls
                .filter(({ port }) => port.protocol === "tls")
                .map(leg => ({ match: [{ port: leg.port.number, sniHosts: [host] }], route: toTlsServer(leg) })),
            tcp: tls
                .filter(({ port }) => port.protocol === "tcp")
                .map(leg => ({ match: [{ port: leg.port.number }], route: toTlsServer(leg) })),
            http: httpLegPorts(destination).map(port => ({
                match: [{ port: clientPort(port) }],
                route: toGateway(GATEWAY_PORTS.http.port, name),
            })),
        }),
    });
}

/**
 * Behind one TLS server. With mutual TLS the gateway has ended the outer TLS, and what is left are opaque bytes: a `tcp`
 * route. Passed through, the connection still shows the application's own SNI.
 */
function gatewayTlsLeg(host: string, { name, sni, port }: TlsLegPort, gateway: GatewayFacts): VirtualService {
    const route = toOutside(host, port.number);
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

/** What the proxies add for one another and a third party has no business with: pod addresses, workload names, retries. */
const MESH_HEADERS = [
    "x-envoy-attempt-count",
    "x-envoy-decorator-operation",
    "x-envoy-expected-rq-timeout-ms",
    "x-envoy-peer-metadata",
    "x-envoy-peer-metadata-id",
    "x-forwarded-for",
] as const;

/**
 * Behind the HTTP server. Every HTTP port of the host arrives there, and the port that the client dialled is left in the
 * authority alone (`host:8080`; nothing for 80). The route without a match comes last: port 80, or the lowest there is.
 */
function gatewayHttpLeg(host: string, ports: readonly HttpLegPort[], gateway: GatewayFacts): VirtualService {
    const [lowest, ...others] = [...ports].sort(
        (a, b) => Number(clientPort(b) === 80) - Number(clientPort(a) === 80) || clientPort(a) - clientPort(b),
    );
    const routes = others.map((port): HttpRoute => ({
        match: [{ authority: { exact: `${host}:${clientPort(port)}` } }],
        headers: { request: { remove: MESH_HEADERS } },
        route: toOutside(host, port.number),
    }));
    return virtualService(`${objectName(host)}-http`, gateway, {
        hosts: [host],
        gateways: [HTTP_GATEWAY],
        exportTo: OWN_NAMESPACE,
        http: [
            ...routes,
            ...(lowest === undefined
                ? []
                : [{ headers: { request: { remove: MESH_HEADERS } }, route: toOutside(host, lowest.number) }]),
        ],
    });
}

function toOutside(host: string, number: number): RouteDestination[] {
    return [{ destination: { host, port: { number } } }];
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

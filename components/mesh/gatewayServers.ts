import { GATEWAY_PORTS } from "../../base/conventions";
import { type Destination } from "../../settings/schema";
import { type GatewayObject, type GatewayServer } from "./istioObject";
import { tlsLegPorts } from "./legs";
import { type GatewayFacts, spiffeIds } from "./gatewayFacts";

/** Name of the Gateway that all plain HTTP arrives at. */
export const HTTP_GATEWAY = "http";

/**
 * The server for plain HTTP, one for all destinations: HTTP names its host itself. With mutual TLS it accepts every identity
 * of the mesh, and the authorization policies decide by host.
 */
export function httpGateway(gateway: GatewayFacts): GatewayObject {
    const { port } = GATEWAY_PORTS.http;
    return gatewayWith(
        HTTP_GATEWAY,
        gateway,
        gateway.mutualTls
            ? {
                  port: { number: port, name: "http-mtls", protocol: "HTTPS" },
                  hosts: ["*"],
                  tls: { mode: "ISTIO_MUTUAL" },
              }
            : { port: { number: port, name: "http", protocol: "HTTP" }, hosts: ["*"] },
    );
}

/**
 * One TLS server for one destination and port. Istio builds one filter chain per terminating server and gives it the first
 * route that fits, so a server with two hosts would send both to one of them. The chain accepts the identities of this
 * destination and no other: it checks them in the handshake, before a byte of the application is read.
 */
export function tlsGateways(destination: Destination, gateway: GatewayFacts): GatewayObject[] {
    return tlsLegPorts(destination).map(({ name, sni }) =>
        gatewayWith(name, gateway, {
            port: { number: GATEWAY_PORTS.tls.port, name: `tls-${name}`, protocol: "TLS" },
            hosts: [sni],
            tls: gateway.mutualTls
                ? { mode: "ISTIO_MUTUAL", subjectAltNames: spiffeIds(destination.allow, gateway) }
                : { mode: "PASSTHROUGH" },
        }),
    );
}

function gatewayWith(name: string, { namespace, podLabels }: GatewayFacts, server: GatewayServer): GatewayObject {
    return {
        apiVersion: "networking.istio.io/v1",
        kind: "Gateway",
        metadata: { name, namespace },
        spec: { selector: podLabels, servers: [server] },
    };
}

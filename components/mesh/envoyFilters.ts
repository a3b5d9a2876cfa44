import { GATEWAY_NAME, ofGateway } from "../../base/conventions";
import { innerNameFilterSpec } from "../../declared/innerName";
import { type GatewayFacts } from "./gatewayFacts";
import { type EnvoyFilter } from "./istioObject";
import { tlsLegPorts } from "./legs";
import { type MeshDestination } from "./meshDestination";

/** How the gateway reads the server name inside: one filter for each port of a wildcard, and for each that asks for it. */
export function innerNameFilters(
    { host, ports }: MeshDestination,
    { namespace, keepAliveSeconds, podLabels }: GatewayFacts,
): EnvoyFilter[] {
    return tlsLegPorts({ host, ports })
        .filter(({ checksInnerName }) => checksInnerName)
        .map(({ name, port }) => ({
            apiVersion: "networking.istio.io/v1alpha3",
            kind: "EnvoyFilter",
            metadata: { name, namespace },
            spec: innerNameFilterSpec({ host, port: port.number, keepAliveSeconds, podLabels }),
        }));
}

/**
 * How many TLS sessions a sidecar keeps for each of its clusters of the gateway. Envoy keeps one, a TLS 1.3 ticket serves once,
 * and so nearly every new connection pays for a full mutual handshake: 0.45 of what passing through takes, against 0.83 with
 * 64 (issue 15). Istio's API has no field for it. Identities are checked all the same when a session is resumed.
 */
export function sessionKeys(namespace: string, { name, host, sessionKeys: count }: GatewayFacts): EnvoyFilter {
    return {
        apiVersion: "networking.istio.io/v1alpha3",
        kind: "EnvoyFilter",
        metadata: { name: `${ofGateway(GATEWAY_NAME, name)}-session-keys`, namespace },
        spec: {
            configPatches: [
                {
                    applyTo: "CLUSTER",
                    match: { context: "SIDECAR_OUTBOUND", cluster: { service: host } },
                    patch: {
                        operation: "MERGE",
                        value: {
                            transport_socket: {
                                name: "envoy.transport_sockets.tls",
                                typed_config: {
                                    "@type":
                                        "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext",
                                    max_session_keys: count,
                                },
                            },
                        },
                    },
                },
            ],
        },
    };
}

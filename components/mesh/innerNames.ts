import { innerNameFilterSpec } from "../../declared/innerName";
import { type EnvoyFilter } from "./istioObject";
import { tlsLegPorts } from "./legs";
import { type GatewayFacts } from "./gatewayFacts";
import { type MeshDestination } from "./meshDestination";

/** How the gateway reads the server name inside: one filter for each port of a wildcard, and for each that asks for it. */
export function innerNameFilters(
    { host, ports }: MeshDestination,
    { namespace, keepAliveSeconds }: GatewayFacts,
): EnvoyFilter[] {
    return tlsLegPorts({ host, ports })
        .filter(({ checksInnerName }) => checksInnerName)
        .map(({ name, port }) => ({
            apiVersion: "networking.istio.io/v1alpha3",
            kind: "EnvoyFilter",
            metadata: { name, namespace },
            spec: innerNameFilterSpec({ host, port: port.number, keepAliveSeconds }),
        }));
}

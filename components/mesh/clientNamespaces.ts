import { GATEWAY_NAME, GATEWAY_PORTS, ofGateway } from "../../base/conventions";
import { type Destination } from "../../settings/schema";
import { type Settings } from "../../settings/settings";
import { type DestinationRule, type PortTrafficPolicy, type Sidecar } from "./istioObject";
import { connectionPool } from "./connections";
import { httpLegPorts, speaksHttp2, tlsLegPorts } from "./legs";
import { objectName } from "./names";
import { type GatewayFacts } from "./gatewayFacts";
import { OWN_NAMESPACE } from "./meshDestination";

/**
 * How the sidecars of one namespace connect to the gateway: with mutual TLS, one subset per SNI. It stands in the client's namespace, where
 * Istio looks first, and holds only what that namespace may use; one rule for all would give every sidecar a cluster for
 * every destination.
 *
 * This is the only object that several destinations share. A namespace has one for each gateway that it uses.
 */
export function gatewayRule(
    namespace: string,
    destinations: readonly Destination[],
    gateway: GatewayFacts,
): DestinationRule {
    const usable = destinations.filter(({ allow }) => allow.some(workload => workload.namespace === namespace));
    return {
        apiVersion: "networking.istio.io/v1",
        kind: "DestinationRule",
        metadata: { name: ofGateway(GATEWAY_NAME, gateway.name), namespace },
        spec: {
            host: gateway.host,
            exportTo: OWN_NAMESPACE,
            ...(gateway.mutualTls
                ? { subsets: usable.flatMap(destination => subsetsOf(destination, gateway)) }
                : { trafficPolicy: { connectionPool: connectionPool(gateway), loadBalancer: LEAST_REQUEST } }),
        },
    };
}

type Subset = NonNullable<DestinationRule["spec"]["subsets"]>[number];

const LEAST_REQUEST = { simple: "LEAST_REQUEST" } as const;

function subsetsOf(destination: Destination, gateway: GatewayFacts): Subset[] {
    const settings = new Map<string, PortTrafficPolicy[]>();
    for (const { subset, sni } of tlsLegPorts(destination)) {
        settings.set(subset, [mutualTlsTo(GATEWAY_PORTS.tls.port, gateway, sni)]);
    }
    if (httpLegPorts(destination).length > 0) {
        const name = objectName(destination.host);
        // Without an SNI of its own the connection meets the one server for plain HTTP.
        const leg = mutualTlsTo(GATEWAY_PORTS.http.port, gateway);
        const http2 = destination.ports.some(speaksHttp2);
        settings.set(name, [
            ...(settings.get(name) ?? []),
            http2 ? { ...leg, connectionPool: connectionPool(gateway, http2) } : leg,
        ]);
    }
    return [...settings].map(([name, portLevelSettings]) => ({ name, trafficPolicy: { portLevelSettings } }));
}

/** Connection pool and load balancer are repeated for every port, since port settings inherit nothing. */
function mutualTlsTo(number: number, gateway: GatewayFacts, sni?: string): PortTrafficPolicy {
    return {
        port: { number },
        connectionPool: connectionPool(gateway),
        loadBalancer: LEAST_REQUEST,
        tls: { mode: "ISTIO_MUTUAL", ...(sni === undefined ? {} : { sni }) },
    };
}

/**
 * What the sidecars of one namespace see and do with the rest. Every service of the mesh stays visible, because a shorter
 * list would cut the namespace off from the others; what it may use outside is bounded by `exportTo` of each destination.
 */
export function clientSidecar(namespace: string, outboundTraffic: Settings["clients"]["outboundTraffic"]): Sidecar {
    return {
        apiVersion: "networking.istio.io/v1",
        kind: "Sidecar",
        metadata: { name: "default", namespace },
        spec: {
            egress: [{ hosts: ["*/*"] }],
            outboundTrafficPolicy: { mode: outboundTraffic === "registry-only" ? "REGISTRY_ONLY" : "ALLOW_ANY" },
        },
    };
}

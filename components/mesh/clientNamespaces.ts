import { GATEWAY_NAME, GATEWAY_PORTS } from "../../settings/conventions";
import { type Destination } from "../../settings/schema";
import { type Settings } from "../../settings/settings";
import { type DestinationRule, type PortTrafficPolicy, type Sidecar } from "./istioObject";
import { httpLegPorts, tlsLegPorts } from "./legs";
import { objectName } from "./names";
import { type GatewayFacts } from "./gatewayFacts";
import { OWN_NAMESPACE } from "./visibility";

/**
 * How the sidecars of one namespace open TLS to the gateway: one subset per SNI. It stands in the client's namespace, where
 * Istio looks first, and holds only what that namespace may use; one rule for all would give every sidecar a cluster for
 * every destination.
 *
 * This is the only object that several destinations share.
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
        metadata: { name: GATEWAY_NAME, namespace },
        spec: { host: gateway.host, exportTo: OWN_NAMESPACE, subsets: usable.flatMap(subsetsOf) },
    };
}

type Subset = NonNullable<DestinationRule["spec"]["subsets"]>[number];

function subsetsOf(destination: Destination): Subset[] {
    const settings = new Map<string, PortTrafficPolicy[]>();
    for (const { subset, sni } of tlsLegPorts(destination)) {
        settings.set(subset, [mutualTlsTo(GATEWAY_PORTS.tls.port, sni)]);
    }
    if (httpLegPorts(destination).length > 0) {
        const name = objectName(destination.host);
        // Without an SNI of its own the connection meets the one server for plain HTTP.
        settings.set(name, [...(settings.get(name) ?? []), mutualTlsTo(GATEWAY_PORTS.http.port)]);
    }
    return [...settings].map(([name, portLevelSettings]) => ({ name, trafficPolicy: { portLevelSettings } }));
}

/** The load balancer is repeated for every port, since port settings inherit nothing. */
function mutualTlsTo(number: number, sni?: string): PortTrafficPolicy {
    return {
        port: { number },
        loadBalancer: { simple: "LEAST_REQUEST" },
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

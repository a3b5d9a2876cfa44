import { type GatewayFacts } from "./gatewayFacts";
import { type ConnectionPool, type DestinationRule } from "./istioObject";
import { OWN_NAMESPACE } from "./meshDestination";

/** Google's connection tracking and NAT give no notice: three probes in half a minute find out what is still there. */
const PROBES = 3;
const PROBE_INTERVAL_SECONDS = 10;

/**
 * How long the proxies keep a connection that says nothing, and how they find out that it is dead.
 *
 * @param http2 Whether HTTP is spoken as HTTP/2 on it; Istio takes that for every port that asks for it, whatever its name says
 *   (`shouldH2Upgrade` in pilot/pkg/networking/core/cluster_builder.go).
 */
export function connectionPool({ keepAliveSeconds, httpIdleSeconds }: GatewayFacts, http2 = false): ConnectionPool {
    return {
        tcp: {
            tcpKeepalive: {
                probes: PROBES,
                time: `${keepAliveSeconds}s`,
                interval: `${PROBE_INTERVAL_SECONDS}s`,
            },
        },
        http: { idleTimeout: `${httpIdleSeconds}s`, ...(http2 ? { h2UpgradePolicy: "UPGRADE" } : {}) },
    };
}

/** For whatever leaves the gateway and has no rule of its own: the rule of a host hides this one altogether. */
export function connectionsOutside(gateway: GatewayFacts): DestinationRule {
    return {
        apiVersion: "networking.istio.io/v1",
        kind: "DestinationRule",
        metadata: { name: "connections", namespace: gateway.namespace },
        spec: { host: "*", exportTo: OWN_NAMESPACE, trafficPolicy: { connectionPool: connectionPool(gateway) } },
    };
}

import { isSince } from "../../base/istioVersion";
import { type Telemetry } from "./istioObject";
import { type GatewayFacts } from "./gatewayFacts";

/** Istio's built-in provider: the access log on standard output, in the mesh's format. */
const ACCESS_LOG_PROVIDER = "envoy";

/** Istio 1.30 can keep trace headers off what leaves and still report the gateway's own spans. */
const CONTEXT_PROPAGATION_SINCE = 30;

/**
 * Every connection and request of the gateway is logged: who, where to, and why not. What leaves carries no trace headers of the
 * gateway's own; those that arrive with a request are taken off by its route.
 */
export function accessLog({ namespace, istioVersion }: GatewayFacts): Telemetry {
    return {
        apiVersion: "telemetry.istio.io/v1",
        kind: "Telemetry",
        metadata: { name: "access-log", namespace },
        spec: {
            accessLogging: [{ providers: [{ name: ACCESS_LOG_PROVIDER }] }],
            ...(isSince(istioVersion, CONTEXT_PROPAGATION_SINCE)
                ? { tracing: [{ disableContextPropagation: true }] }
                : {}),
        },
    };
}

import { type Telemetry } from "./istioObject";
import { type GatewayFacts } from "./gatewayFacts";

/** Istio's built-in provider: the access log on standard output, in the mesh's format. */
const ACCESS_LOG_PROVIDER = "envoy";

/** Every connection and request of the gateway is logged: who, where to, and why not. */
export function accessLog({ namespace }: GatewayFacts): Telemetry {
    return {
        apiVersion: "telemetry.istio.io/v1",
        kind: "Telemetry",
        metadata: { name: "access-log", namespace },
        spec: { accessLogging: [{ providers: [{ name: ACCESS_LOG_PROVIDER }] }] },
    };
}

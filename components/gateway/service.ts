import { GATEWAY_NAME, GATEWAY_PORTS } from "../../base/conventions";
import { type Settings } from "../../settings/settings";
import { OBJECT_LABELS, podSelector, type Service } from "./gatewayObject";

/**
 * Where the clients' sidecars find the gateway, from inside the cluster only. Two ports and no more: every sidecar holds a
 * cluster for each of its subsets and each port of this Service.
 */
export function service({ gateway }: Pick<Settings, "gateway">): Service {
    const { http, tls } = GATEWAY_PORTS;
    return {
        apiVersion: "v1",
        kind: "Service",
        metadata: { name: GATEWAY_NAME, namespace: gateway.namespace, labels: OBJECT_LABELS },
        spec: {
            type: "ClusterIP",
            selector: podSelector(gateway),
            ports: [
                { name: "http", port: http.port, targetPort: http.targetPort, protocol: "TCP" },
                { name: "tls", port: tls.port, targetPort: tls.targetPort, protocol: "TCP" },
            ],
        },
    };
}

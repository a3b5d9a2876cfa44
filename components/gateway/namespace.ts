import { type Settings } from "../../settings/settings";
import { type Namespace } from "./gatewayObject";

/**
 * The gateway's namespace, held to Kubernetes' `restricted` standard. Istio's gateway template keeps to it: it mounts
 * nothing of the host, adds no capability, and the one sysctl it sets (`net.ipv4.ip_unprivileged_port_start`) is a safe one.
 */
export function gatewayNamespace({ gateway }: Pick<Settings, "gateway">): Namespace {
    return {
        apiVersion: "v1",
        kind: "Namespace",
        metadata: { name: gateway.namespace, labels: { "pod-security.kubernetes.io/enforce": "restricted" } },
    };
}

import { type Settings } from "../../settings/settings";
import { secretAccess, serviceAccount } from "./access";
import { deployment } from "./deployment";
import { type GatewayObject, type Namespace } from "./gatewayObject";
import { autoscaler, disruptionBudget } from "./scaling";
import { service } from "./service";

/** The part of the settings that the gateway follows from. */
export type GatewaySettings = Pick<Settings, "gateway" | "mesh" | "platform" | "destinations">;

/** All Kubernetes objects of the gateway, in the order in which they have to exist. */
export function compileGateway(settings: GatewaySettings): GatewayObject[] {
    return [
        gatewayNamespace(settings),
        serviceAccount(settings),
        ...secretAccess(settings),
        disruptionBudget(settings),
        deployment(settings),
        service(settings),
        autoscaler(settings),
    ];
}

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

import { gatewayHost } from "../../settings/contract";
import { GATEWAY_NAME, GATEWAY_NODE_KEY, GATEWAY_NODE_VALUE, GATEWAY_TAINT_EFFECT } from "../../settings/conventions";
import { googleNames, onGoogle } from "../../settings/googleNames";
import { type Settings } from "../../settings/settings";
import { podLabels } from "../gateway/labels";
import { type GuardSettings } from "./settings";

/** What the guard has to know of a stack. */
export function guardSettings(settings: Settings): GuardSettings {
    const { gateway, mesh, guard, platform, perimeter, clientNamespaces } = settings;
    return {
        gatewayNamespace: gateway.namespace,
        gatewayServiceAccount: GATEWAY_NAME,
        gatewayPodLabels: podLabels(mesh),
        gatewayHost: gatewayHost(settings),
        nodeKey: GATEWAY_NODE_KEY,
        nodeValue: GATEWAY_NODE_VALUE,
        taintEffect: GATEWAY_TAINT_EFFECT,
        gatewayNodeAccount: onGoogle(settings) ? googleNames(settings).gatewayNodeAccount : gateway.nodeAccountId,
        networkTag: gateway.networkTag,
        clientNamespaces,
        controlPlaneNamespace: mesh.controlPlaneNamespace,
        kubernetesVersion: platform.cluster.kubernetesVersion,
        mode: perimeter.mode,
        ...guard,
    };
}

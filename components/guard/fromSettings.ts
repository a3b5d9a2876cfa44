import { gatewayHost } from "../../settings/contract";
import { GATEWAY_NAME, GATEWAY_NODE_KEY, GATEWAY_NODE_VALUE, GATEWAY_TAINT_EFFECT } from "../../base/conventions";
import { gatewayCidrs, googleNames, onGoogle } from "../../settings/googleNames";
import { type Settings } from "../../settings/settings";
import { podLabels } from "../gateway/gatewayObject";
import { DEFAULT_PROXY_IMAGES, GKE_SYSTEM_NAMESPACES, type GuardSettings } from "./settings";

/** What the guard has to know of a stack. */
export function guardSettings(settings: Settings): GuardSettings {
    const { gateway, mesh, guard, dns, platform, perimeter, clientNamespaces } = settings;
    const { exemptNamespaces, proxyImages, withoutDefaults, ...rest } = guard;
    // What was written comes first, so that its places in problems are those in the file.
    const besides = (defaults: readonly string[], written: readonly string[]) => [
        ...new Set([...written, ...defaults.filter(name => !withoutDefaults.some(without => without === name))]),
    ];
    return {
        gatewayNamespace: gateway.namespace,
        gatewayServiceAccount: GATEWAY_NAME,
        gatewayPodLabels: podLabels(mesh),
        gatewayHost: gatewayHost(settings),
        nodeKey: GATEWAY_NODE_KEY,
        nodeValue: GATEWAY_NODE_VALUE,
        taintEffect: GATEWAY_TAINT_EFFECT,
        ...nodeAccounts(settings),
        networkTag: gateway.networkTag,
        ...(dns.lock === "off" ? {} : { resolverNamespace: dns.namespace }),
        clientNamespaces,
        controlPlaneNamespace: mesh.controlPlaneNamespace,
        kubernetesVersion: platform.cluster.kubernetesVersion,
        mode: perimeter.mode,
        gatewayCidrs: gatewayCidrs(settings),
        ...rest,
        exemptNamespaces: besides(GKE_SYSTEM_NAMESPACES, exemptNamespaces),
        proxyImages: besides(DEFAULT_PROXY_IMAGES, proxyImages),
    };
}

/** The accounts that the firewall lets out. */
function nodeAccounts(settings: Settings): Pick<GuardSettings, "gatewayNodeAccount" | "retiringNodeAccount"> {
    if (!onGoogle(settings)) {
        return { gatewayNodeAccount: settings.gateway.nodeAccountId };
    }
    const { gatewayNodeAccount, retiringNodeAccount } = googleNames(settings);
    return { gatewayNodeAccount, ...(retiringNodeAccount === undefined ? {} : { retiringNodeAccount }) };
}

import { gatewayHost } from "../../settings/contract";
import { GATEWAY_NAME, GATEWAY_NODE_KEY, GATEWAY_TAINT_EFFECT, gatewayNodeValue } from "../../base/conventions";
import { type GuardedGateway } from "../../declared/guard";
import { gatewayViews } from "../../settings/gateways";
import { everyGatewayCidr, googleNames, onGoogle } from "../../settings/googleNames";
import { type Settings } from "../../settings/settings";
import { podLabels } from "../gateway/gatewayObject";
import { DEFAULT_PROXY_IMAGES, GKE_SYSTEM_NAMESPACES, type GuardSettings } from "./settings";

/** What the guard has to know of a stack. */
export function guardSettings(settings: Settings): GuardSettings {
    const { mesh, guard, dns, platform, perimeter, clientNamespaces } = settings;
    const { exemptNamespaces, proxyImages, withoutDefaults, ...rest } = guard;
    // What was written comes first, so that its places in problems are those in the file.
    const besides = (defaults: readonly string[], written: readonly string[]) => [
        ...new Set([...written, ...defaults.filter(name => !withoutDefaults.some(without => without === name))]),
    ];
    const [first, ...further] = gatewayViews(settings).map(guardedGateway);
    const { namespace, podLabels, host, nodeValue, nodeAccount, retiringNodeAccount, networkTag } = first!;
    return {
        gatewayNamespace: namespace,
        gatewayServiceAccount: GATEWAY_NAME,
        gatewayPodLabels: podLabels,
        gatewayHost: host,
        nodeKey: GATEWAY_NODE_KEY,
        nodeValue,
        taintEffect: GATEWAY_TAINT_EFFECT,
        gatewayNodeAccount: nodeAccount,
        ...(retiringNodeAccount === undefined ? {} : { retiringNodeAccount }),
        networkTag,
        ...(further.length === 0 ? {} : { furtherGateways: further }),
        ...(dns.lock === "off" ? {} : { resolverNamespace: dns.namespace }),
        clientNamespaces,
        controlPlaneNamespace: mesh.controlPlaneNamespace,
        kubernetesVersion: platform.cluster.kubernetesVersion,
        mode: perimeter.mode,
        gatewayCidrs: everyGatewayCidr(settings),
        ...rest,
        exemptNamespaces: besides(GKE_SYSTEM_NAMESPACES, exemptNamespaces),
        proxyImages: besides(DEFAULT_PROXY_IMAGES, proxyImages),
    };
}

function guardedGateway(settings: Settings): GuardedGateway {
    const { gateway } = settings;
    return {
        namespace: gateway.namespace,
        podLabels: podLabels(settings),
        host: gatewayHost(settings),
        nodeValue: gatewayNodeValue(gateway.name),
        ...nodeAccounts(settings),
        networkTag: gateway.networkTag,
    };
}

/** The accounts that the firewall lets out. */
function nodeAccounts(settings: Settings): Pick<GuardedGateway, "nodeAccount" | "retiringNodeAccount"> {
    if (!onGoogle(settings)) {
        return { nodeAccount: settings.gateway.nodeAccountId };
    }
    const { gatewayNodeAccount: nodeAccount, retiringNodeAccount } = googleNames(settings);
    return { nodeAccount, ...(retiringNodeAccount === undefined ? {} : { retiringNodeAccount }) };
}

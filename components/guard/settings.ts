import { type GuardedGateway, type GuardInputs } from "../../declared/guard";

/** What the guard has to know is what it registers. */
export type GuardSettings = GuardInputs;

/**
 * Labels that the injector, the ReplicaSet controller and the API server add to gateway pods with values not known here.
 * A selector that uses only these and the known labels may match the gateway, one with any other key cannot.
 */
export const ADDED_LABELS: readonly string[] = [
    "istio.io/dataplane-mode",
    "istio.io/rev",
    "pod-template-hash",
    "security.istio.io/tlsMode",
    "service.istio.io/canonical-name",
    "service.istio.io/canonical-revision",
    "sidecar.istio.io/inject",
    "topology.istio.io/network",
    "topology.kubernetes.io/region",
    "topology.kubernetes.io/zone",
];

export { DEFAULT_PROXY_IMAGES, GKE_SYSTEM_NAMESPACES } from "../../base/conventions";

/** Namespaces of this program, whose pods have a way out that nothing else has: nobody else makes or changes what is in them. */
export function closedNamespaces(settings: GuardSettings): string[] {
    const { resolverNamespace } = settings;
    return [...gatewayNamespaces(settings), ...(resolverNamespace === undefined ? [] : [resolverNamespace])];
}

/** Every gateway, `default` first. */
export function gatewaysOf(settings: GuardSettings): readonly GuardedGateway[] {
    const { retiringNodeAccount, furtherGateways = [] } = settings;
    return [
        {
            namespace: settings.gatewayNamespace,
            podLabels: settings.gatewayPodLabels,
            host: settings.gatewayHost,
            nodeValue: settings.nodeValue,
            nodeAccount: settings.gatewayNodeAccount,
            ...(retiringNodeAccount === undefined ? {} : { retiringNodeAccount }),
            networkTag: settings.networkTag,
        },
        ...furtherGateways,
    ];
}

export function gatewayNamespaces(settings: GuardSettings): string[] {
    return gatewaysOf(settings).map(({ namespace }) => namespace);
}

/** `svc.cluster.local` of `egress-gateway.istio-egress.svc.cluster.local`: what names inside the cluster end with. */
export function serviceDomain(settings: Pick<GuardSettings, "gatewayHost">): string {
    return settings.gatewayHost.split(".").slice(2).join(".");
}

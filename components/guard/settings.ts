/** What the guard has to know. Plain data: the rules, their exemptions and their messages follow from it. */
export interface GuardSettings {
    readonly gatewayNamespace: string;
    /** Kubernetes service account of the gateway's pods; any other pod in their namespace is refused. */
    readonly gatewayServiceAccount: string;
    /**
     * Every label that the program writes on gateway pods. A mesh `Gateway` whose selector is satisfied by these labels
     * binds to the gateway's pods from any namespace, so a label missing here is a way in.
     */
    readonly gatewayPodLabels: Readonly<Record<string, string>>;
    /** Fully qualified name of the gateway's Service, for example `egress-gateway.istio-egress.svc.cluster.local`. */
    readonly gatewayHost: string;
    /** Label and taint key of gateway nodes. */
    readonly nodeKey: string;
    /** Value of that label and taint. */
    readonly nodeValue: string;
    /** Kubernetes' spelling of the taint's effect. */
    readonly taintEffect: "NoSchedule" | "PreferNoSchedule" | "NoExecute";
    /** Address of the Google service account that the gateway's nodes run as; the firewall allows this identity. */
    readonly gatewayNodeAccount: string;
    /** Network tag of the gateway's nodes; the only default route asks for it. */
    readonly networkTag: string;
    /** Namespaces whose workloads may use a destination. None: the rules for client namespaces are left out. */
    readonly clientNamespaces: readonly string[];
    /** Where istiod runs, which is the mesh's root namespace as well. */
    readonly controlPlaneNamespace: string;
    /** System namespaces: their pods may run anywhere, and their service accounts count as controllers. */
    readonly exemptNamespaces: readonly string[];
    /**
     * Users who may do what only the platform does: write the gateway's mesh objects, label nodes and namespaces. The
     * identity that deploys this program is one of them. A trailing `*` makes it a prefix. No user is exempt from the
     * rules about pods.
     */
    readonly exemptUsers: readonly string[];
    /**
     * Groups with the same exemption.
     *
     * @default none
     */
    readonly exemptGroups?: readonly string[];
    /** The group that may exec into gateway pods and read their ports, and nobody else. */
    readonly breakGlassGroup: string;
    /** Version of the cluster, for example `1.34` or `1.34.1-gke.1829001`. */
    readonly kubernetesVersion: string;
    /**
     * Images of the mesh's proxy, without tag or digest. `*` in front means any registry.
     *
     * @default `["*\/proxyv2"]`: Istio's image name in any registry; name your own mirror to make it exact
     */
    readonly proxyImages?: readonly string[];
    /**
     * Annotations that the mesh's own injector writes on every pod and that narrow the capture, for example
     * `traffic.sidecar.istio.io/excludeOutboundIPRanges: 169.254.169.254/32` where the mesh is installed with
     * `global.proxy.excludeIPRanges`. Only the exact value passes.
     *
     * @default none: nothing is left out of the capture
     */
    readonly injectedAnnotations?: Readonly<Record<string, string>>;
    /**
     * `observe` refuses nothing: it warns the sender and writes the audit log, to see what would be refused.
     *
     * @default "enforce"
     */
    readonly mode?: "enforce" | "observe";
}

export const DEFAULT_PROXY_IMAGES: readonly string[] = ["*/proxyv2"];

export { GKE_SYSTEM_NAMESPACES } from "../../settings/conventions";

/** `svc.cluster.local` of `egress-gateway.istio-egress.svc.cluster.local`: what names inside the cluster end with. */
export function serviceDomain(settings: Pick<GuardSettings, "gatewayHost">): string {
    return settings.gatewayHost.split(".").slice(2).join(".");
}

import { type ComponentType } from "./component";
import { listOf, mapOf, objectOf, oneOf, optional, text } from "./fact";

/** A gateway as the guard knows it. */
export interface GuardedGateway {
    readonly namespace: string;
    /** Every label that the program writes on its pods. */
    readonly podLabels: Readonly<Record<string, string>>;
    /** Fully qualified name of its Service. */
    readonly host: string;
    /** Value of its nodes' label and taint. */
    readonly nodeValue: string;
    readonly nodeAccount: string;
    readonly retiringNodeAccount?: string;
    readonly networkTag: string;
}

/** What the guard has to know. Plain data: the rules, their exemptions and their messages follow from it. */
export interface GuardInputs {
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
    /** The account that they had before a change, which the firewall still lets out. */
    readonly retiringNodeAccount?: string;
    /** Network tag of the gateway's nodes; the only default route asks for it. */
    readonly networkTag: string;
    /**
     * Gateways besides `default`, which the fields above describe. Their pods have the same account's name, and their nodes the
     * same key with another value.
     *
     * @default none
     */
    readonly furtherGateways?: readonly GuardedGateway[];
    /**
     * Where the resolver of the DNS lock runs. That namespace is closed as the gateway's is, and so is what tells the cluster's
     * own DNS whom to ask.
     *
     * @default none: there is no lock
     */
    readonly resolverNamespace?: string;
    /** Namespaces whose workloads may use a destination. None: the rules for client namespaces are left out. */
    readonly clientNamespaces: readonly string[];
    /** Where istiod runs, which is the mesh's root namespace as well. */
    readonly controlPlaneNamespace: string;
    /**
     * Namespaces whose pods may run anywhere; a trailing `*` makes a prefix. The service accounts of those that GKE or
     * Kubernetes itself fills count as controllers.
     */
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
    /**
     * Users who place pods themselves, such as a second scheduler or a storage provisioner: they may name nodes and bind
     * pods, and nothing else. Taints hold for what they place. A trailing `*` makes it a prefix.
     *
     * @default none
     */
    readonly placers?: readonly string[];
    /**
     * Users whose own pods in client namespaces may go without a sidecar, for example cert-manager's solvers.
     *
     * @default none
     */
    readonly uninjectedUsers?: readonly string[];
    /**
     * Groups that may restart and scale the gateway and delete its pods, and nothing else.
     *
     * @default none
     */
    readonly operatorGroups?: readonly string[];
    /**
     * IPv4 ranges of the gateway's nodes and pods: no hand-written endpoint leads there.
     *
     * @default none
     */
    readonly gatewayCidrs?: readonly string[];
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

export const GUARD: ComponentType<GuardInputs> = {
    type: "egress-gateway:guard:Guard",
    inputs: {
        gatewayNamespace: text,
        gatewayServiceAccount: text,
        gatewayPodLabels: mapOf(text),
        gatewayHost: text,
        nodeKey: text,
        nodeValue: text,
        taintEffect: oneOf("NoSchedule", "PreferNoSchedule", "NoExecute"),
        gatewayNodeAccount: text,
        retiringNodeAccount: optional(text),
        networkTag: text,
        furtherGateways: optional(
            listOf(
                objectOf<GuardedGateway>({
                    namespace: text,
                    podLabels: mapOf(text),
                    host: text,
                    nodeValue: text,
                    nodeAccount: text,
                    retiringNodeAccount: optional(text),
                    networkTag: text,
                }),
            ),
        ),
        resolverNamespace: optional(text),
        clientNamespaces: listOf(text),
        controlPlaneNamespace: text,
        exemptNamespaces: listOf(text),
        exemptUsers: listOf(text),
        exemptGroups: optional(listOf(text)),
        placers: optional(listOf(text)),
        uninjectedUsers: optional(listOf(text)),
        operatorGroups: optional(listOf(text)),
        gatewayCidrs: optional(listOf(text)),
        breakGlassGroup: text,
        kubernetesVersion: text,
        proxyImages: optional(listOf(text)),
        injectedAnnotations: optional(mapOf(text)),
        mode: optional(oneOf("enforce", "observe")),
    },
};

/** Whether somebody of that name is one of these users; a trailing `*` makes a prefix. */
export function isOneOf(users: readonly string[], name: string): boolean {
    return users.some(user => (user.endsWith("*") ? name.startsWith(user.slice(0, -1)) : user === name));
}

import { type Resource } from "../../../../containment/resource";
import { type Expression, holds } from "./podObjects";
import { linkOf } from "./topology";
import { withInput } from "./shell";

/** A pod that network policies may be about, and where it is. */
export interface PolicedPod {
    readonly namespace: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly address: string;
    /** Its network namespace; absent for a pod on the host network, to which policies do not apply. */
    readonly network?: string;
    readonly node: string;
}

interface Selector {
    readonly matchLabels?: Readonly<Record<string, string>>;
    readonly matchExpressions?: readonly Expression[];
}

interface Peer {
    readonly ipBlock?: { readonly cidr: string; readonly except?: readonly string[] };
    readonly namespaceSelector?: Selector;
    readonly podSelector?: Selector;
}

interface Port {
    readonly port: number;
    readonly protocol: string;
}

interface Policy {
    readonly metadata: { readonly namespace: string };
    readonly spec: {
        readonly podSelector: Selector;
        readonly policyTypes: readonly string[];
        readonly ingress?: readonly { readonly from?: readonly Peer[]; readonly ports?: readonly Port[] }[];
        readonly egress?: readonly { readonly to?: readonly Peer[]; readonly ports?: readonly Port[] }[];
    };
}

/**
 * The registered network policies as a packet filter on each node, after the translation of Services, as a cluster's network
 * plugin enforces them. Only TCP, UDP and SCTP: for other protocols their effect is not defined (Kubernetes documentation).
 */
export function enforceNetworkPolicies(
    resources: readonly Resource[],
    pods: readonly PolicedPod[],
    nodes: readonly string[],
): void {
    const policies = resources
        .filter(({ type }) => type === "kubernetes:networking.k8s.io/v1:NetworkPolicy")
        .map(({ inputs }) => inputs as unknown as Policy);
    for (const node of nodes) {
        const own = pods.filter(pod => pod.node === node && pod.network !== undefined);
        const chains = own.flatMap(pod => podChains(pod, policies, pods));
        const jumps = own.flatMap(({ network }) => [
            `iifname "${linkOf(network!)}" jump egress_${chainName(network!)}`,
            `oifname "${linkOf(network!)}" jump ingress_${chainName(network!)}`,
        ]);
        withInput(
            `table inet pod_policies\ndelete table inet pod_policies\ntable inet pod_policies {
                ${chains.join("\n")}
                chain pods {
                    type filter hook forward priority 10; policy accept;
                    ct state established,related accept
                    meta l4proto != { tcp, udp, sctp } accept
                    ${jumps.join("\n")}
                }
            }`,
            "ip",
            "netns",
            "exec",
            node,
            "nft",
            "-f",
            "-",
        );
    }
}

function podChains(pod: PolicedPod, policies: readonly Policy[], pods: readonly PolicedPod[]): string[] {
    const about = policies.filter(
        ({ metadata, spec }) => metadata.namespace === pod.namespace && matches(spec.podSelector, pod.labels),
    );
    const direction = (type: "Ingress" | "Egress", field: "ip saddr" | "ip daddr"): string => {
        const isolating = about.filter(({ spec }) => spec.policyTypes.includes(type));
        const rules = isolating.flatMap(({ metadata, spec }) =>
            (type === "Ingress"
                ? (spec.ingress ?? []).map(({ from, ports }) => ({ peers: from, ports }))
                : (spec.egress ?? []).map(({ ports, to }) => ({ peers: to, ports }))
            ).flatMap(({ peers, ports }) => lines(field, peers, ports, metadata.namespace, pods)),
        );
        return `chain ${type.toLowerCase()}_${chainName(pod.network!)} {\n${[...rules, ...(isolating.length > 0 ? ["counter drop"] : [])].join("\n")}\n}`;
    };
    return [direction("Egress", "ip daddr"), direction("Ingress", "ip saddr")];
}

/** An absent list of peers, or of ports, means all. */
function lines(
    field: string,
    peers: readonly Peer[] | undefined,
    ports: readonly Port[] | undefined,
    namespace: string,
    pods: readonly PolicedPod[],
): string[] {
    const from = peers === undefined ? [""] : peers.flatMap(peer => peerMatch(field, peer, namespace, pods));
    const to =
        ports === undefined ? [""] : ports.map(({ port, protocol }) => `${protocol.toLowerCase()} dport ${port}`);
    return from.flatMap(one => to.map(other => `${one} ${other} return`.trim()));
}

function peerMatch(
    field: string,
    { ipBlock, namespaceSelector, podSelector }: Peer,
    namespace: string,
    pods: readonly PolicedPod[],
): string[] {
    if (ipBlock !== undefined) {
        const { cidr, except = [] } = ipBlock;
        return [`${field} ${cidr} ${except.length === 0 ? "" : `${field} != { ${except.join(", ")} }`}`.trim()];
    }
    const selected = pods
        .filter(
            pod =>
                (namespaceSelector === undefined
                    ? pod.namespace === namespace
                    : matches(namespaceSelector, { "kubernetes.io/metadata.name": pod.namespace })) &&
                (podSelector === undefined || matches(podSelector, pod.labels)),
        )
        .map(({ address }) => address);
    return selected.length === 0 ? [] : [`${field} { ${[...new Set(selected)].join(", ")} }`];
}

function matches(
    { matchExpressions = [], matchLabels = {} }: Selector,
    labels: Readonly<Record<string, string>>,
): boolean {
    return (
        Object.entries(matchLabels).every(([key, value]) => labels[key] === value) &&
        matchExpressions.every(expression => holds(expression, labels))
    );
}

function chainName(network: string): string {
    return network.replaceAll("-", "_");
}

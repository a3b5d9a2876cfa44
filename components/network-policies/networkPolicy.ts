import { type KubernetesObject } from "../kubernetesObject";

/** Kubernetes' NetworkPolicy as far as this program uses it; a field that is not here cannot be written by mistake. */
export interface NetworkPolicy extends KubernetesObject {
    readonly apiVersion: "networking.k8s.io/v1";
    readonly kind: "NetworkPolicy";
    readonly metadata: { readonly name: string; readonly namespace: string };
    readonly spec: {
        /** Empty: every pod of the namespace. */
        readonly podSelector: Record<string, never>;
        readonly policyTypes: readonly ("Ingress" | "Egress")[];
        readonly ingress?: readonly { readonly from: readonly Peer[]; readonly ports?: readonly Port[] }[];
        readonly egress?: readonly { readonly to: readonly Peer[]; readonly ports?: readonly Port[] }[];
    };
}

/** The other side. A selector matches pods only, never a pod on the host's network and never an address outside. */
export type Peer =
    | { readonly ipBlock: { readonly cidr: string; readonly except?: readonly string[] } }
    | { readonly namespaceSelector: LabelSelector; readonly podSelector?: LabelSelector };

interface LabelSelector {
    readonly matchLabels?: Readonly<Record<string, string>>;
    readonly matchExpressions?: readonly {
        readonly key: string;
        readonly operator: "In" | "NotIn";
        readonly values: readonly string[];
    }[];
}

/** A port of the pod that is reached, not of the Service in front of it. */
export interface Port {
    readonly protocol: "TCP" | "UDP";
    readonly port: number;
}

/** What may be reached: these peers, on these ports. Without ports: on every port and protocol. */
export interface Opening {
    readonly peers: readonly Peer[];
    readonly ports?: readonly Port[];
}

/** Kubernetes itself sets this label on every namespace. */
const NAMESPACE_NAME = "kubernetes.io/metadata.name";

/** Policies add up: without any other, this one closes both directions for every pod of the namespace. */
export function closed(namespace: string, name: string, policyTypes: readonly ("Ingress" | "Egress")[]): NetworkPolicy {
    return networkPolicy(namespace, name, { policyTypes });
}

export function egressTo(namespace: string, name: string, openings: readonly Opening[]): NetworkPolicy {
    const egress = openings.map(({ peers, ports }) => ({ to: peers, ...(ports === undefined ? {} : { ports }) }));
    return networkPolicy(namespace, name, { policyTypes: ["Egress"], egress });
}

export function ingressFrom(namespace: string, name: string, openings: readonly Opening[]): NetworkPolicy {
    const ingress = openings.map(({ peers, ports }) => ({ from: peers, ...(ports === undefined ? {} : { ports }) }));
    return networkPolicy(namespace, name, { policyTypes: ["Ingress"], ingress });
}

/** Pods of one namespace: all of them, or those with the labels. */
export function podsOf(namespace: string, matchLabels?: Readonly<Record<string, string>>): Peer {
    return {
        namespaceSelector: { matchLabels: { [NAMESPACE_NAME]: namespace } },
        ...(matchLabels === undefined ? {} : { podSelector: { matchLabels } }),
    };
}

/** Pods of every namespace but these. */
export function podsOutside(...namespaces: readonly string[]): Peer {
    return {
        namespaceSelector: { matchExpressions: [{ key: NAMESPACE_NAME, operator: "NotIn", values: namespaces }] },
    };
}

export function addresses(cidr: string, except: readonly string[] = []): Peer {
    return { ipBlock: { cidr, ...(except.length === 0 ? {} : { except }) } };
}

/** Sorted, each once. */
export function tcp(...numbers: readonly number[]): Port[] {
    return [...new Set(numbers)].sort((a, b) => a - b).map(port => ({ protocol: "TCP", port }));
}

export function udp(port: number): Port {
    return { protocol: "UDP", port };
}

function networkPolicy(
    namespace: string,
    name: string,
    spec: Omit<NetworkPolicy["spec"], "podSelector">,
): NetworkPolicy {
    return {
        apiVersion: "networking.k8s.io/v1",
        kind: "NetworkPolicy",
        metadata: { name, namespace },
        spec: { podSelector: {}, ...spec },
    };
}

import { selectorMatches } from "../kubernetes";
import { type Address, includes, parseAddress } from "../kernel/address";
import { type Peer, type ModelledPolicy, type ModelledPort, type Protocol, type ModelledRule } from "./policy";

/** A pod, as far as policies can tell. */
export interface Pod {
    readonly namespace: string;
    readonly labels: Readonly<Record<string, string>>;
    /** Container ports that have a name; only of a pod that is reached. */
    readonly namedPorts?: readonly { readonly name: string; readonly protocol: Protocol; readonly port: number }[];
    /** Addresses of the pod, where they are known. */
    readonly addresses?: readonly string[];
    /**
     * On the node's network. Kubernetes leaves the behaviour of policies there undefined, and data planes let such a pod be its
     * node: no policy that selects it counts, and no selector of a peer matches it.
     */
    readonly hostNetwork?: boolean;
}

export type Endpoint = { readonly pod: Pod } | { readonly address: string };

export interface Connection {
    readonly from: Endpoint;
    readonly to: Endpoint;
    readonly protocol: Protocol;
    /** Port of the endpoint that is reached, not of a Service in front of it. */
    readonly port: number;
}

export interface PolicyDecision {
    readonly allowed: boolean;
    /** Where it was refused; or where it was last allowed by a rule, if any policy applies. */
    readonly direction?: "egress" | "ingress";
    /** The policies whose rules allow it; or those that isolate the pod and have no such rule. */
    readonly policies: readonly ModelledPolicy[];
}

/** Labels of the namespaces; the name label, which every namespace has, need not be among them. */
export type NamespaceLabels = ReadonlyMap<string, Readonly<Record<string, string>>>;

/** Both ends have to agree: the policies for egress of the one pod, and those for ingress of the other. */
export function decide(
    policies: readonly ModelledPolicy[],
    namespaces: NamespaceLabels,
    connection: Connection,
): PolicyDecision {
    const outward = decideEnd(policies, namespaces, connection, "egress");
    if (!outward.allowed) {
        return outward;
    }
    const inward = decideEnd(policies, namespaces, connection, "ingress");
    return inward.direction === undefined ? outward : inward;
}

function decideEnd(
    policies: readonly ModelledPolicy[],
    namespaces: NamespaceLabels,
    connection: Connection,
    direction: "egress" | "ingress",
): PolicyDecision {
    const [self, peer] = direction === "egress" ? [connection.from, connection.to] : [connection.to, connection.from];
    if (!("pod" in self) || self.pod.hostNetwork === true) {
        return { allowed: true, policies: [] };
    }
    const isolating = policies.filter(policy => policy[direction] !== undefined && selectsPod(policy, self.pod));
    if (isolating.length === 0) {
        return { allowed: true, policies: [] };
    }
    const allowing = isolating.filter(policy =>
        policy[direction]!.some(rule => ruleAllows(rule, policy, peer, connection, namespaces)),
    );
    return { allowed: allowing.length > 0, direction, policies: allowing.length > 0 ? allowing : isolating };
}

export function selectsPod(policy: ModelledPolicy, pod: Pod): boolean {
    return policy.namespace === pod.namespace && selectorMatches(policy.podSelector, pod.labels);
}

function ruleAllows(
    rule: ModelledRule,
    policy: ModelledPolicy,
    peer: Endpoint,
    connection: Connection,
    namespaces: NamespaceLabels,
): boolean {
    return (
        (rule.peers === undefined || rule.peers.some(candidate => peerMatches(candidate, policy, peer, namespaces))) &&
        (rule.ports === undefined || rule.ports.some(port => portMatches(port, connection)))
    );
}

function peerMatches(peer: Peer, policy: ModelledPolicy, endpoint: Endpoint, namespaces: NamespaceLabels): boolean {
    if (peer.kind === "addresses") {
        const addresses = "pod" in endpoint ? (endpoint.pod.addresses ?? []) : [endpoint.address];
        return addresses.some(address => blockContains(peer, parseAddress(address)));
    }
    if (!("pod" in endpoint) || endpoint.pod.hostNetwork === true) {
        return false;
    }
    const { pod } = endpoint;
    const inNamespace =
        peer.namespaceSelector === undefined
            ? pod.namespace === policy.namespace
            : selectorMatches(peer.namespaceSelector, labelsOfNamespace(namespaces, pod.namespace));
    return inNamespace && (peer.podSelector === undefined || selectorMatches(peer.podSelector, pod.labels));
}

function labelsOfNamespace(namespaces: NamespaceLabels, name: string): Readonly<Record<string, string>> {
    return { ...namespaces.get(name), "kubernetes.io/metadata.name": name };
}

function blockContains({ range, except }: Peer & { readonly kind: "addresses" }, address: Address): boolean {
    return includes(range, address) && !except.some(hole => includes(hole, address));
}

function portMatches({ protocol, port }: ModelledPort, connection: Connection): boolean {
    if (protocol !== connection.protocol) {
        return false;
    }
    if (port === undefined) {
        return true;
    }
    if ("first" in port) {
        return port.first <= connection.port && connection.port <= port.last;
    }
    const { to } = connection;
    return (
        "pod" in to &&
        (to.pod.namedPorts ?? []).some(
            named => named.name === port.name && named.protocol === protocol && named.port === connection.port,
        )
    );
}

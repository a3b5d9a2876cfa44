import {
    type Connection,
    type Endpoint,
    type NamespaceLabels,
    type Pod,
} from "../../../containment/network-policies/evaluate";

/** The specs as they are written in YAML. */
export interface Manifest {
    readonly namespace: string;
    readonly spec: {
        readonly podSelector: Selector;
        readonly policyTypes?: readonly string[];
        readonly ingress?: readonly RuleManifest[];
        readonly egress?: readonly RuleManifest[];
    };
}

export interface Selector {
    readonly matchLabels?: Readonly<Record<string, string>>;
    readonly matchExpressions?: readonly Expression[];
}

export type Expression =
    | { readonly key: string; readonly operator: "In" | "NotIn"; readonly values: readonly string[] }
    | { readonly key: string; readonly operator: "Exists" | "DoesNotExist" };

export interface PeerManifest {
    readonly ipBlock?: { readonly cidr: string; readonly except?: readonly string[] };
    readonly podSelector?: Selector;
    readonly namespaceSelector?: Selector;
}

export interface PortManifest {
    readonly protocol?: "TCP" | "UDP" | "SCTP";
    readonly port?: number | string;
    readonly endPort?: number;
}

interface RuleManifest {
    readonly from?: readonly PeerManifest[];
    readonly to?: readonly PeerManifest[];
    readonly ports?: readonly PortManifest[];
}

/**
 * One cell of the truth table, from the sentences of the API reference of NetworkPolicy. It works on the manifests and on the
 * bits of addresses written out as text, and shares nothing with what it judges.
 */
export function truth(
    manifests: readonly Manifest[],
    namespaces: NamespaceLabels,
    { from, to, protocol, port }: Connection,
): boolean {
    const side = (self: Endpoint, other: Endpoint, type: "Ingress" | "Egress"): boolean => {
        if (!("pod" in self)) {
            return true;
        }
        // "A pod is isolated if there is any NetworkPolicy that both selects the pod and has the type in its policyTypes."
        const selecting = manifests.filter(({ namespace, spec }) => {
            const types = spec.policyTypes ?? ["Ingress", ...((spec.egress ?? []).length > 0 ? ["Egress"] : [])];
            return (
                namespace === self.pod.namespace && types.includes(type) && selects(spec.podSelector, self.pod.labels)
            );
        });
        if (selecting.length === 0) {
            return true;
        }
        // "The effects of those lists combine additively."
        return selecting.some(({ namespace, spec }) =>
            ((type === "Ingress" ? spec.ingress : spec.egress) ?? []).some(rule => {
                const peers = (type === "Ingress" ? rule.from : rule.to) ?? [];
                const ports = rule.ports ?? [];
                return (
                    (peers.length === 0 || peers.some(peer => isPeer(peer, other, namespace))) &&
                    (ports.length === 0 || ports.some(candidate => isPort(candidate)))
                );
            }),
        );
    };
    const isPeer = (peer: PeerManifest, other: Endpoint, own: string): boolean => {
        if (peer.ipBlock !== undefined) {
            const { cidr, except = [] } = peer.ipBlock;
            const addresses = "pod" in other ? (other.pod.addresses ?? []) : [other.address];
            return addresses.some(address => inside(address, cidr) && except.every(hole => !inside(address, hole)));
        }
        if (!("pod" in other)) {
            return false;
        }
        const { namespace, labels } = other.pod;
        const rightNamespace =
            peer.namespaceSelector === undefined
                ? namespace === own
                : selects(peer.namespaceSelector, {
                      ...namespaces.get(namespace),
                      "kubernetes.io/metadata.name": namespace,
                  });
        return rightNamespace && (peer.podSelector === undefined || selects(peer.podSelector, labels));
    };
    const isPort = (candidate: PortManifest): boolean => {
        if ((candidate.protocol ?? "TCP") !== protocol) {
            return false;
        }
        if (candidate.port === undefined) {
            return true;
        }
        if (typeof candidate.port === "string") {
            return "pod" in to && named(to.pod, candidate.port, protocol) === port;
        }
        return candidate.endPort === undefined
            ? candidate.port === port
            : candidate.port <= port && port <= candidate.endPort;
    };
    return side(from, to, "Egress") && side(to, from, "Ingress");
}

function named(pod: Pod, name: string, protocol: string): number | undefined {
    return pod.namedPorts?.find(candidate => candidate.name === name && candidate.protocol === protocol)?.port;
}

/** "The requirements are ANDed"; "an empty label selector matches all objects". */
function selects(
    { matchLabels = {}, matchExpressions = [] }: Selector,
    labels: Readonly<Record<string, string>>,
): boolean {
    for (const key of Object.keys(matchLabels)) {
        if (labels[key] !== matchLabels[key]) {
            return false;
        }
    }
    for (const expression of matchExpressions) {
        const present = Object.keys(labels).includes(expression.key);
        const listed =
            "values" in expression && present && expression.values.some(value => value === labels[expression.key]);
        const holds = { In: listed, NotIn: !listed, Exists: present, DoesNotExist: !present }[expression.operator];
        if (!holds) {
            return false;
        }
    }
    return true;
}

function inside(address: string, cidr: string): boolean {
    const [network, length] = cidr.split("/") as [string, string];
    const [left, right] = [bits(address), bits(network)];
    return left.length === right.length && left.slice(0, Number(length)) === right.slice(0, Number(length));
}

/** An address as a string of ones and zeroes. */
function bits(address: string): string {
    if (!address.includes(":")) {
        return address
            .split(".")
            .map(octet => Number(octet).toString(2).padStart(8, "0"))
            .join("");
    }
    const [head, tail] = address.split("::") as [string, string | undefined];
    const left = head === "" ? [] : head.split(":");
    const right = tail === undefined || tail === "" ? [] : tail.split(":");
    const middle = tail === undefined ? [] : Array<string>(8 - left.length - right.length).fill("0");
    return [...left, ...middle, ...right].map(group => parseInt(group, 16).toString(2).padStart(16, "0")).join("");
}

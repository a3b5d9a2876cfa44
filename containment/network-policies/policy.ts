import {
    type Fields,
    type KubernetesObject,
    fields,
    fieldsList,
    hasUnknown,
    integer,
    list,
    text,
    texts,
} from "../kubernetes";
import { AddressError, type AddressRange, formatAddress, parseAddress, parseRange } from "../kernel/address";

/** A NetworkPolicy as Kubernetes defaults it. A direction that it says nothing about is absent. */
export interface Policy {
    readonly urn: string;
    readonly namespace: string;
    /** Label selector; selects every pod of the namespace where it is empty. */
    readonly podSelector: Fields;
    readonly ingress?: readonly Rule[];
    readonly egress?: readonly Rule[];
}

export interface Rule {
    /** Absent: every peer. */
    readonly peers?: readonly Peer[];
    /** Absent: every port and protocol. */
    readonly ports?: readonly Port[];
}

export type Peer =
    | { readonly kind: "addresses"; readonly range: AddressRange; readonly except: readonly AddressRange[] }
    /** An absent namespace selector means the policy's own namespace, an absent pod selector every pod. */
    | { readonly kind: "pods"; readonly namespaceSelector?: Fields; readonly podSelector?: Fields };

export type Protocol = "TCP" | "UDP" | "SCTP";

export interface Port {
    readonly protocol: Protocol;
    /** Absent: every port of the protocol. A name is the name of a container port of the pod that is reached. */
    readonly port?: { readonly first: number; readonly last: number } | { readonly name: string };
}

/** Policies that the API defines beside NetworkPolicy, in other groups; each can open what this one closes, or the reverse. */
const OTHER_POLICIES: Readonly<Record<string, string>> = {
    CiliumNetworkPolicy: "cilium.io",
    CiliumClusterwideNetworkPolicy: "cilium.io",
    AdminNetworkPolicy: "policy.networking.k8s.io",
    BaselineAdminNetworkPolicy: "policy.networking.k8s.io",
    ClusterNetworkPolicy: "policy.networking.k8s.io",
    FQDNNetworkPolicy: "networking.gke.io",
};

export interface ReadPolicies {
    readonly policies: readonly Policy[];
    /** Why parts are not known, by the namespace that it concerns; `*` concerns every namespace. */
    readonly reasons: readonly { readonly namespace: string; readonly reason: string }[];
}

export function readPolicies(objects: readonly KubernetesObject[]): ReadPolicies {
    const policies: Policy[] = [];
    const reasons: { namespace: string; reason: string }[] = [];
    for (const object of objects) {
        if (OTHER_POLICIES[object.kind] === object.group) {
            const everywhere = /Cluster|Admin/.test(object.kind);
            reasons.push({
                namespace: everywhere ? "*" : object.namespace,
                reason: `${object.urn}: ${object.kind} is not modelled`,
            });
        }
        if (object.kind !== "NetworkPolicy" || object.group !== "networking.k8s.io") {
            continue;
        }
        if (hasUnknown(object.spec)) {
            reasons.push({
                namespace: object.namespace,
                reason: `${object.urn} has values that are not known before up`,
            });
            continue;
        }
        try {
            policies.push(policyOf(object));
        } catch (error) {
            if (!(error instanceof AddressError)) {
                throw error;
            }
            reasons.push({ namespace: object.namespace, reason: `${object.urn}: ${error.message}` });
        }
    }
    return { policies, reasons };
}

/** @throws AddressError */
export function policyOf({ urn, namespace, spec }: KubernetesObject): Policy {
    // Without policyTypes a policy is about ingress, and about egress too if it has egress rules.
    const types =
        spec.policyTypes === undefined
            ? ["Ingress", ...(list(spec.egress).length > 0 ? ["Egress"] : [])]
            : texts(spec.policyTypes);
    return {
        urn,
        namespace,
        podSelector: fields(spec.podSelector),
        ...(types.includes("Ingress")
            ? { ingress: fieldsList(spec.ingress).map(rule => ruleOf(rule.from, rule.ports)) }
            : {}),
        ...(types.includes("Egress")
            ? { egress: fieldsList(spec.egress).map(rule => ruleOf(rule.to, rule.ports)) }
            : {}),
    };
}

/** An empty list is the same as an absent one: everything. */
function ruleOf(peers: unknown, ports: unknown): Rule {
    return {
        ...(list(peers).length > 0 ? { peers: fieldsList(peers).map(peerOf) } : {}),
        ...(list(ports).length > 0 ? { ports: fieldsList(ports).map(portOf) } : {}),
    };
}

function peerOf(peer: Fields): Peer {
    if (peer.ipBlock !== undefined) {
        const { cidr, except } = fields(peer.ipBlock);
        return { kind: "addresses", range: rangeOf(String(cidr)), except: texts(except).map(rangeOf) };
    }
    return {
        kind: "pods",
        ...(peer.namespaceSelector === undefined ? {} : { namespaceSelector: fields(peer.namespaceSelector) }),
        ...(peer.podSelector === undefined ? {} : { podSelector: fields(peer.podSelector) }),
    };
}

/** Unlike a firewall, Kubernetes takes a range with host bits, and masks them. */
function rangeOf(cidr: string): AddressRange {
    const [address, prefix] = cidr.split("/", 2) as [string, string | undefined];
    const { family, value } = parseAddress(address);
    const bits = family === 4 ? 32 : 128;
    if (prefix === undefined || !/^\d{1,3}$/.test(prefix) || Number(prefix) > bits) {
        throw new AddressError(`got "${cidr}", expected a range in CIDR form such as 10.0.0.0/8`);
    }
    const size = 1n << BigInt(bits - Number(prefix));
    return parseRange(`${formatAddress({ family, value: value - (value % size) })}/${prefix}`);
}

function portOf({ protocol, port, endPort }: Fields): Port {
    const name = text(port);
    const first = integer(port);
    const which = protocol === "UDP" || protocol === "SCTP" ? protocol : "TCP";
    if (name !== undefined) {
        return { protocol: which, port: { name } };
    }
    return { protocol: which, ...(first === undefined ? {} : { port: { first, last: integer(endPort) ?? first } }) };
}

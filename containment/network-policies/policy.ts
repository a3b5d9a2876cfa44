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
import { AddressError, type AddressRange, covers, formatAddress, parseAddress, parseRange } from "../kernel/address";

/** A NetworkPolicy as Kubernetes defaults it. A direction that it says nothing about is absent. */
export interface ModelledPolicy {
    readonly urn: string;
    readonly namespace: string;
    /** Label selector; selects every pod of the namespace where it is empty. */
    readonly podSelector: Fields;
    readonly ingress?: readonly ModelledRule[];
    readonly egress?: readonly ModelledRule[];
}

export interface ModelledRule {
    /** Absent: every peer. */
    readonly peers?: readonly Peer[];
    /** Absent: every port and protocol. */
    readonly ports?: readonly ModelledPort[];
}

export type Peer =
    | { readonly kind: "addresses"; readonly range: AddressRange; readonly except: readonly AddressRange[] }
    /** An absent namespace selector means the policy's own namespace, an absent pod selector every pod. */
    | { readonly kind: "pods"; readonly namespaceSelector?: Fields; readonly podSelector?: Fields };

export type Protocol = "TCP" | "UDP" | "SCTP";

export interface ModelledPort {
    readonly protocol: Protocol;
    /** Absent: every port of the protocol. A name is the name of a container port of the pod that is reached. */
    readonly port?: { readonly first: number; readonly last: number } | { readonly name: string };
}

/** What of another API can say of a NetworkPolicy's verdict: overrule it, or add to it. */
const OTHER_GROUPS =
    /(?:^|\.)(?:cilium\.io|projectcalico\.org|policy\.networking\.k8s\.io|antrea\.io|kubeovn\.io|networking\.gke\.io)$/;
/** By their names; what else these groups have (endpoints, pools of addresses, BGP) opens and closes nothing. */
const POLICY_KIND =
    /(?:NetworkPolicy|NetworkPolicies|NetworkPolicyList|NetworkPolicyPatch)$|^(?:CiliumCIDRGroup|NetworkSet|GlobalNetworkSet|Tier)$/;
/** These are about a whole cluster, whatever namespace they name. */
const CLUSTER_WIDE = /Cluster|Admin|Global|^Tier$/;

/** A policy of another API than NetworkPolicy: what it selects and says is not followed. */
function isOtherPolicy({ kind, group }: KubernetesObject): boolean {
    return OTHER_GROUPS.test(group) && POLICY_KIND.test(kind);
}

export interface ReadPolicies {
    readonly policies: readonly ModelledPolicy[];
    /** Why parts are not known, by the namespace that it concerns; `*` concerns every namespace. */
    readonly reasons: readonly { readonly namespace: string; readonly reason: string }[];
}

/** Why what the policies say of a namespace's pods is not the last word. */
export function doubtsAbout({ reasons }: ReadPolicies, namespace: string): readonly string[] {
    return reasons.filter(each => each.namespace === namespace || each.namespace === "*").map(({ reason }) => reason);
}

export function readPolicies(objects: readonly KubernetesObject[]): ReadPolicies {
    const policies: ModelledPolicy[] = [];
    const reasons: { namespace: string; reason: string }[] = [];
    for (const object of objects) {
        if (isOtherPolicy(object)) {
            reasons.push({
                namespace: CLUSTER_WIDE.test(object.kind) ? "*" : object.namespace,
                reason: `${object.urn}: ${object.kind} is not modelled, and it can overrule or add to what NetworkPolicies say`,
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
export function policyOf({ urn, namespace, spec }: KubernetesObject): ModelledPolicy {
    // Without policyTypes a policy is about ingress, and about egress too if it has egress rules.
    const types =
        spec.policyTypes === undefined
            ? ["Ingress", ...(list(spec.egress).length > 0 ? ["Egress"] : [])]
            : texts(spec.policyTypes);
    const other = list(spec.policyTypes).findIndex(type => type !== "Ingress" && type !== "Egress");
    if (other >= 0) {
        throw malformed(`spec.policyTypes[${other}]`, list(spec.policyTypes)[other], "Ingress or Egress");
    }
    return {
        urn,
        namespace,
        podSelector: fields(spec.podSelector),
        ...(types.includes("Ingress")
            ? {
                  ingress: fieldsList(spec.ingress).map(({ from, ports }, index) =>
                      ruleOf(from, ports, placesOf(`spec.ingress[${index}]`, "from")),
                  ),
              }
            : {}),
        ...(types.includes("Egress")
            ? {
                  egress: fieldsList(spec.egress).map(({ to, ports }, index) =>
                      ruleOf(to, ports, placesOf(`spec.egress[${index}]`, "to")),
                  ),
              }
            : {}),
    };
}

function placesOf(rule: string, peers: "from" | "to"): { readonly peers: string; readonly ports: string } {
    return { peers: `${rule}.${peers}`, ports: `${rule}.ports` };
}

/** An empty list is the same as an absent one: everything. */
function ruleOf(
    peers: unknown,
    ports: unknown,
    place: { readonly peers: string; readonly ports: string },
): ModelledRule {
    return {
        ...(list(peers).length > 0
            ? { peers: fieldsList(peers).map((peer, index) => peerOf(peer, `${place.peers}[${index}]`)) }
            : {}),
        ...(list(ports).length > 0
            ? { ports: fieldsList(ports).map((port, index) => portOf(port, `${place.ports}[${index}]`)) }
            : {}),
    };
}

function peerOf(peer: Fields, place: string): Peer {
    if (peer.ipBlock !== undefined) {
        const { cidr, except } = fields(peer.ipBlock);
        const range = rangeOf(cidr, `${place}.ipBlock.cidr`);
        if (peer.namespaceSelector !== undefined || peer.podSelector !== undefined) {
            throw malformed(place, peer, "ipBlock, or selectors, and not both");
        }
        const holes = list(except).map((hole, index) => {
            const found = rangeOf(hole, `${place}.ipBlock.except[${index}]`);
            if (!covers(range, found) || covers(found, range)) {
                throw malformed(`${place}.ipBlock.except[${index}]`, hole, `a range inside ${String(cidr)}`);
            }
            return found;
        });
        return { kind: "addresses", range, except: holes };
    }
    return {
        kind: "pods",
        ...(peer.namespaceSelector === undefined ? {} : { namespaceSelector: fields(peer.namespaceSelector) }),
        ...(peer.podSelector === undefined ? {} : { podSelector: fields(peer.podSelector) }),
    };
}

/** Unlike a firewall, Kubernetes takes a range with host bits, and masks them. */
function rangeOf(cidr: unknown, place: string): AddressRange {
    const [address = "", prefix = "", ...rest] = String(cidr).split("/");
    const { family, value } = orMalformed(() => parseAddress(address), place, cidr);
    const bits = family === 4 ? 32 : 128;
    if (rest.length > 0 || !/^\d{1,3}$/.test(prefix) || Number(prefix) > bits) {
        throw malformed(place, cidr, "a range in CIDR form such as 10.0.0.0/8");
    }
    const size = 1n << BigInt(bits - Number(prefix));
    return parseRange(`${formatAddress({ family, value: value - (value % size) })}/${Number(prefix)}`);
}

const PROTOCOLS: readonly unknown[] = ["TCP", "UDP", "SCTP"] satisfies Protocol[];

/** What Kubernetes' own validation accepts (pkg/apis/networking/validation). */
function portOf({ protocol = "TCP", port, endPort }: Fields, place: string): ModelledPort {
    if (!PROTOCOLS.includes(protocol)) {
        throw malformed(`${place}.protocol`, protocol, "TCP, UDP or SCTP");
    }
    const which = protocol as Protocol;
    const name = text(port);
    if (name !== undefined) {
        if (!/^(?=.*[a-z])[a-z0-9](?:-?[a-z0-9]){0,14}$/.test(name)) {
            throw malformed(`${place}.port`, port, "a number, or the name of a container port");
        }
        if (endPort !== undefined) {
            throw malformed(`${place}.endPort`, endPort, "none beside a port's name");
        }
        return { protocol: which, port: { name } };
    }
    if (port === undefined && endPort === undefined) {
        return { protocol: which };
    }
    const first = numberOf(port, `${place}.port`, 1);
    return {
        protocol: which,
        port: { first, last: endPort === undefined ? first : numberOf(endPort, `${place}.endPort`, first) },
    };
}

function numberOf(value: unknown, place: string, least: number): number {
    const number = integer(value);
    if (number === undefined || number < least || number > 65535) {
        throw malformed(place, value, `a number from ${least} to 65535`);
    }
    return number;
}

function malformed(place: string, given: unknown, expected: string): AddressError {
    return new AddressError(`${place}: got ${JSON.stringify(given) ?? "nothing"}, expected ${expected}`);
}

function orMalformed<T>(read: () => T, place: string, given: unknown): T {
    try {
        return read();
    } catch {
        throw malformed(place, given, "a range in CIDR form such as 10.0.0.0/8");
    }
}

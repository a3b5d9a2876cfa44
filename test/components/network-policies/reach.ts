import { type NetworkPolicy, type Peer, type Port } from "../../../components/network-policies/networkPolicy";

/** A pod as policies see it; every namespace has the label of its own name. */
export interface Pod {
    readonly namespace: string;
    readonly labels?: Readonly<Record<string, string>>;
}

/** One end of a connection: a pod, or an address that is no pod's. */
type End = Pod | { readonly address: string };

export interface Connection {
    readonly from: End;
    readonly to: End;
    readonly port: number;
    readonly protocol?: "TCP" | "UDP";
}

/**
 * Whether policies let a connection through, by Kubernetes' rules: an end that no policy selects is open, an end that one
 * selects is closed but for what the policies that select it list together, and both ends have to agree.
 */
export function passes(policies: readonly NetworkPolicy[], connection: Connection): boolean {
    const { from, to } = connection;
    return (
        agrees(
            policies,
            from,
            "Egress",
            policy => policy.spec.egress?.map(rule => [rule.to, rule.ports]),
            to,
            connection,
        ) &&
        agrees(
            policies,
            to,
            "Ingress",
            policy => policy.spec.ingress?.map(rule => [rule.from, rule.ports]),
            from,
            connection,
        )
    );
}

type Rules = (readonly [readonly Peer[], readonly Port[] | undefined])[] | undefined;

function agrees(
    policies: readonly NetworkPolicy[],
    end: End,
    direction: "Ingress" | "Egress",
    rulesOf: (policy: NetworkPolicy) => Rules,
    other: End,
    { port, protocol = "TCP" }: Connection,
): boolean {
    const selecting =
        "address" in end
            ? []
            : policies.filter(
                  ({ metadata, spec }) => metadata.namespace === end.namespace && spec.policyTypes.includes(direction),
              );
    return (
        selecting.length === 0 ||
        selecting
            .flatMap(policy => rulesOf(policy) ?? [])
            .some(
                ([peers, ports]) =>
                    peers.some(peer => matches(peer, other)) &&
                    (ports === undefined || ports.some(open => open.port === port && open.protocol === protocol)),
            )
    );
}

function matches(peer: Peer, end: End): boolean {
    if ("ipBlock" in peer) {
        const { cidr, except = [] } = peer.ipBlock;
        return "address" in end && within(end.address, cidr) && !except.some(inner => within(end.address, inner));
    }
    if ("address" in end) {
        return false;
    }
    const namespaceLabels: Record<string, string> = { "kubernetes.io/metadata.name": end.namespace };
    return selects(peer.namespaceSelector, namespaceLabels) && selects(peer.podSelector ?? {}, end.labels ?? {});
}

interface Selector {
    readonly matchLabels?: Readonly<Record<string, string>>;
    readonly matchExpressions?: readonly {
        readonly key: string;
        readonly operator: string;
        readonly values: readonly string[];
    }[];
}

function selects(
    { matchLabels = {}, matchExpressions = [] }: Selector,
    labels: Readonly<Record<string, string>>,
): boolean {
    return (
        Object.entries(matchLabels).every(([key, value]) => labels[key] === value) &&
        matchExpressions.every(
            ({ key, operator, values }) => values.includes(labels[key] ?? "") === (operator === "In"),
        )
    );
}

function within(address: string, cidr: string): boolean {
    const [base = "", bits = "32"] = cidr.split("/");
    const block = 2 ** (32 - Number(bits));
    return Math.floor(number(address) / block) === Math.floor(number(base) / block);
}

function number(address: string): number {
    return address.split(".").reduce((sum, octet) => sum * 256 + Number(octet), 0);
}

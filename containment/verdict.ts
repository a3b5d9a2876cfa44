import { type World } from "./world/world";

/** `unknown` never counts as `holds`. */
export type Result = "holds" | "violated" | "unknown";

export type ClaimId = "C1" | "C2" | "C3" | "C4" | "C5" | "C6" | "C7";

/** One concrete packet. */
export interface Packet {
    readonly protocol: "tcp" | "udp" | "icmp" | "sctp" | `ip-${number}`;
    /** IPv4 or IPv6 address. */
    readonly destination: string;
    /** Absent for protocols without ports. */
    readonly port?: number;
}

/** One station on the way of a packet, or of a pod to a node, and what decided there. */
export interface Hop {
    /** What was asked: "firewall", "route", "NAT", "taint", "admission", "Gateway server", … */
    readonly at: string;
    /** What was decided, and why, in words for people. */
    readonly decision: string;
    /** URN of the resource that decided; absent where a platform default did. */
    readonly resource?: string;
    /** Set where the packet, or the pod, would end here whatever comes behind. */
    readonly stops?: true;
    /** Set where the answer is given: with another one here, it would not end as it does. Other stations only have a say. */
    readonly decides?: true;
}

/** Evidence that a claim does not hold. */
export interface Witness {
    /** For example `node of pool acme-dev/default`, `pod in namespace payments as default`. */
    readonly source: string;
    /** Absent where the claim is not about a packet (C2). */
    readonly packet?: Packet;
    /** Everything that the packet stands for, for example "tcp 8002-8003 to all of the public IPv4 internet". */
    readonly extent?: string;
    readonly hops: readonly Hop[];
    /** What would close it, with the resource to change; or to add, where none is there. */
    readonly remedy: string;
}

export interface Claim {
    readonly id: ClaimId;
    readonly statement: string;
    readonly result: Result;
    readonly witnesses: readonly Witness[];
    /** Why the result is `unknown`, and what would settle it. */
    readonly reasons: readonly string[];
}

/** One line of the defence-in-depth matrix: the results when this lock alone is taken away. */
export interface Lock {
    readonly lock: string;
    /** What the lock is made of, in words; empty resources mean that the lock is not there. */
    readonly description: string;
    readonly resources: readonly string[];
    readonly without: Readonly<Partial<Record<ClaimId, Result>>>;
    /**
     * Network locks only: whether this lock alone, with every other network lock taken away, keeps everything but the gateway from
     * the IPv4 internet (Google's own ranges aside, which need no NAT; external IPv6 needs none either, and has a lock of its own).
     * A lock that does not is lost, even while others still hold.
     */
    readonly alone?: Result;
}

/** What one room decides; the verdict is put together from several. Locks of the same name are one lock. */
export interface ClaimSet {
    readonly claims: readonly Claim[];
    /** Where that takes deciding again, it is done when they are read: few reports tell of them. */
    readonly locks: readonly Lock[];
    readonly assumptions: readonly string[];
    readonly residualRisks: readonly string[];
}

/** What answers some of the claims, or tells of locks of theirs. */
export interface ClaimModule {
    readonly claims: readonly ClaimId[];
    readonly judge: (world: World) => ClaimSet;
}

/** What the claims took for the egress gateway. */
export interface GatewayFound {
    readonly pools: readonly FoundPool[];
    /** Further pools whose nodes nothing can tell from the gateway's. */
    readonly alike: readonly FoundPool[];
    /** Names of pools that may be its own or not. */
    readonly possible: readonly string[];
    readonly namespace?: { readonly name: string; readonly because: string };
    /** Where there are several: each by its name, with its namespace where that is known. */
    readonly gateways?: readonly {
        readonly name: string;
        readonly namespace?: string;
        readonly pools: readonly string[];
    }[];
    /** What keeps it from being told. */
    readonly reasons: readonly string[];
    /** URNs of Kubernetes objects that are in another cluster, and so were left out. */
    readonly elsewhere: readonly string[];
    /** Names of networks that hold other clusters than the one that was asked about, and so were left out. */
    readonly networksLeftOut?: readonly string[];
}

export interface FoundPool {
    /** `cluster/pool` */
    readonly name: string;
    /** URN; absent for pools that GKE makes by itself. */
    readonly resource?: string;
    readonly because: string;
    /** Why its nodes are not the gateway's alone. */
    readonly shared?: string;
}

/** Who is let pass by admission policies that refuse a tenant the same. */
export interface Exemption {
    readonly kind: "namespace" | "user" | "group";
    /** A `*` at an end stands for anything. */
    readonly name: string;
    /** Names of the policies, each of which lets it do something at least. */
    readonly from: readonly string[];
}

export interface Verdict {
    /**
     * `contained` when C1 to C4 hold, C6 where a stack registers the DNS lock, and C7 where it registers several gateways, or several stacks are judged together. C5 speaks of depth: a world with a single lock is contained, and the matrix says that nothing
     * stands behind that lock.
     */
    readonly verdict: "contained" | "violated" | "unknown";
    /** The claims that were asked for, where not all were: the verdict is about these alone. */
    readonly asked?: readonly ClaimId[];
    readonly gateway: GatewayFound;
    readonly claims: readonly Claim[];
    readonly locks: readonly Lock[];
    /** Found by trying the guard's policies, whoever declares them. */
    readonly exemptions: readonly Exemption[];
    /** What the verdict relies on and no given resource shows. */
    readonly assumptions: readonly string[];
    /** What stays open even when every claim holds. */
    readonly residualRisks: readonly string[];
}

export function packetText({ protocol, destination, port }: Packet): string {
    const address = destination.includes(":") && port !== undefined ? `[${destination}]` : destination;
    return port === undefined ? `${address} (${protocol})` : `${address}:${port}/${protocol}`;
}

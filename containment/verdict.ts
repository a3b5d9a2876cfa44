import { type Resource } from "./resource";

/** `unknown` never counts as `holds`. */
export type Result = "holds" | "violated" | "unknown";

export type ClaimId = "C1" | "C2" | "C3" | "C4" | "C5";

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
    /** What would close it. */
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
    readonly locks: readonly Lock[];
    readonly assumptions: readonly string[];
    readonly residualRisks: readonly string[];
}

/** Scheduling brings C2, the mesh C4, network policies a lock of C3. */
export type ClaimModule = (resources: readonly Resource[]) => ClaimSet;

export interface Verdict {
    /**
     * `contained` when C1 to C4 hold. C5 speaks of depth: a world with a single lock is contained, and the matrix says that nothing
     * stands behind that lock.
     */
    readonly verdict: "contained" | "violated" | "unknown";
    readonly claims: readonly Claim[];
    readonly locks: readonly Lock[];
    /** What the verdict relies on and no given resource shows. */
    readonly assumptions: readonly string[];
    /** What stays open even when every claim holds. */
    readonly residualRisks: readonly string[];
}

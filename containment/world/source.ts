import { type SourceRange } from "./nat";
import { type Network, type Subnet } from "./networks";

/** As whom a machine runs. `default` is the project's default compute account, whose address has the project's number in it. */
export type Account =
    | { readonly kind: "named"; readonly address: string }
    | { readonly kind: "none" }
    | { readonly kind: "default" }
    /** Nothing says it: any account but these. */
    | { readonly kind: "any"; readonly except: readonly string[] };

/** What the targets of rules and the tags of routes ask about. */
export interface Identity {
    readonly account: Account;
    readonly tags: readonly string[];
    /** It may carry further network tags, except these; absent: it carries exactly `tags`. */
    readonly furtherTagsExcept?: readonly string[];
    /** Secure tags that are bound to it, `tagValues/…` or namespaced names. */
    readonly secureTags: readonly string[];
    /** It may carry further secure tags, except these; absent: it carries exactly `secureTags`. */
    readonly furtherSecureTagsExcept?: readonly string[];
}

/** Where packets come from: one network interface of one kind of machine. */
export interface Source {
    /** Stable, for command lines and diffs: `node:cluster/pool`, `pod:cluster/pool`, `vm:name`, `any-vm:network`. */
    readonly id: string;
    /** For people. */
    readonly name: string;
    readonly kind: "node" | "pod" | "vm" | "any-vm";
    /** What defines it; absent for machines that nothing shows. */
    readonly resource?: string;
    /** The gateway's own nodes, on nodes that are reserved for it. */
    readonly gateway: boolean;
    readonly network: Network;
    readonly identity: Identity;
    readonly subnets: readonly Subnet[];
    /**
     * Who picks one of the subnets: whoever creates the machine may pick any; GKE picks one by free addresses; and where it creates
     * one pool after another, it picks each sooner or later.
     */
    readonly chosenBy: "creator" | "gke" | "each";
    readonly range: SourceRange;
    /** Whether it has an external IPv4 address; `undefined`: nothing says it. */
    readonly externalIpv4: boolean | undefined;
    /** Whether its interface has IPv6 where its subnet has. */
    readonly dualStack: boolean | undefined;
    /** Why something about it is not known; empty when all is. */
    readonly doubts: readonly string[];
    /** Whether it counts at all is not known before `up`: there may be no such machine, or it may be the gateway's. */
    readonly mayNotCount?: boolean;
}

/** The gateway's identity in the network, piece by piece. */
export interface GatewayIdentity {
    readonly serviceAccounts: readonly string[];
    readonly tags: readonly string[];
    readonly secureTags: readonly string[];
    readonly subnets: readonly Subnet[];
}

import { type AddressRange } from "../kernel/address";
import { type Network, type Subnet } from "./networks";
import { type Reference } from "./references";

/** A GKE cluster, whether its own resource shows it or the platform does. */
export interface Cluster {
    readonly name: string;
    readonly reference: Reference;
    readonly resource?: string;
    readonly network: Network;
    /** Subnets that a pool may land in when it names none. */
    readonly subnets: readonly Subnet[];
    /** Secondary range of the cluster's pods, unless a pool names another. */
    readonly podRange: string | undefined;
    /** Pods leave with their node's address; `undefined`: nothing says it. */
    readonly snat: boolean | undefined;
    readonly privateNodes: boolean | undefined;
    readonly dualStack: boolean | undefined;
    readonly controlPlane?: AddressRange;
    readonly podRanges: readonly AddressRange[];
    /** Ranges of its control plane or pods that are not known before `up`. */
    readonly rangesNotKnown: readonly string[];
}

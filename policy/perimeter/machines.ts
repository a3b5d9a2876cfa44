import { type Resource } from "../../containment/resource";
import { Inputs, type Maybe, NOT_KNOWN } from "../../containment/world/inputs";
import { type Finding, undecided } from "../rule";

export const NODE_POOL = "gcp:container/nodePool:NodePool";
export const CLUSTER = "gcp:container/cluster:Cluster";

const INSTANCES = [
    "gcp:compute/instance:Instance",
    "gcp:compute/instanceFromTemplate:InstanceFromTemplate",
    "gcp:compute/instanceFromMachineImage:InstanceFromMachineImage",
    "gcp:compute/instanceTemplate:InstanceTemplate",
    "gcp:compute/regionInstanceTemplate:RegionInstanceTemplate",
];

/** Machines and what machines are made from. */
export function isMachine(type: string): boolean {
    return INSTANCES.includes(type);
}

export function hasNodes(type: string): boolean {
    return type === NODE_POOL || type === CLUSTER;
}

/** A group of GKE nodes: a node pool of its own, or one that a cluster declares inline. */
export interface Nodes {
    /** For people: where in the resource it stands. */
    readonly at: string;
    readonly inputs: Inputs;
    /** The pool that a cluster is created with; it takes the cluster's own subnet. */
    readonly isDefaultPool: boolean;
}

/** The pools of a resource. Autopilot clusters have none that anybody configures. */
export function nodesOf(resource: Resource): {
    readonly pools: readonly Nodes[];
    readonly unclear: readonly Finding[];
} {
    const inputs = Inputs.of(resource, []);
    if (resource.type === NODE_POOL) {
        return { pools: [{ at: "", inputs, isDefaultPool: false }], unclear: [] };
    }
    if (inputs.flag("enableAutopilot") === true) {
        return { pools: [], unclear: [] };
    }
    const inline = elements(inputs, "nodePools", "what node pools the cluster has");
    const removed = inputs.flag("removeDefaultNodePool");
    const ownPools = inline.known.map(([at, pool]) => ({ at: `${at}.`, inputs: pool, isDefaultPool: false }));
    const defaultPool = { at: "", inputs, isDefaultPool: true };
    return {
        pools: removed === true || ownPools.length > 0 ? ownPools : [defaultPool],
        unclear: inline.unclear,
    };
}

/** The objects of a list, each with its path, and a finding for what is not known. */
export function elements(
    inputs: Inputs,
    key: string,
    question: string,
): { readonly known: readonly (readonly [path: string, element: Inputs])[]; readonly unclear: readonly Finding[] } {
    const list = inputs.objects(key);
    if (list === NOT_KNOWN) {
        return { known: [], unclear: [undecided(key, question)] };
    }
    const known: [string, Inputs][] = [];
    const unclear: Finding[] = [];
    (list ?? []).forEach((element, index) => {
        const path = `${key}[${index}]`;
        if (element === NOT_KNOWN) {
            unclear.push(undecided(path, question));
        } else {
            known.push([path, element]);
        }
    });
    return { known, unclear };
}

/** Absent, empty, present or not known: what a list says about itself. */
export function presence(list: Maybe<readonly unknown[]>): "absent" | "present" | "unknown" {
    return list === NOT_KNOWN ? "unknown" : list === undefined || list.length === 0 ? "absent" : "present";
}

import { type GatewayCounters, rise } from "../counters";
import { type Observation } from "../observation";
import { type NetworkProbe } from "../probe";

/** What one pod saw of one probe. */
export interface Run {
    readonly node: string;
    readonly observations: readonly Observation[];
    /** Why the pod could not try; the observations are then empty. */
    readonly failure?: string;
    /** The API server did not admit the pod: its words. */
    readonly refusal?: string;
}

/** One probe of a step, with everything that was seen of it. */
export interface Tried {
    readonly probe: NetworkProbe;
    readonly runs: readonly Run[];
}

/** The gateway's counters around a step, or why they could not be read. */
export type CounterWindow =
    { readonly before: GatewayCounters; readonly after: GatewayCounters } | { readonly unreadable: string };

export function risen(window: CounterWindow, key: string): number | undefined {
    return "unreadable" in window ? undefined : rise(window.before, window.after, key);
}

/** Everything that a judgement may look at besides the probe itself. */
export interface Surroundings {
    /** Of the probe's gateway, of whose probes alone the step's then is. */
    readonly counters: CounterWindow;
    /** Whether the named control succeeded on that node; undefined when it was not tried there. */
    controlSucceeded(id: string, node: string): boolean | undefined;
    /** Of the tries of an allowed probe, in every pod, so many have to be answered. */
    readonly allowedNeeds: number;
    /** Of the probe's gateway; absent when the stack's outputs do not say, as in an offline plan. */
    readonly natAddresses?: readonly string[];
    /** Names of the gateways that addresses are of, where there are several. */
    readonly addressOwners?: ReadonlyMap<string, string>;
}

export function observationsOf({ runs }: Pick<Tried, "runs">): Observation[] {
    return runs.flatMap(({ observations }) => observations);
}

export function nodesOf({ runs }: Pick<Tried, "runs">): string[] {
    return [...new Set(runs.map(({ node }) => node).filter(node => node !== ""))].sort();
}

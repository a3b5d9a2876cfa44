import { type DestinationProtocol } from "../declared/mesh";
import { type WorkloadIdentity } from "../settings/schema";

/** Who called, as far as a line shows it. */
export interface Client {
    readonly address?: string;
    /** Without a namespace where only the name is shown, as `kubectl logs --prefix` does. */
    readonly pod?: { readonly namespace?: string; readonly name: string };
    /** Read from a certificate that the mesh had checked. */
    readonly identity?: WorkloadIdentity;
}

/** Who wrote the line. One connection is told by each that it passes, and is one all the same. */
export type Witness = "sidecar" | "gateway" | "network";

/**
 * `answered`: it got through. `failed`: nothing refused it, and it got no connection. `refused`: the mesh or the firewall did.
 */
export type Outcome = "answered" | "failed" | "refused";

/** One connection or request to the outside. */
export interface Call {
    readonly kind: "call";
    readonly witness: Witness;
    /** The name that was asked for; absent where there was none. */
    readonly host?: string;
    /** The address, where there is no name. */
    readonly address?: string;
    /** Of the far side; where a gateway stands between, a sidecar knows the one that was dialled alone. */
    readonly port: number;
    /** What the application dialled, where the proxy that opens TLS for it tells both. */
    readonly dialled?: number;
    /** `udp` and others cannot be declared. */
    readonly protocol: DestinationProtocol | "udp" | "other";
    readonly outcome: Outcome;
    readonly client: Client;
    /** Milliseconds since 1970; absent where the line has no time. */
    readonly at?: number;
    /** The public address that a proxy reached under the name. */
    readonly reached?: string;
    /** Subset of the gateway's Service that a sidecar chose: it says which `tcp` destination was meant. */
    readonly subset?: string;
}

/** A name that was asked for. */
export interface Question {
    readonly kind: "question";
    readonly name: string;
    readonly client: Client;
    readonly answered: boolean;
    readonly at?: number;
}

/** A line that was understood and tells of nothing that leaves: calls inside the cluster, to private addresses, from outside. */
export const INSIDE = { kind: "inside" } as const;

/** A line that says nothing, and why. What is in it changes no more than one of these counters. */
export interface LeftOut {
    readonly kind: "left out";
    readonly reason: LeftOutReason;
}

export type LeftOutReason =
    | "longer than 1 MB"
    | "not UTF-8"
    | "broken JSON"
    | "no format that is known here"
    | "quotes in a field that a client wrote, so that fields may be forged"
    | "an application's own output, which may look like anything"
    | "a field is missing or makes no sense"
    | "a name that no host has"
    | "more destinations than one list can hold";

export function leftOut(reason: LeftOutReason): LeftOut {
    return { kind: "left out", reason };
}

export type Observation = Call | Question | typeof INSIDE | LeftOut;

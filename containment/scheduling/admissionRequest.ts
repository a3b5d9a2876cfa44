import { type Fields, type KubernetesObject } from "../kubernetes";

/** A request as the API server's admission sees it. */
export interface AdmissionRequest {
    readonly operation: "CREATE" | "UPDATE" | "DELETE" | "CONNECT";
    readonly group: string;
    readonly version: string;
    /** Plural, for example `pods`. */
    readonly resource: string;
    readonly subresource?: string;
    readonly kind: string;
    /** Absent for kinds without a namespace. */
    readonly namespace?: string;
    readonly name?: string;
    readonly user: Sender;
    /** Null for DELETE. */
    readonly object: Fields | null;
    /** Null for CREATE and CONNECT. */
    readonly oldObject: Fields | null;
}

export interface Sender {
    readonly username: string;
    readonly groups: readonly string[];
}

/** Requests that all have to be admitted, and what about them is not the sender's choice. */
export interface Undertaking {
    readonly requests: readonly AdmissionRequest[];
    /**
     * The objects are what they are: only who asks is open; or that, their labels and annotations, and their namespace's labels; or they
     * are one example of their kind, so that a refusal for what they say, and not for who says it, leaves a doubt. Default: whatever the
     * requests do not say may be added.
     */
    readonly asWritten?: true | "but for labels" | "for example";
    /** The request that is most likely to be refused whatever else is chosen, and so is tried by itself first. @default the last */
    readonly foremost?: "first";
}

/** A policy that refuses something: one of its bindings says Deny. */
export interface BoundPolicy {
    readonly policy: KubernetesObject;
    readonly binding: KubernetesObject;
    /** What it may take its parameters from; which of them counts is the request's affair. */
    readonly parameters: readonly KubernetesObject[];
    /** URN of the one that has values which are not known before `up`. */
    readonly unknown: string | undefined;
}

export type AdmissionDecision =
    | { readonly result: "admitted" }
    | { readonly result: "refused"; readonly policy: KubernetesObject; readonly message: string }
    | { readonly result: "unknown"; readonly reasons: readonly string[] };

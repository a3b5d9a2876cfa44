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

export type AdmissionDecision =
    | { readonly result: "admitted" }
    | { readonly result: "refused"; readonly policy: KubernetesObject; readonly message: string }
    | { readonly result: "unknown"; readonly reasons: readonly string[] };

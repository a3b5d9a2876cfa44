import { type GuardRuleId } from "../components/guard/rules";

/**
 * The catalogue of hostile requests, as data: each with the user who would send it, the rule that has to refuse it, and a
 * benign twin that differs in what matters and has to pass.
 */
export interface HostileCase {
    /** Unique and stable, `subject/hiding-place`. */
    readonly id: string;
    readonly rule: GuardRuleId;
    /** The way around the gateway that this case is an instance of (containment/bypasses.ts). */
    readonly bypass?: number;
    /** What the sender tries, as a sentence. */
    readonly title: string;
    readonly as: Sender;
    readonly request: Request;
    /** Words of the refusal besides the rule's id. */
    readonly message: string;
    readonly twin: PermittedRequest;
}

export interface PermittedRequest {
    readonly title: string;
    /** @default the sender of the hostile case */
    readonly as?: Sender;
    readonly request: Request;
}

/** Something that has to work, with no hostile counterpart: the cluster's own components. */
export interface SystemRequest extends PermittedRequest {
    readonly id: string;
    readonly as: Sender;
}

export interface Sender {
    readonly user: string;
    readonly groups?: readonly string[];
}

/** A Kubernetes object as someone sends it: the name may be left to the API server. */
export interface SentObject {
    readonly apiVersion: string;
    readonly kind: string;
    readonly metadata: {
        readonly name?: string;
        readonly generateName?: string;
        readonly namespace?: string;
        readonly labels?: Readonly<Record<string, string>>;
        readonly annotations?: Readonly<Record<string, string>>;
        readonly ownerReferences?: readonly Readonly<Record<string, unknown>>[];
    };
    readonly [field: string]: unknown;
}

export type Request = CreateRequest | UpdateRequest | DeleteRequest | ConnectRequest;

/** Stands in a sent object for the UID of the first object that the request needs. */
export const UID_OF_NEEDED = "$uid";

interface Common {
    /** Objects that have to exist before; none of them is hostile. */
    readonly needs?: readonly SentObject[];
    readonly dryRun?: true;
}

interface CreateRequest extends Common {
    readonly operation: "create";
    readonly object: SentObject;
    /** `post` is the default; `apply` is server-side apply. */
    readonly by?: "apply";
    /** Created below this object, for example `binding` of a pod or `token` of a service account. */
    readonly below?: { readonly object: SentObject; readonly subresource: string };
}

interface UpdateRequest extends Common {
    readonly operation: "update";
    /** As it is before; exists already. */
    readonly before: SentObject;
    /** As it shall be. */
    readonly object: SentObject;
    readonly subresource?: "status" | "ephemeralcontainers" | "finalize" | "scale";
}

interface DeleteRequest extends Common {
    readonly operation: "delete";
    readonly before: SentObject;
}

export interface ConnectRequest extends Common {
    readonly operation: "connect";
    readonly to: SentObject;
    readonly subresource: "exec" | "attach" | "portforward" | "proxy";
    /** For `proxy` of a pod, absent for its first port. */
    readonly port?: number;
    /** What follows the subresource, for `proxy`. */
    readonly path?: string;
}

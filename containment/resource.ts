/**
 * A resource as Pulumi registered it. The offline plan, `pulumi preview --json`, `pulumi stack export` and a CrossGuard
 * stack policy are all brought to this shape, so that the proof never sees where its evidence came from.
 */
export interface Resource {
    readonly urn: string;
    /** Pulumi type token, for example `gcp:compute/firewall:Firewall`. */
    readonly type: string;
    /** Logical name. */
    readonly name: string;
    readonly parent?: string;
    /** Inputs as the provider's SDK names them; a value not known before `up` is {@link UNKNOWN}. */
    readonly inputs: Readonly<Record<string, unknown>>;
    readonly dependsOn: readonly string[];
    readonly protect?: boolean;
    readonly provider?: string;
}

/** What the engine writes in place of a value that is not known before `up` (the sentinel of Pulumi's wire format). */
export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

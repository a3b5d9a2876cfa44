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
    /**
     * Inputs as the provider's SDK names them; a value not known before `up` is {@link UNKNOWN}. Of a resource that is only read
     * (`.get()`) they are what reading it showed: it has no inputs of its own.
     */
    readonly inputs: Readonly<Record<string, unknown>>;
    readonly dependsOn: readonly string[];
    readonly protect?: boolean;
    /** URN of the provider, in a state with its id behind it. */
    readonly provider?: string;
    /** What the provider said about it, where the evidence holds that: numbers and links that others may refer to it by. */
    readonly outputs?: Readonly<Record<string, unknown>>;
    /** The provider's own id. */
    readonly id?: string;
    /** The stack reads it with `.get()` and does not own it. */
    readonly external?: true;
    /** Why it may be gone soon, or may be there no longer, in words: a lock of this kind holds nothing, a hole is open. */
    readonly doubt?: string;
}

/** A URN names its stack and project first: `urn:pulumi:<stack>::<project>::…`. */
export function stackOf(urn: string): string | undefined {
    return urn.split("::")[0]?.split(":")[2];
}

/** What the URNs of one stack have in common, `urn:pulumi:<stack>::<project>`: a stack's name is its project's. */
export function stackUrn(urn: string): string {
    return urn.split("::", 2).join("::");
}

export function projectOf(urn: string): string {
    return urn.split("::")[1] ?? "";
}

/** The URN of a resource's provider; a state writes its id behind it. */
export function providerUrn({ provider }: Pick<Resource, "provider">): string | undefined {
    return provider?.split("::").slice(0, 4).join("::");
}

/** `Type name` of a URN: what a person needs to find the resource. */
export function shortUrn(urn: string): string {
    const [, , types, ...name] = urn.split("::");
    const type = types?.split("$").pop()?.split(":").pop();
    return type === undefined ? urn : `${type} ${name.join("::")}`;
}

/** What the engine writes in place of a value that is not known before `up` (the sentinel of Pulumi's wire format). */
export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

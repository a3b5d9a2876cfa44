/** How the proof treats a type of resource. */
export type Treatment =
    | { readonly kind: "modelled" }
    /** Opens no path out of a VPC network, for this reason. */
    | { readonly kind: "harmless"; readonly reason: string }
    /** Places machines in a VPC network; see `machineReaders.ts`. */
    | { readonly kind: "source" }
    /** May be a way out that is no public address, depending on what it says; see `ways.ts`. */
    | { readonly kind: "way" }
    /** Could matter, and nothing here reads it: the verdict is unknown. */
    | { readonly kind: "unmodelled"; readonly reason: string };

/** Types of `gcp:` that are treated alike: the names of the classes, by module, separated by spaces. */
export interface TypeGroup {
    readonly treatment: Treatment;
    readonly types: Readonly<Record<string, string>>;
}

export const MODELLED: Treatment = { kind: "modelled" };
export const SOURCE: Treatment = { kind: "source" };
export const WAY: Treatment = { kind: "way" };

export function harmless(reason: string): Treatment {
    return { kind: "harmless", reason };
}

export function unmodelled(reason: string): Treatment {
    return { kind: "unmodelled", reason };
}

import type { CloudObject } from "./world";

export type Properties = Readonly<Record<string, unknown>>;

/** Another object that one object rests on. */
export interface Reference {
    readonly type: string;
    readonly id: string;
    /** The other one cannot be deleted while this one exists. */
    readonly holds: boolean;
    /** The other one may belong to somebody whom no test deploys: it need not exist here. */
    readonly foreign?: boolean;
    /** Another type that an object with this id may have. */
    readonly or?: string;
}

/** What changed between two sets of inputs, as a provider tells the engine. */
export interface Difference {
    /** Top-level inputs that differ. */
    readonly changed: readonly string[];
    /** Those among them that the cloud cannot change in place. */
    readonly replaces: readonly string[];
    /** The name stays and can exist only once: the old object has to go first. */
    readonly deleteBeforeReplace: boolean;
}

export interface Checked {
    readonly inputs: Properties;
    readonly failures: readonly { readonly property: string; readonly reason: string }[];
}

/** What a test provider knows of one cloud. Everything else, the engine's protocol, is the same for all. */
export interface Cloud {
    /** Called once, with the provider's own configuration, before anything else but `diffConfig`. */
    configure(config: Properties): void;
    diffConfig(before: Properties, after: Properties): Difference;
    /**
     * Validates inputs and completes them, for example with a generated name.
     *
     * @param isTaken whether an object of this type would be met that exists already
     */
    check(
        type: string,
        name: string,
        before: Properties | undefined,
        after: Properties,
        isTaken: (inputs: Properties) => boolean,
    ): Checked;
    diff(type: string, before: Properties, after: Properties): Difference;
    id(type: string, inputs: Properties, name: string): string;
    /** Outputs known once the object exists, without the inputs. */
    outputs(type: string, inputs: Properties, id: string): Properties;
    /** Outputs that a preview cannot know for a new object. */
    computed(type: string): readonly string[];
    references(type: string, inputs: Properties): readonly Reference[];
    /** Why the cloud does not make this beside what there is; undefined: it does. */
    conflict?(type: string, inputs: Properties, objects: readonly CloudObject[]): string | undefined;
    /**
     * Does it in a real cloud as well, where there is one.
     *
     * @throws what the real cloud says against it
     */
    send?(operation: "apply" | "delete", inputs: Properties): Promise<void>;
    /** @throws for a token that it does not know: an invented answer would hide a missing one */
    invoke(token: string, args: Properties, objects: () => readonly CloudObject[]): Properties;
}

/** Where a provider notes which inputs it filled in itself, as the providers built on the Terraform bridge do. */
export const DEFAULTS = "__defaults";

/** Top-level keys whose values differ. */
export function changedKeys(before: Properties, after: Properties): string[] {
    const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
    return keys.filter(key => key !== DEFAULTS).filter(key => canonical(before[key]) !== canonical(after[key]));
}

/** JSON with sorted keys, so that the order of keys is no difference. */
export function canonical(value: unknown): string | undefined {
    return JSON.stringify(value, (_key, inner: unknown) =>
        inner !== null && typeof inner === "object" && !Array.isArray(inner)
            ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
            : inner,
    );
}

/** The value at a path such as `nodeConfig.machineType`. */
export function at(inputs: Properties, path: string): unknown {
    return path.split(".").reduce<unknown>((value, key) => (value as Properties | undefined)?.[key], inputs);
}

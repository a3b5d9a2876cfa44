import { type Resource } from "../../../containment/resource";

/** A resource with a URN of its own, as a foreign program would register it. */
export function resource(
    type: string,
    name: string,
    inputs: Record<string, unknown>,
    dependsOn: readonly string[] = [],
): Resource {
    return { urn: urnOf(type, name), type, name, inputs, dependsOn };
}

export function urnOf(type: string, name: string): string {
    return `urn:pulumi:live::landing-zone::${type}::${name}`;
}

export const compute = (kind: string): string => `gcp:compute/${kind[0]!.toLowerCase()}${kind.slice(1)}:${kind}`;
export const SELF_LINK = "https://www.googleapis.com/compute/v1/";

/** The world with one resource's inputs changed. */
export function changed(
    world: readonly Resource[],
    name: string,
    change: (inputs: Readonly<Record<string, unknown>>) => Record<string, unknown>,
): Resource[] {
    if (!world.some(entry => entry.name === name)) {
        throw new Error(`no resource is called ${name}`);
    }
    return world.map(entry => (entry.name === name ? { ...entry, inputs: change(entry.inputs) } : entry));
}

export function removed(world: readonly Resource[], ...names: readonly string[]): Resource[] {
    const missing = names.filter(name => !world.some(entry => entry.name === name));
    if (missing.length > 0) {
        throw new Error(`no resource is called ${missing.join(", ")}`);
    }
    return world.filter(({ name }) => !names.includes(name));
}

export function added(world: readonly Resource[], ...more: readonly Resource[]): Resource[] {
    return [...world, ...more];
}

export type Mutation = (world: readonly Resource[]) => Resource[];

export function all(...mutations: readonly Mutation[]): Mutation {
    return world => mutations.reduce<Resource[]>((current, mutation) => mutation(current), [...world]);
}

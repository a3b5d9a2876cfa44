import { type Json } from "../document";
import { type Asset, behind, nameOf } from "./asset";
import { type Inventory } from "./inventory";

/** A resource that an asset describes, or one that stands inside it. */
export interface Translated {
    readonly type: string;
    readonly inputs: Json;
    /** Of what stands inside the asset: its own name. */
    readonly name?: string;
    /** Tells it apart from others of its type inside one asset. @default its name */
    readonly key?: string;
    readonly outputs?: Json;
    /** Who made it, for a Kubernetes object: its cluster. */
    readonly provider?: string;
}

/** Not a resource of its own, or nothing that the proof asks for: why, in words. */
export interface Unused {
    readonly leftOut: string;
}

/**
 * What an asset is to the proof.
 *
 * @param data with lists in the plural
 */
export type Translate = (asset: Asset, data: Json, inventory: Inventory) => readonly Translated[] | Unused;

/** The asset under the same names, with its own project and place, which its path says. */
export function as(type: string, ...changes: readonly ((data: Json, asset: Asset) => Json)[]): Translate {
    return (asset, data, inventory) => [
        {
            type,
            inputs: {
                ...changes.reduce<Json>((inputs, change) => ({ ...inputs, ...change(inputs, asset) }), data),
                ...placeOf(asset, inventory),
            },
        },
    ];
}

/** Name, project, and region, zone or location. */
export function placeOf(asset: Asset, inventory: Inventory): Json {
    const project = inventory.projectOf(asset);
    const places = {
        region: behind(asset, "regions"),
        zone: behind(asset, "zones"),
        location: behind(asset, "locations"),
    };
    return {
        name: nameOf(asset),
        ...(project === undefined ? {} : { project }),
        ...Object.fromEntries(Object.entries(places).filter(([, place]) => place !== undefined)),
    };
}

/** `compute/Route`: how `@pulumi/gcp` calls it. */
export function token(name: string): string {
    const [module, kind] = name.split("/") as [string, string];
    return `gcp:${module}/${kind[0]!.toLowerCase()}${kind.slice(1)}:${kind}`;
}

/** Lives on the ground floor, since {@link ../declared} reads registered resources too. */
export { type Resource, UNKNOWN } from "../base/resource";

/** Stacks of resources that no program registered, by what they were read from. */
export const MANIFESTS = "urn:pulumi:manifests::manifests::";
export const INVENTORY = "urn:pulumi:inventory::inventory::";

/** Whether a resource was read from a manifest, or from an inventory of what there is, and not registered by a program. */
export function isUnregistered({ urn }: { readonly urn: string }): boolean {
    return urn.startsWith(MANIFESTS) || urn.startsWith(INVENTORY);
}

import { type Asset } from "../../containment/inventory/asset";

/** What an API tells, as Cloud Asset Inventory would. */
export function assetOf(type: string, path: string, more: Partial<Asset>): Asset {
    return { path, type, ancestors: [], updated: "", ...more };
}

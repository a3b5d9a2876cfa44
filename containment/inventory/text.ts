import { type Json, ReaderError } from "../document";
import { type Asset, assetOf, isAsset } from "./asset";

/** A line, or an element of a list, and where it stands. */
interface Entry {
    readonly document: unknown;
    readonly at: string;
}

/** Whether a text is one asset a line: its first line is an asset, or the beginning of one that was cut off. */
export function isInventoryText(text: string): boolean {
    const [first = "", second] = text.trimStart().split("\n", 2);
    try {
        return isAsset(JSON.parse(first));
    } catch {
        // A first line alone that is cut off.
        return /^\{.*"asset_?[tT]ype"\s*:\s*"/.test(first) && (second === undefined || second.startsWith("{"));
    }
}

/** @throws ReaderError with all lines that are no assets */
export function assetsOfText(text: string): Asset[] {
    const problems: string[] = [];
    const entries: Entry[] = [];
    let line = 0;
    for (const written of text.split("\n")) {
        line += 1;
        if (written.trim() === "") {
            continue;
        }
        try {
            entries.push({ document: JSON.parse(written) as unknown, at: `line ${line}` });
        } catch (error) {
            problems.push(`line ${line} of the inventory is not JSON (${(error as Error).message})`);
        }
    }
    if (problems.length > 0) {
        const others = problems.length > 3 ? `; and ${problems.length - 3} more` : "";
        throw new ReaderError(
            `${problems.slice(0, 3).join("; ")}${others}: expected one asset a line, as \`gcloud asset export\` writes them. Is the file cut off? Export it again`,
        );
    }
    return assetsOf(entries);
}

/** Of `gcloud asset list --format=json`, and of the API's own lists. */
export function assetsOfList(documents: readonly unknown[]): Asset[] {
    return assetsOf(documents.map((document, index) => ({ document, at: `element ${index}` })));
}

/** The list in a document that is one, or holds one as the API answers it. */
export function listIn(document: unknown): readonly unknown[] | undefined {
    const held = Array.isArray(document) ? document : (document as Json | null)?.["assets"];
    return Array.isArray(held) && held.length > 0 && isAsset(held[0]) ? (held as unknown[]) : undefined;
}

function assetsOf(entries: readonly Entry[]): Asset[] {
    const assets = entries.map(({ document, at }) => assetOf(document, at));
    if (assets.every(({ data, bindings }) => data === undefined && bindings === undefined)) {
        throw new ReaderError(
            `the inventory only names its assets, and shows none of the ${assets.length}; export it with --content-type=resource (and again with --content-type=iam-policy)`,
        );
    }
    return newest(assets);
}

/** An asset that was exported twice is as it was last. What it is and who may use it stand in lines of their own. */
function newest(assets: readonly Asset[]): Asset[] {
    const found = new Map<string, Asset>();
    for (const asset of assets) {
        const key = `${asset.type} ${asset.path} ${asset.bindings === undefined ? "" : "policy"}`;
        const before = found.get(key);
        if (before === undefined || before.updated <= asset.updated) {
            found.set(key, asset);
        }
    }
    return [...found.values()];
}

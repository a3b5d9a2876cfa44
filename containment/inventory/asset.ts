import { isObject, type Json, objects, ReaderError } from "../document";
import { fields as object, list, text } from "../kubernetes";

export { list, object, objects, text };

/** One asset of Cloud Asset Inventory: what there is, and who may do what with it. */
export interface Asset {
    /** Without `//` and the service: `projects/p/global/networks/n`. */
    readonly path: string;
    /** For example `compute.googleapis.com/Network`. */
    readonly type: string;
    /** The resource as its own API shows it; absent where the export does not show it. */
    readonly data?: Json;
    /** Version of that API. */
    readonly version?: string;
    readonly bindings?: readonly Json[];
    /** The project first, then folders upwards, then the organization. */
    readonly ancestors: readonly string[];
    readonly updated: string;
}

/** Whether a document is an asset, in the spelling of today's exports or of those of before. */
export function isAsset(document: unknown): document is Json {
    return isObject(document) && typeof (document["assetType"] ?? document["asset_type"]) === "string";
}

/** @param at where it stands, for people */
export function assetOf(document: unknown, at: string): Asset {
    if (!isAsset(document)) {
        throw new ReaderError(
            `${at} of the inventory has no "name" and "assetType"; expected an asset as \`gcloud asset export --content-type=resource\` writes it, one a line`,
        );
    }
    const key = (camel: string): unknown =>
        document[camel] ?? document[camel.replace(/[A-Z]/g, letter => `_${letter.toLowerCase()}`)];
    // `search-all-iam-policies` calls what a policy is set on `resource`, and has a `policy`.
    const ofSearch = typeof document["resource"] === "string";
    const name = ofSearch ? document["resource"] : key("name");
    const [, path] = /^\/\/[^/]+\/(.+)$/.exec(typeof name === "string" ? name : "") ?? [];
    if (path === undefined) {
        throw new ReaderError(
            `${at} of the inventory has the name ${JSON.stringify(name ?? null)}; expected a full one, as //compute.googleapis.com/projects/p/global/networks/n`,
        );
    }
    const { data, version } = shown(document["resource"], key("versionedResources"));
    const policy = ofSearch ? document["policy"] : key("iamPolicy");
    const ancestors = key("ancestors");
    const updated = key("updateTime");
    return {
        path,
        type: key("assetType") as string,
        ...(data === undefined ? {} : { data }),
        ...(version === undefined ? {} : { version }),
        ...(isObject(policy) ? { bindings: objects(policy["bindings"]) } : {}),
        ancestors: list(ancestors).filter(each => typeof each === "string"),
        updated: typeof updated === "string" ? updated : "",
    };
}

/** An export has one `resource` with `data`; a search has `versionedResources`, where it is asked for them. */
function shown(resource: unknown, versioned: unknown): Pick<Asset, "data" | "version"> {
    const [found] = isObject(resource) ? [resource] : objects(versioned);
    const data = found?.["data"] ?? found?.["resource"];
    const version = found?.["version"];
    return {
        ...(isObject(data) ? { data } : {}),
        ...(typeof version === "string" ? { version } : {}),
    };
}

/** What stands behind one of these words in the path: the project, the region. */
export function behind({ path }: Pick<Asset, "path">, ...words: readonly string[]): string | undefined {
    const steps = path.split("/");
    const index = steps.findIndex((step, position) => words.includes(step) && position + 1 < steps.length);
    return index < 0 ? undefined : steps[index + 1];
}

export function nameOf({ path }: Pick<Asset, "path">): string {
    return path.slice(path.lastIndexOf("/") + 1);
}

/** The last step of a link. */
export function last(link: unknown): string | undefined {
    const given = text(link);
    return given === undefined ? undefined : given.slice(given.lastIndexOf("/") + 1);
}

/** The path in a link: it begins with the project. */
export function pathIn(link: unknown): string {
    return (text(link) ?? "").replace(/^.*\/(?=projects\/)/, "");
}

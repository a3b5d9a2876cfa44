import { isObject, type Json, knownJson, ReaderError } from "../document";
import { type Resource, UNKNOWN } from "../resource";

/** A resource as Pulumi writes it. */
export function resourceOf(entry: unknown, path: string): Resource {
    if (!isObject(entry) || typeof entry["urn"] !== "string" || typeof entry["type"] !== "string") {
        throw new ReaderError(`${path} has no "urn" and "type"; expected a resource as Pulumi writes it`);
    }
    const inputs = entry["inputs"] ?? {};
    const outputs = entry["outputs"] ?? {};
    if (!isObject(inputs) || !isObject(outputs)) {
        throw new ReaderError(`${path} (${entry["urn"]}) has inputs or outputs that are no object`);
    }
    const shown = revealed(outputs) as Json;
    const external = entry["external"] === true;
    const text = (key: string): string | undefined =>
        typeof entry[key] === "string" && entry[key] !== "" ? entry[key] : undefined;
    const parent = text("parent");
    const provider = text("provider");
    const id = text("id");
    return {
        urn: entry["urn"],
        type: entry["type"],
        name: text("name") ?? entry["urn"].split("::").at(-1)!,
        ...(parent === undefined ? {} : { parent }),
        inputs: { ...(revealed(inputs) as Json), ...(external ? shown : {}) },
        dependsOn: [
            ...new Set([
                ...texts(entry["dependsOn"]),
                ...texts(entry["dependencies"]),
                ...Object.values(isObject(entry["propertyDependencies"]) ? entry["propertyDependencies"] : {}).flatMap(
                    texts,
                ),
            ]),
        ],
        ...(typeof entry["protect"] === "boolean" ? { protect: entry["protect"] } : {}),
        ...(provider === undefined ? {} : { provider }),
        ...(Object.keys(outputs).length === 0 ? {} : { outputs: shown }),
        ...(id === undefined ? {} : { id }),
        ...(external ? { external } : {}),
        ...(text("doubt") === undefined ? {} : { doubt: text("doubt")! }),
    };
}

/** Keys and values by which Pulumi marks special values in JSON (`sdk/go/common/resource`, signatures). */
const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";
const OUTPUT = "d0e6a833031e9bbcd3f4e8bde6ca49a4";
/** What stands for a value that is not known yet: one for each kind of value (`sdk/go/common/resource/plugin`, `Unknown…Value`). */
const UNKNOWNS = new Set([
    UNKNOWN,
    "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
    "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
    "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
    "030794c1-ac77-496b-92df-f27374a8bd58",
    "e48ece36-62e2-4504-bad9-02848725956a",
    "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
]);

/** Secrets and outputs unwrapped; what is encrypted, blotted out or not known becomes {@link UNKNOWN}. */
export function revealed(value: unknown): unknown {
    if (typeof value === "string") {
        return UNKNOWNS.has(value) || value === "[secret]" ? UNKNOWN : value;
    }
    if (Array.isArray(value)) {
        return value.map(revealed);
    }
    if (!isObject(value)) {
        return value;
    }
    switch (value[SIGNATURE]) {
        case SECRET:
            return typeof value["plaintext"] === "string" ? revealed(knownJson(value["plaintext"])) : UNKNOWN;
        case OUTPUT:
            return "value" in value ? revealed(value["value"]) : UNKNOWN;
        default:
            return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, revealed(item)]));
    }
}

function texts(value: unknown): string[] {
    return Array.isArray(value) ? value.filter((item): item is string => typeof item === "string") : [];
}

import { existsSync, readdirSync, readFileSync } from "node:fs";
import * as path from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import { readResources } from "../../../containment/readers";
import { type Resource } from "../../../containment/resource";
import { resource } from "./build";

/** Worlds as folders of plain files; README.md beside this file says how to write one. */
const WORLDS = __dirname;

const inputs = z.record(z.string(), z.unknown());
const entrySchema = z.union([
    z.strictObject({ type: z.string(), name: z.string(), inputs, dependsOn: z.array(z.string()).optional() }),
    // A Kubernetes manifest, as it is.
    z.looseObject({ apiVersion: z.string(), kind: z.string(), metadata: z.looseObject({ name: z.string() }) }),
]);
const worldSchema = z.strictObject({
    over: z.string().optional(),
    stack: z.string().optional(),
    remove: z.array(z.string()).default([]),
    change: z.record(z.string(), inputs).default({}),
    add: z.array(entrySchema).default([]),
});
const result = z.enum(["holds", "violated", "unknown"]);
const expectedSchema = z.union([
    z.strictObject({
        verdict: z.enum(["contained", "violated", "unknown"]),
        claims: z.record(z.string(), result).default({}),
        says: z.array(z.string()).default([]),
    }),
    z.strictObject({ refused: z.string() }),
]);

export type Expected = z.output<typeof expectedSchema>;
type World = z.output<typeof worldSchema>;

/** Every folder that says what is expected of it. */
export function worldFolders(): string[] {
    return readdirSync(WORLDS, { withFileTypes: true })
        .filter(entry => entry.isDirectory())
        .map(({ name }) => name)
        .sort();
}

export function expectedOf(folder: string): Expected {
    return read(folder, "expected.yaml", expectedSchema);
}

/** The stack whose offline plan the world is laid over, if any. */
export function stackUnder(folder: string): string | undefined {
    const { over, stack } = described(folder);
    return over === undefined ? stack : stackUnder(over);
}

/**
 * The resources of a world.
 *
 * @param planned The offline plan of the stack under it; see {@link stackUnder}.
 */
export function worldOf(folder: string, planned: readonly Resource[] = []): Resource[] {
    const { over, remove, change, add } = described(folder);
    const base = over === undefined ? [...planned] : worldOf(over, planned);
    const removed = remove.map(name => the(base, name, folder));
    const changed = new Map(Object.entries(change).map(([name, patch]) => [the(base, name, folder), patch]));
    return [
        ...base
            .filter(entry => !removed.includes(entry))
            .map(entry => ({ ...entry, inputs: merged(entry.inputs, changed.get(entry) ?? {}) as Resource["inputs"] })),
        ...add.map(entry => ("kind" in entry ? manifest(entry) : fromEntry(entry))),
        ...evidenceFiles(folder).flatMap(file => readResources(readFileSync(path.join(WORLDS, folder, file), "utf8"))),
    ];
}

function described(folder: string): World {
    return existsSync(path.join(WORLDS, folder, "world.yaml"))
        ? read(folder, "world.yaml", worldSchema)
        : worldSchema.parse({});
}

function read<T extends z.ZodType>(folder: string, file: string, schema: T): z.output<T> {
    const parsed = schema.safeParse(parse(readFileSync(path.join(WORLDS, folder, file), "utf8")));
    if (!parsed.success) {
        throw new Error(`${folder}/${file}: ${z.prettifyError(parsed.error)}`);
    }
    return parsed.data;
}

/** What beside the two files of ours a folder holds: plans, previews, states and whatever else `prove --from` reads. */
function evidenceFiles(folder: string): string[] {
    return readdirSync(path.join(WORLDS, folder))
        .filter(file => file !== "world.yaml" && file !== "expected.yaml")
        .sort();
}

function fromEntry({ type, name, inputs: given, dependsOn }: Extract<World["add"][number], { inputs: unknown }>) {
    return resource(type as string, name as string, given as Record<string, unknown>, dependsOn as string[]);
}

function manifest(object: Readonly<Record<string, unknown>>): Resource {
    const apiVersion = String(object["apiVersion"]);
    const { name, namespace } = object["metadata"] as { readonly name: string; readonly namespace?: string };
    return resource(
        `kubernetes:${apiVersion.includes("/") ? apiVersion : `core/${apiVersion}`}:${String(object["kind"])}`,
        namespace === undefined ? name : `${namespace}/${name}`,
        { ...object },
    );
}

/** The one resource of this logical name, or of this `Kind::name`. */
function the(world: readonly Resource[], name: string, folder: string): Resource {
    const found = world.filter(entry => entry.name === name || `${kindOf(entry)}::${entry.name}` === name);
    if (found.length !== 1) {
        throw new Error(
            `${folder}/world.yaml: ${name} is ${found.length === 0 ? "no resource" : "several resources"} of what it is laid over` +
                (found.length === 0 ? "" : `: write ${found.map(entry => `${kindOf(entry)}::${name}`).join(" or ")}`),
        );
    }
    return found[0]!;
}

function kindOf({ type }: Resource): string {
    return type.split(":").at(-1)!;
}

/** JSON merge patch (RFC 7396): objects are merged, `null` takes a key away, everything else replaces. */
function merged(target: unknown, patch: unknown): unknown {
    if (typeof patch !== "object" || patch === null || Array.isArray(patch)) {
        return patch;
    }
    const result: Record<string, unknown> =
        typeof target === "object" && target !== null && !Array.isArray(target) ? { ...target } : {};
    for (const [key, value] of Object.entries(patch)) {
        if (value === null) {
            delete result[key];
        } else {
            result[key] = merged(result[key], value);
        }
    }
    return result;
}

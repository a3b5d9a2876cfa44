import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import * as path from "node:path";
import { globSync } from "tinyglobby";
import { isSeq, LineCounter, parseAllDocuments, type Node } from "yaml";
import { type Resource } from "../base/resource";
import { readYaml } from "../base/yaml";
import { isObject, type Json } from "../containment/document";
import { isManifest, manifestResources } from "../containment/manifests";
import { DEFAULT_STACK, type EvidenceOptions, filesOf, textOf } from "./evidence";
import { fromHere, PROJECT_DIRECTORY } from "./project";
import { type Line, terraformBlock } from "./terraformBlocks";

/** Where something is written. */
export interface Place {
    /** From the root of the repository; of a file outside of it, its name alone, since folders say who made it. */
    readonly file: string;
    /** Absent where the file as a whole is meant. */
    readonly line?: number;
}

/** Larger files are exports that nobody reviews line by line, and take long to read with their lines. */
const READ_WITH_LINES_AT_MOST = 5_000_000;

/** Where the resources that a verdict speaks of are written, as far as files tell. */
export class Places {
    private readonly byUrn: ReadonlyMap<string, Resource>;
    private readonly lines = new Map<string, Line>();
    private readonly destinations: ReadonlyMap<string, Line>;
    private readonly given: readonly string[];
    private readonly fallback: string;
    private readonly root = rootOf(fromHere("."));

    constructor({ stack, from, with: others = [] }: EvidenceOptions, resources: readonly Resource[]) {
        this.byUrn = new Map(resources.map(resource => [resource.urn, resource]));
        this.given = (from === undefined ? others : [from, ...others]).flatMap(filesOf);
        const judged = stack ?? (from === undefined ? DEFAULT_STACK : resources[0]?.urn.split(":")[2]);
        // A name that somebody else wrote leads nowhere else.
        const settings = path.join(PROJECT_DIRECTORY, path.basename(`Pulumi.${judged}.yaml`));
        const own = this.given.find(file => file !== "/dev/stdin");
        this.fallback = from === undefined ? settings : (own ?? (existsSync(settings) ? settings : from));
        this.destinations = destinationPlaces(settings);
        for (const file of this.given) {
            this.read(file);
        }
    }

    /** Of the first of them that is written somewhere; else what was judged. */
    of(urns: readonly string[]): Place {
        for (const urn of urns) {
            const place = this.destinationOf(urn) ?? this.lines.get(urn) ?? this.blockOf(urn);
            if (place !== undefined) {
                return { ...place, file: this.fromRoot(place.file) };
            }
        }
        return { file: this.fromRoot(this.fallback) };
    }

    private read(file: string): void {
        const text = textOf(file);
        if (text.length > READ_WITH_LINES_AT_MOST) {
            return;
        }
        const document = documentOf(text);
        if (document === undefined || isManifest(document)) {
            for (const [urn, line] of manifestLines(text)) {
                this.lines.set(urn, { file, line });
            }
            return;
        }
        for (const [urn, position] of sourcePositions(document)) {
            const place = placeOfPosition(position, [path.dirname(file), fromHere(".")]);
            if (place !== undefined) {
                this.lines.set(urn, place);
            }
        }
    }

    /** The entry of the settings that a resource was made of: what a person changes. */
    private destinationOf(urn: string): Line | undefined {
        const text = JSON.stringify(this.byUrn.get(urn)?.inputs ?? {});
        return [...this.destinations].find(([host]) => text.includes(`"${host}"`) || text.includes(`"${host}:`))?.[1];
    }

    private blockOf(urn: string): Line | undefined {
        return urn.startsWith("urn:pulumi:terraform::")
            ? terraformBlock(this.byUrn.get(urn)?.name ?? "", [
                  ...this.given.map(file => path.dirname(file)),
                  fromHere("."),
              ])
            : undefined;
    }

    private fromRoot(file: string): string {
        const relative = path.relative(this.root, file);
        return relative.startsWith("..") || path.isAbsolute(relative)
            ? path.basename(file)
            : relative.split(path.sep).join("/");
    }
}

/** The repository's folder; outside of git, where the person stands. */
function rootOf(directory: string): string {
    const { status, stdout } = spawnSync("git", ["rev-parse", "--show-toplevel"], { cwd: directory, encoding: "utf8" });
    return status === 0 ? stdout.trim() : directory;
}

/** What is no single document of JSON is YAML, or has a document on each line. */
function documentOf(text: string): Json | undefined {
    try {
        const document: unknown = JSON.parse(text);
        return isObject(document) ? document : {};
    } catch {
        return undefined;
    }
}

/** The first line of every Kubernetes object of a text, by URN. */
function manifestLines(text: string): (readonly [string, number])[] {
    const lines = new LineCounter();
    const documents = parseAllDocuments(text, { version: "1.1", merge: true, logLevel: "error", lineCounter: lines });
    return [...documents].flatMap(document => {
        const content: unknown = document.toJS();
        const nodes = isManifest(content) ? objectsIn(document.get("items", true), document.contents) : [];
        return manifestResources(isManifest(content) ? [content] : []).map(
            ({ urn }, index) => [urn, lines.linePos(nodes[index]?.range?.[0] ?? 0).line] as const,
        );
    });
}

function objectsIn(items: unknown, whole: unknown): readonly Node[] {
    return (isSeq(items) ? items.items : [whole]) as readonly Node[];
}

/** What the engine says of a resource: `project:///index.ts#12,5` (pulumi/pulumi, `pkg/resource/deploy/source_eval.go`). */
function sourcePositions(document: Json): (readonly [string, string])[] {
    const deployment = isObject(document["deployment"]) ? document["deployment"] : document;
    const states = [
        ...list(deployment["resources"]),
        ...list(document["steps"]).flatMap(step => (isObject(step) ? [step["newState"] ?? step["oldState"]] : [])),
    ];
    return states
        .filter(isObject)
        .flatMap(({ urn, sourcePosition }) =>
            typeof urn === "string" && typeof sourcePosition === "string" ? [[urn, sourcePosition] as const] : [],
        );
}

function list(value: unknown): readonly unknown[] {
    return Array.isArray(value) ? value : [];
}

function placeOfPosition(position: string, projects: readonly string[]): Line | undefined {
    const [, file, line] = /^project:\/\/\/([^#]+)#(\d+)/.exec(position) ?? [];
    const found = projects.map(project => path.join(project, decodeURI(file ?? ""))).find(one => existsSync(one));
    return file === undefined || found === undefined ? undefined : { file: found, line: Number(line) };
}

/** The line of each destination, by host: of the stack's file, and of the lists that it names. */
function destinationPlaces(settings: string): Map<string, Line> {
    const config = ["config", "egress-gateway:destinations"];
    const found = new Map(destinationsIn(settings, config));
    const patterns = valueAt(yamlOf(settings)?.value, ["config", "egress-gateway:destinationFiles"]);
    for (const pattern of list(patterns).filter(one => typeof one === "string")) {
        for (const file of globSync(pattern, { cwd: path.dirname(settings), absolute: true, onlyFiles: true })) {
            destinationsIn(file, []).forEach(([host, place]) => found.set(host, place));
        }
    }
    return found;
}

function destinationsIn(file: string, at: readonly string[]): (readonly [string, Line])[] {
    const yaml = yamlOf(file);
    return list(valueAt(yaml?.value, at)).flatMap((entry, index) => {
        const host = isObject(entry) ? entry["host"] : undefined;
        const line = Number(
            yaml
                ?.at([...at, index, "host"])
                .split(":")
                .at(-1),
        );
        return typeof host === "string" ? [[host, { file, line }] as const] : [];
    });
}

/** Undefined where it is missing or no settings: then it is not what was judged. */
function yamlOf(file: string): ReturnType<typeof readYaml> | undefined {
    try {
        return readYaml(readFileSync(file), file);
    } catch {
        return undefined;
    }
}

function valueAt(value: unknown, keys: readonly string[]): unknown {
    return keys.reduce<unknown>((inner, key) => (isObject(inner) ? inner[key] : undefined), value);
}

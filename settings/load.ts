import { readFileSync } from "node:fs";
import * as path from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { globSync } from "tinyglobby";
import { perimeterFactsFrom } from "../contract/perimeterStack";
import { platformFactsFrom } from "../contract/platformStack";
import { codeOwnersOf } from "./owners";
import { type RawSettings, readSettings } from "./read";
import { type SettingsInput } from "./schema";
import { type Settings } from "./settings";
import { InputError, type Problem } from "../base/problem";
import { readYaml } from "../base/yaml";

/** Settings as they were written. Nothing of them is checked yet. */
export interface WrittenSettings {
    /** Everything under `egress-gateway:`, without the prefix (docs/settings.md). */
    readonly settings: SettingsInput | Readonly<Record<string, unknown>>;
    /** `gcp:project` and `gcp:region`. */
    readonly google?: { readonly project?: unknown; readonly region?: unknown };
    /** Where `destinationFiles` are looked for: the project's folder. */
    readonly directory: string;
}

/** What the stack's configuration says. */
export function stackSettings(directory: string): WrittenSettings {
    const settings = configValues("egress-gateway");
    const { project, region } = configValues("gcp");
    refuseUnknown({ ...prefixed("egress-gateway", settings), "gcp:project": project, "gcp:region": region });
    return { settings, google: { project, region }, directory };
}

/**
 * Reads settings, the files that they name and, where they name one, the platform's stack.
 *
 * @param further More checks, reported together with everything else.
 * @throws InputError with every problem at once.
 */
export async function loadSettings(
    { settings, google = {}, directory }: WrittenSettings,
    further?: (settings: Settings) => readonly Problem[],
): Promise<Settings> {
    const values: Readonly<Record<string, unknown>> = settings;
    const raw = {
        values,
        google,
        platform: await platformSource(values["platform"]),
        ...(await joinedPerimeter(values["perimeter"])),
        stack: `${pulumi.getOrganization()}/${pulumi.getProject()}/${pulumi.getStack()}`,
        files: destinationFiles(values["destinationFiles"], directory),
    };
    return readSettings(raw, further);
}

/** Everything under one prefix. The engine hands structured values over as JSON and scalars as text. */
function configValues(prefix: string): Record<string, unknown> {
    const entries = Object.entries(pulumi.runtime.allConfig())
        .filter(([key]) => key.startsWith(`${prefix}:`))
        .map(([key, value]) => [key.slice(prefix.length + 1), structured(value)] as const);
    return Object.fromEntries(entries);
}

function structured(value: string): unknown {
    if (!/^\s*[[{]/.test(value)) {
        return value;
    }
    try {
        return JSON.parse(value) as unknown;
    } catch {
        return value;
    }
}

function prefixed(prefix: string, values: Readonly<Record<string, unknown>>): Record<string, unknown> {
    return Object.fromEntries(Object.entries(values).map(([key, value]) => [`${prefix}:${key}`, value]));
}

/** An offline plan has no key for encrypted settings, and takes no default for them either. */
function refuseUnknown(values: Readonly<Record<string, unknown>>): void {
    const unknown = Object.keys(values).filter(key => values[key] === pulumi.runtime.unknownValue);
    if (unknown.length > 0) {
        throw new InputError(
            "the settings cannot be known offline",
            unknown.map(path => ({
                path,
                given: "an encrypted value",
                expected: "a value in plain text: no setting is a secret, and an offline plan has no key",
                remedy: `Write it with \`pulumi config set --plaintext\`, or judge \`pulumi preview --json\` with \`npm run prove -- --from\`.`,
            })),
        );
    }
}

async function platformSource(value: unknown): Promise<RawSettings["platform"]> {
    const path = "egress-gateway:platform";
    if (typeof value !== "object" || value === null || !("stack" in value)) {
        return { path, value };
    }
    const { stack, ...others } = value as { stack: unknown };
    if (typeof stack !== "string" || Object.keys(others).length > 0) {
        throw new InputError("the settings cannot be used", [
            {
                path,
                given: value,
                expected: "either the platform itself, or only `{stack: organization/<project>/<stack>}`",
                remedy: "Remove the other keys: the stack that owns the platform says them.",
            },
        ]);
    }
    return { path: `outputs of stack ${stack}`, value: await platformFactsFrom(stack) };
}

/** The perimeter that the settings join; what is wrong with its name is told with everything else. */
async function joinedPerimeter(written: unknown): Promise<Pick<RawSettings, "joined">> {
    const { stack } = (written ?? {}) as { stack?: unknown };
    return typeof stack === "string" && stack.split("/").length === 3
        ? { joined: { path: `outputs of stack ${stack}, perimeter`, value: await perimeterFactsFrom(stack) } }
        : {};
}

function destinationFiles(patterns: unknown, directory: string): RawSettings["files"] {
    if (patterns === undefined) {
        return [];
    }
    const key = "egress-gateway:destinationFiles";
    if (!Array.isArray(patterns) || !patterns.every(pattern => typeof pattern === "string")) {
        throw new InputError("the settings cannot be used", [
            {
                path: key,
                given: patterns,
                expected: "a list of file names, which may contain `*`",
                remedy: "Write `[destinations/*.yaml]`.",
            },
        ]);
    }
    const problems: Problem[] = [];
    const files = patterns.flatMap((pattern, index) => {
        const found = globSync(pattern, { cwd: directory, onlyFiles: true }).sort();
        if (found.length === 0) {
            problems.push({
                path: `${key}[${index}]`,
                given: pattern,
                expected: "a file that exists, seen from the project's folder",
                remedy: "Correct the name, or remove the entry.",
            });
        }
        return found;
    });
    const contents = [...new Set(files)].flatMap(file => {
        try {
            const owners = codeOwnersOf(directory, file);
            return [
                {
                    path: file,
                    content: readYaml(readFileSync(path.join(directory, file)), file).value,
                    ...(owners.length === 0 ? {} : { owner: owners.join(", ") }),
                },
            ];
        } catch (error) {
            if (error instanceof InputError) {
                problems.push(...error.problems);
                return [];
            }
            problems.push({
                path: file,
                given: undefined,
                expected: "a YAML file that can be read",
                remedy: (error as Error).message.split("\n")[0] ?? "",
            });
            return [];
        }
    });
    if (problems.length > 0) {
        throw new InputError("the settings cannot be used", problems);
    }
    return contents;
}

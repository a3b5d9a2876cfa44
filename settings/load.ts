import { readFileSync } from "node:fs";
import * as path from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { globSync } from "tinyglobby";
import { parse } from "yaml";
import { platformFactsFrom } from "../contract/platformStack";
import { type RawSettings, readSettings } from "./read";
import { type Settings } from "./settings";
import { InputError, type Problem } from "./values/problem";

/**
 * Reads the stack's configuration, the files that it names and, where it names one, the platform's stack.
 *
 * @param directory Where `destinationFiles` are looked for: the project's folder.
 * @param further More checks, reported together with everything else.
 * @throws InputError with every problem at once.
 */
export async function loadSettings(
    directory: string,
    further?: (settings: Settings) => readonly Problem[],
): Promise<Settings> {
    const values = configValues("egress-gateway");
    const google = configValues("gcp");
    const raw = {
        values,
        google: { project: google["project"], region: google["region"] },
        platform: await platformSource(values["platform"]),
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
            return [{ path: file, content: parse(readFileSync(path.join(directory, file), "utf8")) as unknown }];
        } catch (error) {
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

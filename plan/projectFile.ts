import { existsSync, readFileSync } from "node:fs";
import * as path from "node:path";
import { InputError, type Problem } from "../base/problem";
import { readYaml, type YamlFile } from "../base/yaml";

/** What `Pulumi.yaml` says about configuration. */
export interface ProjectFile {
    readonly name: string;
    /** Folder of the stacks' files, seen from the project's; `.` unless `stackConfigDir` names another. */
    readonly stackDirectory: string;
    /** `config:`, one entry a key, the keys with their namespace. */
    readonly declarations: readonly Declaration[];
}

/** A configuration key that the project declares. */
interface Declaration {
    readonly key: string;
    /** File and line, for messages. */
    readonly path: string;
    readonly ofProject: boolean;
    /** What the key is where no stack says it. */
    readonly fallback?: unknown;
    readonly type?: ConfigType;
    readonly secret: boolean;
}

export interface ConfigType {
    readonly type: string;
    readonly items?: ConfigType;
}

const FILE = "Pulumi.yaml";
const TYPES = ["string", "integer", "boolean", "array", "object"];

/**
 * Reads a project's `Pulumi.yaml` as the engine does (pulumi/pulumi, `sdk/go/common/workspace`).
 *
 * @throws InputError when it is missing or cannot be read, or declares configuration that the engine refuses, or that it
 * merges by rules which are not followed here.
 */
export function readProjectFile(directory: string): ProjectFile {
    const others = ["Pulumi.json", "Pulumi.yml"].filter(name => existsSync(path.join(directory, name)));
    if (others.length > 0) {
        throw unusable({
            path: others[0]!,
            given: "a second project file",
            expected: `the project in ${FILE} alone`,
            remedy: `The engine would take ${others[0]}, or both: join the two in ${FILE}.`,
        });
    }
    const file = readYaml(bytesOf(directory), FILE, "refused");
    const { name, config, stackConfigDir } = (isMap(file.value) ? file.value : {}) as Record<string, unknown>;
    if (typeof name !== "string" || name === "") {
        throw unusable({
            path: file.at(["name"]),
            given: name,
            expected: "the project's name under the key `name`",
            remedy: "Write `name: egress-gateway`, as it is in the repository.",
        });
    }
    if (typeof config === "string" && stackConfigDir !== undefined) {
        throw unusable({
            path: file.at(["config"]),
            given: config,
            expected: "one key that names the folder of the stacks' files",
            remedy: "Keep `stackConfigDir`, and remove `config`.",
        });
    }
    const stackDirectory = typeof config === "string" ? config : (stackConfigDir ?? ".");
    if (typeof stackDirectory !== "string") {
        throw unusable({
            path: file.at(["stackConfigDir"]),
            given: stackConfigDir,
            expected: "a folder, seen from the project's",
            remedy: "Write it like `stackConfigDir: stacks`.",
        });
    }
    return { name, stackDirectory, declarations: declarationsOf(name, config, file) };
}

function bytesOf(directory: string): Uint8Array {
    try {
        return readFileSync(path.join(directory, FILE));
    } catch (error) {
        throw unusable({
            path: FILE,
            given: undefined,
            expected: "the project's file, in the folder of the program",
            remedy: `${(error as Error).message}.`,
        });
    }
}

function declarationsOf(project: string, config: unknown, file: YamlFile): Declaration[] {
    if (config === undefined || config === null || typeof config === "string") {
        return [];
    }
    if (!isMap(config)) {
        throw unusable({
            path: file.at(["config"]),
            given: config,
            expected: "a map of configuration keys",
            remedy: "Write `key: value` below `config:`.",
        });
    }
    const results = Object.entries(config).map(([key, value]) => declaration(project, key, value, file));
    const problems = results.flatMap(result => ("expected" in result ? [result] : []));
    if (problems.length > 0) {
        throw new InputError(`${FILE} cannot be used`, problems);
    }
    return results as Declaration[];
}

function declaration(project: string, key: string, value: unknown, file: YamlFile): Declaration | Problem {
    const at = file.at(["config", key]);
    const ofProject = !key.includes(":") || key.startsWith(`${project}:`);
    const problem = (given: unknown, expected: string, remedy: string): Problem => ({
        path: `${at}, ${key}`,
        given,
        expected,
        remedy,
    });
    const declared = qualifiedKey(key, project);
    if (declared === undefined || /[.[\]"]/.test(declared)) {
        return problem(
            key,
            "a configuration key, `<namespace>:<name>` or `<name>`, without `.`, `[`, `]` and quotes",
            "The engine takes such a name for a path into another value: write that value whole.",
        );
    }
    if (!isMap(value)) {
        const short = ["string", "boolean"].includes(typeof value) || Number.isInteger(value) || Array.isArray(value);
        return short
            ? { key: declared, path: at, ofProject, fallback: value, secret: false }
            : problem(
                  value,
                  "a text, a whole number, `true`, `false`, a list or a declaration",
                  "Write `{ value: … }`.",
              );
    }
    const unknown = Object.keys(value).find(
        name => !["type", "items", "description", "secret", "default", "value"].includes(name),
    );
    if (unknown !== undefined) {
        return problem(
            unknown,
            "`type`, `items`, `description`, `secret`, `default` or `value`",
            "Write a set of keys as `{ value: { … } }`: the engine takes a bare one for a declaration.",
        );
    }
    const { type, items, secret, default: byDefault, value: given } = value;
    const fallback = byDefault ?? given ?? undefined;
    if (byDefault !== undefined && byDefault !== null && given !== undefined && given !== null) {
        return problem(value, "`default` or `value`, not both", "Remove one of the two.");
    }
    if (
        !ofProject &&
        (type !== undefined || (byDefault !== undefined && byDefault !== null) || fallback === undefined)
    ) {
        return problem(value, "`value` alone, because the key is not the project's own", "Write `{ value: … }`.");
    }
    const whole = type === undefined ? undefined : configType({ type, items });
    if (type !== undefined && whole === undefined) {
        return problem(
            value,
            `one of the types ${TYPES.join(", ")}, for an array with \`items: { type: … }\``,
            "Correct `type`.",
        );
    }
    if (secret !== undefined && typeof secret !== "boolean") {
        return problem(secret, "`true` or `false` under `secret`", "Correct it.");
    }
    if (whole !== undefined && byDefault !== undefined && byDefault !== null && !fits(whole, byDefault)) {
        return problem(byDefault, `a default of the type ${whole.type}`, "Correct the default, or the type.");
    }
    return {
        key: declared,
        path: at,
        ofProject,
        ...(fallback === undefined ? {} : { fallback }),
        ...(whole === undefined ? {} : { type: whole }),
        secret: secret === true,
    };
}

function configType(value: unknown): ConfigType | undefined {
    const { type, items } = (isMap(value) ? value : {}) as Record<string, unknown>;
    if (typeof type !== "string" || !TYPES.includes(type)) {
        return undefined;
    }
    if (type !== "array") {
        return { type };
    }
    const inner = configType(items);
    return inner === undefined ? undefined : { type, items: inner };
}

/** Whether a value has a declared type (`ValidateConfigValue`): numbers and truth values may be written as text. */
export function fits(type: ConfigType, value: unknown): boolean {
    switch (type.type) {
        case "string":
            return typeof value === "string";
        case "integer":
            return Number.isInteger(value) || (typeof value === "string" && /^[-+]?\d+$/.test(value));
        case "boolean":
            return typeof value === "boolean" || value === "true" || value === "false";
        case "object":
            return isMap(value);
        default:
            return Array.isArray(value) && value.every(item => fits(type.items!, item));
    }
}

/**
 * A key with its namespace: the project's, where none is written; `ns:config:name` is an old spelling of `ns:name`.
 *
 * @returns `undefined` for what the engine does not take for a key.
 */
export function qualifiedKey(key: string, project: string): string | undefined {
    const parts = key.split(":");
    switch (parts.length) {
        case 1:
            return `${project}:${key}`;
        case 2:
            return key;
        case 3:
            return parts[1] === "config" && parts[0] !== "" && parts[2] !== "" ? `${parts[0]}:${parts[2]}` : undefined;
        default:
            return undefined;
    }
}

export function isMap(value: unknown): value is Record<string, unknown> {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}

function unusable(problem: Problem): InputError {
    return new InputError(`${FILE} cannot be used`, [problem]);
}

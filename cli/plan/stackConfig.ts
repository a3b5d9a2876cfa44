import { existsSync, readdirSync, readFileSync } from "node:fs";
import * as path from "node:path";
import { parse, parseDocument } from "yaml";
import { InputError } from "../../settings/values/problem";

/** A stack's configuration as the engine would hand it to the program. */
export interface StackConfig {
    readonly project: string;
    readonly stack: string;
    /** Scalars as text, structured values as JSON. */
    readonly values: Readonly<Record<string, string>>;
    /** Keys whose value is encrypted; it cannot be read without the stack's secrets provider. */
    readonly secretKeys: readonly string[];
}

/**
 * Reads `Pulumi.yaml` and `Pulumi.<stack>.yaml` of a project.
 *
 * @throws InputError when the stack has no file, or the file is not a YAML map with a `config` map.
 */
export function readStackConfig(directory: string, stack: string): StackConfig {
    const project = parse(readFileSync(path.join(directory, "Pulumi.yaml"), "utf8")) as { name: string };
    const file = `Pulumi.${stack}.yaml`;
    const config = configOf(directory, stack, file);
    const secretKeys = Object.keys(config).filter(key => isEncrypted(config[key]));
    const values = Object.entries(config)
        .filter(([key]) => !secretKeys.includes(key))
        .map(
            ([key, value]) =>
                [qualified(key, project.name), typeof value === "string" ? value : JSON.stringify(value)] as const,
        );
    return { project: project.name, stack, values: Object.fromEntries(values), secretKeys };
}

function configOf(directory: string, stack: string, file: string): Record<string, unknown> {
    const location = path.join(directory, file);
    if (!existsSync(location)) {
        const known = readdirSync(directory).flatMap(name => /^Pulumi\.(.+)\.yaml$/.exec(name)?.[1] ?? []);
        throw new InputError(`there is no stack "${stack}"`, [
            {
                path: "--stack",
                given: stack,
                expected: `one of ${known.sort().join(", ") || "the stacks of this folder, and there is none"}`,
                remedy: `Write ${file} (docs/settings.md), or choose another stack.`,
            },
        ]);
    }
    const document = parseDocument(readFileSync(location, "utf8"));
    const [error] = document.errors;
    if (error !== undefined) {
        throw notConfig(file, error.message.split("\n")[0] ?? "it cannot be parsed");
    }
    const content = document.toJS() as { config?: unknown } | null;
    const config = content?.config;
    if (typeof config !== "object" || config === null || Array.isArray(config)) {
        throw notConfig(file, "The settings stand under the key `config`.");
    }
    return config as Record<string, unknown>;
}

function notConfig(file: string, remedy: string): InputError {
    return new InputError(`${file} cannot be read`, [
        { path: file, given: undefined, expected: "YAML with a map under the key `config`", remedy },
    ]);
}

function isEncrypted(value: unknown): boolean {
    return typeof value === "object" && value !== null && "secure" in value;
}

/** A key without a namespace belongs to the project. */
function qualified(key: string, project: string): string {
    return key.includes(":") ? key : `${project}:${key}`;
}

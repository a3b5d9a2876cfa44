import { existsSync, readdirSync, readFileSync } from "node:fs";
import * as path from "node:path";
import { distance } from "fastest-levenshtein";
import { InputError, type Problem } from "../base/problem";
import { readYaml, type YamlFile } from "../base/yaml";
import { UNKNOWN } from "../containment/resource";
import { fits, isMap, type ProjectFile, qualifiedKey, readProjectFile } from "./projectFile";

/** A stack's configuration as the engine would hand it to the program. */
export interface StackConfig {
    readonly project: string;
    readonly stack: string;
    /** Scalars as text, structured values as JSON; {@link UNKNOWN} for what is encrypted, wholly or in part. */
    readonly values: Readonly<Record<string, string>>;
    /** Keys whose value is encrypted; it cannot be read without the stack's secrets provider. */
    readonly secretKeys: readonly string[];
}

/**
 * Reads `Pulumi.yaml` and `Pulumi.<stack>.yaml` of a project and merges them as the engine does (pulumi/pulumi,
 * `pkg/workspace/config.go`): a key of the stack's file is taken whole, and the project's value or default stands where the
 * stack has none.
 *
 * @throws InputError when the stack has no file, when a file cannot be read or has two meanings, when the engine would refuse
 * the configuration, and when values come from ESC environments, which only the engine can ask.
 */
export function readStackConfig(directory: string, stack: string): StackConfig {
    const project = readProjectFile(directory);
    const file = stackFile(directory, stack, project);
    const written = configOf(file, project);
    const merged = new Map(
        project.declarations
            .filter(({ fallback }) => fallback !== undefined)
            .map(({ key, fallback }) => [key, valueOf(fallback)]),
    );
    for (const [key, value] of written) {
        merged.set(key, valueOf(value));
    }
    const problems = declarationProblems(project, written);
    if (problems.length > 0) {
        throw new InputError(`stack ${stack} does not have the configuration that Pulumi.yaml declares`, problems);
    }
    return {
        project: project.name,
        stack,
        values: Object.fromEntries(merged),
        secretKeys: [...merged].filter(([, value]) => value === UNKNOWN).map(([key]) => key),
    };
}

/** The text that the engine hands to the program. */
function valueOf(value: unknown): string {
    if (holdsSecret(value)) {
        return UNKNOWN;
    }
    // A key without a value is an empty text; inside a structure null stays null.
    return value === null ? "" : typeof value === "string" ? value : JSON.stringify(value);
}

/** A map with nothing but a text under `secure`, here or inside. */
function holdsSecret(value: unknown): boolean {
    if (Array.isArray(value)) {
        return value.some(holdsSecret);
    }
    if (!isMap(value)) {
        return false;
    }
    const keys = Object.keys(value);
    return (
        (keys.length === 1 && keys[0] === "secure" && typeof value["secure"] === "string") ||
        Object.values(value).some(holdsSecret)
    );
}

function declarationProblems({ declarations }: ProjectFile, written: ReadonlyMap<string, unknown>): Problem[] {
    return declarations.flatMap(({ key, path, ofProject, fallback, type, secret }): Problem[] => {
        const value = written.get(key) ?? (written.has(key) ? "" : undefined);
        if (value === undefined) {
            return ofProject && fallback === undefined
                ? [
                      {
                          path: key,
                          given: undefined,
                          expected: `a value, because ${path} declares the key without a default`,
                          remedy: "Write it in the stack's file, or a `default` there.",
                      },
                  ]
                : [];
        }
        if (type === undefined || holdsSecret(value)) {
            return [];
        }
        if (secret) {
            const remedy = `Run \`pulumi config set --secret ${key}\`.`;
            return [{ path: key, given: value, expected: `an encrypted value, because of ${path}`, remedy }];
        }
        const content = typeof value === "object" ? value : String(value);
        return fits(type, content)
            ? []
            : [
                  {
                      path: key,
                      given: value,
                      expected: `the type ${type.type}, because of ${path}`,
                      remedy: "Correct it.",
                  },
              ];
    });
}

function stackFile(directory: string, stack: string, { stackDirectory }: ProjectFile): YamlFile {
    const folder = path.join(directory, stackDirectory);
    const name = `Pulumi.${stack.replaceAll("/", "-")}.yaml`;
    const file = path.join(stackDirectory, name);
    if (!existsSync(path.join(folder, name))) {
        const known = existsSync(folder)
            ? readdirSync(folder).flatMap(entry => /^Pulumi\.(.+)\.yaml$/.exec(entry)?.[1] ?? [])
            : [];
        throw new InputError(`there is no stack "${stack}"`, [
            {
                path: "--stack",
                given: stack,
                expected: `one of ${known.sort().join(", ") || "the stacks of this folder, and there is none"}`,
                remedy: `Write ${file} (docs/settings.md), or choose another stack.`,
            },
        ]);
    }
    try {
        return readYaml(readFileSync(path.join(folder, name)), file);
    } catch (error) {
        throw error instanceof InputError ? error : notConfig(file, `${(error as Error).message}.`);
    }
}

function configOf(file: YamlFile, project: ProjectFile): ReadonlyMap<string, unknown> {
    const content = isMap(file.value) ? file.value : {};
    const environment = content["environment"];
    if (environment !== undefined && environment !== null && !isEmpty(environment)) {
        throw new InputError("the configuration cannot be known offline", [
            {
                path: file.at(["environment"]),
                given: environment,
                expected: "all settings in this file or in Pulumi.yaml, since an offline plan cannot ask Pulumi ESC",
                remedy: "Judge what the engine plans: `pulumi preview --json > preview.json`, then `npm run prove -- --from preview.json`.",
            },
        ]);
    }
    const config = content["config"];
    if ((config === undefined || config === null) && project.declarations.length > 0 && acceptable(file.value)) {
        return new Map();
    }
    if (!isMap(config)) {
        const other = Object.keys(content).find(key => nearly(key, "config"));
        throw notConfig(
            file.at(["config"]),
            other === undefined
                ? "The settings stand under the key `config`."
                : `The settings stand under the key \`config\`: did you mean that by \`${other}\`?`,
        );
    }
    const written = new Map<string, unknown>();
    const problems: Problem[] = [];
    for (const [key, value] of Object.entries(config)) {
        const qualified = qualifiedKey(key, project.name);
        if (qualified === undefined) {
            problems.push({
                path: file.at(["config", key]),
                given: key,
                expected: "a configuration key, `<namespace>:<name>`",
                remedy: "Correct the key.",
            });
        } else if (nearly(qualified.split(":")[0]!, project.name)) {
            problems.push({
                path: file.at(["config", key]),
                given: key,
                expected: `the prefix \`${project.name}:\`, since nothing reads this one`,
                remedy: `Did you mean \`${project.name}:${qualified.slice(qualified.indexOf(":") + 1)}\`?`,
            });
        } else if (written.has(qualified)) {
            problems.push({
                path: file.at(["config", key]),
                given: key,
                expected: `${qualified} once, since the engine takes either`,
                remedy: "Remove one of the two spellings.",
            });
        } else {
            written.set(qualified, value);
        }
    }
    if (problems.length > 0) {
        throw new InputError("the settings cannot be read", problems);
    }
    return written;
}

/** Another word, and so near that it is hardly meant. */
function nearly(word: string, known: string): boolean {
    return word !== known && known.length > 5 && distance(word, known) <= 2;
}

function isEmpty(value: unknown): boolean {
    return typeof value === "object" && value !== null && Object.keys(value).length === 0;
}

function acceptable(content: unknown): boolean {
    return content === null || isMap(content);
}

function notConfig(path: string, remedy: string): InputError {
    return new InputError(`${path.replace(/:\d+$/, "")} cannot be read`, [
        { path, given: undefined, expected: "YAML with a map under the key `config`", remedy },
    ]);
}

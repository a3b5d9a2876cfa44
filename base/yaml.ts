import {
    isAlias,
    isCollection,
    isMap,
    isPair,
    isScalar,
    LineCounter,
    type Alias,
    type Document,
    type Node,
    parseDocument,
    type Scalar,
    visit,
} from "yaml";
import { InputError, type Problem } from "./problem";
import { goScalar, isDate, looksLikeTimestamp } from "./yamlScalar";

/** A YAML file that has one meaning. */
export interface YamlFile {
    readonly value: unknown;
    /** `Pulumi.dev.yaml:17`, for what stands at a place of the value; the file alone when the place is not in it. */
    readonly at: (place: readonly (string | number)[]) => string;
}

/** What an unquoted date means where the file is used: the text that the engine makes of it, or nothing certain. */
export type DateReading = "engine" | "refused";

/**
 * Reads YAML as the Pulumi engine does, and refuses with file and line what the engine and other readers of YAML take
 * differently (`0443`, `8_443`, `!!binary`, bytes that are not UTF-8): nobody could tell which of two meanings was reviewed.
 *
 * A date without quotes becomes the text that the engine hands to programs: `2027-01-31 00:00:00 +0000 UTC`.
 *
 * @param file Its name, for messages.
 * @throws InputError with every problem at once.
 */
export function readYaml(bytes: Uint8Array, file: string, dates: DateReading = "engine"): YamlFile {
    const text = decoded(bytes, file);
    const lines = new LineCounter();
    const document = parseDocument(text, { lineCounter: lines, merge: true, version: "1.2", logLevel: "error" });
    const line = (offset: number | undefined): string =>
        offset === undefined ? file : `${file}:${lines.linePos(offset).line}`;
    const syntax = document.errors.map((error): Problem => ({
        path: line(error.pos[0]),
        given: undefined,
        expected: "YAML",
        remedy: `${error.message.split("\n")[0]?.replace(/:$/, "") ?? "it cannot be parsed"}.`,
    }));
    const problems =
        syntax.length > 0
            ? syntax
            : [...directiveProblems(document, file), ...meaningProblems(document, text, line, dates)];
    if (problems.length > 0) {
        throw new InputError(`${file} cannot be read`, problems);
    }
    return {
        value: plainValue(document, file),
        at: place => line(placeOf(document, place)?.range?.[0]),
    };
}

/** @throws InputError unless it is UTF-8 without characters that YAML 1.1 refuses or takes for line ends. */
function decoded(bytes: Uint8Array, file: string): string {
    let text: string;
    try {
        text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    } catch {
        const before = firstInvalidByte(bytes);
        throw refused(file, {
            path: `${file}:${bytes.subarray(0, before).filter(byte => byte === 0x0a).length + 1}`,
            given: `0x${bytes[before]?.toString(16).padStart(2, "0") ?? "00"}`,
            expected: "UTF-8",
            remedy: "Save the file as UTF-8 (`iconv -f latin1 -t utf-8`).",
        });
    }
    const stray = STRAY.exec(text);
    if (stray !== null) {
        throw refused(file, {
            path: `${file}:${text.slice(0, stray.index).split("\n").length}`,
            given: `the character U+${stray[0].codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0")}`,
            expected: "text without control characters and without line ends other than newline",
            remedy: "Remove it; inside double quotes it can be written as an escape.",
        });
    }
    return text;
}

/** Control characters, the line ends of YAML 1.1 that are none in 1.2, and marks of byte order inside the text. */
// eslint-disable-next-line no-control-regex
const STRAY = /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]|\r(?!\n)/;

function firstInvalidByte(bytes: Uint8Array): number {
    let valid = 0;
    for (let step = bytes.length; step >= 1; step = Math.floor(step / 2)) {
        while (valid + step <= bytes.length && isUtf8Prefix(bytes.subarray(0, valid + step))) {
            valid += step;
        }
    }
    return valid;
}

function isUtf8Prefix(bytes: Uint8Array): boolean {
    try {
        new TextDecoder("utf-8", { fatal: true }).decode(bytes, { stream: true });
        return true;
    } catch {
        return false;
    }
}

function directiveProblems(document: Document.Parsed, file: string): Problem[] {
    const { yaml, tags } = document.directives;
    return yaml.explicit === true || Object.keys(tags).length > 1
        ? [
              {
                  path: file,
                  given: "a directive (`%YAML`, `%TAG`)",
                  expected: "none",
                  remedy: "Remove it: it changes what the rest of the file means, and not for every reader alike.",
              },
          ]
        : [];
}

/** Everything that has another meaning for the engine than for YAML 1.2, and what no settings need. */
function meaningProblems(
    document: Document.Parsed,
    text: string,
    line: (offset: number | undefined) => string,
    dates: DateReading,
): Problem[] {
    const problems: Problem[] = [];
    const tell = (node: Node, problem: Omit<Problem, "path">): void => {
        problems.push({ path: line(node.range?.[0]), ...problem });
    };
    const check = (key: number | string | null, node: Node): void => {
        if (node.tag !== undefined && node.tag !== "tag:yaml.org,2002:str") {
            const given = `the tag ${node.tag.replace("tag:yaml.org,2002:", "!!")}`;
            tell(node, { given, expected: "no tag", remedy: "Write the value itself, in quotes if it is a text." });
        } else if (isScalar(node)) {
            const doubt = spellingDoubt(node, text) ?? (key === "key" ? keyDoubt(node) : scalarDoubt(node, dates));
            if (doubt !== undefined) {
                tell(node, doubt);
            }
        }
    };
    visit(document, {
        Scalar: check,
        Collection: (key, node) => check(key, node),
        Pair: (_, pair) => {
            if (!isScalar(pair.key)) {
                const node = (pair.key ?? pair.value) as Node | null;
                problems.push({
                    path: line(node?.range?.[0]),
                    given: "a key that is no plain text",
                    expected: "a text as key",
                    remedy: "Write the key itself.",
                });
            }
        },
        Alias: (_, alias, path) => {
            const problem = aliasProblem(alias, document, [...path] as unknown[]);
            if (problem !== undefined) {
                tell(alias, problem);
            }
        },
    });
    return problems;
}

function scalarDoubt(node: Scalar, dates: DateReading): Omit<Problem, "path"> | undefined {
    if (node.type !== "PLAIN" || node.tag !== undefined || node.source === undefined) {
        return undefined;
    }
    const source = node.source;
    if (looksLikeTimestamp(source) || (dates === "refused" && isDate(source))) {
        return {
            given: source,
            expected: "a text: without quotes the engine takes it for a moment in time and rewrites it",
            remedy: `Put it in quotes: "${source}".`,
        };
    }
    if (isDate(source)) {
        node.value = goScalar(source);
        return undefined;
    }
    const engine = goScalar(source);
    const other = node.value;
    if (typeof engine === "bigint" ? BigInt(Number(engine)) === engine && Number(engine) === other : engine === other) {
        return typeof other === "number" && !Number.isFinite(other) ? notANumber(source) : undefined;
    }
    if (typeof engine === "number" && typeof other === "number" && !Number.isFinite(engine)) {
        return notANumber(source);
    }
    return {
        given: source,
        expected: `one meaning: the engine reads ${told(engine)}, other readers of YAML ${told(other)}`,
        remedy:
            typeof engine === "string"
                ? `Put it in quotes if it is a text: "${source}".`
                : typeof other === "number"
                  ? `Write ${engine} or ${other}, whichever is meant, or "${source}" in quotes if it is a text.`
                  : `Write ${engine} if that is meant, or "${source}" in quotes if it is a text.`,
    };
}

function notANumber(source: string): Omit<Problem, "path"> {
    return { given: source, expected: "a number", remedy: "The engine cannot hand this over to the program." };
}

/** What YAML 1.1 reads otherwise than 1.2 before any value is made of it. */
function spellingDoubt(node: Scalar, text: string): Omit<Problem, "path"> | undefined {
    const raw = text.slice(node.range?.[0], node.range?.[1]);
    const escape = node.type === "QUOTE_DOUBLE" ? /\\(\/|u[dD][89a-fA-F]..)/.exec(raw) : null;
    if (escape !== null) {
        return {
            given: escape[0],
            expected: "an escape that the engine knows: of a whole character, and not of a slash",
            remedy: "Write the character itself.",
        };
    }
    return node.type === "PLAIN" && /^[?:]/.test(raw)
        ? {
              given: raw,
              expected: `a text in quotes, since the engine may take the \`${raw[0]}\` for a sign of its own`,
              remedy: `Write "${raw}".`,
          }
        : undefined;
}

function keyDoubt(node: Scalar): Omit<Problem, "path"> | undefined {
    const isMerge = node.type === "PLAIN" && node.source === "<<";
    return isMerge || (typeof node.value === "string" && goKeyIsText(node))
        ? undefined
        : {
              given: node.source ?? "nothing",
              expected: "a text as key",
              remedy: `Put it in quotes: "${node.source ?? ""}".`,
          };
}

function goKeyIsText(node: Scalar): boolean {
    return (
        node.type !== "PLAIN" ||
        (typeof goScalar(node.source ?? "") === "string" &&
            !isDate(node.source ?? "") &&
            !looksLikeTimestamp(node.source ?? ""))
    );
}

function aliasProblem(alias: Alias, document: Document.Parsed, path: unknown[]): Omit<Problem, "path"> | undefined {
    const target = alias.resolve(document);
    if (target === undefined) {
        return {
            given: `*${alias.source}`,
            expected: "an alias of something that stands before it",
            remedy: `Write \`&${alias.source}\` in front of what is meant.`,
        };
    }
    return path.includes(target)
        ? {
              given: `*${alias.source}`,
              expected: "an alias of something else than what it stands in",
              remedy: "Write the value itself.",
          }
        : undefined;
}

/** How often one anchor may be used, nested uses multiplied: far more than settings need, far less than hangs a process. */
const ALIASES_AT_MOST = 10_000;

function plainValue(document: Document.Parsed, file: string): unknown {
    try {
        return document.toJS({ maxAliasCount: ALIASES_AT_MOST }) as unknown;
    } catch (error) {
        throw refused(file, {
            path: file,
            given: undefined,
            expected: `aliases of maps and lists, used ${ALIASES_AT_MOST} times at most`,
            remedy: `${(error as Error).message.split("\n")[0]}.`,
        });
    }
}

function placeOf(document: Document.Parsed, place: readonly (string | number)[]): Node | undefined {
    for (let depth = place.length; depth > 0; depth -= 1) {
        const parent = depth === 1 ? document.contents : document.getIn(place.slice(0, depth - 1), true);
        const last = place[depth - 1];
        if (isMap(parent)) {
            const pair = parent.items.find(item => isPair(item) && isScalar(item.key) && item.key.value === last);
            if (pair !== undefined) {
                return pair.key as Node;
            }
        } else if (isCollection(parent)) {
            const node = parent.get(last, true);
            if (node !== undefined && !isAlias(node)) {
                return node as Node;
            }
        }
    }
    return undefined;
}

function told(value: unknown): string {
    return typeof value === "string" ? `the text "${value}"` : String(value);
}

function refused(file: string, problem: Problem): InputError {
    return new InputError(`${file} cannot be read`, [problem]);
}

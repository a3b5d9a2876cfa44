import { distance } from "fastest-levenshtein";
import { closest } from "./words";
import { z } from "zod";
import { type Problem } from "./problem";

/**
 * Checks a value against a schema and says what is wrong in the user's words: the path, the value as written, what is
 * expected and how to mend it.
 *
 * @param path Where the value stands, the first part of every problem's path.
 */
export function checked<S extends z.ZodType>(
    schema: S,
    value: unknown,
    path: string,
):
    | { readonly value: z.output<S>; readonly problems: readonly [] }
    | { readonly value: undefined; readonly problems: readonly Problem[] } {
    const result = schema.safeParse(value);
    if (result.success) {
        return { value: result.data, problems: [] };
    }
    const problems = new Map<string, Problem>();
    for (const problem of result.error.issues.flatMap(issue => translated(issue, schema, value, path))) {
        // A value that breaks two rules is one mistake.
        if (!problems.has(problem.path)) {
            problems.set(problem.path, problem);
        }
    }
    return { value: undefined, problems: [...problems.values()] };
}

function translated(issue: z.core.$ZodIssue, schema: z.ZodType, input: unknown, prefix: string): Problem[] {
    const path = joined(prefix, issue.path);
    const given = valueAt(input, issue.path);
    switch (issue.code) {
        case "unrecognized_keys": {
            const known = keysAt(schema, issue.path, input);
            return issue.keys.map(key =>
                unknownKey(joined(prefix, [...issue.path, key]), key, valueAt(input, [...issue.path, key]), known),
            );
        }
        case "invalid_value":
            return [oneOf(path, given, issue.values.map(String))];
        case "invalid_union": {
            const { options, errors } = issue as { options?: unknown[]; errors: z.core.$ZodIssue[][] };
            return options === undefined
                ? ofBranches(errors, schema, input, prefix, issue.path)
                : [oneOf(path, given, options.map(String))];
        }
        case "too_small":
        case "too_big":
            return [outOfBounds(issue, path, given)];
        case "invalid_type":
            return [{ path, given, expected: articled(issue.expected), remedy: remedyForType(issue.expected, given) }];
        case "custom": {
            const problem = issue.params?.["problem"] as Pick<Problem, "expected" | "remedy"> | undefined;
            return [
                {
                    path,
                    given,
                    expected: problem?.expected ?? issue.message,
                    remedy: problem?.remedy ?? `Write ${issue.message}.`,
                },
            ];
        }
        case "invalid_key":
            return issue.issues.flatMap(inner =>
                translated(inner, schema, input, path).map(problem => ({ ...problem, path, given: issue.path.at(-1) })),
            );
        case "invalid_format": {
            const expected = issue.format === "date" ? "a date such as `2027-01-31`" : issue.message;
            return [{ path, given, expected, remedy: `Write ${expected}.` }];
        }
        default:
            return [{ path, given, expected: issue.message, remedy: "See docs/settings.md." }];
    }
}

/** What is wrong with a value that may have several forms: by the form that it has; all of them where it has none. */
function ofBranches(
    branches: readonly (readonly z.core.$ZodIssue[])[],
    schema: z.ZodType,
    input: unknown,
    prefix: string,
    at: readonly PropertyKey[],
): Problem[] {
    const isOfAnotherForm = (issues: readonly z.core.$ZodIssue[]) =>
        issues.some(({ code, path }) => code === "invalid_type" && path.length === 0);
    const meant = branches.find(issues => !isOfAnotherForm(issues));
    if (meant !== undefined) {
        return meant.flatMap(issue => translated({ ...issue, path: [...at, ...issue.path] }, schema, input, prefix));
    }
    const expected = branches
        .flatMap(issues => issues.flatMap(issue => (issue.code === "invalid_type" ? [articled(issue.expected)] : [])))
        .join(", or ");
    return [{ path: joined(prefix, at), given: valueAt(input, at), expected, remedy: `Write ${expected}.` }];
}

/** A key that nobody knows, with the nearest one that is known. */
export function unknownKey(path: string, key: string, given: unknown, known: readonly string[]): Problem {
    const meant = closest(key, known);
    return {
        path,
        given,
        expected: `one of the keys ${known.map(name => `\`${name}\``).join(", ")}`,
        remedy:
            REFUSED_KEYS[key] ??
            (meant === undefined
                ? "Remove it, or see docs/settings.md for what can be set."
                : `Did you mean \`${meant}\`?`),
    };
}

/** Keys that people ask for and that would not do what they promise. */
const REFUSED_KEYS: Readonly<Record<string, string>> = {
    proxy:
        "The gateway leads through no other proxy: that one would resolve the names and connect, past the firewall and the proof, and Istio's tunnel cannot log in to it. " +
        "Declare the proxy itself (`host`, with `tcp` on its port; one inside the network under `clients.privateDestinations`) and let the applications use it (HTTPS_PROXY): " +
        "it decides then where they get.",
};

/** What people call a value, where the nearest spelling would be another one. */
const SYNONYMS: Readonly<Record<string, string>> = { https: "tls", ssl: "tls" };

/** Values that people ask for and that no spelling will make possible. */
const REFUSED: Readonly<Record<string, string>> = {
    udp: "Istio's gateways carry TCP only. Nodes have their time from Google's metadata server; what needs UDP outside has to be offered over TCP, or inside the network as a private destination.",
};

function oneOf(path: string, given: unknown, values: readonly string[]): Problem {
    const word = typeof given === "string" ? given.toLowerCase() : "";
    const nearest =
        values.find(value => value === SYNONYMS[word]) ??
        (word === "" ? undefined : values.find(value => distance(value.toLowerCase(), word) <= 2));
    return {
        path,
        given,
        expected: values.length === 1 ? `\`${values[0]}\`` : `one of ${values.map(value => `\`${value}\``).join(", ")}`,
        remedy: REFUSED[word] ?? (nearest === undefined ? "Choose one of these." : `Did you mean \`${nearest}\`?`),
    };
}

function outOfBounds(issue: z.core.$ZodIssueTooSmall | z.core.$ZodIssueTooBig, path: string, given: unknown): Problem {
    const small = issue.code === "too_small";
    const bound = String(small ? issue.minimum : issue.maximum);
    if (issue.origin === "number" || issue.origin === "int") {
        const expected = `a number that is at ${small ? "least" : "most"} ${bound}`;
        return { path, given, expected, remedy: `Write ${bound} or ${small ? "more" : "less"}.` };
    }
    const unit = issue.origin === "string" ? "characters" : "entries";
    return {
        path,
        given,
        expected: small && bound === "1" ? "at least one entry" : `at ${small ? "least" : "most"} ${bound} ${unit}`,
        remedy: small ? "Add what is missing, or remove the key." : "Shorten it.",
    };
}

function remedyForType(expected: string, given: unknown): string {
    if (given === undefined) {
        return "It has no default: write it.";
    }
    if (expected === "string" && typeof given === "number") {
        return `Put it in quotes: "${given}".`;
    }
    return `Write ${articled(expected)}.`;
}

function articled(type: string): string {
    const names: Record<string, string> = {
        string: "a text",
        number: "a number",
        int: "a whole number",
        boolean: "`true` or `false`",
        array: "a list",
        object: "a set of keys with values",
    };
    return names[type] ?? type;
}

function joined(prefix: string, path: readonly PropertyKey[]): string {
    return path.reduce<string>((text, part) => {
        if (typeof part === "number") {
            return `${text}[${part}]`;
        }
        return text === "" || text.endsWith(":") ? `${text}${String(part)}` : `${text}.${String(part)}`;
    }, prefix);
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
    return path.reduce<unknown>(
        (inner, part) =>
            typeof inner === "object" && inner !== null ? (inner as Record<PropertyKey, unknown>)[part] : undefined,
        value,
    );
}

/** The keys that the schema knows where the path leads. */
function keysAt(schema: z.ZodType, path: readonly PropertyKey[], input: unknown): readonly string[] {
    const inner = unwrapped(schema);
    if (inner instanceof z.ZodObject) {
        const [key, ...rest] = path;
        const child = key === undefined ? undefined : (inner.shape as Record<PropertyKey, z.ZodType>)[key];
        return child === undefined ? Object.keys(inner.shape) : keysAt(child, rest, valueAt(input, path.slice(0, 1)));
    }
    if (inner instanceof z.ZodArray) {
        return keysAt(inner.element as z.ZodType, path.slice(1), valueAt(input, path.slice(0, 1)));
    }
    if (inner instanceof z.ZodDiscriminatedUnion || inner instanceof z.ZodUnion) {
        const option = (inner.options as z.ZodType[]).find(candidate => {
            const issues = candidate.safeParse(input).error?.issues ?? [];
            return !issues.some(
                issue =>
                    (issue.code === "invalid_value" && issue.path.length === 1) ||
                    (issue.code === "invalid_type" && issue.path.length === 0),
            );
        });
        return option === undefined ? [] : keysAt(option, path, input);
    }
    return [];
}

function unwrapped(schema: z.ZodType): z.ZodType {
    return schema instanceof z.ZodDefault || schema instanceof z.ZodOptional
        ? unwrapped(schema.unwrap() as z.ZodType)
        : schema;
}

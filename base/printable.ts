/**
 * What somebody else wrote, made harmless for a terminal, a log or a line of a report: control characters, line ends, and
 * marks that turn the direction of text become escapes (`\u001b`) that show what is there.
 */
export function printable(text: string): string {
    return text.replace(HOSTILE, character => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/** C0 and C1 controls, line and paragraph separators, bidirectional marks (Unicode TR 9) and marks of byte order. */
// eslint-disable-next-line no-control-regex
export const HOSTILE = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;

/** {@link printable} for every text inside a value, keys included. */
export function printableIn<T>(value: T): T {
    if (typeof value === "string") {
        return printable(value) as T;
    }
    if (Array.isArray(value)) {
        return value.map(printableIn) as T;
    }
    if (typeof value !== "object" || value === null || Object.getPrototypeOf(value) !== Object.prototype) {
        return value;
    }
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [printable(key), printableIn(inner)])) as T;
}

/** JSON with the same meaning for every reader, in which nothing acts on a terminal that shows it. */
export function printableJson(value: unknown): string {
    return JSON.stringify(value, undefined, 2)
        .split("\n")
        .map(line => line.replace(HOSTILE, character => printable(character)))
        .join("\n");
}

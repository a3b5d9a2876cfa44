import { type Node, stringify, type YAMLSeq } from "yaml";
import { goScalar } from "../base/yamlScalar";

/** Text that is put into a YAML file where it belongs, so that no other character of it changes. */
export interface Insertion {
    readonly at: number;
    readonly what: string;
}

/** One item more, as the list is written: within brackets, or behind a dash. */
export function insertionIn(text: string, list: YAMLSeq, item: readonly string[]): Insertion {
    if (list.flow === true) {
        const last = list.items.at(-1) as Node | undefined;
        const words = item[0]!.replace(/^- /, "");
        return last === undefined
            ? { at: list.range![0] + 1, what: words }
            : { at: last.range![1], what: `, ${words}` };
    }
    const dashed = item[0]!.startsWith("- ") ? item : [`- ${item[0]}`, ...item.slice(1)];
    return { at: endOf(text, list), what: lines(["", ...dashed], columnOf(text, list)) };
}

/** What can be written on one line, within brackets and braces. */
export type Flow = string | number | readonly Flow[] | { readonly [key: string]: Flow };

export function flow(value: Flow): string {
    if (typeof value !== "object") {
        return withinBrackets(value);
    }
    return Array.isArray(value)
        ? `[${value.map(flow).join(", ")}]`
        : `{ ${Object.entries(value)
              .map(([key, one]) => `${key}: ${flow(one as Flow)}`)
              .join(", ")} }`;
}

function withinBrackets(value: string | number): string {
    const text = scalar(value);
    return text === value && /[,[\]{}]/.test(text) ? JSON.stringify(text) : text;
}

/** A value on one line, in quotes where the engine or another reader would take the bare word for something else. */
export function scalar(value: string | number): string {
    const text = stringify(value, { lineWidth: 0, defaultStringType: "PLAIN" }).trimEnd();
    return text === value && goScalar(text) !== text ? JSON.stringify(text) : text;
}

export function lines(all: readonly string[], column: number): string {
    return all.map((line, index) => (index === 0 || line === "" ? line : `${" ".repeat(column)}${line}`)).join("\n");
}

export function columnOf(text: string, node: Node): number {
    const start = node.range![0];
    return start - (text.lastIndexOf("\n", start - 1) + 1);
}

/** Behind the last line that the node has something on, with its comment. */
export function endOf(text: string, node: Node): number {
    return endOfLine(text, text.slice(0, node.range![1]).trimEnd().length);
}

export function endOfLine(text: string, from: number): number {
    const end = text.indexOf("\n", from);
    return end < 0 ? text.length : end;
}

export function inserted(text: string, at: number, what: string): string {
    return `${text.slice(0, at)}${what}${text.slice(at)}`;
}

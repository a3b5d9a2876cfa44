import { colours as pc } from "./colours";

/** A part of a report under its title; nothing where it has no lines. */
export function section(title: string, lines: readonly string[]): string[] {
    return lines.length === 0 ? [] : ["", pc.bold(title), ...lines];
}

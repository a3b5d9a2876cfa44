import { stripVTControlCharacters } from "node:util";

/** A label or mark that is wider has no text beside it worth aligning with. */
const WIDEST_LABEL = 26;

/** What later lines of one stand below: behind a bullet, behind a label and two spaces, or two columns further in. */
const BULLET = /^\s*(?:[-+~!✗✓•?] )/;
const LABEL = /^\s+\S(?:(?! {2}).)* {2,}(?=\S)/;

/**
 * Text of a report in which no line is longer than the terminal is wide, as long as its words are not.
 *
 * @param hanging Where later lines begin. Default: as the line's own bullet or label asks for.
 */
export function wrapped(text: string, columns: number, hanging?: number): string {
    return text
        .split("\n")
        .flatMap(line => wrappedLine(line, columns, hanging))
        .join("\n");
}

function wrappedLine(line: string, columns: number, given: number | undefined): string[] {
    const plain = stripVTControlCharacters(line);
    if (plain.length <= columns) {
        return [line];
    }
    const hanging = " ".repeat(given ?? hangingOf(plain, columns));
    const lines: string[] = [];
    let current = "";
    // A word brings the spaces in front of it along; colours have no width.
    for (const word of line.match(/\s*\S+/g) ?? []) {
        const longer = current + word;
        if (current.trim() !== "" && width(longer) > columns) {
            lines.push(current);
            current = hanging + word.trimStart();
        } else {
            current = longer;
        }
    }
    return [...lines, current];
}

function hangingOf(plain: string, columns: number): number {
    const bullet = BULLET.exec(plain)?.[0].length;
    const label = LABEL.exec(plain)?.[0].length;
    const leading = /^\s*/.exec(plain)![0].length;
    const wanted = bullet ?? (label !== undefined && label - leading <= WIDEST_LABEL ? label : leading + 2);
    return Math.min(wanted, Math.floor(columns / 2));
}

function width(text: string): number {
    return stripVTControlCharacters(text).length;
}

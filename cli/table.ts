import { stripVTControlCharacters } from "node:util";
import { terminalColumns } from "./output";
import { wrapped } from "./wrap";

const INDENT = "  ";
const SEPARATOR = "  ";

/** A last column that is narrower than this is not worth wrapping. */
const NARROWEST = 24;

/** Aligned columns without lines, indented by two. Cells may hold colours. On a terminal no line is wider than it, as long as its words are not. */
export function table(rows: readonly (readonly string[])[], header?: readonly string[]): string {
    const all = header === undefined ? rows : [header, ...rows];
    const columns = terminalColumns() ?? Infinity;
    const widths = widthsOf(all);
    const before = INDENT.length + widths.slice(0, -1).reduce((sum, one) => sum + one + SEPARATOR.length, 0);
    const room = columns - before - 1;
    const last = widths.at(-1) ?? 0;
    if (room >= last) {
        return aligned(all, widths);
    }
    return room >= NARROWEST
        ? aligned(all, [...widths.slice(0, -1), room])
        : stacked(all, fitting(widths, columns), columns);
}

function widthsOf(rows: readonly (readonly string[])[]): number[] {
    return (rows[0] ?? []).map((_, index) => Math.max(1, ...rows.map(row => widthOf(row[index] ?? ""))));
}

/** How many columns, from the left, have room beside one another. */
function fitting(widths: readonly number[], columns: number): number {
    let used = INDENT.length;
    const fit = widths.findIndex(one => {
        used += one + SEPARATOR.length;
        return used - SEPARATOR.length > columns - 1;
    });
    return Math.max(1, fit);
}

/** The columns that have room beside one another, and below each row what is left of it. */
function stacked(rows: readonly (readonly string[])[], beside: number, columns: number): string {
    const first = rows.map(row => row.slice(0, beside).map(cell => cell.replaceAll("\n", " ")));
    const left = aligned(first, widthsOf(first)).split("\n");
    return rows
        .flatMap((row, index) => {
            const rest = row
                .slice(beside)
                .filter(cell => widthOf(cell) > 0)
                .join(SEPARATOR);
            const below = rest
                .split("\n")
                .map(line => wrapped(`${INDENT.repeat(3)}${line}`, columns - 1, INDENT.length * 3))
                .join("\n");
            return [left[index]!, ...(rest === "" ? [] : [below])];
        })
        .join("\n");
}

function widthOf(text: string): number {
    return Math.max(
        0,
        ...stripVTControlCharacters(text)
            .split("\n")
            .map(line => line.length),
    );
}

function aligned(rows: readonly (readonly string[])[], widths: readonly number[]): string {
    return rows.flatMap(row => linesOf(row, widths)).join("\n");
}

function linesOf(row: readonly string[], widths: readonly number[]): string[] {
    const cells = widths.map((width, index) => wrapped(row[index] ?? "", width, 0).split("\n"));
    const height = Math.max(...cells.map(lines => lines.length));
    return Array.from({ length: height }, (_, line) => {
        const texts = cells.map((lines, index) => padded(lines[line] ?? "", widths[index]!));
        return `${INDENT}${texts.join(SEPARATOR).trimEnd()}`;
    });
}

function padded(text: string, width: number): string {
    return text + " ".repeat(Math.max(0, width - widthOf(text)));
}

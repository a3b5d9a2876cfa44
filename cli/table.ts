import { stripVTControlCharacters } from "node:util";
import Table from "cli-table3";
import { terminalColumns } from "./output";
import { wrapped } from "./wrap";

const INDENT = "  ";
const SEPARATOR = "  ";

const NO_LINES = Object.fromEntries(
    [
        "top",
        "top-mid",
        "top-left",
        "top-right",
        "bottom",
        "bottom-mid",
        "bottom-left",
        "bottom-right",
        "left",
        "left-mid",
        "mid",
        "mid-mid",
        "right",
        "right-mid",
    ].map(part => [part, ""]),
);

/** A last column that is narrower than this is not worth wrapping. */
const NARROWEST = 24;

/** Aligned columns without lines, indented by two. Cells may hold colours. On a terminal no line is wider than it. */
export function table(rows: readonly (readonly string[])[], header?: readonly string[]): string {
    const all = [...(header === undefined ? [] : [header]), ...rows];
    const columns = terminalColumns() ?? Infinity;
    const widths = (all[0] ?? []).map((_, index) => Math.max(...all.map(row => widthOf(row[index] ?? ""))));
    const before = INDENT.length + widths.slice(0, -1).reduce((sum, one) => sum + one + SEPARATOR.length, 0);
    const room = columns - before - 1;
    const last = widths.at(-1) ?? 0;
    if (room >= last) {
        return aligned(rows, header);
    }
    return room >= NARROWEST
        ? aligned(rows, header, [...widths.slice(0, -1), room])
        : stacked(all, fitting(widths, columns), columns);
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
    const left = aligned(rows.map(row => row.slice(0, beside).map(cell => cell.replaceAll("\n", " ")))).split("\n");
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

function aligned(rows: readonly (readonly string[])[], header?: readonly string[], widths?: readonly number[]): string {
    const made = new Table({
        ...(widths === undefined ? {} : { colWidths: [...widths], wordWrap: true }),
        chars: { ...NO_LINES, middle: SEPARATOR },
        style: { head: [], border: [], "padding-left": 0, "padding-right": 0 },
        ...(header === undefined ? {} : { head: [...header] }),
    });
    made.push(...rows.map(row => [...row]));
    return made
        .toString()
        .split("\n")
        .map(line => `${INDENT}${line.trimEnd()}`)
        .join("\n");
}

import Table from "cli-table3";

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

/** Aligned columns without lines, indented by two. Cells may hold colours. */
export function table(rows: readonly (readonly string[])[], header?: readonly string[]): string {
    const aligned = new Table({
        chars: { ...NO_LINES, middle: "  " },
        style: { head: [], border: [], "padding-left": 0, "padding-right": 0 },
        ...(header === undefined ? {} : { head: [...header] }),
    });
    aligned.push(...rows.map(row => [...row]));
    return aligned
        .toString()
        .split("\n")
        .map(line => `  ${line.trimEnd()}`)
        .join("\n");
}

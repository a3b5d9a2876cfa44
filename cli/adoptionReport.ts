import { type Fate, type Row } from "../adopt/account";
import { type Adoption } from "../adopt/adopt";
import { printableIn } from "../base/printable";
import { counted } from "../base/words";
import { entryLines, type NewEntry } from "../plan/destinationsEdit";
import { colours as pc } from "./colours";
import { section } from "./section";

/** The list that objects become, and below it what becomes of every field of them. */
export function adoptionReport(given: Adoption): string {
    const { destinations, objects, rows, unallowed } = printableIn(given);
    const count = (fate: Fate): number => rows.filter(row => row.fate === fate).length;
    const kinds = Object.entries(objects).map(([kind, number]) => `${number} ${kind}`);
    return [
        `${kinds.length === 0 ? "No objects" : kinds.join(", ")}: ${counted(destinations.length + unallowed.length, "destination")}; ` +
            `${counted(count("carried"), "field")} carried over, ${count("changed")} changed in meaning, ${count("not carried")} not carried over.`,
        ...section("Destinations", listLines(destinations)),
        ...section(
            "Nobody is allowed by any object: say who by --for, or let `npm run suggest` find them in logs",
            listLines(unallowed),
        ),
        ...section(pc.red("Not carried over"), byObject(rows, "not carried")),
        ...section(pc.yellow("Changed in meaning"), byObject(rows, "changed")),
        ...section("Carried over", byObject(rows, "carried")),
    ].join("\n");
}

const listLines = (entries: readonly NewEntry[]): readonly string[] =>
    entries.flatMap(entryLines).map(line => `  ${line}`);

/** Fields of one object that end alike, in one line. */
function byObject(rows: readonly Row[], fate: Fate): readonly string[] {
    const objects = new Map<string, Map<string, Set<string>>>();
    for (const { field, how, object } of rows.filter(row => row.fate === fate)) {
        const reasons = objects.get(object) ?? new Map<string, Set<string>>();
        objects.set(object, reasons.set(how, (reasons.get(how) ?? new Set()).add(field)));
    }
    return [...objects].flatMap(([object, reasons]) => [
        `  ${pc.bold(object)}`,
        ...[...reasons].map(([how, all]) => `    ${[...all].join(", ")}: ${how}`),
    ]);
}

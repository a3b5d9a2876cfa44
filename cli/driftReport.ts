import { printableIn } from "../base/printable";
import { type Account } from "../containment/account";
import { type Drift, type DriftEntry, isDrift } from "../live/deployed/drift";
import { colours as pc } from "./colours";
import { accountLines, witnessLines } from "./verdictReport";

/** Drift, with what it is measured from and what was read. */
export interface DriftFound extends Drift {
    /** In words. */
    readonly since: string;
    readonly accounts: readonly Account[];
}

/** What became of a stack, opened things first. */
export function driftReport(given: DriftFound): string {
    const found = printableIn(given);
    const { verdict, since, accounts, opened, closed, changed, unknown } = found;
    return [
        verdict.before === verdict.after
            ? `${pc.bold("Verdict")}: ${verdict.after}, as registered`
            : `${pc.bold("Verdict")}: ${verdict.before} as registered, ${pc.bold(verdict.after)} as deployed`,
        ...section(`Opened since ${since}`, pc.yellow("+"), opened),
        ...section(`Not known since ${since}`, pc.yellow("?"), unknown),
        ...section(`Closed since ${since}`, pc.dim("-"), closed),
        ...section(`Changed since ${since}`, pc.cyan("~"), changed),
        ...(isDrift(found) ? [] : ["", `Nothing is otherwise since ${since}.`]),
        "",
        ...accounts.flatMap(accountLines),
    ].join("\n");
}

function section(title: string, sign: string, entries: readonly DriftEntry[]): string[] {
    return entries.length === 0
        ? []
        : [
              "",
              pc.bold(title),
              ...entries.flatMap(({ what, details, witness }) => [
                  `  ${sign} ${what}`,
                  ...details.map(detail => `      ${detail}`),
                  ...(witness === undefined ? [] : witnessLines(witness).map(line => `      ${line}`)),
              ]),
          ];
}

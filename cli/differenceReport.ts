import { colours as pc } from "./colours";
import { type ReachabilityChange, type SourceDifference } from "../containment/diff";
import { type GrantChange } from "../containment/mesh/diff";
import { type Verdict } from "../containment/verdict";
import { table } from "./table";
import { packetText } from "./verdictReport";

/** What a change opens and closes, and what it does to the verdict. */
export interface Difference {
    readonly verdict: { readonly before: Verdict["verdict"]; readonly after: Verdict["verdict"] };
    /** Who may use what through the gateway. */
    readonly grants: readonly GrantChange[];
    /** What sources may reach without asking the gateway. */
    readonly reachability: readonly SourceDifference[];
}

/** What a change opens and closes, for people; also readable as a comment on a pull request. */
export function differenceReport({ verdict, grants, reachability }: Difference): string {
    const heading =
        verdict.before === verdict.after
            ? `${pc.bold("Verdict")}: ${verdict.after}, as before`
            : `${pc.bold("Verdict")}: ${verdict.before} before, ${pc.bold(verdict.after)} after`;
    return [
        heading,
        "",
        pc.bold("Through the gateway"),
        grants.length === 0
            ? "  no change"
            : table(
                  grants.map(({ workload, destination, change }) => [sign(change === "gained"), workload, destination]),
              ),
        "",
        pc.bold("Past the gateway"),
        reachability.length === 0 ? "  no change" : reachability.flatMap(sourceLines).join("\n"),
    ].join("\n");
}

function sourceLines({ source, presence, opened, closed }: SourceDifference): string[] {
    const note = presence === "both" ? "" : ` (${presence})`;
    return [
        `  ${source}${note}`,
        ...opened.map(change => `    ${sign(true)} ${changeText(change)}`),
        ...closed.map(change => `    ${sign(false)} ${changeText(change)}`),
    ];
}

function changeText({ extent, example, certain }: ReachabilityChange): string {
    return `${extent}, for example ${packetText(example)}${certain ? "" : " (cannot be told for certain)"}`;
}

function sign(opened: boolean): string {
    return opened ? pc.yellow("+") : pc.dim("-");
}

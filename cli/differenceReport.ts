import { printableIn } from "../base/printable";
import { type Problem } from "../base/problem";
import { colours as pc } from "./colours";
import { type ReachabilityChange, type SourceDifference } from "../containment/diff";
import { type GrantChange } from "../containment/mesh/diff";
import { type DecisionChange, type Effect } from "../plan/decisions";
import { type Replacement } from "../plan/replacements";
import { type ClaimChange, type ListChange, type LockChange, type VerdictChanges } from "../plan/verdictChanges";
import { packetText, type Verdict } from "../containment/verdict";
import { section } from "./section";
import { table } from "./table";
import { witnessLines } from "./verdictReport";

/** What a change opens and closes, and what it does to the verdict. */
export interface Difference extends VerdictChanges {
    readonly verdict: { readonly before: Verdict["verdict"]; readonly after: Verdict["verdict"] };
    /** What is decided otherwise in the settings. */
    readonly decisions: readonly DecisionChange[];
    /** Who may use what through the gateway. */
    readonly grants: readonly GrantChange[];
    /** What sources may reach without asking the gateway. */
    readonly reachability: readonly SourceDifference[];
    /** What an `up` would delete and make anew. */
    readonly replacements: readonly Replacement[];
    /** What an `up` would refuse to do in one step. */
    readonly refusals: readonly Problem[];
}

/** What a change opens and closes, for people, opened things first; also readable as a comment on a pull request. */
export function differenceReport(given: Difference): string {
    const difference = printableIn(given);
    const { verdict, decisions, grants, reachability, replacements, refusals } = difference;
    return [
        verdict.before === verdict.after
            ? `${pc.bold("Verdict")}: ${verdict.after}, as before`
            : `${pc.bold("Verdict")}: ${verdict.before} before, ${pc.bold(verdict.after)} after`,
        ...difference.claims.flatMap(claimLines),
        ...section("Decided otherwise", decisions.map(decisionLine)),
        "",
        pc.bold("Through the gateway"),
        grants.length === 0 ? "  no change" : grantTable(grants),
        "",
        pc.bold("Past the gateway"),
        reachability.length === 0
            ? "  no change"
            : openedFirst(reachability, ({ opened, presence }) => opened.length > 0 || presence === "left")
                  .flatMap(sourceLines)
                  .join("\n"),
        ...section("Locks", difference.locks.map(lockLine)),
        ...section("Assumptions", listLines(difference.assumptions)),
        ...section("Residual risks", listLines(difference.residualRisks)),
        ...section("Replaced by an `up`", replacements.flatMap(replacementLines)),
        ...section("Refused by an `up`", refusals.flatMap(refusalLines)),
    ].join("\n");
}

function openedFirst<T>(all: readonly T[], opens: (one: T) => boolean): T[] {
    return [...all.filter(opens), ...all.filter(one => !opens(one))];
}

function claimLines({ id, before, after, claim }: ClaimChange): string[] {
    const worse = after === "violated" || (after === "unknown" && before === "holds");
    const { witnesses = [], reasons = [], statement = "no longer judged" } = claim ?? {};
    return [
        `  ${sign(worse ? "opens" : "closes")} ${id} ${before ?? "not judged"} before, ${after ?? "not judged"} after: ${statement}`,
        ...(worse
            ? [
                  ...witnesses.slice(0, 1).flatMap(witness => witnessLines(witness).map(line => `      ${line}`)),
                  ...reasons.slice(0, 3).map(reason => `      ${reason}`),
              ]
            : []),
    ];
}

function decisionLine({ effect, subject, before, after }: DecisionChange): string {
    const values =
        before === undefined
            ? told(after!, "new")
            : after === undefined
              ? told(before, "gone")
              : `: ${before} before, ${after} after`;
    return `  ${sign(effect)} ${subject}${values}`;
}

/** Decisions that are there or not say no more than that. */
function told(value: string, word: string): string {
    return ["yes", "there", "open"].includes(value) ? ` (${word})` : ` (${word}): ${value}`;
}

function grantTable(grants: readonly GrantChange[]): string {
    return table(
        openedFirst(grants, ({ change }) => change === "gained").map(({ workload, destination, change }) => [
            sign(change === "gained" ? "opens" : "closes"),
            workload,
            destination,
        ]),
    );
}

const PRESENCE: Readonly<Record<SourceDifference["presence"], string>> = {
    both: "",
    new: " (new)",
    gone: " (gone)",
    left: ": outside of the perimeter now, so that what they reach is not judged",
    joined: ": inside of the perimeter now; what they reached before was not judged",
};

function sourceLines({ source, presence, opened, closed }: SourceDifference): string[] {
    const mark = presence === "left" ? `${sign("opens")} ` : presence === "joined" ? `${sign("closes")} ` : "";
    return [
        `  ${mark}${source}${PRESENCE[presence]}`,
        ...opened.map(change => `    ${sign("opens")} ${changeText(change)}`),
        ...closed.map(change => `    ${sign("closes")} ${changeText(change)}`),
    ];
}

function lockLine({ lock, about, before, after }: LockChange): string {
    const worse = after === "not there" || after === "violated" || (after === "unknown" && before === "holds");
    const what = about === "presence" ? lock : about === "alone" ? `${lock} alone` : `${about} without ${lock}`;
    return `  ${sign(worse ? "opens" : "closes")} ${what}: ${before} before, ${after} after`;
}

/** More to assume, and more that stays open, is less that is proved. */
function listLines({ added, removed }: ListChange): string[] {
    const reworded = added.flatMap(line => {
        const before = removed.find(old => isReworded(old, line));
        return before === undefined ? [] : [{ line, before }];
    });
    return [
        ...added.filter(line => reworded.every(one => one.line !== line)).map(line => `  ${sign("opens")} ${line}`),
        ...reworded.map(({ line, before }) => rewordedLine(before, line)),
        ...removed
            .filter(line => reworded.every(one => one.before !== line))
            .map(line => `  ${sign("closes")} ${line}`),
    ];
}

/** The same sentence about other names: it is told once. */
function isReworded(before: string, after: string): boolean {
    const [old, now] = [wordsOf(before), wordsOf(after)];
    const common = now.filter(word => old.includes(word)).length;
    return common >= 6 && common >= 0.7 * Math.max(old.length, now.length);
}

/** More names are more to assume. */
function rewordedLine(before: string, after: string): string {
    const [old, now] = [wordsOf(before), wordsOf(after)];
    const [added, gone] = [now.filter(word => !old.includes(word)), old.filter(word => !now.includes(word))];
    const words = [
        ...(added.length === 0 ? [] : [`new: ${added.join(" ")}`]),
        ...(gone.length === 0 ? [] : [`gone: ${gone.join(" ")}`]),
    ];
    const effect = added.length > 0 ? "opens" : gone.length > 0 ? "closes" : "changes";
    return `  ${sign(effect)} ${after}${words.length === 0 ? "" : ` (${words.join("; ")})`}`;
}

function wordsOf(line: string): string[] {
    return [...new Set(line.split(/[\s,;()]+/).filter(word => word !== ""))];
}

function replacementLines({ type, name, inputs, wayOut }: Replacement): string[] {
    return [
        `  ${type.split(":").pop()} ${name}, since it cannot change in place: ${inputs.join(", ")}`,
        ...(wayOut === undefined ? [] : [pc.yellow(`    ! this replaces a part of the way out: ${wayOut}`)]),
    ];
}

function refusalLines({ path, expected, remedy }: Problem): string[] {
    return [pc.yellow(`  ! ${path}: it would cut off what is in use; expected ${expected}`), `    ${remedy}`];
}

function changeText({ extent, example, certain }: ReachabilityChange): string {
    return `${extent}, for example ${packetText(example)}${certain ? "" : " (cannot be told for certain)"}`;
}

function sign(effect: Effect): string {
    return { opens: pc.yellow("+"), changes: pc.cyan("~"), closes: pc.dim("-") }[effect];
}

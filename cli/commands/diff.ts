import { existsSync } from "node:fs";
import { diffReachability } from "../../containment/diff";
import { diffGrants } from "../../containment/mesh/diff";
import { prove } from "../../containment/prove";
import { type Resource } from "../../containment/resource";
import { type Difference, differenceReport } from "../differenceReport";
import { DEFAULT_STACK, evidence, type EvidenceOptions, resourcesIn } from "../../plan/evidence";
import { EXIT, answer } from "../output";
import { decisionChanges } from "../../plan/decisions";
import { refusals, replacements } from "../../plan/replacements";
import { planAtRevision } from "../../plan/revision";
import { verdictChanges } from "../../plan/verdictChanges";
import { PROJECT_DIRECTORY, fromHere } from "../../plan/project";

export interface DiffOptions extends EvidenceOptions {
    /** What it was before: a git revision, or a file as `--from` takes it. */
    readonly against: string;
    readonly json?: boolean;
}

export async function diff(options: DiffOptions): Promise<void> {
    const after = await evidence(options);
    const before = await earlier(options);
    const difference = differenceOf(before, after);
    answer(options.json, difference, differenceReport);
    process.exitCode = { contained: EXIT.holds, violated: EXIT.doesNotHold, unknown: EXIT.cannotTell }[
        difference.verdict.after
    ];
}

/** Everything that two sides differ in and a reviewer has to know. */
export function differenceOf(before: readonly Resource[], after: readonly Resource[]): Difference {
    const [then, now] = [prove(before), prove(after)];
    return {
        verdict: { before: then.verdict, after: now.verdict },
        decisions: decisionChanges(before, after),
        ...verdictChanges(then, now),
        grants: diffGrants(before, after),
        reachability: diffReachability(before, after),
        replacements: replacements(before, after),
        refusals: refusals(before, after),
    };
}

/** What it was before. */
export async function earlier({ against, stack, with: others = [] }: DiffOptions): Promise<readonly Resource[]> {
    const file = fromHere(against);
    const before = existsSync(file)
        ? resourcesIn("--against", file)
        : (await planAtRevision(PROJECT_DIRECTORY, against, stack ?? DEFAULT_STACK)).resources;
    return [...before, ...others.flatMap(file => resourcesIn("--with", file))];
}

import { existsSync } from "node:fs";
import { diffReachability } from "../../containment/diff";
import { diffGrants } from "../../containment/mesh/diff";
import { prove } from "../../containment/prove";
import { type Resource } from "../../containment/resource";
import { driftOf } from "../../live/deployed/drift";
import { type Difference, differenceReport } from "../differenceReport";
import { DEFAULT_STACK, evidence, type EvidenceOptions, resourcesIn } from "../../plan/evidence";
import { driftReport } from "../driftReport";
import { answer, exitOf } from "../output";
import { type LiveOptions } from "./deployed";
import { decisionChanges } from "../../plan/decisions";
import { refusals, replacements } from "../../plan/replacements";
import { planAtRevision } from "../../plan/revision";
import { verdictChanges } from "../../plan/verdictChanges";
import { PROJECT_DIRECTORY, fromHere } from "../../plan/project";

export interface DiffOptions extends EvidenceOptions, LiveOptions {
    /** What it was before: a git revision, or a file as `--from` takes it. `live`: what is deployed, and so what it has become. */
    readonly against: string;
    readonly json?: boolean;
}

/** In place of a revision or a file. */
const LIVE = "live";

export async function diff(options: DiffOptions): Promise<void> {
    if (options.against === LIVE) {
        return drift(options);
    }
    const after = await evidence(options);
    const before = await earlier(options);
    const difference = differenceOf(before, after);
    answer(options.json, difference, differenceReport);
    process.exitCode = exitOf(difference.verdict.after);
}

/** What became of the stack since its last `up`. */
async function drift(options: DiffOptions): Promise<void> {
    // Files are compared without the SDK, which settings need.
    const { deployedEvidence } = require("./deployed") as typeof import("./deployed");
    const stack = options.stack ?? DEFAULT_STACK;
    const { planned, others, resources, accounts, cluster } = await deployedEvidence({ ...options, stack });
    const since = options.from === undefined ? `the last \`up\` (as Pulumi.${stack}.yaml has it)` : "the last `up`";
    const found = { since, accounts, ...driftOf(planned, resources, cluster, others) };
    answer(options.json, found, driftReport);
    process.exitCode = exitOf(found.verdict.after);
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
export async function earlier({
    against,
    stack,
    with: others = [],
}: EvidenceOptions & Pick<DiffOptions, "against">): Promise<readonly Resource[]> {
    const file = fromHere(against);
    const before = existsSync(file)
        ? resourcesIn("--against", file)
        : (await planAtRevision(PROJECT_DIRECTORY, against, stack ?? DEFAULT_STACK)).resources;
    return [...before, ...others.flatMap(file => resourcesIn("--with", file))];
}

import { existsSync } from "node:fs";
import { diffReachability } from "../../containment/diff";
import { diffGrants } from "../../containment/mesh/diff";
import { prove } from "../../containment/prove";
import { type Resource } from "../../containment/resource";
import { type Difference, differenceReport } from "../differenceReport";
import { DEFAULT_STACK, evidence, type EvidenceOptions, resourcesIn } from "../evidence";
import { EXIT } from "../exit";
import { planAtRevision } from "../plan/revision";
import { PROJECT_DIRECTORY } from "../project";

export interface DiffOptions extends EvidenceOptions {
    /** What it was before: a git revision, or a file as `--from` takes it. */
    readonly against: string;
    readonly json?: boolean;
}

export async function diff(options: DiffOptions): Promise<void> {
    const after = await evidence(options);
    const before = await earlier(options);
    const difference: Difference = {
        verdict: { before: prove(before).verdict, after: prove(after).verdict },
        grants: diffGrants(before, after),
        reachability: diffReachability(before, after),
    };
    console.log(options.json === true ? JSON.stringify(difference, undefined, 2) : differenceReport(difference));
    process.exitCode = { contained: EXIT.holds, violated: EXIT.doesNotHold, unknown: EXIT.cannotTell }[
        difference.verdict.after
    ];
}

async function earlier({ against, stack, with: others = [] }: DiffOptions): Promise<readonly Resource[]> {
    const before = existsSync(against)
        ? resourcesIn("--against", against)
        : (await planAtRevision(PROJECT_DIRECTORY, against, stack ?? DEFAULT_STACK)).resources;
    return [...before, ...others.flatMap(file => resourcesIn("--with", file))];
}

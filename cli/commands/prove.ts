import { prove as proveContainment } from "../../containment/prove";
import { type Verdict } from "../../containment/verdict";
import { evidence, type EvidenceOptions } from "../evidence";
import { EXIT } from "../exit";
import { verdictReport } from "../verdictReport";

export interface ProveOptions extends EvidenceOptions {
    readonly json?: boolean;
}

export async function prove(options: ProveOptions): Promise<void> {
    const verdict = proveContainment(await evidence(options));
    const settled = options.with === undefined ? [] : await assumptionsSettled(verdict, options);
    console.log(
        options.json === true
            ? JSON.stringify({ ...verdict, ...(options.with === undefined ? {} : { settled }) }, undefined, 2)
            : verdictReport(verdict, settled),
    );
    process.exitCode = { contained: EXIT.holds, violated: EXIT.doesNotHold, unknown: EXIT.cannotTell }[verdict.verdict];
}

/** What had to be assumed without the other stacks, and is shown by them. */
async function assumptionsSettled(verdict: Verdict, options: ProveOptions): Promise<string[]> {
    const alone = proveContainment(await evidence({ ...options, with: [] }));
    return alone.assumptions.filter(assumption => !verdict.assumptions.includes(assumption));
}

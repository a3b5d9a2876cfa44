import { prove } from "../../containment/prove";
import { evidence, type EvidenceOptions } from "../../plan/evidence";
import { provenanceOf } from "../../plan/provenance";
import { complain, exitOf, sayExactly } from "../output";
import { destinationsOf } from "../report/facts";
import { reportPage } from "../report/page";
import { differenceOf, earlier } from "./diff";

export interface ReportOptions extends EvidenceOptions {
    readonly out: string;
    /** Also tell the difference from this: a git revision, or a file as `--from` takes it. */
    readonly against?: string;
}

/** Writes one self-contained page: the verdict, what it rests on, and who may use what. */
export async function report({ out, against, ...options }: ReportOptions): Promise<void> {
    const resources = await evidence(options);
    const verdict = prove(resources);
    const difference =
        against === undefined
            ? {}
            : { difference: { against, told: differenceOf(await earlier({ ...options, against }), resources) } };
    const provenance = provenanceOf(options, resources);
    sayExactly(reportPage({ provenance, verdict, ...destinationsOf(resources), ...difference }));
    complain(`${verdict.verdict}: ${out}`);
    process.exitCode = exitOf(verdict.verdict);
}

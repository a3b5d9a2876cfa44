import { prove as proveContainment } from "../../containment/prove";
import { evidence, type EvidenceOptions } from "../evidence";
import { EXIT } from "../exit";
import { verdictReport } from "../verdictReport";

export interface ProveOptions extends EvidenceOptions {
    readonly json?: boolean;
}

export async function prove(options: ProveOptions): Promise<void> {
    const verdict = proveContainment(await evidence(options));
    console.log(options.json === true ? JSON.stringify(verdict, undefined, 2) : verdictReport(verdict));
    process.exitCode = { contained: EXIT.holds, violated: EXIT.doesNotHold, unknown: EXIT.cannotTell }[verdict.verdict];
}

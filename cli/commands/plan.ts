import { prove } from "../../containment/prove";
import { type Verdict } from "../../containment/verdict";
import { type EgressOutputs } from "../../contract/egress";
import { answer, EXIT } from "../output";
import { expiryWarnings } from "../expiry";
import { type Plan, planOffline } from "../../plan/offline";
import { planReport } from "../planReport";
import { PROJECT_DIRECTORY } from "../../plan/project";

export interface PlanOptions {
    readonly stack: string;
    readonly json?: boolean;
}

export async function plan(options: PlanOptions): Promise<void> {
    const planned = withExpiry(await planOffline(PROJECT_DIRECTORY, options.stack), new Date());
    const verdict: Verdict = prove(planned.resources);
    const { stack, resources, outputs, warnings } = planned;
    answer(options.json, { stack, resources, outputs, warnings, verdict }, () => planReport(planned, verdict));
    // The plan was made; whether it is good enough is what `prove` answers with its exit code.
    process.exitCode = EXIT.holds;
}

function withExpiry(planned: Plan, today: Date): Plan {
    const { destinations } = planned.outputs as unknown as EgressOutputs;
    const expiry = planned.config["egress-gateway:expiry"];
    return { ...planned, warnings: [...planned.warnings, ...expiryWarnings(destinations, today, expiry)] };
}

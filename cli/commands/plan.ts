import { EXIT } from "../exit";
import { planOffline } from "../plan/offline";
import { planReport } from "../plan/report";
import { PROJECT_DIRECTORY } from "../project";

export interface PlanOptions {
    readonly stack: string;
    readonly json?: boolean;
}

export async function plan(options: PlanOptions): Promise<void> {
    const planned = await planOffline(PROJECT_DIRECTORY, options.stack);
    if (options.json === true) {
        const { stack, resources, outputs, warnings } = planned;
        console.log(JSON.stringify({ stack, resources, outputs, warnings }, undefined, 2));
    } else {
        console.log(planReport(planned));
    }
    process.exitCode = EXIT.holds;
}

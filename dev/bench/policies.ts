import { performance } from "node:perf_hooks";
import { planOffline } from "../../plan/offline";
import { PROJECT_DIRECTORY } from "../../plan/project";
import { table } from "../../cli/table";
import { buildPack, PackProcess } from "../../test/policy/packProcess";
import { median } from "./median";

const RUNS = 5;
const READY_BUDGET_SECONDS = 2;

/** The pack as the engine runs it: how long until it answers, and how long it takes for a stack. */
async function main(): Promise<void> {
    buildPack();
    const ready: number[] = [];
    for (let run = 0; run < RUNS; run++) {
        const pack = await PackProcess.start();
        ready.push(pack.readyAfterMilliseconds);
        pack.stop();
    }
    console.log("policy pack\n");
    const rows = [["until it answers", seconds(median(ready)), `${READY_BUDGET_SECONDS} s`]];
    for (const stack of ["dev", "prod"]) {
        const { resources } = await planOffline(PROJECT_DIRECTORY, stack);
        const pack = await PackProcess.start();
        await pack.configure({});
        const start = performance.now();
        for (const resource of resources) {
            await pack.analyze(resource.urn, resource);
        }
        await pack.analyzeStack(resources);
        rows.push([`all of ${stack}, ${resources.length} resources`, seconds(performance.now() - start), ""]);
        pack.stop();
    }
    console.log(table(rows, ["", "median", "budget"]));
}

function seconds(milliseconds: number): string {
    return `${(milliseconds / 1000).toFixed(2)} s`;
}

void main();

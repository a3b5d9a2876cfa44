import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import * as path from "node:path";
import { performance } from "node:perf_hooks";
import * as pulumi from "@pulumi/pulumi";
import { table } from "../../cli/table";
import { PROJECT_DIRECTORY } from "../../plan/project";
import { readStackConfig } from "../../plan/stackConfig";
import { loadSettings, stackSettings } from "../../settings/load";
import { type Settings } from "../../settings/settings";
import { BUDGET_MILLISECONDS, measureCompile, SIZES } from "./compile";
import { median } from "./median";

/**
 * `npm run bench`: figures beside their budgets. Nothing fails here: machines differ, and a time is not a property of the code.
 */
async function main(): Promise<void> {
    console.log("plan, whole process\n");
    console.log(table(["dev", "prod"].map(planRow), ["stack", "median", "budget", "of which the proof"]));
    console.log("\nmesh compiler\n");
    const settings = await devSettings();
    const rows = SIZES.map(size => measureCompile(settings, size)).map(measured => [
        String(measured.destinations),
        `${measured.milliseconds.toFixed(1)} ms`,
        measured.destinations === 1000 ? `${BUDGET_MILLISECONDS} ms` : "",
        String(measured.objects),
        String(measured.bytesPerDestination),
    ]);
    console.log(table(rows, ["destinations", "median", "budget", "objects", "bytes a destination"]));
    // Others have a process of their own: z3 takes gigabytes and does not let go.
    for (const other of ["proof.ts", "policies.ts", "connections.ts", "resolver.ts", "logs.ts", "inventory.ts"].filter(
        file => existsSync(path.join(__dirname, file)),
    )) {
        console.log("");
        spawnSync(process.execPath, ["dev/run.cjs", `dev/bench/${other}`], {
            cwd: PROJECT_DIRECTORY,
            stdio: "inherit",
        });
    }
}

async function devSettings(): Promise<Settings> {
    const { project, stack, values } = readStackConfig(PROJECT_DIRECTORY, "dev");
    const mocks = { newResource: () => ({ id: undefined, state: {} }), call: () => ({}) };
    await pulumi.runtime.setMocks(mocks, project, stack, true, "organization");
    pulumi.runtime.setAllConfig({ ...values });
    return loadSettings(stackSettings(PROJECT_DIRECTORY));
}

const RUNS = 5;
const PLAN_BUDGET_SECONDS = 2.5;

function planRow(stack: string): string[] {
    const plan = medianOf(() => {
        const start = performance.now();
        run("dev/run.cjs", "cli/main.ts", "plan", "--stack", stack);
        return (performance.now() - start) / 1000;
    });
    const proof = medianOf(() => Number(run("dev/run.cjs", "dev/bench/proofShare.ts", stack)));
    return [
        stack,
        `${plan.toFixed(2)} s`,
        stack === "dev" ? `${PLAN_BUDGET_SECONDS} s` : "",
        `${proof.toFixed(2)} s (${Math.round((100 * proof) / plan)} %)`,
    ];
}

function run(...args: readonly string[]): string {
    return spawnSync(process.execPath, args, { cwd: PROJECT_DIRECTORY, encoding: "utf8" }).stdout;
}

function medianOf(measure: () => number): number {
    return median(Array.from({ length: RUNS }, measure));
}

void main();

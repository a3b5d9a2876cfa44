import { performance } from "node:perf_hooks";
import { planOffline } from "../../plan/offline";
import { PROJECT_DIRECTORY } from "../../plan/project";

/** Prints how long the proof of a stack takes in a process that has planned it and proved nothing before, as `plan` does, in seconds. */
async function main(): Promise<void> {
    const { resources } = await planOffline(PROJECT_DIRECTORY, process.argv[2]!);
    const start = performance.now();
    // Loaded here, because a plan loads it as well.
    const { prove } = require("../../containment/prove") as typeof import("../../containment/prove");
    prove(resources);
    console.log((performance.now() - start) / 1000);
}

void main();

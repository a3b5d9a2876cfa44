import { mkdirSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { planOffline } from "../cli/plan/offline";
import { PROJECT_DIRECTORY } from "../cli/project";
import { GOLDEN_STACKS, goldenFile, goldenPlan } from "../test/program/goldenPlan";
import { writeIntoReadme } from "../test/program/shownOutput";

const SHOWN_STACK = "dev";

/** `npm run golden`: writes the committed plans, and the output that the README shows, anew. Read the diff before committing it. */
async function main(): Promise<void> {
    for (const stack of GOLDEN_STACKS) {
        const plan = await planOffline(PROJECT_DIRECTORY, stack);
        mkdirSync(path.dirname(goldenFile(stack)), { recursive: true });
        writeFileSync(goldenFile(stack), goldenPlan(plan));
        if (stack === SHOWN_STACK) {
            writeIntoReadme(plan);
        }
    }
}

void main();

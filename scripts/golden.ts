import { mkdirSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { planOffline } from "../cli/plan/offline";
import { PROJECT_DIRECTORY } from "../cli/project";
import { GOLDEN_STACKS, goldenFile, goldenPlan } from "../test/program/goldenPlan";

/** `npm run golden`: writes the committed plans anew. Read the diff before committing it. */
async function main(): Promise<void> {
    for (const stack of GOLDEN_STACKS) {
        mkdirSync(path.dirname(goldenFile(stack)), { recursive: true });
        writeFileSync(goldenFile(stack), goldenPlan(await planOffline(PROJECT_DIRECTORY, stack)));
    }
}

void main();

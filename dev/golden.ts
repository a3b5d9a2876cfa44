import { mkdirSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { planOffline } from "../plan/offline";
import { PROJECT_DIRECTORY } from "../plan/project";
import { GOLDEN_STACKS, goldenFile, goldenPlan, REPLACING_FILE, replacingInputs } from "../test/program/goldenPlan";
import { writeIntoReadme } from "../test/program/shownOutput";

const SHOWN_STACK = "dev";

/**
 * `npm run golden`: writes the committed plans, and the output that the README shows, anew. Read the diff before committing it.
 * With `--replacing`, also the inputs whose change replaces something: such a change belongs into CHANGELOG.md.
 */
async function main(): Promise<void> {
    const replacing: Record<string, unknown> = {};
    for (const stack of GOLDEN_STACKS) {
        const plan = await planOffline(PROJECT_DIRECTORY, stack);
        mkdirSync(path.dirname(goldenFile(stack)), { recursive: true });
        writeFileSync(goldenFile(stack), goldenPlan(plan));
        replacing[stack] = replacingInputs(plan);
        if (stack === SHOWN_STACK) {
            writeIntoReadme(plan);
        }
    }
    if (process.argv.includes("--replacing")) {
        writeFileSync(REPLACING_FILE, `${JSON.stringify(replacing, undefined, 2)}\n`);
    }
}

void main();

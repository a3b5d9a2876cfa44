import { readFileSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { stripVTControlCharacters } from "node:util";
import { explanationReport } from "../../cli/commands/explain";
import { explanationOf } from "../../containment/explanation";
import { goalOf, originOf } from "../../cli/endpoints";
import { type Plan } from "../../plan/offline";
import { planReport } from "../../cli/planReport";
import { PROJECT_DIRECTORY } from "../../plan/project";
import { prove } from "../../containment/prove";

const README = path.join(PROJECT_DIRECTORY, "README.md");

/** What the commands that the README shows print today, by the line that calls them. */
export function shownOutput(plan: Plan): ReadonlyMap<string, string> {
    const [from, to] = ["orders/web", "api.stripe.com:443"];
    const plain = stripVTControlCharacters;
    return new Map([
        ["$ npm run plan", plain(planReport(plan, prove(plan.resources)))],
        [
            `$ npm run explain -- --from ${from} --to ${to}`,
            plain(explanationReport(from, to, explanationOf(plan.resources, originOf(from), goalOf(to)))),
        ],
    ]);
}

/** The block of the README that begins with this call, without the call. */
export function shownInReadme(call: string): string | undefined {
    return block(readFileSync(README, "utf8"), call)?.body;
}

export function writeIntoReadme(plan: Plan): void {
    let text = readFileSync(README, "utf8");
    for (const [call, output] of shownOutput(plan)) {
        const found = block(text, call);
        if (found !== undefined) {
            text = text.slice(0, found.start) + output + text.slice(found.end);
        }
    }
    writeFileSync(README, text);
}

function block(text: string, call: string): { start: number; end: number; body: string } | undefined {
    const at = text.indexOf(`\`\`\`\n${call}\n`);
    if (at < 0) {
        return undefined;
    }
    const start = at + `\`\`\`\n${call}\n`.length;
    const end = text.indexOf("\n```", start);
    return { start, end, body: text.slice(start, end) };
}

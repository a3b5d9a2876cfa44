import * as fs from "node:fs";
import { Command } from "commander";
import { closingLine, failedRun, failureReport, NONE, type Outcome, sum } from "./integration/counts";
import { runMocha } from "./integration/mocha";
import { type Tier, TIERS } from "./integration/tiers";
import { ensureTool, ToolUnavailableError } from "./tools";

interface Options {
    readonly tier?: readonly string[];
    readonly grep?: string;
    readonly counts?: string;
}

/**
 * `npm run test:integration [-- --tier engine --grep destroy]`: the tests with real parts. On a developer's machine a
 * tier whose parts cannot be had is skipped with its reason; with `CI=true` that is a failure. The last line counts.
 */
async function main(argv: readonly string[]): Promise<number> {
    const names = TIERS.map(tier => tier.name);
    const options = new Command("npm run test:integration --")
        .description(
            "Runs the tests that need real parts: the Pulumi engine, a Kubernetes API server, a packet filter.",
        )
        .option("--tier <names...>", `only these of: ${names.join(", ")} (default: all)`)
        .option("--grep <pattern>", "only tests whose name matches")
        .option("--counts <file>", "also write the totals into this file, as JSON")
        .parse(argv, { from: "user" })
        .opts<Options>();
    const unknown = (options.tier ?? []).filter(name => !names.includes(name));
    if (unknown.length > 0) {
        process.stderr.write(`--tier: got ${unknown.join(", ")}; expected some of: ${names.join(", ")}\n`);
        return 2;
    }

    const outcomes: Outcome[] = [];
    for (const tier of TIERS.filter(({ name }) => options.tier?.includes(name) ?? true)) {
        console.log(`\n=== ${tier.name} tier ===`);
        const outcome = await runTier(tier, options.grep === undefined ? [] : ["--grep", options.grep]);
        if (outcome.complaint !== undefined) {
            console.log(`${tier.name} tier: ${outcome.complaint}`);
        }
        outcomes.push(outcome);
    }

    const total = sum(outcomes.map(outcome => outcome.counts));
    if (options.counts !== undefined) {
        fs.writeFileSync(options.counts, JSON.stringify(total));
    }
    console.log(failureReport(total));
    console.log(closingLine(total));
    return total.failed === 0 ? 0 : 1;
}

async function runTier(tier: Tier, args: readonly string[]): Promise<Outcome> {
    const specs = `test/${tier.name}/**/*.test.ts`;
    const missing = await missingPart(tier);
    if (missing === undefined) {
        return runMocha(specs, args, tier.limitMinutes);
    }
    if (process.env.CI === "true") {
        return failedRun(NONE, `failed, because CI has to have every part: ${missing}`);
    }
    // Mocha's dry run walks through the tests without executing any: it says how many are left out.
    const { counts } = await runMocha(specs, [...args, "--dry-run"], tier.limitMinutes, true);
    return { counts: { ...NONE, skipped: counts.passed + counts.skipped }, complaint: `skipped: ${missing}` };
}

async function missingPart(tier: Tier): Promise<string | undefined> {
    try {
        for (const tool of tier.tools) {
            const location = await ensureTool(tool);
            console.log(`${tool}: ${location.path}`);
        }
    } catch (error) {
        if (error instanceof ToolUnavailableError) {
            return error.message;
        }
        throw error;
    }
    return tier.lacks?.();
}

main(process.argv.slice(2)).then(
    code => (process.exitCode = code),
    error => {
        console.error(error);
        console.log(closingLine({ ...NONE, failed: 1 }));
        process.exitCode = 1;
    },
);

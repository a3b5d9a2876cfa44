import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { parse, stringify } from "yaml";
import { type Plan, planOffline } from "../../plan/offline";
import { PROJECT_DIRECTORY } from "../../plan/project";
import { prove } from "../../containment/prove";
import { type Verdict } from "../../containment/verdict";

/** The dev stack with some settings changed. */
export function variant(changes: Record<string, unknown>): Promise<{ plan: Plan; verdict: Verdict }> {
    return inVariant(changes, async directory => {
        const plan = await planOffline(directory, "variant", freshProgram);
        return { plan, verdict: prove(plan.resources) };
    });
}

/** The folder of a project whose stack `variant` is the dev stack with some settings changed, as long as it is used. */
export async function inVariant<T>(
    changes: Record<string, unknown>,
    use: (directory: string) => Promise<T>,
): Promise<T> {
    const directory = mkdtempSync(path.join(tmpdir(), "variant-"));
    try {
        const read = (file: string) => readFileSync(path.join(PROJECT_DIRECTORY, file), "utf8");
        const config = devConfig();
        const changed = Object.entries(changes).map(([key, value]) => [`egress-gateway:${key}`, value] as const);
        writeFileSync(path.join(directory, "Pulumi.yaml"), read("Pulumi.yaml"));
        writeFileSync(
            path.join(directory, "Pulumi.variant.yaml"),
            stringify({ config: { ...config, ...Object.fromEntries(changed) } }),
        );
        return await use(directory);
    } finally {
        rmSync(directory, { recursive: true });
    }
}

/** A program runs when it is loaded. */
export function freshProgram(): unknown {
    const entry = require.resolve("../../index");
    delete require.cache[entry];
    return require(entry) as unknown;
}

/** What the dev stack has under a key of `egress-gateway:`. */
export function devSetting<T>(key: string): T {
    return devConfig()[`egress-gateway:${key}`] as T;
}

function devConfig(): Record<string, unknown> {
    const file = path.join(PROJECT_DIRECTORY, "Pulumi.dev.yaml");
    return (parse(readFileSync(file, "utf8")) as { config: Record<string, unknown> }).config;
}

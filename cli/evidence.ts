import { readFileSync } from "node:fs";
import { readResources } from "../containment/readers";
import { type Resource } from "../containment/resource";
import { InputError } from "../settings/values/problem";
import { planOffline } from "./plan/offline";
import { PROJECT_DIRECTORY } from "./project";

/** Where the resources come from that a command judges. */
export interface EvidenceOptions {
    /** Stack to plan offline, and the stack that files are expected to be of. */
    readonly stack?: string;
    /** A plan, a preview or a state export, instead of an offline plan. */
    readonly from?: string;
    /** Plans, previews or state exports of other stacks, for example of the one that owns the network. */
    readonly with?: readonly string[];
}

export const DEFAULT_STACK = "dev";

/** @throws InputError for a file that is missing, unreadable, or of another stack than was asked for. */
export async function evidence({ stack, from, with: others = [] }: EvidenceOptions): Promise<readonly Resource[]> {
    const own =
        from === undefined
            ? (await planOffline(PROJECT_DIRECTORY, stack ?? DEFAULT_STACK)).resources
            : resourcesIn("--from", from);
    if (from !== undefined && stack !== undefined) {
        assertStack(own, from, stack);
    }
    return [...own, ...others.flatMap(file => resourcesIn("--with", file))];
}

export function resourcesIn(option: string, file: string): Resource[] {
    try {
        return readResources(readFileSync(file, "utf8"));
    } catch (error) {
        throw new InputError(`${file} cannot be judged`, [
            {
                path: option,
                given: file,
                expected:
                    "a plan (`npm run -s plan -- --json`), a preview (`pulumi preview --json --show-sames`) or a state (`pulumi stack export`)",
                remedy: (error as Error).message,
            },
        ]);
    }
}

/** A URN names its stack: `urn:pulumi:<stack>::<project>::…`. */
function assertStack(resources: readonly Resource[], file: string, stack: string): void {
    const found = [...new Set(resources.map(({ urn }) => urn.split("::")[0]?.split(":")[2]))];
    if (!found.includes(stack)) {
        throw new InputError(`${file} is of another stack`, [
            {
                path: "--stack",
                given: stack,
                expected: `the stack of the file, which is ${found.join(", ")}`,
                remedy: "Give the file of that stack, or leave out --stack.",
            },
        ]);
    }
}

import { spawnSync } from "node:child_process";
import { type Resource, stackOf } from "../base/resource";
import { type Account } from "../containment/account";
import { DEFAULT_STACK, type EvidenceOptions, sourceOfStack } from "./evidence";
import { PROJECT_DIRECTORY, version } from "./project";

/** What an answer is about, so that it can be filed. */
export interface Provenance {
    /** Stacks of the judged resources, by their URNs. */
    readonly stacks: readonly string[];
    /** Where the resources come from, for people. */
    readonly sources: readonly string[];
    /** Commit of this project, with `-dirty` where something differs from it; absent outside of git. */
    readonly commit?: string;
    /** Version of this program. */
    readonly version: string;
    /** When it was judged, ISO 8601 in UTC. */
    readonly time: string;
    readonly resources: number;
    /** What was read of each source, and what was left out. */
    readonly accounts?: readonly Account[];
}

/** @param now When it is judged; SOURCE_DATE_EPOCH is taken instead where it is set (reproducible-builds.org). */
export function provenanceOf(
    { stack = DEFAULT_STACK, from, with: others = [] }: EvidenceOptions,
    resources: readonly Resource[],
    now: Date = new Date(),
    accounts?: readonly Account[],
): Provenance {
    const commit = commitOf(PROJECT_DIRECTORY);
    const epoch = process.env["SOURCE_DATE_EPOCH"];
    const time = epoch !== undefined && /^\d+$/.test(epoch) ? new Date(Number(epoch) * 1000) : now;
    return {
        stacks: [...new Set(resources.flatMap(({ urn }) => stackOf(urn) ?? []))].sort(),
        sources:
            accounts === undefined
                ? [from ?? sourceOfStack(stack), ...others]
                : [...new Set(accounts.map(({ source }) => source))],
        ...(commit === undefined ? {} : { commit }),
        version: version(),
        time: time.toISOString(),
        resources: resources.length,
        ...(accounts === undefined ? {} : { accounts }),
    };
}

/**
 * When the last commit was made, ISO 8601 in UTC: the same for whoever judges the same tree. SOURCE_DATE_EPOCH goes first, and
 * outside of git it is when it was judged.
 */
export function timeOfCommit({ commit, time }: Provenance): string {
    if (commit === undefined || process.env["SOURCE_DATE_EPOCH"] !== undefined) {
        return time;
    }
    const { stdout } = spawnSync("git", ["show", "--no-patch", "--format=%ct", commit.replace(/-dirty$/, "")], {
        cwd: PROJECT_DIRECTORY,
        encoding: "utf8",
    });
    return new Date(Number(stdout) * 1000).toISOString();
}

function commitOf(directory: string): string | undefined {
    const git = (...args: string[]) => spawnSync("git", args, { cwd: directory, encoding: "utf8" });
    const head = git("rev-parse", "HEAD");
    if (head.status !== 0) {
        return undefined;
    }
    const clean = git("status", "--porcelain", "--untracked-files=no").stdout?.trim() === "";
    return `${head.stdout.trim()}${clean ? "" : "-dirty"}`;
}

import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { constants, tmpdir } from "node:os";
import * as path from "node:path";
import { InputError } from "../base/problem";
import { type Plan, planOffline } from "./offline";

/**
 * Plans a stack as it was at a git revision: that revision's program and settings, with today's dependencies.
 *
 * @throws InputError when git does not know the revision, or it has no such stack.
 */
export async function planAtRevision(directory: string, revision: string, stack: string): Promise<Plan> {
    // Verified first, and never handed on as it came: a revision that begins with `-` would be an option.
    const commit = git(directory, revision, [
        "rev-parse",
        "--verify",
        "--end-of-options",
        `${revision}^{commit}`,
    ]).trim();
    const checkout = temporaryFolder(revision);
    const remove = (): void => {
        rmSync(checkout, { recursive: true, force: true });
        spawnSync("git", ["worktree", "prune"], { cwd: directory, stdio: "ignore" });
    };
    const interrupted = (signal: NodeJS.Signals): void => {
        remove();
        process.exit(128 + constants.signals[signal]);
    };
    process.once("SIGINT", interrupted).once("SIGTERM", interrupted);
    try {
        git(directory, revision, ["worktree", "add", "--detach", "--force", checkout, commit]);
        if (!existsSync(path.join(checkout, "index.ts"))) {
            throw refused(revision, "That revision has no program to plan.");
        }
        // A revision may have it, or something in its place.
        rmSync(path.join(checkout, "node_modules"), { recursive: true, force: true });
        symlinkSync(path.join(directory, "node_modules"), path.join(checkout, "node_modules"));
        return await planOffline(checkout, stack);
    } catch (error) {
        // A disk that is full, a folder of somebody else.
        throw error instanceof Error && "syscall" in error ? refused(revision, `${error.message}.`) : error;
    } finally {
        process.off("SIGINT", interrupted).off("SIGTERM", interrupted);
        remove();
    }
}

function temporaryFolder(revision: string): string {
    try {
        return mkdtempSync(path.join(tmpdir(), "egress-gateway-"));
    } catch (error) {
        throw refused(revision, `No folder for its files can be made (TMPDIR): ${(error as Error).message}.`);
    }
}

function git(directory: string, revision: string, args: string[]): string {
    const { status, stdout, stderr, error } = spawnSync("git", args, { cwd: directory, encoding: "utf8" });
    if (status !== 0) {
        const lines = (stderr ?? "").trim().split("\n");
        const reason = lines.find(line => line.startsWith("fatal:")) ?? lines.at(-1);
        throw refused(revision, `git says: ${error?.message ?? reason ?? "nothing"}`);
    }
    return stdout;
}

function refused(revision: string, remedy: string): InputError {
    return new InputError(`${revision} cannot be planned`, [
        {
            path: "--against",
            given: revision,
            expected: "a git revision of this project, or a plan, preview or state file",
            remedy,
        },
    ]);
}

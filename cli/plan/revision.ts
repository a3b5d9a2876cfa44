import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { InputError } from "../../settings/values/problem";
import { type Plan, planOffline } from "./offline";

/**
 * Plans a stack as it was at a git revision: that revision's program and settings, with today's dependencies.
 *
 * @throws InputError when git does not know the revision, or it has no such stack.
 */
export async function planAtRevision(directory: string, revision: string, stack: string): Promise<Plan> {
    const checkout = mkdtempSync(path.join(tmpdir(), "egress-gateway-"));
    try {
        git(directory, revision, ["worktree", "add", "--detach", "--force", checkout, revision]);
        if (!existsSync(path.join(checkout, "index.ts"))) {
            throw refused(revision, "That revision has no program to plan.");
        }
        symlinkSync(path.join(directory, "node_modules"), path.join(checkout, "node_modules"));
        return await planOffline(checkout, stack);
    } finally {
        rmSync(checkout, { recursive: true, force: true });
        execFileSync("git", ["worktree", "prune"], { cwd: directory, stdio: "ignore" });
    }
}

function git(directory: string, revision: string, args: string[]): void {
    try {
        execFileSync("git", args, { cwd: directory, stdio: ["ignore", "ignore", "pipe"], encoding: "utf8" });
    } catch (error) {
        throw refused(revision, (error as { stderr?: string }).stderr?.trim().split("\n").pop() ?? "git failed");
    }
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

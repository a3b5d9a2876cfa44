import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { PROJECT_DIRECTORY } from "../../plan/project";

/** Runs the program as npm does, and waits for its end. */
export function run(
    args: readonly string[],
    env: Readonly<Record<string, string>> = {},
    stdout: number | "pipe" = "pipe",
) {
    const {
        status,
        stdout: out,
        stderr,
    } = spawnSync(process.execPath, ["dev/run.cjs", "cli/main.ts", ...args], {
        cwd: PROJECT_DIRECTORY,
        encoding: "utf8",
        env: { ...process.env, ...env },
        stdio: ["ignore", stdout, "pipe"],
    });
    return { status, out: out ?? "", err: stderr };
}

/** A copy of the project, for a command that writes into it. */
export function copyOfProject(): string {
    const copy = mkdtempSync(path.join(tmpdir(), "project-"));
    for (const name of readdirSync(PROJECT_DIRECTORY)) {
        if (!["node_modules", ".git", ".cache"].includes(name)) {
            cpSync(path.join(PROJECT_DIRECTORY, name), path.join(copy, name), { recursive: true });
        }
    }
    symlinkSync(path.join(PROJECT_DIRECTORY, "node_modules"), path.join(copy, "node_modules"));
    return copy;
}

/** Runs a script of a copy as npm does there, and waits for its end. */
export function runIn(copy: string, args: readonly string[], input?: string) {
    const { status, stdout, stderr } = spawnSync(process.execPath, args, {
        cwd: copy,
        encoding: "utf8",
        ...(input === undefined ? {} : { input }),
        env: { ...process.env, INIT_CWD: copy },
    });
    return { status, out: stdout, err: stderr };
}

/** The same of the program. */
export function runCommandIn(copy: string, args: readonly string[], input?: string) {
    return runIn(copy, ["dev/run.cjs", "cli/main.ts", ...args], input);
}

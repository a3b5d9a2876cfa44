import { spawnSync } from "node:child_process";
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

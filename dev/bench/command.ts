import { spawnSync } from "node:child_process";
import { PROJECT_DIRECTORY } from "../../plan/project";

/** What a command of ours takes, its start included. */
export interface Cost {
    readonly seconds: number;
    readonly cpuSeconds: number;
    /** At its largest. */
    readonly mebibytes: number;
}

/** Runs a command whose answer nobody reads. */
export function costOf(...command: readonly string[]): Cost {
    const { stderr } = spawnSync(
        "/usr/bin/time",
        [
            ...["-f", "%e %U %S %M", process.execPath, "dev/run.cjs", "cli/main.ts"],
            ...[...command, "--json", "--out", "/dev/null"],
        ],
        { cwd: PROJECT_DIRECTORY, encoding: "utf8" },
    );
    const [seconds, user, system, kibibytes] = stderr.trim().split("\n").at(-1)!.split(" ").map(Number) as [
        number,
        number,
        number,
        number,
    ];
    return { seconds, cpuSeconds: user + system, mebibytes: Math.round(kibibytes / 1024) };
}

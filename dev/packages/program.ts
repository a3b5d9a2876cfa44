import * as fs from "node:fs";
import * as path from "node:path";
import * as esbuild from "esbuild";
import { packFolder, ROOT, stagingFolder, writeDeclarations } from "./pack";

/** Which installing project brings them: a program its providers, a probe its clients. Judging files needs none. */
const PEERS = ["@pulumi/pulumi", "@pulumi/gcp", "@pulumi/kubernetes", "@kubernetes/client-node", "google-auth-library"];

interface Manifest {
    readonly version: string;
    readonly description: string;
    readonly license: string;
    readonly engines: object;
    readonly dependencies: Readonly<Record<string, string>>;
}

/**
 * Packs the program into a tarball: `require("egress-gateway")` is the function that registers everything, for Pulumi programs
 * of other repositories, and `npx egress-gateway prove --from FILE` judges what a stranger has.
 *
 * @param destination Folder of the tarball.
 * @returns the tarball's path.
 * @throws Error when a declaration cannot be written.
 */
export async function packProgram(destination: string): Promise<string> {
    const manifest = JSON.parse(fs.readFileSync(path.join(ROOT, "package.json"), "utf8")) as Manifest;
    const staging = stagingFolder("package");
    const entry = path.join(ROOT, "index.ts");
    await esbuild.build({
        entryPoints: { index: entry, main: path.join(ROOT, "cli", "main.ts") },
        outdir: path.join(staging, "lib"),
        bundle: true,
        platform: "node",
        format: "cjs",
        target: "node20",
        external: PEERS,
        // What is bundled from ES modules asks where it is.
        define: { "import.meta.url": "moduleUrl" },
        banner: { js: 'const moduleUrl = require("node:url").pathToFileURL(__filename).href;' },
        legalComments: "inline",
        logLevel: "error",
    });
    const command = path.join(staging, "lib", "main.js");
    fs.writeFileSync(command, `#!/usr/bin/env node\n${fs.readFileSync(command, "utf8")}`, { mode: 0o755 });
    writeDeclarations(entry, staging);
    fs.mkdirSync(path.join(staging, "schemas"));
    fs.copyFileSync(path.join(ROOT, "schemas", "verdict.json"), path.join(staging, "schemas", "verdict.json"));
    const { version, description, license, engines, dependencies } = manifest;
    const published = {
        name: "egress-gateway",
        ...{ version, description, license, engines },
        main: "lib/index.js",
        types: "types/index.d.ts",
        bin: { "egress-gateway": "lib/main.js" },
        dependencies: { zod: dependencies["zod"] },
        peerDependencies: Object.fromEntries(PEERS.map(name => [name, dependencies[name]])),
        peerDependenciesMeta: Object.fromEntries(PEERS.map(name => [name, { optional: true }])),
    };
    return packFolder(staging, path.join(ROOT, "README.md"), published, destination);
}

import * as fs from "node:fs";
import * as path from "node:path";
import * as esbuild from "esbuild";
import { CONTRACT_VERSION } from "../../contract/egress";
import { packFolder, ROOT, stagingFolder, writeDeclarations } from "./pack";

const CONTRACT = path.join(ROOT, "contract");

interface Manifest {
    readonly version: string;
    readonly dependencies: Readonly<Record<string, string>>;
    readonly peerDependencies: Readonly<Record<string, string>>;
}

/**
 * Packs the contract into a tarball that another repository installs: one bundled module with its declarations, and nothing of
 * the components.
 *
 * @param destination Folder of the tarball.
 * @returns the tarball's path.
 * @throws Error when the package's major version is not the contract's, or a declaration cannot be written.
 */
export async function packContract(destination: string): Promise<string> {
    const manifest = JSON.parse(fs.readFileSync(path.join(CONTRACT, "package.json"), "utf8")) as Manifest;
    if (Number(manifest.version.split(".")[0]) !== CONTRACT_VERSION) {
        throw new Error(
            `contract/package.json has version ${manifest.version}, expected ${CONTRACT_VERSION}.x: its major version is CONTRACT_VERSION`,
        );
    }
    const staging = stagingFolder("contract");
    const entry = path.join(CONTRACT, "index.ts");
    await esbuild.build({
        entryPoints: [entry],
        outfile: path.join(staging, "index.js"),
        bundle: true,
        platform: "node",
        format: "cjs",
        target: "node20",
        external: [...Object.keys(manifest.dependencies), ...Object.keys(manifest.peerDependencies)],
        legalComments: "inline",
        logLevel: "error",
    });
    writeDeclarations(entry, staging);
    // In the repository the package is its sources; the tarball has what was built from them.
    const published = { ...manifest, private: undefined, main: "index.js", types: "types/contract/index.d.ts" };
    return packFolder(staging, path.join(CONTRACT, "README.md"), published, destination);
}

import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import * as esbuild from "esbuild";
import * as ts from "typescript";
import { CONTRACT_VERSION } from "../version";

const CONTRACT = path.resolve(__dirname, "..");
const ROOT = path.dirname(CONTRACT);

/** Where the package is put together; ignored by git, and by the compiler. */
const STAGING = path.join(ROOT, ".cache", "contract");

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
    fs.rmSync(STAGING, { recursive: true, force: true });
    fs.mkdirSync(STAGING, { recursive: true });
    await bundle(manifest);
    declarations();
    fs.copyFileSync(path.join(ROOT, "LICENSE"), path.join(STAGING, "LICENSE"));
    fs.copyFileSync(path.join(CONTRACT, "README.md"), path.join(STAGING, "README.md"));
    fs.writeFileSync(path.join(STAGING, "package.json"), `${JSON.stringify(published(manifest), undefined, 4)}\n`);
    const [packed] = JSON.parse(
        execFileSync("npm", ["pack", STAGING, "--pack-destination", destination, "--json", "--silent"], {
            encoding: "utf8",
            stdio: ["ignore", "pipe", "ignore"],
        }),
    ) as [{ readonly filename: string }];
    return path.join(destination, packed.filename);
}

interface Manifest {
    readonly version: string;
    readonly dependencies: Readonly<Record<string, string>>;
    readonly peerDependencies: Readonly<Record<string, string>>;
}

/** In the repository the package is its sources; the tarball has what was built from them. */
function published(manifest: Manifest): object {
    return { ...manifest, private: undefined, main: "index.js", types: "types/contract/index.d.ts" };
}

async function bundle({ dependencies, peerDependencies }: Manifest): Promise<void> {
    await esbuild.build({
        entryPoints: [path.join(CONTRACT, "index.ts")],
        outfile: path.join(STAGING, "index.js"),
        bundle: true,
        platform: "node",
        format: "cjs",
        target: "node20",
        external: [...Object.keys(dependencies), ...Object.keys(peerDependencies)],
        legalComments: "inline",
        logLevel: "error",
    });
}

function declarations(): void {
    const options: ts.CompilerOptions = {
        target: ts.ScriptTarget.ES2022,
        module: ts.ModuleKind.NodeNext,
        moduleResolution: ts.ModuleResolutionKind.NodeNext,
        types: ["node"],
        strict: true,
        skipLibCheck: true,
        // `npm run check` judges the types; here they are only written down.
        noCheck: true,
        declaration: true,
        emitDeclarationOnly: true,
        rootDir: ROOT,
        outDir: path.join(STAGING, "types"),
    };
    const program = ts.createProgram([path.join(CONTRACT, "index.ts")], options);
    const { diagnostics } = program.emit();
    if (diagnostics.length > 0) {
        throw new Error(ts.formatDiagnostics(diagnostics, ts.createCompilerHost(options)));
    }
}

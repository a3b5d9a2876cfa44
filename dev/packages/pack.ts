import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import * as ts from "typescript";

export const ROOT = path.resolve(__dirname, "..", "..");

/** An empty folder to put a package together in; ignored by git, and by the compiler. */
export function stagingFolder(name: string): string {
    const folder = path.join(ROOT, ".cache", name);
    fs.rmSync(folder, { recursive: true, force: true });
    fs.mkdirSync(folder, { recursive: true });
    return folder;
}

/**
 * Writes the declarations of a module and of everything that it imports, under `types/`.
 *
 * @throws Error when one cannot be written.
 */
export function writeDeclarations(entry: string, staging: string): void {
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
        outDir: path.join(staging, "types"),
    };
    const program = ts.createProgram([entry], options);
    const { diagnostics } = program.emit();
    if (diagnostics.length > 0) {
        throw new Error(ts.formatDiagnostics(diagnostics, ts.createCompilerHost(options)));
    }
}

/** Adds the licence, the readme and the manifest, and packs the folder. Returns the tarball's path. */
export function packFolder(staging: string, readme: string, manifest: object, destination: string): string {
    fs.copyFileSync(path.join(ROOT, "LICENSE"), path.join(staging, "LICENSE"));
    fs.copyFileSync(readme, path.join(staging, "README.md"));
    fs.writeFileSync(path.join(staging, "package.json"), `${JSON.stringify(manifest, undefined, 4)}\n`);
    const [packed] = JSON.parse(
        execFileSync("npm", ["pack", staging, "--pack-destination", destination, "--json", "--silent"], {
            encoding: "utf8",
            stdio: ["ignore", "pipe", "ignore"],
        }),
    ) as [{ readonly filename: string }];
    return path.join(destination, packed.filename);
}

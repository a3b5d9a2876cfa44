import { existsSync, readFileSync } from "node:fs";
import * as path from "node:path";

/** Where this program's package.json is. */
const HOME = path.resolve(__dirname, "..");

/** The project's folder: where `index.ts` and `Pulumi.yaml` are. Of a tool that was installed, where it is called. */
export const PROJECT_DIRECTORY = existsSync(path.join(HOME, "Pulumi.yaml")) ? HOME : process.cwd();

/** Version of this program, as package.json says it. */
export function version(): string {
    const file = readFileSync(path.join(HOME, "package.json"), "utf8");
    return (JSON.parse(file) as { version: string }).version;
}

/**
 * A file as the person means it, seen from where the person stands: `npm run` changes to the project's folder, and leaves the
 * other one in INIT_CWD (npm, "scripts"). `-` is standard input.
 */
export function fromHere(file: string): string {
    return file === "-" ? "/dev/stdin" : path.resolve(process.env["INIT_CWD"] ?? process.cwd(), file);
}

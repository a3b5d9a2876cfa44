import * as path from "node:path";

/**
 * A file as the person means it, seen from where the person stands: `npm run` changes to the project's folder, and leaves the
 * other one in INIT_CWD (npm, "scripts"). `-` is standard input.
 */
export function fromHere(file: string): string {
    return file === "-" ? "/dev/stdin" : path.resolve(process.env["INIT_CWD"] ?? process.cwd(), file);
}

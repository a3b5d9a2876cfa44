import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { UserError } from "../base/problem";
import { freshProgram, type Plan, planOffline } from "./offline";
import { PROJECT_DIRECTORY } from "./project";

/** A file that a new stack needs, seen from the project's folder. */
export interface StackFile {
    readonly path: string;
    readonly text: string;
    /** What it was before; absent for a new file. */
    readonly before?: string;
}

/** What the stack will be, planned beside the project: nothing in it changes. */
export async function planOfFiles(files: readonly StackFile[], stack: string): Promise<Plan> {
    const directory = mkdtempSync(path.join(tmpdir(), "egress-gateway-"));
    try {
        const project = {
            path: "Pulumi.yaml",
            text: readFileSync(path.join(PROJECT_DIRECTORY, "Pulumi.yaml"), "utf8"),
        };
        for (const { path: name, text } of [project, ...files]) {
            const file = path.join(directory, name);
            mkdirSync(path.dirname(file), { recursive: true });
            writeFileSync(file, text);
        }
        return await planOffline(directory, stack, () => freshProgram(PROJECT_DIRECTORY));
    } finally {
        rmSync(directory, { recursive: true, force: true });
    }
}

/**
 * Writes all of them, or none: a new file never takes the place of one that is there.
 *
 * @throws UserError when one cannot be written, after the others are as they were.
 */
export function writeAll(files: readonly StackFile[]): void {
    const undo: (() => void)[] = [];
    try {
        for (const { path: name, text, before } of files) {
            const file = path.join(PROJECT_DIRECTORY, name);
            mkdirSync(path.dirname(file), { recursive: true });
            writeFileSync(file, text, { flag: before === undefined ? "wx" : "w" });
            undo.push(before === undefined ? () => rmSync(file) : () => writeFileSync(file, before));
        }
    } catch (error) {
        undo.forEach(revert => revert());
        throw new UserError(`nothing was written: ${(error as Error).message}`);
    }
}

/** The text of a file of the project, if it is there. */
export function textOf(name: string): string | undefined {
    const file = path.join(PROJECT_DIRECTORY, name);
    return existsSync(file) ? readFileSync(file, "utf8") : undefined;
}

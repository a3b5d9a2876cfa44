import { existsSync } from "node:fs";
import * as path from "node:path";
import { globSync } from "tinyglobby";
import { InputError } from "../base/problem";
import { PROJECT_DIRECTORY } from "../plan/project";
import { readStackConfig } from "../plan/stackConfig";

/** A file that a list of destinations stands in. */
export interface ListFile {
    readonly file: string;
    readonly where: "stack" | "list";
}

/** The files of a stack's destinations: its own first. */
export function listsOf(stack: string): readonly ListFile[] {
    const written = readStackConfig(PROJECT_DIRECTORY, stack).values["egress-gateway:destinationFiles"];
    const patterns = written === undefined ? [] : (JSON.parse(written) as string[]);
    const files = patterns.length === 0 ? [] : globSync(patterns, { cwd: PROJECT_DIRECTORY, absolute: true }).sort();
    return [
        { file: path.join(PROJECT_DIRECTORY, `Pulumi.${stack}.yaml`), where: "stack" },
        ...files.map(file => ({ file, where: "list" as const })),
    ];
}

/** The one that new hosts go into. */
export function listFor(lists: readonly ListFile[], file: string | undefined): ListFile | undefined {
    const target = file === undefined ? lists[0] : lists.find(one => one.file === file);
    return target !== undefined && existsSync(target.file) ? target : undefined;
}

export function noList(subject: string, given: string | undefined, lists: readonly ListFile[]): InputError {
    return new InputError(subject, [
        {
            path: "--file",
            given,
            expected: `a file of the stack with a list: ${lists.map(({ file }) => path.relative(PROJECT_DIRECTORY, file)).join(", ")}`,
            remedy: "Name one of them, or write the list there first.",
        },
    ]);
}

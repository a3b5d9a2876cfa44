import { existsSync, readFileSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { globSync } from "tinyglobby";
import { InputError, UserError } from "../base/problem";
import { type NewEntry, withEntry } from "../plan/destinationsEdit";
import { planOffline } from "../plan/offline";
import { PROJECT_DIRECTORY } from "../plan/project";
import { readStackConfig } from "../plan/stackConfig";
import { complain } from "./output";

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

/** Puts entries into the lists of a stack. The files are as before where the settings would be refused. */
export async function writeEntries(
    entries: readonly NewEntry[],
    { file, stack }: { readonly stack: string; readonly file?: string },
): Promise<void> {
    const lists = listsOf(stack);
    const before = new Map(lists.map(one => [one.file, readFileSync(one.file, "utf8")]));
    const after = new Map(before);
    const target = listFor(lists, file);
    if (target === undefined) {
        throw noList("nothing can be written", file, lists);
    }
    for (const entry of entries) {
        const put = edited(lists, target, ({ file: name, where }, force) =>
            withEntry(after.get(name)!, where, entry, force),
        );
        if (put === undefined) {
            throw new UserError(
                `${path.relative(PROJECT_DIRECTORY, target.file)} has no list of destinations: name one that has by --file.`,
            );
        }
        after.set(put.file, put.text);
    }
    const changed = [...after].filter(([name, text]) => text !== before.get(name));
    try {
        changed.forEach(([name, text]) => writeFileSync(name, text));
        await planOffline(PROJECT_DIRECTORY, stack);
    } catch (error) {
        changed.forEach(([name]) => writeFileSync(name, before.get(name)!));
        throw error;
    }
    complain(
        changed.length === 0
            ? "No file is changed."
            : `${changed.map(([name]) => path.relative(PROJECT_DIRECTORY, name)).join(", ")}: changed.`,
    );
}

/**
 * The list that has the host already, or the one for new hosts, as it is after an edit; undefined where that has no list.
 *
 * @param edit What becomes of the text of a list; `force`: of a host that is not in it too.
 */
export function edited(
    lists: readonly ListFile[],
    target: ListFile | undefined,
    edit: (list: ListFile, force: boolean) => string | undefined,
): { readonly file: string; readonly text: string } | undefined {
    for (const list of lists) {
        const text = edit(list, false);
        if (text !== undefined) {
            return { file: list.file, text };
        }
    }
    const text = target === undefined ? undefined : edit(target, true);
    return target === undefined || text === undefined ? undefined : { file: target.file, text };
}

import { readFileSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { InputError, UserError } from "../../base/problem";
import { type EgressOutputs } from "../../contract/egress";
import { type NewEntry, withEntry } from "../../plan/destinationsEdit";
import { textOf } from "../../plan/evidence";
import { planOffline } from "../../plan/offline";
import { PROJECT_DIRECTORY } from "../../plan/project";
import { isListOfPods } from "../../suggest/pods";
import { suggest as suggestion, type Suggestion } from "../../suggest/suggest";
import { listFor, type ListFile, listsOf, noList } from "../lists";
import { answer, complain, EXIT, workingStill } from "../output";
import { newEntries, suggestionReport } from "../suggestionReport";

export interface SuggestOptions {
    readonly stack: string;
    readonly pods?: readonly string[];
    readonly gateway?: readonly string[];
    readonly unusedAfter: number;
    readonly write?: true;
    /** List that new hosts go into. @default the stack's own */
    readonly file?: string;
    readonly json?: boolean;
}

/** Reads logs, tells what the list lacks and what nobody uses, and with `write` puts in what is missing. */
export async function suggest(logs: readonly string[], options: SuggestOptions): Promise<void> {
    const { outputs } = await planOffline(PROJECT_DIRECTORY, options.stack);
    const { destinations, gateway } = outputs as unknown as EgressOutputs;
    const found = await suggestion(
        {
            logs,
            pods: (options.pods ?? []).map(podsIn),
            declared: destinations,
            gateways: [gateway.host, ...(options.gateway ?? [])],
            unusedAfterDays: options.unusedAfter,
        },
        everySecond(bytes => workingStill(`suggest: ${Math.round(bytes / 1e6)} MB read …`)),
    );
    if (options.write === true) {
        await write(found, options);
    }
    answer(options.json, found, data => suggestionReport(data, options.unusedAfter));
    const { calls, questions, inside } = found.lines;
    process.exitCode =
        calls + questions + inside === 0 ? EXIT.cannotTell : found.missing.length === 0 ? EXIT.holds : EXIT.doesNotHold;
}

function podsIn(file: string): unknown {
    try {
        const list: unknown = JSON.parse(textOf(file));
        if (isListOfPods(list)) {
            return list;
        }
    } catch {
        // What follows says it.
    }
    throw new InputError("the pods cannot be read", [
        {
            path: "--pods",
            given: file,
            expected: "what `kubectl get pods -A -o json` wrote",
            remedy: "Write it anew, while the pods of these logs run.",
        },
    ]);
}

function everySecond(tell: (bytes: number) => void): (bytes: number) => void {
    let last = Date.now();
    return bytes => {
        const now = Date.now();
        if (now - last >= 1_000) {
            last = now;
            tell(bytes);
        }
    };
}

/** The files are as before where the settings would be refused. */
async function write({ missing }: Suggestion, { stack, file }: SuggestOptions): Promise<void> {
    const lists = listsOf(stack);
    const before = new Map(lists.map(one => [one.file, readFileSync(one.file, "utf8")]));
    const after = new Map(before);
    for (const entry of newEntries(missing)) {
        add(entry, lists, after, listFor(lists, file) ?? noListIn(file, lists));
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

function noListIn(file: string | undefined, lists: readonly ListFile[]): never {
    throw noList("nothing can be written", file, lists);
}

function add(entry: NewEntry, lists: readonly ListFile[], texts: Map<string, string>, target: ListFile): void {
    const put = ({ file, where }: ListFile, force: boolean): boolean => {
        const text = withEntry(texts.get(file)!, where, entry, force);
        if (text !== undefined) {
            texts.set(file, text);
        }
        return text !== undefined;
    };
    if (!lists.some(one => put(one, false)) && !put(target, true)) {
        throw new UserError(
            `${path.relative(PROJECT_DIRECTORY, target.file)} has no list: write \`--file\` with one that has.`,
        );
    }
}

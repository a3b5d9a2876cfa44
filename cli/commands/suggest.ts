import { InputError } from "../../base/problem";
import { type EgressOutputs } from "../../contract/egress";
import { textOf } from "../../plan/evidence";
import { planOffline } from "../../plan/offline";
import { PROJECT_DIRECTORY } from "../../plan/project";
import { isListOfPods } from "../../suggest/pods";
import { suggest as suggestion } from "../../suggest/suggest";
import { writeEntries } from "../lists";
import { answer, EXIT, workingStill } from "../output";
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
    const { destinations, gateway, gateways = {} } = outputs as unknown as EgressOutputs;
    const found = await suggestion(
        {
            logs,
            pods: (options.pods ?? []).map(podsIn),
            declared: destinations,
            gateways: [gateway, ...Object.values(gateways)].map(({ host }) => host).concat(options.gateway ?? []),
            unusedAfterDays: options.unusedAfter,
        },
        everySecond(bytes => workingStill(`suggest: ${Math.round(bytes / 1e6)} MB read …`)),
    );
    if (options.write === true) {
        await writeEntries(newEntries(found.missing), options);
    }
    answer(options.json, found, data => suggestionReport(data, options.unusedAfter));
    const { calls, questions, inside } = found.lines;
    const nothingRead = calls + questions + inside === 0;
    process.exitCode =
        found.missing.length > 0
            ? EXIT.doesNotHold
            : nothingRead || found.unclear.length > 0
              ? EXIT.cannotTell
              : EXIT.holds;
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

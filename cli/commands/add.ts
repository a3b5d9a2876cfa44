import { readFileSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { type EgressOutputs } from "../../contract/egress";
import { InputError } from "../../base/problem";
import { type NewGrant, withGrant } from "../../plan/destinationsEdit";
import { type Plan, planOffline } from "../../plan/offline";
import { PROJECT_DIRECTORY } from "../../plan/project";
import { differenceReport } from "../differenceReport";
import { grantOf, problem } from "../grant";
import { answer, complain, exitOf } from "../output";
import { edited, listFor, listsOf, noList } from "../lists";
import { differenceOf } from "./diff";

export interface AddOptions {
    readonly stack: string;
    /** `namespace/serviceAccount` */
    readonly for: string;
    /** @default `tls` on 443, `http` on 80 */
    readonly protocol?: string;
    readonly owner?: string;
    readonly reason?: string;
    /** List that a new host goes into. @default the stack's own */
    readonly file?: string;
    readonly json?: boolean;
}

/**
 * Adds a destination, or a workload to one that is there, and tells what that opens. The files are as before where the settings
 * would be refused.
 */
export async function add(where: string, options: AddOptions): Promise<void> {
    const grant = grantOf({ where, ...options, workload: options.for });
    const before = await planOffline(PROJECT_DIRECTORY, options.stack);
    const { file, text } = granted(grant, options);
    refuseOtherProtocol(before, grant);
    const original = readFileSync(file, "utf8");
    writeFileSync(file, text);
    try {
        const after = await planOffline(PROJECT_DIRECTORY, options.stack);
        const difference = differenceOf(before.resources, after.resources);
        complain(`${path.relative(PROJECT_DIRECTORY, file)} ${text === original ? "has it already" : "is changed"}.`);
        answer(options.json, difference, differenceReport);
        process.exitCode = exitOf(difference.verdict.after);
    } catch (error) {
        writeFileSync(file, original);
        throw error;
    }
}

/** One port speaks one protocol. */
function refuseOtherProtocol({ outputs }: Plan, { host, port, protocol }: NewGrant): void {
    const { destinations } = outputs as unknown as EgressOutputs;
    const there = destinations.find(one => one.host === host)?.ports.find(({ number }) => number === port);
    if (there !== undefined && there.protocol !== protocol) {
        throw new InputError("the destination cannot be added", [
            problem(
                "--protocol",
                protocol,
                `${there.protocol}, which ${host} has on port ${port}`,
                `Give \`--protocol ${there.protocol}\`, or change the entry by hand.`,
            ),
        ]);
    }
}

/** The list that gets the grant, with it. */
function granted(grant: NewGrant, { stack, file }: AddOptions): { readonly file: string; readonly text: string } {
    const lists = listsOf(stack);
    const found = edited(lists, listFor(lists, file), (list, force) =>
        withGrant(readFileSync(list.file, "utf8"), list.where, grant, force),
    );
    if (found === undefined) {
        throw noList("the destination cannot be added", file, lists);
    }
    return found;
}

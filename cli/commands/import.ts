import { adopted } from "../../adopt/adopt";
import { readLive } from "../../adopt/live";
import { InputError, type Problem } from "../../base/problem";
import { yamlDocuments } from "../../containment/manifests";
import { filesOf, textOf } from "../../plan/evidence";
import { type WorkloadIdentity } from "../../settings/schema";
import { adoptionReport } from "../adoptionReport";
import { originOf } from "../endpoints";
import { notAWorkload } from "../grant";
import { writeEntries } from "../lists";
import { answer, EXIT } from "../output";

export interface ImportOptions {
    readonly stack: string;
    /** `namespace/serviceAccount`: who may use what no object says. */
    readonly for?: readonly string[];
    readonly live?: true;
    readonly kubeconfig?: string;
    readonly context?: string;
    readonly write?: true;
    /** List that new hosts go into. @default the stack's own */
    readonly file?: string;
    readonly json?: boolean;
}

/** Reads objects that people have, and tells the destinations that they become and what becomes of every field. */
export async function importObjects(files: readonly string[], options: ImportOptions): Promise<void> {
    if (files.length === 0 && options.live !== true) {
        throw new InputError("nothing is given", [
            {
                path: "<file>",
                given: undefined,
                expected: "manifests, a folder of them, `-` for standard input, or `--live` for the cluster",
                remedy: "For example `kubectl get serviceentries,gateways,virtualservices,destinationrules -A -o yaml > mesh.yaml`.",
            },
        ]);
    }
    const documents = [
        ...files.flatMap(file => filesOf(file).flatMap(documentsIn)),
        ...(options.live === true ? await readLive(options) : []),
    ];
    const found = adopted(documents, (options.for ?? []).map(workloadOf));
    if (options.write === true) {
        await writeEntries(found.destinations, options);
    }
    answer(options.json, found, adoptionReport);
    process.exitCode =
        found.rows.length === 0
            ? EXIT.cannotTell
            : found.unallowed.length === 0 && found.rows.every(({ fate }) => fate !== "not carried")
              ? EXIT.holds
              : EXIT.doesNotHold;
}

function documentsIn(file: string): unknown[] {
    try {
        return yamlDocuments(textOf(file));
    } catch (error) {
        throw refused({
            path: "<file>",
            given: file,
            expected: "Kubernetes manifests in YAML or JSON",
            remedy: (error as Error).message.split("\n")[0]!,
        });
    }
}

function workloadOf(text: string): WorkloadIdentity {
    const origin = originOf(text);
    if (origin.kind !== "workload") {
        throw refused(notAWorkload(text));
    }
    return { namespace: origin.namespace, serviceAccount: origin.serviceAccount };
}

function refused(problem: Problem): InputError {
    return new InputError("the objects cannot be read", [problem]);
}

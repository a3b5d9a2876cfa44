import { type Run, type Tried } from "../judge/evidence";
import { type NetworkProbe } from "../probe";
import { type ClusterApi, reasonOf } from "../../cluster/api";
import { collectionPath } from "./paths";
import { type MadeObjects } from "./made";
import { type ProbePod } from "./pods";
import { awaitPods } from "./waiting";

/** Creates the pods of a step, waits for them, and gathers what each probe saw in all of them. */
export async function runPods(
    api: ClusterApi,
    made: MadeObjects,
    pods: readonly ProbePod[],
    probes: readonly NetworkProbe[],
    limitSeconds: number,
    signal: AbortSignal,
): Promise<Tried[]> {
    const runs = new Map<ProbePod, Run[]>();
    const created: ProbePod[] = [];
    for (const pod of pods) {
        const answer = await made.create(pod.manifest, signal, collectionPath(pod.manifest));
        if (answer.status < 300) {
            created.push(pod);
        } else {
            const refusal = reasonOf(answer);
            runs.set(
                pod,
                pod.probes.map(() => ({ node: "", observations: [], refusal })),
            );
        }
    }
    for (const [pod, own] of await awaitPods(api, created, made.run, limitSeconds, signal)) {
        runs.set(pod, own);
    }
    return probes.map(probe => ({
        probe,
        runs: pods.flatMap(pod => {
            const index = pod.probes.indexOf(probe);
            return index < 0 ? [] : [runs.get(pod)![index]!];
        }),
    }));
}

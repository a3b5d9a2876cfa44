import { InputError } from "../../../base/problem";
import { type Run } from "../judge/evidence";
import { readReport } from "../observation";
import { type ClusterApi } from "../../cluster/api";
import { hasSidecar, PROBE_CONTAINER, type ProbePod } from "./pods";
import { RUN_LABEL } from "./made";

/** The part of a pod's status that says how far it is. */
interface PodStatus {
    readonly metadata: { readonly name: string; readonly namespace: string };
    readonly spec: { readonly nodeName?: string };
    readonly status?: {
        readonly phase?: string;
        readonly reason?: string;
        readonly message?: string;
        readonly conditions?: readonly {
            readonly type: string;
            readonly status: string;
            readonly reason?: string;
            readonly message?: string;
        }[];
        readonly containerStatuses?: readonly ContainerStatus[];
        readonly initContainerStatuses?: readonly ContainerStatus[];
    };
}

interface ContainerStatus {
    readonly name: string;
    readonly state?: {
        readonly waiting?: { readonly reason?: string; readonly message?: string };
        readonly terminated?: { readonly exitCode: number; readonly reason?: string; readonly message?: string };
    };
}

const POLL_MILLISECONDS = 1000;

/** Reasons for which an image does not come (kubelet, `pkg/kubelet/images`). */
const IMAGE_REASONS = new Set([
    "ErrImagePull",
    "ImagePullBackOff",
    "InvalidImageName",
    "ErrImageNeverPull",
    "ImageInspectError",
    "RegistryUnavailable",
]);
/** Reasons for which a container does not start. */
const START_REASONS = new Set([
    "CreateContainerConfigError",
    "CreateContainerError",
    "RunContainerError",
    "StartError",
    "CrashLoopBackOff",
]);

/** How a pod ended: with a message, or why not. */
type Ending = { readonly message: string } | { readonly failure: string };

/**
 * Waits until every pod has ended and reads what it saw.
 *
 * @throws InputError when the image cannot be pulled: no other pod will fare better.
 */
export async function awaitPods(
    api: ClusterApi,
    pods: readonly ProbePod[],
    run: string,
    limitSeconds: number,
    signal: AbortSignal,
): Promise<Map<ProbePod, Run[]>> {
    const namespaces = [...new Set(pods.map(({ manifest }) => manifest.metadata.namespace!))];
    const open = new Map(pods.map(pod => [`${pod.manifest.metadata.namespace}/${pod.manifest.metadata.name}`, pod]));
    const runs = new Map<ProbePod, Run[]>();
    const deadline = Date.now() + limitSeconds * 1000;
    let last = new Map<string, PodStatus>();
    while (open.size > 0) {
        signal.throwIfAborted();
        const selector = encodeURIComponent(`${RUN_LABEL}=${run}`);
        const lists = await Promise.all(
            namespaces.map(namespace =>
                api.get<{ items: PodStatus[] }>(
                    `/api/v1/namespaces/${namespace}/pods?labelSelector=${selector}`,
                    `listing the probes in ${namespace}`,
                    { signal },
                ),
            ),
        );
        last = new Map(
            lists
                .flatMap(({ items }) => items)
                .map(status => [`${status.metadata.namespace}/${status.metadata.name}`, status]),
        );
        for (const [key, pod] of [...open]) {
            const status = last.get(key);
            const ending = status === undefined ? { failure: "somebody deleted it before it ended" } : endingOf(status);
            if (ending !== undefined) {
                runs.set(pod, runsOf(pod, status?.spec.nodeName ?? "", ending));
                open.delete(key);
            }
        }
        if (Date.now() > deadline) {
            break;
        }
        await new Promise(resolve => setTimeout(resolve, POLL_MILLISECONDS));
    }
    for (const [key, pod] of open) {
        runs.set(
            pod,
            runsOf(pod, last.get(key)?.spec.nodeName ?? "", {
                failure: `it did not end within ${limitSeconds} s: ${stateOf(last.get(key))}`,
            }),
        );
    }
    return runs;
}

/**
 * Whether a pod has ended, and how; undefined while it may still.
 *
 * @throws InputError when its image cannot be pulled.
 */
function endingOf({ metadata, status }: PodStatus): Ending | undefined {
    const probe = status?.containerStatuses?.find(({ name }) => name === PROBE_CONTAINER);
    const { terminated, waiting } = probe?.state ?? {};
    if (waiting?.reason !== undefined && IMAGE_REASONS.has(waiting.reason)) {
        throw new InputError("the probe's image cannot be pulled", [
            {
                path: "--image",
                given: waiting.message ?? waiting.reason,
                expected: "an image with `sh` and `curl` that the nodes can pull",
                remedy: "The perimeter stops pulls from public registries too: name an image of your own registry, for example through an Artifact Registry remote repository.",
            },
        ]);
    }
    if (waiting?.reason !== undefined && START_REASONS.has(waiting.reason)) {
        return { failure: `its container does not start: ${waiting.reason} ${waiting.message ?? ""}`.trim() };
    }
    if (terminated !== undefined) {
        return terminated.message !== undefined && (terminated.exitCode === 0 || terminated.message.startsWith("{"))
            ? { message: terminated.message }
            : {
                  failure: `its container ended with ${terminated.exitCode}${terminated.reason === undefined ? "" : ` (${terminated.reason})`}: ${terminated.message?.trim() ?? "no message; the image has to have sh and curl"}`,
              };
    }
    const init = status?.initContainerStatuses?.find(
        ({ state }) => state?.terminated !== undefined && state.terminated.exitCode !== 0,
    );
    if (status?.phase === "Failed") {
        return {
            failure: `${metadata.name} failed: ${[status.reason, status.message, init?.name].filter(Boolean).join(" ") || "no reason is given"}`,
        };
    }
    return undefined;
}

/** What a pod that has not ended is doing, for people. */
function stateOf(pod: PodStatus | undefined): string {
    if (pod === undefined) {
        return "it does not exist";
    }
    const { conditions = [], containerStatuses = [], initContainerStatuses = [], phase } = pod.status ?? {};
    const unscheduled = conditions.find(({ type, status }) => type === "PodScheduled" && status === "False");
    if (unscheduled !== undefined) {
        return `no node takes it: ${unscheduled.message ?? unscheduled.reason ?? ""}`.trim();
    }
    const waiting = [...initContainerStatuses, ...containerStatuses].find(({ state }) => state?.waiting !== undefined);
    if (waiting !== undefined) {
        return `container ${waiting.name} waits: ${[waiting.state?.waiting?.reason, waiting.state?.waiting?.message].filter(Boolean).join(" ")}`;
    }
    return pod.spec.nodeName === undefined
        ? "no scheduler has taken it"
        : `its phase on ${pod.spec.nodeName} is ${phase ?? "unknown"}`;
}

function runsOf({ manifest, probes, source }: ProbePod, node: string, ending: Ending): Run[] {
    const { name, namespace } = manifest.metadata;
    const failed = (why: string): Run[] =>
        probes.map(() => ({ node, observations: [], failure: `pod ${namespace}/${name}: ${why}` }));
    if ("failure" in ending) {
        return failed(ending.failure);
    }
    const report = readReport(
        ending.message,
        probes.map(({ attempt }) => attempt),
    );
    if (typeof report === "string") {
        return failed(report);
    }
    if (hasSidecar(source) && report.sidecar !== "ready") {
        return failed("it has no sidecar that became ready; is its namespace labelled for injection?");
    }
    return report.observations.map(observations => ({ node, observations }));
}

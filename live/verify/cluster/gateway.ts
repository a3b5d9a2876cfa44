import { GATEWAY_COUNTERS, gatewayPodLabels } from "../../../base/conventions";
import { InputError } from "../../../base/problem";
import { gatewayCounters, type GatewayCounters, sumCounters } from "../counters";
import { type CounterWindow } from "../judge/evidence";
import { type VerifiedGateway } from "../outputs";
import { type ClusterApi, ClusterError, reasonOf } from "../../cluster/api";

/** As far as it tells which pods are the gateway's. */
type Place = Pick<VerifiedGateway, "name" | "namespace">;

/** One pod of the gateway. */
export interface GatewayPod {
    readonly name: string;
    readonly address: string;
    readonly node: string;
    readonly image?: string;
}

interface PodList {
    readonly items: readonly {
        readonly metadata: { readonly name: string; readonly deletionTimestamp?: string };
        readonly spec: {
            readonly nodeName?: string;
            readonly containers: readonly { readonly name: string; readonly image: string }[];
        };
        readonly status?: {
            readonly phase?: string;
            readonly podIP?: string;
            readonly conditions?: readonly { readonly type: string; readonly status: string }[];
        };
    }[];
}

/**
 * The gateway's pods that are ready.
 *
 * @throws InputError when there are none: this may be the wrong cluster, or the stack is not up.
 */
export async function gatewayPods(api: ClusterApi, { name, namespace }: Place): Promise<GatewayPod[]> {
    const selector = encodeURIComponent(
        Object.entries(gatewayPodLabels(name))
            .map(([key, value]) => `${key}=${value}`)
            .join(","),
    );
    const { items } = await api.get<PodList>(
        `/api/v1/namespaces/${namespace}/pods?labelSelector=${selector}`,
        `listing the gateway's pods in ${namespace}`,
    );
    const ready = items.filter(
        ({ metadata, status }) =>
            metadata.deletionTimestamp === undefined &&
            status?.podIP !== undefined &&
            status.conditions?.some(({ type, status: value }) => type === "Ready" && value === "True") === true,
    );
    if (ready.length === 0) {
        throw new InputError("there is no gateway to verify", [
            {
                path: `pods of namespace ${namespace}`,
                given: items.map(({ metadata, status }) => `${metadata.name} ${status?.phase ?? ""}`.trim()),
                expected: `at least one pod with the gateway's labels that is ready, in the cluster of context "${api.context}"`,
                remedy: "Is this the stack's cluster (--context), and did `pulumi up` end? `kubectl describe pods` says what a pod that is not ready waits for.",
            },
        ]);
    }
    return ready.map(({ metadata, spec, status }) => ({
        name: metadata.name,
        address: status!.podIP!,
        node: spec.nodeName ?? "",
        ...imageOf(spec.containers),
    }));
}

function imageOf(containers: readonly { readonly name: string; readonly image: string }[]): {
    readonly image?: string;
} {
    const image = containers.find(({ name }) => name === "istio-proxy")?.image;
    return image === undefined || image === "auto" ? {} : { image };
}

export interface CounterReading {
    readonly counters: GatewayCounters;
    /** Names of the pods that were asked. */
    readonly pods: readonly string[];
}

/**
 * What the counters did between two readings, unless a pod came or went: its counts would be missing on one side.
 */
export function counterWindow(before: CounterReading | string, after: CounterReading | string): CounterWindow {
    if (typeof before === "string" || typeof after === "string") {
        return { unreadable: typeof before === "string" ? before : (after as string) };
    }
    return before.pods.join() === after.pods.join()
        ? { before: before.counters, after: after.counters }
        : {
              unreadable: `the gateway's pods changed meanwhile, from ${before.pods.join(", ")} to ${after.pods.join(", ")}; run it again`,
          };
}

/**
 * The counters of all replicas, through the API server's proxy.
 *
 * @returns why they cannot be read, in words, when one of the pods does not give them.
 */
export async function readCounters(api: ClusterApi, gateway: Place): Promise<CounterReading | string> {
    const all: GatewayCounters[] = [];
    const pods = (await gatewayPods(api, gateway)).map(({ name }) => name).sort();
    for (const name of pods) {
        const path = `/api/v1/namespaces/${gateway.namespace}/pods/${name}:${GATEWAY_COUNTERS.port}/proxy${GATEWAY_COUNTERS.path}`;
        try {
            const answer = await api.request("GET", path);
            if (answer.status !== 200) {
                return counterRefusal(name, answer.status, reasonOf(answer));
            }
            all.push(gatewayCounters(answer.text));
        } catch (error) {
            if (error instanceof ClusterError) {
                return `reading the counters of ${name}: ${error.message}`;
            }
            throw error;
        }
    }
    return { counters: sumCounters(all), pods };
}

function counterRefusal(pod: string, status: number, reason: string): string {
    const guard = reason.includes("[gateway-pod-access]")
        ? "; the deployed guard is of an older version, which kept them for the break-glass group: `pulumi up` brings one that lets them be read"
        : "";
    return `the API server answered ${status} for the counters of ${pod}: ${reason.slice(0, 200)}${guard}`;
}

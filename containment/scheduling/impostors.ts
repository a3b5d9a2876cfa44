import { type Impostor, IMPOSTORS } from "../../attacks/impostors";
import { type Fields, fields, type KubernetesObject, stringMap, text } from "../kubernetes";
import { type AdmissionRequest } from "./admissionRequest";
import { type TaintedPool } from "./nodePools";
import { podRequest, podSpec, podWay, TEMPLATES, templateWay, TENANT, type PodWay, type Written } from "./podWays";

const GUARD =
    "refuse pods, and what makes pods, in the gateway's namespace to everybody but the gateway's Deployment and its controllers";

interface Made extends Written {
    readonly words: string;
    readonly spec: Fields;
}

/**
 * Pods in the gateway's namespace that are not the gateway, made by somebody else or out of the gateway's own: each in every kind of
 * object that has a pod. Whoever looks like the gateway is let onto its nodes, has its account and is taken for it by the mesh.
 */
export function impostorWays(
    namespace: string,
    pool: TaintedPool,
    workload: KubernetesObject | undefined,
    image: string,
): readonly PodWay[] {
    const tolerations = pool.taints.map(({ key, effect }) => ({ key, operator: "Exists", effect }));
    const placed = { tolerations, nodeSelector: pool.labels };
    const impostors = [
        ...impostorsOf(workload, image).map(impostor => ({ ...impostor, spec: { ...placed, ...impostor.spec } })),
        { words: "a pod that is not the gateway", spec: podSpec(placed) },
    ];
    return impostors.flatMap(({ words, spec, ...written }) => {
        const told = (way: PodWay, how: string): PodWay => ({
            ...way,
            id: `impostor ${way.id}`,
            words: `${words}, in the gateway's namespace${how}`,
            remedy: GUARD,
            asWritten: "for example",
            // Who sends it is what a guard can hold to; what a pod says of itself, whoever imitates the gateway says too.
            foremost: "first",
        });
        const pod = podRequest(namespace, spec, TENANT, written);
        return [
            told({ ...podWay("pod", words, namespace, spec, TENANT), requests: [pod] }, ""),
            ...TEMPLATES.flatMap(template =>
                (["CREATE", "UPDATE"] as const).map(operation =>
                    told(
                        templateWay(template, namespace, spec, { operation, written }),
                        `, by a ${template.kind} that a user ${operation === "CREATE" ? "creates" : "changes"}`,
                    ),
                ),
            ),
            told(imageChange(pod, spec), ", by a new image of a pod that runs"),
        ];
    });
}

/** What is the proxy by its name and its looks, and what makes it run something else. */
function impostorsOf(workload: KubernetesObject | undefined, image: string): readonly Made[] {
    const template = fields(fields(workload?.spec).template);
    const account = text(fields(template.spec).serviceAccountName);
    const labels = stringMap(fields(template.metadata).labels);
    // These two say what no gateway pod says, so that the catalogue has them among those that the guard tells apart.
    const told: readonly Omit<Impostor, "name">[] = [
        { words: "the gateway's proxy with a command of its own", proxy: { command: ["/bin/sh", "-c", "id"] } },
        {
            words: "an init container beside the gateway's proxy",
            pod: { initContainers: [{ name: "setup", image }] },
        },
    ];
    return [...IMPOSTORS, ...told].map(({ words, proxy, pod, annotations = {} }) => ({
        words,
        labels,
        annotations,
        spec: {
            containers: [{ name: "istio-proxy", image, args: ["proxy", "router"], ...proxy }],
            ...(account === undefined ? {} : { serviceAccountName: account }),
            ...pod,
        },
    }));
}

/** The image is what may be changed of a pod that runs (Kubernetes docs, "Pod update and replacement"). */
function imageChange(pod: AdmissionRequest, spec: Fields): PodWay {
    const { containers } = spec as { readonly containers: readonly Fields[] };
    const before = {
        ...spec,
        containers: containers.map(container => ({ ...container, image: "istio/proxyv2:before" })),
    };
    return {
        id: "image change",
        words: "",
        podSpec: spec,
        requests: [{ ...pod, operation: "UPDATE", oldObject: { ...pod.object, spec: before } }],
        remedy: GUARD,
    };
}

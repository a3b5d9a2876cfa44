import { type Fields } from "../kubernetes";
import { type GatewayPool } from "./nodePools";
import { podSpec } from "./podWays";

/** Pods that might come to run on the pool's nodes, by what they ask for. */
export function hostilePods(
    pool: GatewayPool,
): readonly { readonly id: string; readonly words: string; readonly spec: Fields }[] {
    const byKey = pool.taints.map(({ key, effect }) => ({ key, operator: "Exists", effect }));
    const byValue = pool.taints.map(({ key, value }) => ({ key, operator: "Equal", value }));
    const select = { nodeSelector: pool.labels };
    const nodeName = `a node of pool ${pool.name}`;
    const affinity = {
        nodeAffinity: {
            requiredDuringSchedulingIgnoredDuringExecution: {
                nodeSelectorTerms: [
                    {
                        matchExpressions: Object.entries(pool.labels).map(([key, value]) => ({
                            key,
                            operator: "In",
                            values: [value],
                        })),
                    },
                ],
            },
        },
    };
    return [
        { id: "plain", words: "a pod that asks for nothing", spec: podSpec({}) },
        { id: "selection", words: "a pod that selects the nodes by their label", spec: podSpec(select) },
        {
            id: "toleration",
            words: "a pod that tolerates the taint and selects the nodes",
            spec: podSpec({ tolerations: byKey, ...select }),
        },
        { id: "toleration-alone", words: "a pod that tolerates the taint", spec: podSpec({ tolerations: byKey }) },
        {
            id: "toleration-by-value",
            words: "a pod that tolerates the taint by key and value, of any effect",
            spec: podSpec({ tolerations: byValue }),
        },
        {
            id: "toleration-of-everything",
            words: "a pod that tolerates every taint",
            spec: podSpec({ tolerations: [{ operator: "Exists" }] }),
        },
        {
            id: "toleration-of-every-effect",
            words: "a pod that tolerates every taint of the same effect",
            spec: podSpec({
                tolerations: [...new Set(pool.taints.map(({ effect }) => effect))].map(effect => ({
                    operator: "Exists",
                    effect,
                })),
            }),
        },
        {
            id: "toleration-for-a-minute",
            words: "a pod that tolerates the taint for a minute",
            spec: podSpec({
                tolerations: byKey.map(toleration =>
                    toleration.effect === "NoExecute" ? { ...toleration, tolerationSeconds: 60 } : toleration,
                ),
            }),
        },
        {
            // The API server's ExtendedResourceToleration plugin adds it, before the policies see the pod.
            id: "extended-resource",
            words: "a pod that asks for an extended resource named like the taint",
            spec: podSpec({
                tolerations: pool.taints.map(({ key }) => ({ key, operator: "Exists", effect: "NoSchedule" })),
            }),
        },
        {
            id: "affinity",
            words: "a pod that tolerates the taint and requires the nodes by affinity",
            spec: podSpec({ tolerations: byKey, affinity }),
        },
        { id: "node-name", words: "a pod that names its node and tolerates nothing", spec: podSpec({ nodeName }) },
        {
            id: "node-name-and-toleration",
            words: "a pod that names its node and tolerates the taint",
            spec: podSpec({ nodeName, tolerations: byKey }),
        },
        {
            id: "host-network",
            words: "a pod on the host network that tolerates the taint",
            spec: podSpec({ hostNetwork: true, tolerations: byKey, ...select }),
        },
    ];
}

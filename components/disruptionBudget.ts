import { type KubernetesObject } from "./kubernetesObject";
import { type PodDisruptionBudget } from "./gateway/gatewayObject";

/** One pod at a time may be taken away on purpose; a pod that never became ready may always be. */
export function onePodAtATime(
    metadata: KubernetesObject["metadata"],
    matchLabels: Record<string, string>,
): PodDisruptionBudget {
    return {
        apiVersion: "policy/v1",
        kind: "PodDisruptionBudget",
        metadata,
        spec: { selector: { matchLabels }, maxUnavailable: 1, unhealthyPodEvictionPolicy: "AlwaysAllow" },
    };
}

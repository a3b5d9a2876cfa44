import { GATEWAY_NAME } from "../../base/conventions";
import { type Settings } from "../../settings/settings";
import { onePodAtATime } from "../disruptionBudget";
import { type HorizontalPodAutoscaler, OBJECT_LABELS, podSelector, type PodDisruptionBudget } from "./gatewayObject";

const CPU_UTILIZATION_PERCENT = 70;

/** Grows at once, shrinks one pod a minute: every pod that goes takes its connections with it. */
export function autoscaler({ gateway }: Pick<Settings, "gateway">): HorizontalPodAutoscaler {
    return {
        apiVersion: "autoscaling/v2",
        kind: "HorizontalPodAutoscaler",
        metadata: { name: GATEWAY_NAME, namespace: gateway.namespace, labels: OBJECT_LABELS },
        spec: {
            scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: GATEWAY_NAME },
            minReplicas: gateway.minReplicas,
            maxReplicas: gateway.maxReplicas,
            metrics: [
                {
                    type: "Resource",
                    resource: {
                        name: "cpu",
                        target: { type: "Utilization", averageUtilization: CPU_UTILIZATION_PERCENT },
                    },
                },
            ],
            behavior: {
                scaleDown: {
                    stabilizationWindowSeconds: 300,
                    policies: [{ type: "Pods", value: 1, periodSeconds: 60 }],
                },
            },
        },
    };
}

export function disruptionBudget({ gateway }: Pick<Settings, "gateway">): PodDisruptionBudget {
    return onePodAtATime(
        { name: GATEWAY_NAME, namespace: gateway.namespace, labels: OBJECT_LABELS },
        podSelector(gateway),
    );
}

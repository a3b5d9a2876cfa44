import { type Fields, fieldsList, text } from "../kubernetes";
import { type Taint } from "./nodePools";

/**
 * The first taint that keeps the pod off the node. The scheduler asks for `NoSchedule` and `NoExecute`; a pod that names its node
 * never meets the scheduler, and the kubelet asks for `NoExecute` alone (Kubernetes docs, "Taints and Tolerations").
 */
export function repellingTaint(taints: readonly Taint[], podSpec: Fields): Taint | undefined {
    const tolerations = fieldsList(podSpec.tolerations);
    const effects: readonly Taint["effect"][] =
        text(podSpec.nodeName) === undefined ? ["NoSchedule", "NoExecute"] : ["NoExecute"];
    return taints.find(
        taint => effects.includes(taint.effect) && !tolerations.some(toleration => tolerates(toleration, taint)),
    );
}

/** `tolerationSeconds` does not matter: a minute on the node is enough. */
export function tolerates(toleration: Fields, taint: Taint): boolean {
    const [key, effect] = [text(toleration.key), text(toleration.effect)];
    const exists = toleration.operator === "Exists";
    return (
        (effect === undefined || effect === taint.effect) &&
        (key === undefined ? exists : key === taint.key) &&
        (exists || (text(toleration.value) ?? "") === taint.value)
    );
}

import { type Fields, fieldsList, text } from "../kubernetes";
import { tolerates } from "../world/placement";
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

const OPERATORS = ["Exists", "Equal", undefined, "Gt", "Lt"] as const;
const EFFECTS = ["NoExecute", "NoSchedule", "PreferNoSchedule", undefined] as const;

/**
 * Every toleration that reaches the taint: the product of key, operator, value, effect and seconds, without what does not tolerate
 * it, and without what the API server does not accept (a value beside `Exists`, seconds without `NoExecute`).
 */
function tolerationsOf(taint: Taint): readonly Fields[] {
    const [number, near] = [
        /^-?\d{1,17}$/.test(taint.value),
        BigInt(/^-?\d{1,17}$/.test(taint.value) ? taint.value : 0),
    ];
    const values = [
        undefined,
        ...(taint.value === "" ? [] : [taint.value]),
        "other",
        ...(number ? [`${near - 1n}`, `${near + 1n}`] : []),
    ];
    const product = [taint.key, undefined].flatMap(key =>
        OPERATORS.flatMap(operator =>
            values.flatMap(value =>
                EFFECTS.flatMap(effect =>
                    [undefined, 60].map(tolerationSeconds =>
                        withoutAbsent({ key, operator, value, effect, tolerationSeconds }),
                    ),
                ),
            ),
        ),
    );
    return product.filter(
        toleration =>
            tolerates(toleration, taint) &&
            (toleration.operator !== "Exists" || toleration.value === undefined) &&
            (toleration.tolerationSeconds === undefined || toleration.effect === "NoExecute"),
    );
}

/** Every list of tolerations with which a pod is let onto a node with these taints. */
export function tolerationLists(taints: readonly Taint[]): readonly (readonly Fields[])[] {
    return taints.reduce<readonly (readonly Fields[])[]>(
        (lists, taint) =>
            lists.flatMap(before =>
                before.some(toleration => tolerates(toleration, taint))
                    ? [before]
                    : tolerationsOf(taint).map(toleration => [...before, toleration]),
            ),
        [[]],
    );
}

function withoutAbsent(fields: Fields): Fields {
    return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

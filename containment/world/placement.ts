import { type Fields, fields, fieldsList, stringMap, text, texts } from "../kubernetes";
import { type Pool, type Taint } from "./pools";

/** Whether the scheduler may place such a pod on the pool's nodes: node selector, required node affinity and taints. */
export function mayRunOn(podSpec: Fields, pool: Pool): boolean {
    return (
        selectsNodes(podSpec, pool) &&
        pool.taints
            .filter(({ effect }) => effect !== "PreferNoSchedule")
            .every(taint => fieldsList(podSpec["tolerations"]).some(toleration => tolerates(toleration, taint)))
    );
}

/** Whether the pod asks for nodes at all: one that asks for nothing takes what there is. */
export function asksForNodes(podSpec: Fields): boolean {
    return Object.keys(stringMap(podSpec["nodeSelector"])).length > 0 || termsOf(podSpec).length > 0;
}

/** Node selector and required node affinity alone. */
export function selectsNodes(podSpec: Fields, { name, labels: given }: Pick<Pool, "name" | "labels">): boolean {
    const labels = new Map([...given, ["cloud.google.com/gke-nodepool", name]]);
    const terms = termsOf(podSpec);
    return (
        Object.entries(stringMap(podSpec["nodeSelector"])).every(([key, value]) => labels.get(key) === value) &&
        (terms.length === 0 ||
            terms.some(term => fieldsList(term["matchExpressions"]).every(expression => holds(expression, labels))))
    );
}

function termsOf(podSpec: Fields): readonly Fields[] {
    const affinity = fields(fields(podSpec["affinity"])["nodeAffinity"]);
    return fieldsList(fields(affinity["requiredDuringSchedulingIgnoredDuringExecution"])["nodeSelectorTerms"]);
}

/** Node selectors know two operators more than label selectors (Kubernetes API, NodeSelectorRequirement). */
function holds({ key, operator, values }: Fields, labels: ReadonlyMap<string, string>): boolean {
    const value = labels.get(String(key));
    const wanted = texts(values);
    switch (operator) {
        case "In":
            return value !== undefined && wanted.includes(value);
        case "NotIn":
            return value === undefined || !wanted.includes(value);
        case "Exists":
            return value !== undefined;
        case "DoesNotExist":
            return value === undefined;
        case "Gt":
            return value !== undefined && Number(value) > Number(wanted[0]);
        case "Lt":
            return value !== undefined && Number(value) < Number(wanted[0]);
        default:
            // One that is not known may be met: taking it as met finds more pools, not fewer.
            return true;
    }
}

/** `tolerationSeconds` does not matter: a minute on the node is enough. Absent operators are `Equal` (Kubernetes API, Toleration). */
export function tolerates(toleration: Fields, taint: Taint): boolean {
    const [key, effect] = [text(toleration.key), text(toleration.effect)];
    const operator = text(toleration.operator) ?? "Equal";
    const value = text(toleration.value) ?? "";
    return (
        (effect === undefined || effect === taint.effect) &&
        (key === undefined ? operator === "Exists" : key === taint.key) &&
        (operator === "Exists" ||
            (operator === "Equal" && value === taint.value) ||
            (operator === "Gt" && comparable(value, taint) && BigInt(taint.value) > BigInt(value)) ||
            (operator === "Lt" && comparable(value, taint) && BigInt(taint.value) < BigInt(value)))
    );
}

/** Kubernetes compares 64-bit integers in their plain notation, and nothing else. */
function comparable(value: string, taint: Taint): boolean {
    return [value, taint.value].every(text => /^(?:0|-?[1-9]\d{0,17})$/.test(text));
}

import { type Fields, text } from "../kubernetes";
import { type Taint } from "./pools";

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

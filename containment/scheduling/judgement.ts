import { type Fields, type KubernetesObject, fieldsList, text } from "../kubernetes";
import { type AdmissionDecision, type AdmissionRequest } from "./admissionRequest";
import { celError, type CelVariables, celValue, evaluateCel, UnreadableCel } from "./cel";

/** Several policies are asked about one object. */
const VALUES = new WeakMap<Fields, unknown>();

export function remembered(object: Fields): unknown {
    let value = VALUES.get(object);
    if (value === undefined) {
        value = celValue(object);
        VALUES.set(object, value);
    }
    return value;
}

/** Variables are evaluated when an expression first uses them, and those after may use those before. */
export function lazily(variables: readonly Fields[], root: CelVariables): Readonly<Record<string, unknown>> {
    const values: Record<string, unknown> = {};
    for (const { name, expression } of variables) {
        let settled: { readonly value: unknown } | undefined;
        Object.defineProperty(values, String(name), {
            enumerable: true,
            configurable: true,
            get: () => {
                if (settled === undefined) {
                    const result = evaluateCel(String(expression), root);
                    if (result.kind === "unreadable") {
                        throw new UnreadableCel(result.reason);
                    }
                    if (result.kind === "error") {
                        throw celError(result.message);
                    }
                    settled = { value: result.value };
                }
                return settled.value;
            },
        });
    }
    return values;
}

export function judge(
    policy: KubernetesObject,
    variables: CelVariables,
    onError: (message: string) => AdmissionDecision,
): AdmissionDecision {
    const unreadable = (reason: string): AdmissionDecision => ({
        result: "unknown",
        reasons: [`${policy.urn}: ${reason}`],
    });
    let failed: string | undefined;
    for (const { expression } of fieldsList(policy.spec.matchConditions)) {
        const result = evaluateCel(String(expression), variables);
        if (result.kind === "unreadable") {
            return unreadable(result.reason);
        }
        // One condition that is false decides, even if another one fails.
        if (result.kind === "value" && result.value !== true) {
            return { result: "admitted" };
        }
        failed ??= result.kind === "error" ? result.message : undefined;
    }
    if (failed !== undefined) {
        return onError(failed);
    }
    let pending: AdmissionDecision = { result: "admitted" };
    for (const validation of fieldsList(policy.spec.validations)) {
        const { expression } = validation;
        const result = evaluateCel(String(expression), variables);
        if (result.kind === "unreadable") {
            pending = unreadable(result.reason);
        } else if (result.kind === "error") {
            const decision = onError(result.message);
            if (decision.result === "refused") {
                return decision;
            }
        } else if (result.value !== true) {
            return { result: "refused", policy, message: refusal(validation, variables) };
        }
    }
    return pending;
}

/** A `messageExpression` comes before the `message`, unless it fails or gives no single line. */
function refusal({ expression, message, messageExpression }: Fields, variables: CelVariables): string {
    const composed = messageExpression === undefined ? undefined : evaluateCel(String(messageExpression), variables);
    const line = composed?.kind === "value" && typeof composed.value === "string" ? composed.value.trim() : "";
    return line !== "" && !line.includes("\n") ? line : (text(message) ?? `failed expression: ${String(expression)}`);
}

export function requestVariable(request: AdmissionRequest): Readonly<Record<string, unknown>> {
    const { group, version, kind, resource, subresource, namespace, name, operation, user } = request;
    return {
        uid: "00000000-0000-0000-0000-000000000000",
        kind: { group, version, kind },
        resource: { group, version, resource },
        requestKind: { group, version, kind },
        requestResource: { group, version, resource },
        subResource: subresource ?? "",
        requestSubResource: subresource ?? "",
        name: name ?? "",
        ...(namespace === undefined ? {} : { namespace }),
        operation,
        userInfo: { username: user.username, groups: [...user.groups, "system:authenticated"] },
        dryRun: false,
    };
}

import { type Fields, type KubernetesObject, fieldsList, text } from "../kubernetes";
import { type AdmissionRequest } from "./admissionRequest";
import { celError, type CelVariables, evaluateCel, UnreadableCel } from "./cel";
import { LazyMap, type Trace } from "./tracked";
import { vagueRoots } from "./vague";

/** Why a policy refuses a request. */
export interface Refusal {
    /** The places that it rests on: a request that looks alike there is refused, too. */
    readonly places: ReadonlySet<string>;
    /** Those of them that an expression looks at in a way that no list of values exhausts, such as a regular expression. */
    readonly vague: ReadonlySet<string>;
    /** The validation that is not met; undefined where something failed. */
    readonly expression?: string;
    /** The same, without the lists whose length it does not rest on; default: not looked into. */
    readonly besides?: () => ReadonlySet<string>;
    /** Expressions of the policy that read a place, and whose literals therefore are all that matters there. */
    readonly readersOf: (place: string) => readonly string[];
    /** In the words that the sender reads. */
    readonly message: () => string;
}

/** Neither refusals nor reasons: the policy lets the request pass. */
export interface Judgement {
    readonly refusals: readonly Refusal[];
    /** Why the policy, or a part of it, cannot be evaluated. */
    readonly unreadable: readonly string[];
}

export const PASSES: Judgement = { refusals: [], unreadable: [] };

/**
 * A policy's match conditions and validations, evaluated as the API server does, with what each answer rests on.
 *
 * @param selectedBy the places that its selectors read
 */
export function judge(
    policy: KubernetesObject,
    root: Record<string, unknown>,
    trace: Trace,
    selectedBy: ReadonlySet<string>,
): Judgement {
    const vague = new Set<string>();
    const evaluate = (expression: unknown): { result: ReturnType<typeof evaluateCel>; places: ReadonlySet<string> } => {
        const { value: result, places } = trace.during(String(expression), () => evaluateCel(String(expression), root));
        const roots = vagueRoots(String(expression));
        places.forEach(
            place => (roots === "everything" || roots.some(name => place.startsWith(`/${name}`))) && vague.add(place),
        );
        return { result, places };
    };
    root.variables = lazily(fieldsList(policy.spec.variables), evaluate, trace);

    const unreadable = (reason: string): string => `${policy.urn}: ${reason}`;
    const selected = new Set<string>(selectedBy);
    const readersOf = (place: string): readonly string[] => trace.readersOf(place);
    let failed: string | undefined;
    for (const { expression } of fieldsList(policy.spec.matchConditions)) {
        const { result, places } = evaluate(expression);
        places.forEach(place => selected.add(place));
        if (result.kind === "unreadable") {
            return { refusals: [], unreadable: [unreadable(result.reason)] };
        }
        // One condition that is false decides, even if another one fails.
        if (result.kind === "value" && result.value !== true) {
            return PASSES;
        }
        failed ??= result.kind === "error" ? result.message : undefined;
    }
    const fails = (text(policy.spec.failurePolicy) ?? "Fail") === "Fail";
    const failure = (message: string, places: ReadonlySet<string>): Refusal => ({
        places,
        vague,
        readersOf,
        message: () => `the policy fails: ${message}`,
    });
    if (failed !== undefined) {
        return fails ? { refusals: [failure(failed, selected)], unreadable: [] } : PASSES;
    }
    const refusals: Refusal[] = [];
    const reasons: string[] = [];
    for (const validation of fieldsList(policy.spec.validations)) {
        const { result, places: own } = evaluate(validation.expression);
        const places = new Set([...selected, ...own]);
        if (result.kind === "unreadable") {
            reasons.push(unreadable(result.reason));
        } else if (result.kind === "value" && result.value !== true) {
            refusals.push({
                places,
                vague,
                readersOf,
                expression: String(validation.expression),
                message: () => refusal(validation, root),
            });
        } else if (result.kind === "error" && fails) {
            refusals.push(failure(result.message, places));
        }
    }
    // The next request may exceed what an expression may cost, or have a field that it does not expect.
    return refusals.length > 0 && !fails
        ? {
              refusals: [],
              unreadable: [
                  unreadable(
                      "lets pass what it cannot evaluate (failurePolicy Ignore), and whether a request can make it fail is not decided",
                  ),
              ],
          }
        : { refusals, unreadable: reasons };
}

/** Variables are evaluated when an expression first uses them, and those after may use those before. */
function lazily(
    variables: readonly Fields[],
    evaluate: (expression: unknown) => { result: ReturnType<typeof evaluateCel>; places: ReadonlySet<string> },
    trace: Trace,
): LazyMap {
    const settled = new Map<string, { readonly value: unknown; readonly places: ReadonlySet<string> }>();
    const expressions = new Map(variables.map(({ name, expression }) => [String(name), expression]));
    const get = (name: string): unknown => {
        const before = settled.get(name);
        if (before !== undefined) {
            trace.also(before.places);
            return before.value;
        }
        if (!expressions.has(name)) {
            return undefined;
        }
        const { result, places } = evaluate(expressions.get(name));
        if (result.kind === "unreadable") {
            throw new UnreadableCel(result.reason);
        }
        if (result.kind === "error") {
            throw celError(result.message);
        }
        settled.set(name, { value: result.value, places });
        return result.value;
    };
    return new LazyMap(get, () => [...expressions.keys()]);
}

/** A `messageExpression` comes before the `message`, unless it fails or gives no single line. */
function refusal({ expression, message, messageExpression }: Fields, variables: CelVariables): string {
    const composed = messageExpression === undefined ? undefined : evaluateCel(String(messageExpression), variables);
    const line = composed?.kind === "value" && typeof composed.value === "string" ? composed.value.trim() : "";
    return line !== "" && !line.includes("\n") ? line : (text(message) ?? `failed expression: ${String(expression)}`);
}

export function requestVariable(request: AdmissionRequest): Fields {
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

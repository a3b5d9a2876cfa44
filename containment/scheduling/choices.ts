import { type Fields, type KubernetesObject, fields, fieldsList, texts } from "../kubernetes";
import { type AdmissionRequest, type BoundPolicy } from "./admissionRequest";
import { expressionsOf, NAME_LABEL, withVariables } from "./matching";
import { stringsIn as parametersIn } from "./parameters";

/** A value that no policy names: some ask only whether the label is there. */
const SOME_LABEL = "other";

/** In place of a value: nothing is there. */
export const NOTHING = Symbol("nothing");

/** Values that a sender may put at a place which a policy reads. */
export interface Choices {
    readonly values: readonly unknown[];
    /** Whether the policy can tell no other value apart from one of them. */
    readonly exhaustive: boolean;
}

const NO_CHOICES: Choices = { values: [], exhaustive: false };

const MAPS = new Set(["labels", "annotations", "nodeSelector", "limits", "requests", "overhead", "matchLabels"]);
const STRUCTURES = new Set([
    "securityContext",
    "affinity",
    "nodeAffinity",
    "podAffinity",
    "podAntiAffinity",
    "resources",
]);
const FLAGS = new Set([
    "hostNetwork",
    "hostPID",
    "hostIPC",
    "hostUsers",
    "shareProcessNamespace",
    "privileged",
    "allowPrivilegeEscalation",
    "runAsNonRoot",
    "readOnlyRootFilesystem",
    "automountServiceAccountToken",
    "enableServiceLinks",
    "setHostnameAsFQDN",
    "suspend",
    "paused",
    "stdin",
    "tty",
]);
const STRINGS = new Set([
    "name",
    "generateName",
    "image",
    "serviceAccountName",
    "serviceAccount",
    "schedulerName",
    "priorityClassName",
    "runtimeClassName",
    "nodeName",
    "hostname",
    "subdomain",
    "dnsPolicy",
    "restartPolicy",
    "preemptionPolicy",
    "imagePullPolicy",
    "workingDir",
]);
const INTEGERS = new Set(["runAsUser", "runAsGroup", "fsGroup", "priority", "replicas"]);
const CONTAINERS = new Set(["containers", "initContainers", "ephemeralContainers"]);
/** What a place in such a list always has, and anybody may choose. */
const CONTAINER_NAMES = new Set(["name", "image"]);

/**
 * What the sender may put at a place of the object, as far as the request leaves it open; undefined where it does not. Whatever the
 * request does not say may be added, by the schema of the kinds that are asked about.
 */
export function choicesInObject(
    place: readonly string[],
    object: Fields,
    { strings, integers }: Pick<Literals, "strings" | "integers">,
    operation: AdmissionRequest["operation"],
): Choices | undefined {
    const [first, second] = place;
    const last = place.at(-1)!;
    const present = valueAt(object, place);
    if (first === "metadata") {
        if (second === "name" || second === "generateName") {
            return operation === "CREATE" ? { values: strings, exhaustive: true } : undefined;
        }
        if (!["labels", "annotations", "ownerReferences", "finalizers"].includes(second ?? "*")) {
            return undefined;
        }
    }
    // What the request says in a list is an item of its own; something else may stand beside it.
    const inItem = place.some((key, at) => /^\d+$/.test(key) && !CONTAINERS.has(place[at - 1] ?? ""));
    if (
        inItem ||
        first === "*" ||
        isTemplate(place) ||
        first === "status" ||
        first === "kind" ||
        first === "apiVersion"
    ) {
        return undefined;
    }
    if (last === "*") {
        return present === undefined ? undefined : { values: [], exhaustive: false };
    }
    const lists = listsBeside(place, present, { strings, integers });
    if (lists !== undefined) {
        return { values: lists, exhaustive: true };
    }
    if (["labels", "annotations"].includes(place.at(-2) ?? "")) {
        return { values: [NOTHING, SOME_LABEL, ...strings], exhaustive: true };
    }
    if (present !== undefined) {
        const named = CONTAINER_NAMES.has(last) && CONTAINERS.has(place.at(-3) ?? "");
        return named ? { values: strings, exhaustive: true } : undefined;
    }
    return MAPS.has(place.at(-2) ?? "") || STRINGS.has(last)
        ? { values: strings, exhaustive: true }
        : MAPS.has(last)
          ? { values: [{ "example.com/other": "other" }], exhaustive: true }
          : STRUCTURES.has(last)
            ? { values: [{}], exhaustive: true }
            : FLAGS.has(last)
              ? { values: [true, false], exhaustive: true }
              : INTEGERS.has(last)
                ? { values: integers.flatMap(value => [value - 1, value, value + 1]), exhaustive: true }
                : NO_CHOICES;
}

/** What whoever makes the namespace may write on it; undefined for what the API server writes. */
export function choicesOfLabel(place: readonly string[], strings: readonly string[]): Choices | undefined {
    return place.length < 3 || place.at(-1) === NAME_LABEL || place.at(-1) === "*"
        ? undefined
        : { values: [NOTHING, SOME_LABEL, ...strings], exhaustive: true };
}

export interface Literals {
    readonly strings: readonly string[];
    /** Those that the sender may be compared with. */
    readonly senders: readonly string[];
    readonly integers: readonly number[];
}

/** Stands among the expressions of a policy for its selectors and those of its binding. */
export const SELECTORS = "selectors";

const LITERALS = new WeakMap<KubernetesObject | BoundPolicy, WeakMap<KubernetesObject, Map<string, Literals>>>();

/**
 * The values that a policy and its binding compare with: no other value is told apart from a value that is none of them, as long as
 * strings are compared whole, or by how they begin or end or what they have inside.
 *
 * @param readers the expressions, {@link SELECTORS} among them, that look at the place in question; default: all of them
 */
export function literalsOf(bound: BoundPolicy, readers?: readonly string[]): Literals {
    const { policy, binding, parameters } = bound;
    // Parameters may change where the policy and its binding do not.
    const holder = parameters.length > 0 ? bound : policy;
    const bindings = LITERALS.get(holder) ?? new WeakMap<KubernetesObject, Map<string, Literals>>();
    LITERALS.set(holder, bindings);
    const known = bindings.get(binding) ?? new Map<string, Literals>();
    bindings.set(binding, known);
    const key = readers === undefined ? "" : readers.join("\n");
    let literals = known.get(key);
    if (literals === undefined) {
        const given = parametersIn(parameters);
        const all = expressionsOf(policy.spec);
        const expressions =
            readers === undefined
                ? all
                : withVariables(
                      readers.filter(reader => reader !== SELECTORS),
                      policy.spec,
                  );
        const selected =
            readers === undefined || readers.includes(SELECTORS)
                ? [fields(policy.spec.matchConstraints), fields(binding.spec.matchResources)].flatMap(
                      ({ namespaceSelector, objectSelector }) => [namespaceSelector, objectSelector].flatMap(valuesIn),
                  )
                : [];
        // A variable hands the sender on to expressions that do not name it.
        const handedOn = fieldsList(policy.spec.variables).some(({ expression }) => USER_INFO.test(String(expression)));
        literals = {
            strings: stringsIn(expressions, [...selected, ...given]),
            senders: stringsIn(handedOn ? all : all.filter(expression => USER_INFO.test(expression)), given),
            integers: [...new Set(expressions.flatMap(numbersIn))],
        };
        known.set(key, literals);
    }
    return literals;
}

const USER_INFO = /userInfo|request\[/;

function stringsIn(expressions: readonly string[], others: readonly string[] = []): string[] {
    const written = expressions.flatMap(expression => [...expression.matchAll(STRING)].map(unquoted));
    const strings = [...new Set([...written, ...others])].filter(value => VALUE.test(value));
    const uses = (name: string): boolean => expressions.some(expression => expression.includes(`.${name}(`));
    return [
        ...strings,
        ...(uses("startsWith") ? strings.map(value => `${value}x`) : []),
        ...(uses("endsWith") ? strings.map(value => `x${value}`) : []),
    ];
}

/** Names, label values, images, users: none of them has a space, and a message does. */
const VALUE = /^[^\s"'\\]{1,253}$/;
const STRING = /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'/g;

function unquoted([literal]: RegExpMatchArray): string {
    const inner = literal.slice(1, -1);
    try {
        return JSON.parse(`"${inner.replaceAll("\\'", "'").replace(/(?<!\\)"/g, '\\"')}"`) as string;
    } catch {
        return inner;
    }
}

function numbersIn(expression: string): number[] {
    const text = expression.replace(STRING, "");
    return [...text.matchAll(/\b\d{1,9}\b/g)].map(match => Number(match[0]));
}

function valuesIn(selector: unknown): string[] {
    const { matchLabels, matchExpressions } = fields(selector);
    return [
        ...Object.values(fields(matchLabels)).map(String),
        ...fieldsList(matchExpressions).flatMap(({ values }) => texts(values)),
    ];
}

/** Beside what a list of containers or tolerations has: something harmless, as often as an index or a size might ask, and what the policy names. */
export function listsBeside(
    place: readonly string[],
    present: unknown,
    { strings, integers }: Pick<Literals, "strings" | "integers">,
): unknown[] | undefined {
    const last = place.at(-1)!;
    if (!CONTAINERS.has(last) && last !== "tolerations") {
        return undefined;
    }
    const named = [OTHER, ...strings].flatMap<unknown>(CONTAINERS.has(last) ? containersNamed : tolerationOf);
    const items = Array.isArray(present) ? (present as unknown[]) : [];
    const most = Math.max(1, ...integers.filter(value => value < 20)) + 1;
    return [
        ...named.flatMap(other => [
            [...items, other],
            [other, ...items],
        ]),
        [...Array<unknown>(most).fill(named[0]), ...items],
    ];
}

/** The first of its kind is harmless. */
const OTHER = "example.com/other";

function tolerationOf(key: string): Fields {
    return { key, operator: "Exists" };
}

function containersNamed(literal: string): Fields[] {
    return [
        { name: literal, image: OTHER },
        { name: OTHER, image: literal },
    ];
}

/** Where another kind has its pod template, an object of this kind has nothing. */
function isTemplate(place: readonly string[]): boolean {
    const last = place.at(-1);
    return (last === "template" || last === "jobTemplate") && (place.length === 1 || place[0] === "spec");
}

export function valueAt(value: unknown, place: readonly string[]): unknown {
    let at = value;
    for (const key of place) {
        at = key === "*" ? at : typeof at === "object" && at !== null ? (at as Fields)[key] : undefined;
    }
    return at;
}

/** A copy of the value that has something else there. */
export function withValueAt(value: unknown, [key, ...rest]: readonly string[], wanted: unknown): unknown {
    if (key === undefined) {
        return wanted;
    }
    if (Array.isArray(value)) {
        return value.map((item, index) =>
            String(index) === key ? withValueAt(item, rest, wanted) : (item as unknown),
        );
    }
    const { [key]: before, ...others } = fields(value);
    const after = withValueAt(before, rest, wanted);
    return after === NOTHING ? others : { ...others, [key]: after };
}

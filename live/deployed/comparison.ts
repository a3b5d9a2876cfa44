import { isObject, type Json } from "../../containment/document";
import { last } from "../../containment/inventory/asset";
import { fields, fieldsList, type KubernetesObject, list } from "../../containment/kubernetes";
import { type Resource, UNKNOWN } from "../../containment/resource";

/** Where something that is deployed is not as it was registered: dotted paths, with both values where they are short. */
export function googleDifferences(planned: Resource, live: Resource): string[] {
    const ignored = new Set([...ignoredOf(planned), "name", "description", "displayName", "project"]);
    return Object.entries(planned.inputs)
        .filter(([key]) => !ignored.has(key))
        .flatMap(([key, value]) =>
            key === "rules"
                ? rulesDiffer(fieldsList(value), fieldsList(live.inputs[key]))
                : differ(value, live.inputs[key], key, SIGNIFICANT),
        )
        .concat(further(planned.inputs, live.inputs, "", SIGNIFICANT));
}

/** What the API server fills in is no difference. */
export function objectDifferences(planned: Resource, live: KubernetesObject): string[] {
    const ignored = ignoredOf(planned);
    const { metadata, apiVersion: _, kind: __, status: ___, ...own } = planned.inputs;
    const { labels, annotations } = fields(metadata);
    const more = ADDS_NOTHING.test(live.group) ? UNLESS_DEFAULT : undefined;
    return [
        ...differ(labels, live.labels, "metadata.labels"),
        ...differ(withoutEngine(annotations), live.annotations, "metadata.annotations"),
        ...Object.entries(own).flatMap(([key, value]) => differ(value, live.object[key], key, more)),
    ].filter(path => !ignored.some(each => path.startsWith(each)));
}

/** What the engine was told to leave alone. */
function ignoredOf(resource: Resource): readonly string[] {
    const { ignoreChanges } = resource as { readonly ignoreChanges?: unknown };
    return list(ignoreChanges).map(String);
}

/** Whether a field that was not registered says something. */
type Further = (key: string, value: unknown) => boolean;

/** Of a rule or a route: whom it is for, where to, and whether it counts. Google's defaults of them are empty. */
const SIGNIFICANT_FIELDS = new Set([
    "disabled",
    "tags",
    "targetTags",
    "targetSecureTags",
    "targetServiceAccounts",
    "targetResources",
    "destIpRanges",
    "destFqdns",
    "destRegionCodes",
    "destThreatIntelligences",
    "destAddressGroups",
]);
const SIGNIFICANT: Further = key => SIGNIFICANT_FIELDS.has(key);

/** Groups whose objects get few defaults and mean something by every field. */
export const ADDS_NOTHING = /^(admissionregistration|networking|rbac\.authorization)\.k8s\.io$|(^|\.)istio\.io$/;

/** What the API server writes where nothing was said (Kubernetes API reference of these groups). */
const DEFAULTS: Readonly<Record<string, unknown>> = {
    apiGroup: "rbac.authorization.k8s.io",
    failurePolicy: "Fail",
    matchPolicy: "Equivalent",
    parameterNotFoundAction: "Deny",
    protocol: "TCP",
    scope: "*",
};
const UNLESS_DEFAULT: Further = (key, value) => DEFAULTS[key] !== value;

/** @param more default: fields that were not registered are no difference */
function differ(planned: unknown, live: unknown, path: string, more?: Further): string[] {
    if (planned === UNKNOWN || live === UNKNOWN || isNothing(planned)) {
        return [];
    }
    if (Array.isArray(planned) && Array.isArray(live)) {
        return listsDiffer(planned, live, path, more);
    }
    if (isObject(planned) && isObject(live)) {
        return [
            ...Object.entries(planned).flatMap(([key, value]) => differ(value, live[key], joined(path, key), more)),
            ...further(planned, live, path, more),
        ];
    }
    return same(planned, live) ? [] : [`${path}: ${shown(planned)} was registered, ${shown(live)} is there`];
}

function further(planned: Json, live: Json, path: string, more?: Further): string[] {
    return more === undefined
        ? []
        : Object.entries(live)
              .filter(([key, value]) => isNothing(planned[key]) && !isNothing(value) && more(key, value))
              .map(([key, value]) => `${joined(path, key)}: ${shown(value)} is there, and was not registered`);
}

function listsDiffer(planned: readonly unknown[], live: readonly unknown[], path: string, more?: Further): string[] {
    if (planned.every(each => !isObject(each)) && live.every(each => !isObject(each))) {
        const [gone, added] = [
            planned.filter(each => each !== UNKNOWN && live.every(other => !same(each, other))),
            live.filter(each => planned.every(other => other !== UNKNOWN && !same(other, each))),
        ];
        return [
            ...gone.map(each => `${path}: ${shown(each)} is gone`),
            ...added.map(each => `${path}: ${shown(each)} is there, and was not registered`),
        ];
    }
    return planned.length === live.length
        ? planned.flatMap((each, index) => differ(each, live[index], `${path}[${index}]`, more))
        : [`${path}: ${planned.length} were registered, ${live.length} are there`];
}

/** Rules that Google adds to every policy come after all others. */
export const FIRST_OF_GOOGLE = 2_147_483_644;

/** A policy has its rules by priority. */
function rulesDiffer(planned: readonly Json[], live: readonly Json[]): string[] {
    const at = (rules: readonly Json[], { priority }: Json) => rules.find(each => same(each["priority"], priority));
    const called = ({ priority, ruleName }: Json): string =>
        `rule ${String(priority)}${ruleName === undefined ? "" : ` (${String(ruleName)})`}`;
    return [
        ...planned.flatMap(({ description: _, ...rule }) => {
            const found = at(live, rule);
            return found === undefined ? [`${called(rule)} is gone`] : differ(rule, found, called(rule), SIGNIFICANT);
        }),
        ...live
            .filter(rule => Number(rule["priority"]) < FIRST_OF_GOOGLE && at(planned, rule) === undefined)
            .map(rule => `${called(rule)} is there, and was not registered`),
    ];
}

/** Google and Kubernetes leave out what is empty, off or zero. */
function isNothing(value: unknown): boolean {
    return (
        value === undefined ||
        value === null ||
        value === false ||
        value === "" ||
        value === 0 ||
        (Array.isArray(value) && value.length === 0) ||
        (isObject(value) && Object.values(value).every(isNothing))
    );
}

function same(planned: unknown, live: unknown): boolean {
    const [one, other] = [String(planned), String(live)];
    if (one === other) {
        return true;
    }
    const [mine, theirs] = [linkIn(one), linkIn(other)];
    if (mine !== undefined || theirs !== undefined) {
        return mine !== undefined && theirs !== undefined ? mine === theirs : last(one) === last(other);
    }
    const [amount, shownAmount] = [quantityOf(one), quantityOf(other)];
    return amount !== undefined && amount === shownAmount;
}

/** Without the API's address. */
function linkIn(text: string): string | undefined {
    return /(?:^|\/)(projects\/.+)$/.exec(text)?.[1];
}

const UNITS: Readonly<Record<string, number>> = {
    m: 1e-3,
    "": 1,
    k: 1e3,
    M: 1e6,
    G: 1e9,
    Ki: 2 ** 10,
    Mi: 2 ** 20,
    Gi: 2 ** 30,
};

/** The API server writes `1` for `1000m` (Kubernetes API, "Quantity"). */
function quantityOf(text: string): number | undefined {
    const [, digits, unit = ""] = /^(\d+(?:\.\d+)?)(m|k|M|G|Ki|Mi|Gi)?$/.exec(text) ?? [];
    return digits === undefined ? undefined : Number(digits) * UNITS[unit]!;
}

/** Notes of the engine's own on an object. */
function withoutEngine(annotations: unknown): Json {
    return Object.fromEntries(Object.entries(fields(annotations)).filter(([key]) => !key.startsWith("pulumi.com/")));
}

function joined(path: string, key: string): string {
    return path === "" ? key : `${path}.${key}`;
}

const LONGEST = 60;

function shown(value: unknown): string {
    const text = value === undefined ? "nothing" : typeof value === "string" ? value : JSON.stringify(value);
    return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}

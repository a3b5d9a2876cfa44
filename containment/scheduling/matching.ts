import { type Fields, fields, fieldsList, selectorMatches, stringMap, text, texts } from "../kubernetes";
import { type AdmissionRequest, type BoundPolicy } from "./admissionRequest";
import { type Reader } from "./tracked";

/** Every namespace has it (Kubernetes docs, "Automatic labelling"). */
export const NAME_LABEL = "kubernetes.io/metadata.name";

/** Of the policy, and of its binding, which narrows it. */
export function namespaceSelectorsOf({ policy, binding }: Pick<BoundPolicy, "policy" | "binding">): readonly unknown[] {
    return [policy.spec.matchConstraints, binding.spec.matchResources].map(match => fields(match).namespaceSelector);
}

export function namesInSelector(selector: unknown): readonly string[] {
    const { matchLabels, matchExpressions } = fields(selector);
    const byName = fieldsList(matchExpressions).filter(({ key }) => key === NAME_LABEL);
    return [
        ...(stringMap(matchLabels)[NAME_LABEL] === undefined ? [] : [stringMap(matchLabels)[NAME_LABEL]!]),
        ...byName.flatMap(({ values }) => texts(values)),
    ];
}

const IS_NAME = /^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/;
const LOOKS_AT_NAMESPACE = /request\.\??namespace|namespaceObject|metadata\.\??namespace|\b(?:request|metadata)\s*\[/;

export interface NamespaceNames {
    /** What the request's own may be compared with. */
    readonly written: readonly string[];
    /** One that begins, ends or has inside what is asked for. */
    readonly imagined: readonly string[];
}

/**
 * Names of namespaces that a policy can tell apart.
 *
 * @param parameters strings that it may take from its parameters
 */
export function namespaceLiterals(spec: Fields, parameters: readonly string[] = []): NamespaceNames {
    const variables = variablesOf(spec);
    const looking = new Set(expressionsOf(spec).filter(expression => LOOKS_AT_NAMESPACE.test(expression)));
    // A variable hands the namespace on to expressions that do not name it.
    for (const expression of looking) {
        const names = [...variables].flatMap(([name, its]) => (its === expression ? [name] : []));
        expressionsOf(spec)
            .filter(other => names.some(name => usesVariable(other, name)))
            .forEach(other => looking.add(other));
    }
    const about = withVariables([...looking], spec);
    const names = (all: readonly string[]): string[] => [...new Set(all)].filter(name => IS_NAME.test(name));
    return {
        written: names([...about.flatMap(literals), ...parameters]),
        imagined: names([
            ...about.flatMap(inPart),
            ...(about.some(expression => PART.test(expression))
                ? parameters.flatMap(name => [`${name}x`, `x${name}`, `x${name}x`])
                : []),
        ]),
    };
}

function variablesOf(spec: Fields): ReadonlyMap<string, string> {
    return new Map(fieldsList(spec.variables).map(({ name, expression }) => [String(name), String(expression)]));
}

/** A name that is not written out could be any. */
const SOME_VARIABLE = /\bvariables\b(?!\.\??\w)/;

function usesVariable(expression: string, name: string): boolean {
    return SOME_VARIABLE.test(expression) || new RegExp(`\\bvariables\\.\\??${name}\\b`).test(expression);
}

/** The expressions, and those of the variables that they use, which may hold the lists that they compare with. */
export function withVariables(expressions: readonly string[], spec: Fields): readonly string[] {
    const found = new Set(expressions);
    for (const expression of found) {
        for (const [name, its] of variablesOf(spec)) {
            if (usesVariable(expression, name)) {
                found.add(its);
            }
        }
    }
    return [...found];
}

function literals(expression: string): string[] {
    return [...expression.matchAll(/["']([-a-z0-9]{1,63})["']/g)].map(match => match[1]!);
}

const PART = /\.(?:startsWith|endsWith|contains)\(/;

function inPart(expression: string): string[] {
    const asked = [...expression.matchAll(/\.(startsWith|endsWith|contains)\(\s*(?:["']([^"']*)["'])?/g)];
    return asked.flatMap(([, how, part]) =>
        // What is compared with something else than a literal may be compared with each.
        (part === undefined ? literals(expression) : [part]).map(
            name => `${how === "startsWith" ? "" : "x"}${name}${how === "endsWith" ? "" : "x"}`,
        ),
    );
}

/** What decides about a request; messages do not. */
export function expressionsOf(spec: Fields): string[] {
    return [...fieldsList(spec.matchConditions), ...fieldsList(spec.variables), ...fieldsList(spec.validations)].map(
        ({ expression }) => String(expression),
    );
}

/**
 * Versions in which the API server serves a group, besides those that a request shows. `matchPolicy: Equivalent` converts a request
 * between them, so that a rule which names one is asked about all; a rule that names none of them is never asked.
 */
const SERVED: Readonly<Record<string, readonly string[]>> = {
    "": ["v1"],
    apps: ["v1"],
    batch: ["v1"],
    "node.k8s.io": ["v1"],
    "discovery.k8s.io": ["v1"],
    "networking.istio.io": ["v1", "v1beta1", "v1alpha3"],
    "security.istio.io": ["v1", "v1beta1"],
    "telemetry.istio.io": ["v1", "v1alpha1"],
    "extensions.istio.io": ["v1alpha1"],
};

/** Kinds of a group that exist in fewer versions than the group (Istio's CRDs). */
const ONE_VERSION: Readonly<Record<string, readonly string[]>> = {
    envoyfilters: ["v1alpha3"],
    proxyconfigs: ["v1beta1"],
};

export function servedVersions({
    group,
    version,
    resource,
}: Pick<AdmissionRequest, "group" | "version" | "resource">): readonly string[] {
    return ONE_VERSION[resource] ?? SERVED[group] ?? [version];
}

/** The rules of `matchConstraints`, or of a binding's `matchResources`, which need not have any. */
export function rulesMatch(match: Fields, request: AdmissionRequest, required: boolean): boolean {
    const equivalent = match.matchPolicy !== "Exact";
    const rules = fieldsList(match.resourceRules);
    return (
        ((rules.length === 0 && !required) || rules.some(rule => ruleMatches(rule, request, equivalent))) &&
        !fieldsList(match.excludeResourceRules).some(rule => ruleMatches(rule, request, equivalent))
    );
}

/** @param read of the variables that expressions see it reads the request's kind and the labels that the selectors name */
export function selectorsMatch(match: Fields, read: Reader): boolean {
    const aboutNamespace = read("request", "resource", "resource") === "namespaces";
    const own = labelsOf(read, read("object") === null ? "oldObject" : "object");
    // A request about a namespace is judged by that namespace's own labels, which the API server completes with its name.
    const labels = (key: string): unknown =>
        !aboutNamespace
            ? labelsOf(read, "namespaceObject")(key)
            : key === NAME_LABEL
              ? read("request", "name")
              : own(key);
    return (
        ((read("namespaceObject") === null && !aboutNamespace) || selects(match.namespaceSelector, labels)) &&
        (match.objectSelector === undefined ||
            ["object", "oldObject"].some(
                root => read(root) !== null && selects(match.objectSelector, labelsOf(read, root)),
            ))
    );
}

/** Looks at the labels that the selector names, and at no others. */
function selects(selector: unknown, label: (key: string) => unknown): boolean {
    const labels = Object.fromEntries(selectorKeys(selector).map(key => [key, label(key)]));
    return selectorMatches(selector, labels as Readonly<Record<string, string>>);
}

function selectorKeys(selector: unknown): readonly string[] {
    const { matchLabels, matchExpressions } = fields(selector);
    return [...Object.keys(fields(matchLabels)), ...fieldsList(matchExpressions).map(({ key }) => String(key))];
}

/** Whether there are labels is read in any case. */
function labelsOf(read: Reader, root: string): (key: string) => unknown {
    read(root, "metadata", "labels");
    return key => read(root, "metadata", "labels", key);
}

/** `resources` may say `pods`, `pods/exec`, `pods/*`, `*\/scale`, `*` (all without subresources) or `*\/*`. */
export function ruleMatches(rule: Fields, request: AdmissionRequest, equivalentVersions: boolean): boolean {
    const any = (values: unknown, ...wanted: readonly string[]): boolean =>
        texts(values).some(value => value === "*" || wanted.includes(value));
    const { resource, subresource } = request;
    const names = texts(rule.resourceNames);
    const scope = text(rule.scope) ?? "*";
    return (
        any(rule.apiGroups, request.group) &&
        any(rule.apiVersions, request.version, ...(equivalentVersions ? servedVersions(request) : [])) &&
        any(rule.operations, request.operation) &&
        texts(rule.resources).some(pattern => {
            const [main, sub] = pattern.split("/", 2) as [string, string | undefined];
            return (
                (main === "*" || main === resource) &&
                (pattern === "*/*" || sub === subresource || (sub === "*" && subresource !== undefined))
            );
        }) &&
        (names.length === 0 || (request.name !== undefined && names.includes(request.name))) &&
        (scope === "*" || (scope === "Namespaced") === (request.namespace !== undefined))
    );
}

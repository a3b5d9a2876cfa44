import { type Fields, fields, fieldsList, stringMap, text, texts } from "../kubernetes";
import { type AdmissionRequest } from "./admissionRequest";

/** Every namespace has it (Kubernetes docs, "Automatic labelling"). */
export const NAME_LABEL = "kubernetes.io/metadata.name";

export function namesInSelector(selector: unknown): readonly string[] {
    const { matchLabels, matchExpressions } = fields(selector);
    const byName = fieldsList(matchExpressions).filter(({ key }) => key === NAME_LABEL);
    return [
        ...(stringMap(matchLabels)[NAME_LABEL] === undefined ? [] : [stringMap(matchLabels)[NAME_LABEL]!]),
        ...byName.flatMap(({ values }) => texts(values)),
    ];
}

const LOOKS_AT_NAMESPACE = /request\.namespace|namespaceObject|metadata\.\??namespace/;

export function namespaceLiterals(spec: Fields): string[] {
    const expressions = [
        ...fieldsList(spec.matchConditions),
        ...fieldsList(spec.variables),
        ...fieldsList(spec.validations),
    ].map(({ expression }) => String(expression));
    return expressions.some(expression => LOOKS_AT_NAMESPACE.test(expression))
        ? expressions.flatMap(expression =>
              [...expression.matchAll(/["']([a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?)["']/g)].map(match => match[1]!),
          )
        : [];
}

/** `resources` may say `pods`, `pods/exec`, `pods/*`, `*\/scale`, `*` (all without subresources) or `*\/*`. */
export function ruleMatches(rule: Fields, request: AdmissionRequest, equivalentVersions: boolean): boolean {
    const any = (values: unknown, wanted: string): boolean =>
        texts(values).some(value => value === "*" || value === wanted);
    const { resource, subresource } = request;
    const names = texts(rule.resourceNames);
    const scope = text(rule.scope) ?? "*";
    return (
        any(rule.apiGroups, request.group) &&
        (equivalentVersions || any(rule.apiVersions, request.version)) &&
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

export function labelsOfObject(object: Fields | null): Readonly<Record<string, string>> {
    return stringMap(fields(object?.metadata).labels);
}

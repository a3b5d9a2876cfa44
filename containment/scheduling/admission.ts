import {
    type Fields,
    type KubernetesObject,
    fields,
    fieldsList,
    hasUnknown,
    selectorMatches,
    text,
    texts,
} from "../kubernetes";
import { type AdmissionDecision, type AdmissionRequest } from "./admissionRequest";
import { type CelVariables, celValue } from "./cel";
import { judge, lazily, remembered, requestVariable } from "./judgement";
import { labelsOfObject, NAME_LABEL, namesInSelector, namespaceLiterals, ruleMatches } from "./matching";

export type { AdmissionDecision, AdmissionRequest, Sender } from "./admissionRequest";

interface BoundPolicy {
    readonly policy: KubernetesObject;
    readonly binding: KubernetesObject;
    /** URN of the one that has values which are not known before `up`. */
    readonly unknown: string | undefined;
}

const POLICY = "ValidatingAdmissionPolicy";
const BINDING = "ValidatingAdmissionPolicyBinding";

/**
 * The ValidatingAdmissionPolicies among the objects, evaluated as the API server does: matched by kind, namespace and conditions,
 * then their own CEL. A policy without a binding, or bound to warn only, refuses nothing. Webhooks are out of sight: where one
 * would be asked, a request that no policy refuses is unknown.
 */
export class AdmissionControl {
    private readonly bound: readonly BoundPolicy[];
    private readonly webhooks: readonly KubernetesObject[];
    private readonly namespaces: ReadonlyMap<string, Readonly<Record<string, string>>>;
    /** String literals of those expressions that look at the request's namespace. */
    private readonly namesInCel: ReadonlySet<string>;

    constructor(private readonly objects: readonly KubernetesObject[]) {
        const policies = new Map(objects.filter(({ kind }) => kind === POLICY).map(policy => [policy.name, policy]));
        this.bound = objects
            .filter(({ kind }) => kind === BINDING)
            .flatMap(binding => {
                const policy = policies.get(String(binding.spec.policyName));
                return policy === undefined || !texts(binding.spec.validationActions).includes("Deny")
                    ? []
                    : [{ policy, binding, unknown: [policy, binding].find(({ spec }) => hasUnknown(spec))?.urn }];
            });
        // istiod validates the schema of its own kinds, which is no guard.
        this.webhooks = objects.filter(
            ({ kind, name }) => kind === "ValidatingWebhookConfiguration" && !/^istio(?:d)?-/.test(name),
        );
        this.namesInCel = new Set(this.bound.flatMap(({ policy }) => namespaceLiterals(policy.spec)));
        this.namespaces = new Map(
            objects.filter(({ kind }) => kind === "Namespace").map(({ name, labels }) => [name, labels]),
        );
    }

    /** URNs of the policies and bindings that refuse anything at all. */
    get resources(): readonly string[] {
        return [...new Set(this.bound.flatMap(({ policy, binding }) => [policy.urn, binding.urn]))];
    }

    /** Namespaces that a selector or the CEL of a policy names, whether they exist or not. */
    namedNamespaces(): readonly string[] {
        const selectors = this.bound.flatMap(({ policy, binding }) => [
            fields(policy.spec.matchConstraints).namespaceSelector,
            fields(binding.spec.matchResources).namespaceSelector,
        ]);
        return [...new Set([...selectors.flatMap(namesInSelector), ...this.namesInCel])];
    }

    /** Namespaces of one signature are treated alike. */
    signature(namespace: string): string {
        const selected = this.bound
            .map(({ policy, binding }) => (this.selects(policy, binding, namespace) ? "1" : "0"))
            .join("");
        return `${selected} ${this.namesInCel.has(namespace) ? namespace : ""} ${JSON.stringify(this.namespaces.get(namespace) ?? {})}`;
    }

    decide(request: AdmissionRequest): AdmissionDecision {
        const reasons: string[] = [];
        for (const bound of this.bound) {
            const decision = this.ask(bound, request);
            if (decision.result === "refused") {
                return decision;
            }
            if (decision.result === "unknown") {
                reasons.push(...decision.reasons);
            }
        }
        for (const webhook of this.webhooks) {
            if (
                fieldsList(webhook.object.webhooks).some(({ rules }) =>
                    fieldsList(rules).some(rule => ruleMatches(rule, request, true)),
                )
            ) {
                reasons.push(`${webhook.urn} is asked about ${request.resource}, and what it answers is not shown`);
            }
        }
        return reasons.length > 0 ? { result: "unknown", reasons } : { result: "admitted" };
    }

    private selects(policy: KubernetesObject, binding: KubernetesObject, namespace: string): boolean {
        const labels = this.labelsOf(namespace);
        return [fields(policy.spec.matchConstraints), fields(binding.spec.matchResources)].every(
            ({ namespaceSelector }) => selectorMatches(namespaceSelector, labels),
        );
    }

    /** The name label is there in every cluster (Kubernetes docs, "Automatic labelling"). */
    private labelsOf(namespace: string): Readonly<Record<string, string>> {
        return { ...this.namespaces.get(namespace), [NAME_LABEL]: namespace };
    }

    private ask({ policy, binding, unknown }: BoundPolicy, request: AdmissionRequest): AdmissionDecision {
        if (unknown !== undefined) {
            return { result: "unknown", reasons: [`${unknown} has values that are not known before up`] };
        }
        const constraints = fields(policy.spec.matchConstraints);
        const narrowing = fields(binding.spec.matchResources);
        if (!this.matches(constraints, request, true) || !this.matches(narrowing, request, false)) {
            return { result: "admitted" };
        }
        const params = this.paramsOf(policy, binding);
        if (params === "skip") {
            return { result: "admitted" };
        }
        if ("reason" in params) {
            return { result: "unknown", reasons: [params.reason] };
        }
        const fails = (text(policy.spec.failurePolicy) ?? "Fail") === "Fail";
        const onError = (message: string): AdmissionDecision =>
            fails ? { result: "refused", policy, message: `the policy fails: ${message}` } : { result: "admitted" };
        for (const value of params.values) {
            const variables = this.variablesOf(policy, request, value);
            const decision = judge(policy, variables, onError);
            if (decision.result === "refused" && !fails) {
                // The next request may exceed what an expression may cost, or have a field that it does not expect.
                return {
                    result: "unknown",
                    reasons: [
                        `${policy.urn} lets pass what it cannot evaluate (failurePolicy Ignore), and whether a request can make it fail is not decided`,
                    ],
                };
            }
            if (decision.result !== "admitted") {
                return decision;
            }
        }
        return { result: "admitted" };
    }

    private matches(match: Fields, request: AdmissionRequest, required: boolean): boolean {
        const exact = match.matchPolicy === "Exact";
        const rules = fieldsList(match.resourceRules);
        if ((rules.length > 0 || required) && !rules.some(rule => ruleMatches(rule, request, !exact))) {
            return false;
        }
        if (fieldsList(match.excludeResourceRules).some(rule => ruleMatches(rule, request, !exact))) {
            return false;
        }
        if (
            request.namespace !== undefined &&
            !selectorMatches(match.namespaceSelector, this.labelsOf(request.namespace))
        ) {
            return false;
        }
        // A request about a namespace is judged by that namespace's own labels, its name among them.
        if (request.resource === "namespaces") {
            const labels = { ...labelsOfObject(request.object ?? request.oldObject), [NAME_LABEL]: request.name ?? "" };
            if (!selectorMatches(match.namespaceSelector, labels)) {
                return false;
            }
        }
        return (
            match.objectSelector === undefined ||
            [request.object, request.oldObject].some(
                object => object !== null && selectorMatches(match.objectSelector, labelsOfObject(object)),
            )
        );
    }

    private paramsOf(
        policy: KubernetesObject,
        binding: KubernetesObject,
    ): { readonly values: readonly unknown[] } | { readonly reason: string } | "skip" {
        if (policy.spec.paramKind === undefined) {
            return { values: [null] };
        }
        const reference = fields(binding.spec.paramRef);
        const { apiVersion, kind } = fields(policy.spec.paramKind);
        const found = this.objects.filter(
            object =>
                object.kind === kind &&
                (object.group === "" ? object.version : `${object.group}/${object.version}`) === apiVersion &&
                (reference.name === undefined
                    ? selectorMatches(reference.selector, object.labels)
                    : object.name === reference.name) &&
                (reference.namespace === undefined || object.namespace === reference.namespace),
        );
        if (found.length > 0) {
            return { values: found.map(({ object }) => celValue(object)) };
        }
        return reference.parameterNotFoundAction === "Allow"
            ? "skip"
            : {
                  reason: `${binding.urn} takes its parameters from ${String(kind)} ${String(reference.name ?? "by selector")}, which is not given`,
              };
    }

    private variablesOf(policy: KubernetesObject, request: AdmissionRequest, params: unknown): CelVariables {
        const { object, oldObject, namespace } = request;
        const root: Record<string, unknown> = {
            object: object === null ? null : remembered(object),
            oldObject: oldObject === null ? null : remembered(oldObject),
            params,
            request: requestVariable(request),
            namespaceObject:
                namespace === undefined ? null : { metadata: { name: namespace, labels: this.labelsOf(namespace) } },
        };
        root.variables = lazily(fieldsList(policy.spec.variables), root);
        return root;
    }
}

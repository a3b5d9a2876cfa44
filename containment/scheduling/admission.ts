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
import { type AdmissionDecision, type AdmissionRequest, type BoundPolicy } from "./admissionRequest";
import { SELECTORS } from "./choices";
import { judge, type Judgement, PASSES, requestVariable } from "./judgement";
import { parametersOf, stringsIn } from "./parameters";
import {
    NAME_LABEL,
    namesInSelector,
    namespaceLiterals,
    namespaceSelectorsOf,
    ruleMatches,
    rulesMatch,
    selectorsMatch,
} from "./matching";
import { UnreadableCel } from "./cel";
import { remembered } from "./answers";
import { Trace } from "./tracked";

export type { AdmissionDecision, AdmissionRequest, BoundPolicy, Sender } from "./admissionRequest";

const POLICY = "ValidatingAdmissionPolicy";
const BINDING = "ValidatingAdmissionPolicyBinding";
const CLUSTER_WIDE_PARAMETERS = new Set([
    "Namespace",
    "Node",
    "ClusterRole",
    "PriorityClass",
    "CustomResourceDefinition",
]);

function boundPolicies(objects: readonly KubernetesObject[]): readonly BoundPolicy[] {
    const policies = new Map(objects.filter(({ kind }) => kind === POLICY).map(policy => [policy.name, policy]));
    const patches = objects.filter(({ kind }) => kind.endsWith("Patch"));
    const patch = (object: KubernetesObject): string | undefined =>
        patches.find(({ kind, name }) => kind === `${object.kind}Patch` && name === object.name)?.urn;
    return objects
        .filter(({ kind }) => kind === BINDING)
        .flatMap(binding => {
            const policy = policies.get(String(binding.spec.policyName));
            if (policy === undefined || !texts(binding.spec.validationActions).includes("Deny")) {
                return [];
            }
            const unknown = [policy, binding].find(({ spec }) => hasUnknown(spec))?.urn;
            const parameters = parametersOf(policy, binding, objects);
            const patched = [policy, binding, ...parameters].map(patch).find(urn => urn !== undefined);
            return [{ policy, binding, parameters, unknown: unknown ?? patched }];
        });
}

/** Labels that a namespace has, or is given by whoever asks. */
export type Labels = Readonly<Record<string, string>>;

/**
 * The ValidatingAdmissionPolicies among the objects, evaluated as the API server does: matched by kind, namespace and conditions,
 * then their own CEL. A policy without a binding, or bound to warn only, refuses nothing. Webhooks are out of sight: where one
 * would be asked, a request that no policy refuses is unknown.
 */
export class AdmissionControl {
    readonly bound: readonly BoundPolicy[];
    /** Whether some policy is asked about the versions alone that its rules name. */
    readonly tellsVersions: boolean;
    private readonly byRequest = new Map<string, readonly BoundPolicy[]>();
    private readonly webhooks: readonly KubernetesObject[];
    private readonly namespaces: ReadonlyMap<string, Labels>;
    /** String literals of those expressions that look at the request's namespace. */
    private readonly namesInCel: ReadonlySet<string>;
    /** For expressions that ask how a namespace's name begins or ends, or for a part of it: names that have it. */
    readonly imaginedNamespaces: ReadonlySet<string>;

    /** @param bound the policies that count; default: those among the objects that refuse anything */
    constructor(
        readonly objects: readonly KubernetesObject[],
        bound: readonly BoundPolicy[] = boundPolicies(objects),
    ) {
        this.bound = bound;
        this.tellsVersions = this.bound.some(({ policy, binding }) =>
            [fields(policy.spec.matchConstraints), fields(binding.spec.matchResources)].some(
                ({ matchPolicy }) => matchPolicy === "Exact",
            ),
        );
        // istiod validates the schema of its own kinds, which is no guard.
        this.webhooks = objects.filter(
            ({ kind, name }) => kind === "ValidatingWebhookConfiguration" && !/^istio(?:d)?-/.test(name),
        );
        const names = this.bound.map(({ policy, parameters }) => namespaceLiterals(policy.spec, stringsIn(parameters)));
        this.namesInCel = new Set(names.flatMap(({ written }) => written));
        this.imaginedNamespaces = new Set(names.flatMap(({ imagined }) => imagined));
        this.namespaces = new Map(
            objects.filter(({ kind }) => kind === "Namespace").map(({ name, labels }) => [name, labels]),
        );
    }

    /** The same without one policy. */
    without(policy: string): AdmissionControl {
        return new AdmissionControl(
            this.objects,
            this.bound.filter(bound => bound.policy.urn !== policy),
        );
    }

    /** URNs of the policies and bindings that refuse anything at all. */
    get resources(): readonly string[] {
        return [...new Set(this.bound.flatMap(({ policy, binding }) => [policy.urn, binding.urn]))];
    }

    /** Namespaces that a selector or the CEL of a policy names, whether they exist or not. */
    namedNamespaces(): readonly string[] {
        const selectors = this.bound.flatMap(namespaceSelectorsOf);
        return [...new Set([...selectors.flatMap(namesInSelector), ...this.namesInCel])];
    }

    /** Namespaces of one signature are treated alike. */
    signature(namespace: string): string {
        const selected = this.bound.map(bound => (this.selects(bound, namespace) ? "1" : "0")).join("");
        const named = this.namesInCel.has(namespace) || this.imaginedNamespaces.has(namespace);
        return `${selected} ${named ? namespace : ""} ${JSON.stringify(this.namespaces.get(namespace) ?? {})}`;
    }

    /** Whether the namespace is one of the given objects. */
    exists(namespace: string): boolean {
        return this.namespaces.has(namespace);
    }

    /** The name label is there in every cluster (Kubernetes docs, "Automatic labelling"). */
    labelsOf(namespace: string): Labels {
        return { ...this.namespaces.get(namespace), [NAME_LABEL]: namespace };
    }

    decide(request: AdmissionRequest): AdmissionDecision {
        const root = this.rootOf(request);
        const reasons: string[] = [];
        for (const bound of this.asked(request)) {
            const { refusals, unreadable } = this.ask(bound, request, root, true);
            if (refusals.length > 0) {
                return { result: "refused", policy: bound.policy, message: refusals[0]!.message() };
            }
            reasons.push(...unreadable);
        }
        reasons.push(...this.webhooksFor(request));
        return reasons.length > 0 ? { result: "unknown", reasons: [...new Set(reasons)] } : { result: "admitted" };
    }

    /** The variables that the expressions see. */
    rootOf(request: AdmissionRequest, labels?: Labels): Fields {
        const { object, oldObject, namespace } = request;
        return {
            object,
            oldObject,
            request: requestVariable(request),
            namespaceObject:
                namespace === undefined
                    ? null
                    : { metadata: { name: namespace, labels: labels ?? this.labelsOf(namespace) } },
        };
    }

    /** The policies whose rules name such a request; the one that was {@link preferred} last comes first. */
    asked(request: AdmissionRequest): readonly BoundPolicy[] {
        const key = keyOf(request);
        let asked = this.byRequest.get(key);
        if (asked === undefined) {
            asked = this.bound.filter(({ policy, binding }) => rulesFit(policy, binding, request));
            this.byRequest.set(key, asked);
        }
        return asked;
    }

    /** What refused one request is likely to refuse the next. */
    preferred(bound: BoundPolicy, request: AdmissionRequest): void {
        const asked = this.asked(request);
        if (asked[0] !== bound) {
            this.byRequest.set(keyOf(request), [bound, ...asked.filter(other => other !== bound)]);
        }
    }

    /** @param afresh whether to evaluate it again, for the message; default: what it said about a request that looked alike */
    ask(bound: BoundPolicy, request: AdmissionRequest, root: Fields, afresh = false): Judgement {
        const { policy, binding, unknown } = bound;
        const [constraints, narrowing] = [fields(policy.spec.matchConstraints), fields(binding.spec.matchResources)];
        if (unknown !== undefined) {
            const what = /Patch::/.test(unknown)
                ? "changes it, and what comes of that is not judged"
                : "has values that are not known before up";
            return { refusals: [], unreadable: [`${unknown} ${what}`] };
        }
        const params = this.paramsOf(bound, request);
        if (params === "skip") {
            return PASSES;
        }
        if ("reason" in params) {
            return { refusals: [], unreadable: [params.reason] };
        }
        const judgements = params.values.map(value => {
            const evaluate = (variables: Fields, trace: Trace): Judgement => {
                const seen = trace.views(variables);
                try {
                    const selected = trace.summed(
                        SELECTORS,
                        variables,
                        read => selectorsMatch(constraints, read) && selectorsMatch(narrowing, read),
                    );
                    return selected.value ? judge(policy, seen, trace, selected.places) : PASSES;
                } catch (error) {
                    // A label that a selector asks for, and that only deployment will tell.
                    if (error instanceof UnreadableCel) {
                        return { refusals: [], unreadable: [`${policy.urn}: ${error.message}`] };
                    }
                    throw error;
                }
            };
            const given = { ...root, params: value };
            return afresh ? evaluate(given, new Trace()) : remembered(bound, given, evaluate);
        });
        return {
            refusals: judgements.flatMap(({ refusals }) => refusals),
            unreadable: judgements.flatMap(({ unreadable }) => unreadable),
        };
    }

    /** Why what passes the policies may be refused all the same. */
    webhooksFor(request: AdmissionRequest): string[] {
        return this.webhooks
            .filter(({ object }) =>
                fieldsList(object.webhooks).some(({ rules }) =>
                    fieldsList(rules).some(rule => ruleMatches(rule, request, true)),
                ),
            )
            .map(({ urn }) => `${urn} is asked about ${request.resource}, and what it answers is not shown`);
    }

    private selects(bound: BoundPolicy, namespace: string): boolean {
        const labels = this.labelsOf(namespace);
        return namespaceSelectorsOf(bound).every(selector => selectorMatches(selector, labels));
    }

    private paramsOf(
        { policy, binding, parameters }: BoundPolicy,
        request: AdmissionRequest,
    ): { readonly values: readonly unknown[] } | { readonly reason: string } | "skip" {
        if (policy.spec.paramKind === undefined) {
            return { values: [null] };
        }
        const reference = fields(binding.spec.paramRef);
        const { kind } = fields(policy.spec.paramKind);
        // Of a kind with namespaces, and with none named, the API server takes those of the request's own namespace.
        if (
            reference.namespace === undefined &&
            !CLUSTER_WIDE_PARAMETERS.has(String(kind)) &&
            request.namespace !== undefined
        ) {
            return {
                reason: `${binding.urn} takes its parameters (${String(kind)}) from the namespace of the request, where others may write them; name a namespace in paramRef`,
            };
        }
        const found = parameters.filter(
            object => reference.namespace === undefined || object.namespace === reference.namespace,
        );
        if (found.length > 0) {
            return { values: found.map(({ object }) => object) };
        }
        return text(reference.parameterNotFoundAction) === "Allow"
            ? "skip"
            : {
                  reason: `${binding.urn} takes its parameters from ${String(kind)} ${String(reference.name ?? "by selector")}, which is not given`,
              };
    }
}

function keyOf({ operation, group, version, resource, subresource, namespace, name }: AdmissionRequest): string {
    return [operation, group, version, resource, subresource, namespace === undefined, name].join(" ");
}

function rulesFit(policy: KubernetesObject, binding: KubernetesObject, request: AdmissionRequest): boolean {
    return (
        rulesMatch(fields(policy.spec.matchConstraints), request, true) &&
        rulesMatch(fields(binding.spec.matchResources), request, false)
    );
}

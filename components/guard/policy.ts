import { type KubernetesObject } from "../kubernetesObject";
import { oneOf, text } from "./cel";
import { type GuardPolicyId, type GuardRule, policyName, ruleOf } from "./rules";
import { type GuardSettings } from "./settings";

/** Label by which the objects of a rule are found, for example `kubectl get validatingadmissionpolicies -l …=client-injection`. */
export const GUARD_RULE_LABEL = "egress-gateway/guard-rule";

export interface MatchRule {
    readonly apiGroups: readonly string[];
    readonly apiVersions: readonly string[];
    readonly operations: readonly ("CREATE" | "UPDATE" | "DELETE" | "CONNECT")[];
    readonly resources: readonly string[];
    /** `Namespaced` leaves out what is in no namespace, the Namespaces themselves included. Default: both. */
    readonly scope?: "Namespaced";
}

interface LabelRequirement {
    readonly key: string;
    readonly operator: "In" | "NotIn";
    readonly values: readonly string[];
}

/** One thing that a policy looks for. */
export interface GuardCheck {
    /** Identifier in CEL. */
    readonly name: string;
    /** What was found, as the beginning of the message; the offenders follow. */
    readonly finding: string;
    /** CEL: the list of offenders, as strings for the message; empty when nothing is wrong. */
    readonly offenders: string;
}

export interface PolicySource {
    readonly policy: GuardPolicyId;
    readonly matches: readonly MatchRule[];
    /** Of those, the ones that are not judged. */
    readonly leavesOut?: readonly MatchRule[];
    /** Where it applies; absent: everywhere. */
    readonly namespaces?: { readonly only: readonly string[] } | { readonly except: readonly string[] };
    /** CEL: requests for which this is false are not judged. */
    readonly unless?: Readonly<Record<string, string>>;
    readonly variables?: Readonly<Record<string, string>>;
    readonly checks: readonly GuardCheck[];
    /** CEL values for the audit log, also of requests that pass. */
    readonly audit?: Readonly<Record<string, string>>;
}

interface Expression {
    readonly name: string;
    readonly expression: string;
}

/** `admissionregistration.k8s.io/v1`, the fields that the guard uses. */
export interface AdmissionPolicy extends KubernetesObject {
    readonly kind: "ValidatingAdmissionPolicy";
    readonly spec: {
        readonly failurePolicy: "Fail";
        readonly matchConstraints: {
            readonly matchPolicy: "Equivalent";
            readonly resourceRules: MatchRule[];
            readonly excludeResourceRules?: MatchRule[];
        };
        readonly matchConditions?: Expression[];
        readonly variables: Expression[];
        readonly validations: {
            readonly expression: string;
            readonly message: string;
            readonly messageExpression: string;
            readonly reason: "Forbidden";
        }[];
        readonly auditAnnotations?: { readonly key: string; readonly valueExpression: string }[];
    };
}

export interface AdmissionPolicyBinding extends KubernetesObject {
    readonly kind: "ValidatingAdmissionPolicyBinding";
    readonly spec: {
        readonly policyName: string;
        readonly validationActions: ("Deny" | "Warn" | "Audit")[];
        readonly matchResources?: { readonly namespaceSelector: { readonly matchExpressions: LabelRequirement[] } };
    };
}

export type GuardObject = AdmissionPolicy | AdmissionPolicyBinding;

/**
 * The policy says what is refused, its binding where and how.
 *
 * @throws when two variables have one name: the later would read itself, and an API server (seen with 1.36.3) that
 * evaluates such a policy overflows its stack and ends
 */
export function policyWithBinding(source: PolicySource, settings: Pick<GuardSettings, "mode">): GuardObject[] {
    const name = policyName(source.policy);
    const rule = ruleOf(source.policy);
    const metadata = { name, labels: { [GUARD_RULE_LABEL]: rule.id } };
    const conditions = expressions({ ...exemptPrefixes(source.namespaces), ...source.unless }).map(condition => ({
        name: condition.name,
        expression: `!(${condition.expression})`,
    }));
    const variables = [
        ...expressions(source.variables ?? {}),
        ...source.checks.map(check => ({ name: check.name, expression: check.offenders })),
    ];
    const repeated = variables.find(
        ({ name: one }, index) => variables.findIndex(other => other.name === one) !== index,
    );
    if (repeated !== undefined) {
        throw new Error(`${name}: two variables are called ${repeated.name}; give each check a name of its own`);
    }
    const audit = Object.entries(source.audit ?? {}).map(([key, valueExpression]) => ({ key, valueExpression }));
    const selector = source.namespaces === undefined ? undefined : namespaceSelector(source.namespaces);
    return [
        {
            apiVersion: "admissionregistration.k8s.io/v1",
            kind: "ValidatingAdmissionPolicy",
            metadata,
            spec: {
                failurePolicy: "Fail",
                // Equivalent: an older version or another group of the same resource is converted and judged as well.
                matchConstraints: {
                    matchPolicy: "Equivalent",
                    resourceRules: [...source.matches],
                    ...(source.leavesOut === undefined ? {} : { excludeResourceRules: [...source.leavesOut] }),
                },
                ...(conditions.length > 0 ? { matchConditions: conditions } : {}),
                variables,
                validations: source.checks.map(check => validation(rule, check)),
                ...(audit.length > 0 ? { auditAnnotations: audit } : {}),
            },
        },
        {
            apiVersion: "admissionregistration.k8s.io/v1",
            kind: "ValidatingAdmissionPolicyBinding",
            metadata,
            spec: {
                policyName: name,
                validationActions: settings.mode === "observe" ? ["Warn", "Audit"] : ["Deny", "Audit"],
                ...(selector === undefined ? {} : { matchResources: { namespaceSelector: selector } }),
            },
        },
    ];
}

function validation(rule: GuardRule, check: GuardCheck): AdmissionPolicy["spec"]["validations"][number] {
    const before = `[${rule.id}] ${check.finding}`;
    const after = `${rule.why} ${rule.remedy}`;
    return {
        expression: `variables.${check.name}.size() == 0`,
        // Said when the message below cannot be composed, for example because an offender's name has a line break.
        message: `${before}. ${after}`,
        messageExpression: `${text(`${before}: `)} + variables.${check.name}.join(", ") + ${text(`. ${after}`)}`,
        reason: "Forbidden",
    };
}

/** A selector knows whole names only, so a name that ends with `*` becomes a condition. */
function exemptPrefixes(where: PolicySource["namespaces"]): Readonly<Record<string, string>> {
    const prefixes = where === undefined || "only" in where ? [] : where.except.filter(name => name.endsWith("*"));
    return prefixes.length === 0 ? {} : { "reserved-namespaces": oneOf("request.namespace", [...prefixes].sort()) };
}

/** By the name label, which the API server itself keeps equal to the namespace's name (Kubernetes documentation). */
function namespaceSelector(where: NonNullable<PolicySource["namespaces"]>): { matchExpressions: LabelRequirement[] } {
    const [operator, values] = "only" in where ? (["In", where.only] as const) : (["NotIn", where.except] as const);
    const names = [...new Set(values)].filter(name => !name.endsWith("*")).sort();
    return { matchExpressions: [{ key: "kubernetes.io/metadata.name", operator, values: names }] };
}

function expressions(record: Readonly<Record<string, string>>): Expression[] {
    return Object.entries(record).map(([name, expression]) => ({ name, expression }));
}

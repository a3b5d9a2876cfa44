/* The parts of Kubernetes' objects that the agent reads. */

export interface PodObject {
    readonly metadata: {
        readonly name: string;
        readonly namespace: string;
        readonly uid: string;
        readonly labels?: Readonly<Record<string, string>>;
        readonly annotations?: Readonly<Record<string, string>>;
        readonly deletionTimestamp?: string;
    };
    readonly spec: {
        readonly nodeName?: string;
        readonly nodeSelector?: Readonly<Record<string, string>>;
        readonly tolerations?: readonly Toleration[];
        readonly hostNetwork?: boolean;
        readonly affinity?: {
            readonly nodeAffinity?: {
                readonly requiredDuringSchedulingIgnoredDuringExecution?: {
                    readonly nodeSelectorTerms: readonly { readonly matchExpressions?: readonly Expression[] }[];
                };
            };
            readonly podAntiAffinity?: {
                readonly preferredDuringSchedulingIgnoredDuringExecution?: readonly {
                    readonly podAffinityTerm: {
                        readonly labelSelector: { readonly matchLabels: Readonly<Record<string, string>> };
                    };
                }[];
            };
        };
        readonly serviceAccountName: string;
        readonly securityContext?: { readonly runAsUser?: number; readonly runAsGroup?: number };
        readonly containers: readonly {
            readonly name: string;
            readonly image: string;
            readonly command?: readonly string[];
            readonly args?: readonly string[];
        }[];
    };
    readonly status?: { readonly phase?: string };
}

export interface Toleration {
    readonly key?: string;
    readonly operator?: string;
    readonly value?: string;
    readonly effect?: string;
}

export interface NodeObject {
    readonly metadata: { readonly name: string; readonly labels?: Readonly<Record<string, string>> };
    readonly spec: {
        readonly taints?: readonly { readonly key: string; readonly value?: string; readonly effect: string }[];
    };
}

export interface Expression {
    readonly key: string;
    readonly operator: string;
    readonly values?: readonly string[];
}

/** Whether the pod's own selector and affinity allow the node (Kubernetes documentation, "Assigning Pods to Nodes"). */
export function selects({ spec }: PodObject, { metadata }: NodeObject): boolean {
    const labels = metadata.labels ?? {};
    const terms = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;
    return (
        Object.entries(spec.nodeSelector ?? {}).every(([key, value]) => labels[key] === value) &&
        (terms === undefined ||
            terms.some(({ matchExpressions = [] }) => matchExpressions.every(expression => holds(expression, labels))))
    );
}

/** One expression of a label selector (Kubernetes documentation, "Labels and Selectors"). */
export function holds({ key, operator, values = [] }: Expression, labels: Readonly<Record<string, string>>): boolean {
    switch (operator) {
        case "In":
            return values.includes(labels[key] ?? "");
        case "NotIn":
            return !values.includes(labels[key] ?? "");
        case "Exists":
            return key in labels;
        default:
            return !(key in labels);
    }
}

/** How many pods on a node this one would rather not be beside. */
export function unwanted({ spec }: PodObject, node: string, pods: readonly PodObject[]): number {
    const terms = spec.affinity?.podAntiAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [];
    return pods.filter(
        other =>
            other.spec.nodeName === node &&
            terms.some(({ podAffinityTerm }) =>
                Object.entries(podAffinityTerm.labelSelector.matchLabels).every(
                    ([key, value]) => other.metadata.labels?.[key] === value,
                ),
            ),
    ).length;
}

/** The taints of these effects that a pod does not tolerate (Kubernetes documentation, "Taints and Tolerations"). */
export function untolerated(
    { spec }: NodeObject,
    tolerations: readonly Toleration[],
    effects: readonly string[],
): { readonly key: string; readonly value?: string; readonly effect: string }[] {
    return (spec.taints ?? []).filter(
        taint =>
            effects.includes(taint.effect) &&
            !tolerations.some(
                ({ effect, key, operator = "Equal", value }) =>
                    (effect === undefined || effect === "" || effect === taint.effect) &&
                    (key === undefined || key === "" ? operator === "Exists" : key === taint.key) &&
                    (operator === "Exists" || (value ?? "") === (taint.value ?? "")),
            ),
    );
}

import { type MatchRule } from "./policy";

/**
 * Pods, and the built-in kinds that carry a pod template: refusing the template tells the sender at once; refusing the
 * pod holds whoever sends it, controllers of custom workload kinds included.
 */
export const POD_BEARING: readonly MatchRule[] = [
    {
        apiGroups: [""],
        apiVersions: ["v1"],
        operations: ["CREATE", "UPDATE"],
        resources: ["pods", "replicationcontrollers", "podtemplates"],
    },
    {
        apiGroups: ["apps"],
        apiVersions: ["v1"],
        operations: ["CREATE", "UPDATE"],
        resources: ["daemonsets", "deployments", "replicasets", "statefulsets"],
    },
    { apiGroups: ["batch"], apiVersions: ["v1"], operations: ["CREATE", "UPDATE"], resources: ["cronjobs", "jobs"] },
];

/** As {@link POD_BEARING}, and debug containers that are added to a running pod. */
export const POD_BEARING_AND_DEBUG: readonly MatchRule[] = [
    ...POD_BEARING,
    { apiGroups: [""], apiVersions: ["v1"], operations: ["UPDATE"], resources: ["pods/ephemeralcontainers"] },
];

/**
 * The pod template of `object` or `oldObject`, whatever the kind: `spec.jobTemplate.spec.template` of a CronJob,
 * `spec.template` of the other workloads, `template` of a PodTemplate, a Pod itself. `dyn` because one expression reads
 * several kinds.
 */
function templateOf(root: "object" | "oldObject"): string {
    const object = `dyn(${root})`;
    return (
        `${object}.?spec.?jobTemplate.?spec.?template.or(${object}.?spec.?template)` +
        `.or(${object}.?template).orValue(${object})`
    );
}

/** Variables `template`, `spec`, `containers` (init and ephemeral ones too), `annotations` and `labels` of the pod. */
export const POD_VARIABLES: Readonly<Record<string, string>> = {
    template: templateOf("object"),
    spec: "variables.template.?spec.orValue({})",
    containers:
        "variables.spec.?containers.orValue([]) + variables.spec.?initContainers.orValue([])" +
        " + variables.spec.?ephemeralContainers.orValue([])",
    annotations: "variables.template.?metadata.?annotations.orValue({})",
    labels: "variables.template.?metadata.?labels.orValue({})",
};

/**
 * True for updates that leave the judged part as it was. Objects from before the guard can then still be scaled, labelled,
 * finalized and deleted: refusing that would break running workloads without closing anything.
 */
export const SAME_POD_SPEC = `request.operation == "UPDATE" && ${["object", "oldObject"]
    .map(root => `(${templateOf(root as "object")}).?spec.orValue({})`)
    .join(" == ")}`;

export const SAME_POD_METADATA = ["annotations", "labels"].reduce(
    (condition, field) =>
        `${condition} && ${["object", "oldObject"]
            .map(root => `(${templateOf(root as "object")}).?metadata.?${field}.orValue({})`)
            .join(" == ")}`,
    'request.operation == "UPDATE"',
);

/** Whether the object is a pod and not a template of one. */
export const IS_POD = 'request.resource.resource == "pods"';

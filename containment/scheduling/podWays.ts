import { type Fields } from "../kubernetes";
import { type AdmissionRequest, type Sender, type Undertaking } from "./admissionRequest";

/** One way in which something else than the gateway's own pods may come to run on gateway nodes. */
export interface PodWay extends Undertaking {
    readonly id: string;
    /** What runs there in the end, as the subject of a sentence. */
    readonly words: string;
    /** Spec of the pod that has to pass the taints; absent where a container joins a gateway pod, or the taint itself goes. */
    readonly podSpec?: Fields;
    /** What would close it. */
    readonly remedy: string;
}

/** Anybody who may create workloads in a namespace. */
export const TENANT: Sender = { username: "tenant@example.com", groups: [] };
/** A workload of the namespace that talks to the API server. */
export const serviceAccount = (namespace: string): Sender => ({
    username: `system:serviceaccount:${namespace}:default`,
    groups: ["system:serviceaccounts", `system:serviceaccounts:${namespace}`],
});
const controller = (name: string): Sender => ({
    username: `system:serviceaccount:kube-system:${name}`,
    groups: ["system:serviceaccounts", "system:serviceaccounts:kube-system"],
});

export const GUARD =
    "refuse the request by a ValidatingAdmissionPolicy that is bound with Deny and covers this namespace";

export function podWay(id: string, words: string, namespace: string, spec: Fields, user: Sender): PodWay {
    return { id, words, podSpec: spec, requests: [podRequest(namespace, spec, user)], remedy: GUARD };
}

export function podRequest(namespace: string, spec: Fields, user: Sender, written?: Written): AdmissionRequest {
    return create({ group: "", version: "v1", resource: "pods", kind: "Pod", namespace, user }, { spec }, written);
}

export function podSpec(extra: Fields): Fields {
    return { containers: [{ name: "app", image: "registry.example.com/app:1" }], ...extra };
}

/** The built-in kinds that have a pod template, and who makes pods of it; of a PodTemplate, whichever workload reads it. */
export const TEMPLATES = [
    { kind: "Deployment", group: "apps", resource: "deployments", account: "replicaset-controller" },
    { kind: "ReplicaSet", group: "apps", resource: "replicasets", account: "replicaset-controller" },
    { kind: "StatefulSet", group: "apps", resource: "statefulsets", account: "statefulset-controller" },
    { kind: "DaemonSet", group: "apps", resource: "daemonsets", account: "daemon-set-controller" },
    { kind: "Job", group: "batch", resource: "jobs", account: "job-controller" },
    { kind: "CronJob", group: "batch", resource: "cronjobs", account: "job-controller" },
    { kind: "ReplicationController", group: "", resource: "replicationcontrollers", account: "replication-controller" },
    { kind: "PodTemplate", group: "", resource: "podtemplates", account: undefined },
] as const;

/** Where an object of the kind has its pod, from the object's root; undefined for kinds without one. */
export function podRootOf(kind: string): readonly string[] | undefined {
    switch (kind) {
        case "Pod":
            return [];
        case "PodTemplate":
            return ["template"];
        case "CronJob":
            return ["spec", "jobTemplate", "spec", "template"];
        default:
            return TEMPLATES.some(template => template.kind === kind) ? ["spec", "template"] : undefined;
    }
}

/** A tenant sends the template, new or in place of a harmless one, and a controller sends its pods: both have to get through. */
export function templateWay(
    { kind, group, resource, account }: (typeof TEMPLATES)[number],
    namespace: string,
    spec: Fields,
    {
        operation,
        template = spec,
        written = { labels: { app: "app" } },
    }: { readonly operation: "CREATE" | "UPDATE"; readonly template?: Fields; readonly written?: Written },
): PodWay {
    const target = { group, version: "v1", resource, kind, namespace, user: TENANT };
    const after = create(target, workload(kind, template, written));
    return {
        id: `${kind} ${operation}`,
        words: `a pod of a ${kind} whose template ${operation === "CREATE" ? "tolerates the taint" : "is changed so that it tolerates the taint"}`,
        podSpec: spec,
        requests: [
            operation === "CREATE"
                ? after
                : { ...after, operation, oldObject: create(target, workload(kind, podSpec({}), written)).object },
            podRequest(
                namespace,
                spec,
                account === undefined ? serviceAccount(namespace) : controller(account),
                written,
            ),
        ],
        remedy: GUARD,
    };
}

function workload(kind: string, spec: Fields, { labels = {}, annotations = {} }: Written): Fields {
    const template = { metadata: { labels, annotations }, spec };
    switch (kind) {
        case "PodTemplate":
            return { template };
        case "CronJob":
            return { spec: { schedule: "* * * * *", jobTemplate: { spec: { template } } } };
        case "Job":
            return { spec: { template } };
        case "ReplicationController":
            return { spec: { selector: labels, template } };
        default:
            return { spec: { selector: { matchLabels: labels }, template } };
    }
}

/** What is written on a pod. */
export interface Written {
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
}

type Target = Omit<AdmissionRequest, "operation" | "object" | "oldObject">;

export function create(
    target: Target,
    body: Fields,
    { labels = {}, annotations = {} }: Written = {},
): AdmissionRequest {
    const { group, version, kind, namespace } = target;
    const metadata = { name: "app", ...(namespace === undefined ? {} : { namespace }), labels, annotations };
    return {
        ...target,
        name: "app",
        operation: "CREATE",
        object: { apiVersion: group === "" ? version : `${group}/${version}`, kind, metadata, ...body },
        oldObject: null,
    };
}

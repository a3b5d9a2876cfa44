import { type Fields } from "../kubernetes";
import { type AdmissionRequest, type Sender } from "./admissionRequest";

/** One way in which something else than the gateway's own pods may come to run on gateway nodes. */
export interface Way {
    readonly id: string;
    /** What runs there in the end, as the subject of a sentence. */
    readonly words: string;
    /** Requests that all have to be admitted, in this order. */
    readonly requests: readonly AdmissionRequest[];
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
export const controller = (name: string): Sender => ({
    username: `system:serviceaccount:kube-system:${name}`,
    groups: ["system:serviceaccounts", "system:serviceaccounts:kube-system"],
});

export const GUARD = "refuse it by a ValidatingAdmissionPolicy that is bound with Deny and covers this namespace";

export function podWay(id: string, words: string, namespace: string, spec: Fields, user: Sender): Way {
    return { id, words, podSpec: spec, requests: [podRequest(namespace, spec, user)], remedy: GUARD };
}

export function podRequest(
    namespace: string,
    spec: Fields,
    user: Sender,
    labels: Readonly<Record<string, string>> = {},
): AdmissionRequest {
    return create({ group: "", version: "v1", resource: "pods", kind: "Pod", namespace, user }, { spec }, labels);
}

export function podSpec(extra: Fields): Fields {
    return { containers: [{ name: "app", image: "registry.example.com/app:1" }], ...extra };
}

export const CONTROLLERS = [
    { kind: "Deployment", group: "apps", resource: "deployments", account: "replicaset-controller" },
    { kind: "ReplicaSet", group: "apps", resource: "replicasets", account: "replicaset-controller" },
    { kind: "StatefulSet", group: "apps", resource: "statefulsets", account: "statefulset-controller" },
    { kind: "DaemonSet", group: "apps", resource: "daemonsets", account: "daemon-set-controller" },
    { kind: "Job", group: "batch", resource: "jobs", account: "job-controller" },
    { kind: "CronJob", group: "batch", resource: "cronjobs", account: "job-controller" },
    { kind: "ReplicationController", group: "", resource: "replicationcontrollers", account: "replication-controller" },
] as const;

/** A tenant sends the template, and a controller of the control plane sends its pods: both have to get through. */
export function templateWay(
    { kind, group, resource, account }: (typeof CONTROLLERS)[number],
    namespace: string,
    spec: Fields,
): Way {
    const template = { metadata: { labels: { app: "app" } }, spec };
    const selected = {
        selector: kind === "ReplicationController" ? { app: "app" } : { matchLabels: { app: "app" } },
        template,
    };
    const workload =
        kind === "CronJob"
            ? { schedule: "* * * * *", jobTemplate: { spec: { template } } }
            : kind === "Job"
              ? { template }
              : selected;
    return {
        id: `${kind}`,
        words: `a pod of a ${kind} whose template tolerates the taint`,
        podSpec: spec,
        requests: [
            create({ group, version: "v1", resource, kind, namespace, user: TENANT }, { spec: workload }),
            podRequest(namespace, spec, controller(account), { app: "app" }),
        ],
        remedy: GUARD,
    };
}

type Target = Omit<AdmissionRequest, "operation" | "object" | "oldObject">;

export function create(target: Target, body: Fields, labels: Readonly<Record<string, string>> = {}): AdmissionRequest {
    const { group, version, kind, namespace } = target;
    const metadata = { name: "app", ...(namespace === undefined ? {} : { namespace }), labels };
    return {
        ...target,
        name: "app",
        operation: "CREATE",
        object: { apiVersion: group === "" ? version : `${group}/${version}`, kind, metadata, ...body },
        oldObject: null,
    };
}

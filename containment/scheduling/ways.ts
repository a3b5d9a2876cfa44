import { type Fields } from "../kubernetes";
import { type AdmissionRequest, type Sender } from "./admission";
import { type GatewayPool } from "./nodePools";

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
const serviceAccount = (namespace: string): Sender => ({
    username: `system:serviceaccount:${namespace}:default`,
    groups: ["system:serviceaccounts", `system:serviceaccounts:${namespace}`],
});
const controller = (name: string): Sender => ({
    username: `system:serviceaccount:kube-system:${name}`,
    groups: ["system:serviceaccounts", "system:serviceaccounts:kube-system"],
});

const GUARD = "refuse it by a ValidatingAdmissionPolicy that is bound with Deny and covers this namespace";

/** Ways that a tenant of a namespace other than the gateway's may try. */
export function waysFrom(namespace: string, pool: GatewayPool): readonly Way[] {
    const pods = hostilePods(pool);
    const byToleration = pods.find(({ id }) => id === "toleration")?.spec ?? {};
    return [
        ...pods.map(({ id, words, spec }) => podWay(id, words, namespace, spec, TENANT)),
        ...CONTROLLERS.map(kind => templateWay(kind, namespace, byToleration)),
        podWay(
            "service-account",
            "a pod that a workload of the namespace creates",
            namespace,
            byToleration,
            serviceAccount(namespace),
        ),
        updateWay(namespace, byToleration),
        bindingWay(namespace, pool),
        runtimeClassWay(namespace, pool),
    ];
}

/** Ways that concern the gateway's namespace, its nodes and their like. */
export function waysIntoTheGateway(pool: GatewayPool, gatewayNamespace: string | undefined): readonly Way[] {
    const own =
        gatewayNamespace === undefined ? [] : [...foreignPodsIn(gatewayNamespace, pool), ...accessTo(gatewayNamespace)];
    return [...own, taintRemoval(pool), computeClass(pool)];
}

function hostilePods(
    pool: GatewayPool,
): readonly { readonly id: string; readonly words: string; readonly spec: Fields }[] {
    const byKey = pool.taints.map(({ key, effect }) => ({ key, operator: "Exists", effect }));
    const byValue = pool.taints.map(({ key, value }) => ({ key, operator: "Equal", value }));
    const select = { nodeSelector: pool.labels };
    const nodeName = `a node of pool ${pool.name}`;
    const affinity = {
        nodeAffinity: {
            requiredDuringSchedulingIgnoredDuringExecution: {
                nodeSelectorTerms: [
                    {
                        matchExpressions: Object.entries(pool.labels).map(([key, value]) => ({
                            key,
                            operator: "In",
                            values: [value],
                        })),
                    },
                ],
            },
        },
    };
    return [
        { id: "plain", words: "a pod that asks for nothing", spec: podSpec({}) },
        { id: "selection", words: "a pod that selects the nodes by their label", spec: podSpec(select) },
        {
            id: "toleration",
            words: "a pod that tolerates the taint and selects the nodes",
            spec: podSpec({ tolerations: byKey, ...select }),
        },
        { id: "toleration-alone", words: "a pod that tolerates the taint", spec: podSpec({ tolerations: byKey }) },
        {
            id: "toleration-by-value",
            words: "a pod that tolerates the taint by key and value, of any effect",
            spec: podSpec({ tolerations: byValue }),
        },
        {
            id: "toleration-of-everything",
            words: "a pod that tolerates every taint",
            spec: podSpec({ tolerations: [{ operator: "Exists" }] }),
        },
        {
            id: "toleration-of-every-effect",
            words: "a pod that tolerates every taint of the same effect",
            spec: podSpec({
                tolerations: [...new Set(pool.taints.map(({ effect }) => effect))].map(effect => ({
                    operator: "Exists",
                    effect,
                })),
            }),
        },
        {
            id: "toleration-for-a-minute",
            words: "a pod that tolerates the taint for a minute",
            spec: podSpec({
                tolerations: byKey.map(toleration =>
                    toleration.effect === "NoExecute" ? { ...toleration, tolerationSeconds: 60 } : toleration,
                ),
            }),
        },
        {
            // The API server's ExtendedResourceToleration plugin adds it, before the policies see the pod.
            id: "extended-resource",
            words: "a pod that asks for an extended resource named like the taint",
            spec: podSpec({
                tolerations: pool.taints.map(({ key }) => ({ key, operator: "Exists", effect: "NoSchedule" })),
            }),
        },
        {
            id: "affinity",
            words: "a pod that tolerates the taint and requires the nodes by affinity",
            spec: podSpec({ tolerations: byKey, affinity }),
        },
        { id: "node-name", words: "a pod that names its node and tolerates nothing", spec: podSpec({ nodeName }) },
        {
            id: "node-name-and-toleration",
            words: "a pod that names its node and tolerates the taint",
            spec: podSpec({ nodeName, tolerations: byKey }),
        },
        {
            id: "host-network",
            words: "a pod on the host network that tolerates the taint",
            spec: podSpec({ hostNetwork: true, tolerations: byKey, ...select }),
        },
    ];
}

function podSpec(extra: Fields): Fields {
    return { containers: [{ name: "app", image: "registry.example.com/app:1" }], ...extra };
}

const CONTROLLERS = [
    { kind: "Deployment", group: "apps", resource: "deployments", account: "replicaset-controller" },
    { kind: "ReplicaSet", group: "apps", resource: "replicasets", account: "replicaset-controller" },
    { kind: "StatefulSet", group: "apps", resource: "statefulsets", account: "statefulset-controller" },
    { kind: "DaemonSet", group: "apps", resource: "daemonsets", account: "daemon-set-controller" },
    { kind: "Job", group: "batch", resource: "jobs", account: "job-controller" },
    { kind: "CronJob", group: "batch", resource: "cronjobs", account: "job-controller" },
    { kind: "ReplicationController", group: "", resource: "replicationcontrollers", account: "replication-controller" },
] as const;

function podWay(id: string, words: string, namespace: string, spec: Fields, user: Sender): Way {
    return { id, words, podSpec: spec, requests: [podRequest(namespace, spec, user)], remedy: GUARD };
}

function podRequest(
    namespace: string,
    spec: Fields,
    user: Sender,
    labels: Readonly<Record<string, string>> = {},
): AdmissionRequest {
    return create({ group: "", version: "v1", resource: "pods", kind: "Pod", namespace, user }, { spec }, labels);
}

/** A tenant sends the template, and a controller of the control plane sends its pods: both have to get through. */
function templateWay(
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

/** Tolerations may be added to a pod that waits for the scheduler. */
function updateWay(namespace: string, spec: Fields): Way {
    const before = podSpec({ schedulingGates: [{ name: "example.com/wait" }] });
    const admitted = podRequest(namespace, before, TENANT);
    return {
        id: "toleration-by-update",
        words: "a waiting pod that is given the toleration afterwards",
        podSpec: spec,
        requests: [
            admitted,
            {
                ...admitted,
                operation: "UPDATE",
                oldObject: admitted.object,
                object: { ...admitted.object, spec: { ...before, ...spec, schedulingGates: [] } },
            },
        ],
        remedy: GUARD,
    };
}

/** Whoever may create bindings is a scheduler, and needs no nodeName in the pod. */
function bindingWay(namespace: string, pool: GatewayPool): Way {
    const spec = podSpec({ schedulerName: "none" });
    return {
        id: "binding",
        words: "a pod that a user binds to the node",
        // Once bound it is as if the pod had named its node.
        podSpec: { ...spec, nodeName: `a node of pool ${pool.name}` },
        requests: [
            podRequest(namespace, spec, TENANT),
            create(
                {
                    group: "",
                    version: "v1",
                    resource: "pods",
                    subresource: "binding",
                    kind: "Binding",
                    namespace,
                    user: TENANT,
                },
                { target: { apiVersion: "v1", kind: "Node", name: `a node of pool ${pool.name}` } },
            ),
        ],
        remedy: GUARD,
    };
}

/** The API server copies the tolerations of a RuntimeClass into the pods that name it, before the policies see them. */
function runtimeClassWay(namespace: string, pool: GatewayPool): Way {
    const tolerations = pool.taints.map(({ key, effect }) => ({ key, operator: "Exists", effect }));
    const spec = podSpec({ runtimeClassName: "quick" });
    return {
        id: "runtime-class",
        words: "a pod of a RuntimeClass that tolerates the taint",
        podSpec: { ...spec, tolerations },
        requests: [
            create(
                { group: "node.k8s.io", version: "v1", resource: "runtimeclasses", kind: "RuntimeClass", user: TENANT },
                { handler: "runc", scheduling: { tolerations } },
            ),
            podRequest(namespace, { ...spec, tolerations }, TENANT),
        ],
        remedy: GUARD,
    };
}

function foreignPodsIn(namespace: string, pool: GatewayPool): readonly Way[] {
    const tolerations = pool.taints.map(({ key, effect }) => ({ key, operator: "Exists", effect }));
    const spec = podSpec({ tolerations, nodeSelector: pool.labels });
    return [
        podWay("foreign-pod", "a pod in the gateway's namespace that is not the gateway", namespace, spec, TENANT),
        {
            ...templateWay(CONTROLLERS[0], namespace, spec),
            id: "foreign-deployment",
            words: "a pod of another Deployment in the gateway's namespace",
        },
        podWay(
            "impostor",
            "a foreign container in a pod that carries the gateway's service account and labels",
            namespace,
            { ...spec, serviceAccountName: "egress-gateway" },
            TENANT,
        ),
    ];
}

function accessTo(namespace: string): readonly Way[] {
    const remedy = "refuse it in the gateway's namespace to everybody but a break-glass group";
    const connect = (subresource: string, kind: string): Way => ({
        id: subresource,
        words: `a process that a user starts in a gateway pod (${subresource})`,
        requests: [
            {
                operation: "CONNECT",
                group: "",
                version: "v1",
                resource: "pods",
                subresource,
                kind,
                namespace,
                name: "egress-gateway-0",
                user: TENANT,
                object: { command: ["sh"], container: "istio-proxy", stdin: true },
                oldObject: null,
            },
        ],
        remedy,
    });
    const pod = { metadata: { name: "egress-gateway-0", namespace }, spec: podSpec({}) };
    return [
        connect("exec", "PodExecOptions"),
        connect("attach", "PodAttachOptions"),
        {
            id: "ephemeral-container",
            words: "a debug container that a user adds to a gateway pod",
            requests: [
                {
                    operation: "UPDATE",
                    group: "",
                    version: "v1",
                    resource: "pods",
                    subresource: "ephemeralcontainers",
                    kind: "Pod",
                    namespace,
                    name: "egress-gateway-0",
                    user: TENANT,
                    object: {
                        ...pod,
                        spec: {
                            ...pod.spec,
                            ephemeralContainers: [{ name: "debugger", image: "registry.example.com/debug:1" }],
                        },
                    },
                    oldObject: pod,
                },
            ],
            remedy,
        },
    ];
}

function taintRemoval(pool: GatewayPool): Way {
    const node = (taints: readonly unknown[]): Fields => ({
        metadata: { name: "gateway-node", labels: pool.labels },
        spec: { taints },
    });
    return {
        id: "taint-removal",
        words: "any pod, once a user has taken the taint off a gateway node",
        requests: [
            {
                operation: "UPDATE",
                group: "",
                version: "v1",
                resource: "nodes",
                kind: "Node",
                name: "gateway-node",
                user: TENANT,
                object: node([]),
                oldObject: node(pool.taints),
            },
        ],
        remedy: "refuse changes of the taint on gateway nodes to everybody but the node pool's own controllers",
    };
}

function computeClass(pool: GatewayPool): Way {
    const { serviceAccount, tags } = pool;
    return {
        id: "compute-class",
        words: "any pod on nodes that a ComputeClass creates with the gateway's service account",
        requests:
            serviceAccount === undefined
                ? []
                : [
                      create(
                          {
                              group: "cloud.google.com",
                              version: "v1",
                              resource: "computeclasses",
                              kind: "ComputeClass",
                              user: TENANT,
                          },
                          {
                              spec: {
                                  nodePoolAutoCreation: { enabled: true },
                                  nodePoolConfig: { serviceAccount, ...(tags.length > 0 ? { networkTags: tags } : {}) },
                                  priorities: [{ machineFamily: "e2" }],
                              },
                          },
                      ),
                  ],
        remedy: "refuse ComputeClasses that name the gateway's service account",
    };
}

type Target = Omit<AdmissionRequest, "operation" | "object" | "oldObject">;

function create(target: Target, body: Fields, labels: Readonly<Record<string, string>> = {}): AdmissionRequest {
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

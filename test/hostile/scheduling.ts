import { type HostileCase, type SentObject } from "./case";
import {
    app,
    DEFAULT_TOLERATIONS,
    GATEWAY_TOLERATION,
    pod,
    POD_KINDS,
    type PodFields,
    type PodKind,
    workloadOf,
} from "./objects";
import {
    administrator,
    CLIENT,
    customController,
    daemonSetController,
    developer,
    ELSEWHERE,
    GATEWAY,
    NODE_KEY,
    replicaSetController,
    scheduler,
} from "./surroundings";

/** Ways onto a gateway node. */
export const schedulingCases: readonly HostileCase[] = [
    ...POD_KINDS.map(kind =>
        placed("gateway-node-toleration", kind, {
            id: "toleration/by-key",
            bypass: 19,
            title: "tolerates the gateway's taint",
            message: "tolerates the taint of the gateway's nodes",
            hostile: { tolerations: [GATEWAY_TOLERATION] },
            benign: { tolerations: [{ ...GATEWAY_TOLERATION, key: "acme/batch" }] },
        }),
    ),
    ...POD_KINDS.map(kind =>
        placed("gateway-node-toleration", kind, {
            id: "toleration/everything",
            bypass: 19,
            title: "tolerates every taint",
            message: "tolerates every taint",
            hostile: { tolerations: [{ operator: "Exists" }] },
            benign: { tolerations: [{ operator: "Exists", effect: "NoSchedule" }] },
        }),
    ),
    placed("gateway-node-toleration", "Deployment", {
        id: "toleration/exists-without-value",
        bypass: 19,
        title: "tolerates any value of the gateway's taint",
        message: "tolerates the taint of the gateway's nodes",
        hostile: { tolerations: [{ key: NODE_KEY, operator: "Exists" }] },
        benign: { tolerations: [{ key: `${NODE_KEY}s`, operator: "Exists" }] },
    }),
    placed("gateway-node-toleration", "Job", {
        id: "toleration/another-effect",
        bypass: 19,
        title: "names the gateway's taint with an effect that it does not have today",
        message: "tolerates the taint of the gateway's nodes",
        hostile: { tolerations: [{ ...GATEWAY_TOLERATION, effect: "NoSchedule" }] },
        benign: { tolerations: [{ key: "acme/batch", operator: "Exists", effect: "NoSchedule" }] },
    }),
    placed("gateway-node-toleration", "StatefulSet", {
        id: "toleration/for-a-minute",
        bypass: 19,
        title: "tolerates the gateway's taint for a minute, which is long enough",
        message: "tolerates the taint of the gateway's nodes",
        hostile: { tolerations: [{ ...GATEWAY_TOLERATION, tolerationSeconds: 60 }] },
        benign: { tolerations: [{ ...GATEWAY_TOLERATION, key: "acme/spot", tolerationSeconds: 60 }] },
    }),
    placed("gateway-node-toleration", "DaemonSet", {
        id: "toleration/every-no-execute",
        bypass: 21,
        title: "tolerates every NoExecute taint, as a node agent would",
        message: "tolerates every taint",
        hostile: { tolerations: [{ operator: "Exists", effect: "NoExecute" }] },
        benign: {
            tolerations: [{ operator: "Exists", effect: "NoSchedule" }, ...DEFAULT_TOLERATIONS],
        },
    }),
    placed("gateway-node-toleration", "Pod", {
        id: "toleration/last-of-many",
        bypass: 19,
        title: "hides the toleration behind others",
        message: "tolerates the taint of the gateway's nodes",
        hostile: {
            tolerations: [...DEFAULT_TOLERATIONS, { key: "acme/batch", operator: "Exists" }, GATEWAY_TOLERATION],
        },
        benign: { tolerations: [...DEFAULT_TOLERATIONS, { key: "acme/batch", operator: "Exists" }] },
    }),
    {
        id: "toleration/by-update",
        rule: "gateway-node-toleration",
        bypass: 19,
        title: "A running pod is given the toleration afterwards.",
        as: developer,
        message: "tolerates the taint of the gateway's nodes",
        request: {
            operation: "update",
            before: pod("toleration-update", { tolerations: DEFAULT_TOLERATIONS }),
            object: pod("toleration-update", { tolerations: [...DEFAULT_TOLERATIONS, GATEWAY_TOLERATION] }),
        },
        twin: {
            title: "A running pod is given a toleration of another taint.",
            request: {
                operation: "update",
                before: pod("toleration-update-twin", { tolerations: DEFAULT_TOLERATIONS }),
                object: pod("toleration-update-twin", {
                    tolerations: [...DEFAULT_TOLERATIONS, { key: "acme/batch", operator: "Exists" }],
                }),
            },
        },
    },
    {
        id: "toleration/template-by-update",
        rule: "gateway-node-toleration",
        bypass: 19,
        title: "A harmless Deployment is given the toleration in its next revision.",
        as: developer,
        message: "tolerates the taint of the gateway's nodes",
        request: {
            operation: "update",
            before: workloadOf("Deployment", "toleration-revision"),
            object: workloadOf("Deployment", "toleration-revision", { tolerations: [GATEWAY_TOLERATION] }),
        },
        twin: {
            title: "A Deployment gets a new image.",
            request: {
                operation: "update",
                before: workloadOf("Deployment", "image-revision"),
                object: workloadOf("Deployment", "image-revision", {
                    containers: [{ ...app, image: "registry.acme.example/app:2" }],
                }),
            },
        },
    },
    {
        id: "toleration/generated-name",
        rule: "gateway-node-toleration",
        bypass: 19,
        title: "The pod has no name yet.",
        as: developer,
        message: "tolerates the taint of the gateway's nodes",
        request: {
            operation: "create",
            object: pod("", { tolerations: [GATEWAY_TOLERATION] }, { name: undefined, generateName: "nameless-" }),
        },
        twin: {
            title: "A pod without a name and without tolerations.",
            request: { operation: "create", object: pod("", {}, { name: undefined, generateName: "nameless-" }) },
        },
    },
    {
        id: "toleration/dry-run",
        rule: "gateway-node-toleration",
        bypass: 19,
        title: "A dry run tells what would happen.",
        as: developer,
        message: "tolerates every taint",
        request: {
            operation: "create",
            dryRun: true,
            object: pod("dry-run", { tolerations: [{ operator: "Exists" }] }),
        },
        twin: {
            title: "A dry run of a harmless pod.",
            request: { operation: "create", dryRun: true, object: pod("dry-run") },
        },
    },
    {
        id: "toleration/server-side-apply",
        rule: "gateway-node-toleration",
        bypass: 19,
        title: "The pod comes by server-side apply.",
        as: developer,
        message: "tolerates every taint",
        request: {
            operation: "create",
            by: "apply",
            object: pod("applied", { tolerations: [{ operator: "Exists" }] }),
        },
        twin: {
            title: "A harmless pod comes by server-side apply.",
            request: { operation: "create", by: "apply", object: pod("applied-twin") },
        },
    },
    {
        id: "toleration/extended-resource",
        rule: "gateway-node-toleration",
        bypass: 19,
        title: "The API server adds the toleration itself, for a device of the taint's name.",
        as: developer,
        message: "tolerates the taint of the gateway's nodes",
        request: { operation: "create", object: pod("device", { containers: [withDevice(NODE_KEY)] }) },
        twin: {
            title: "A pod asks for a device of another name.",
            request: {
                operation: "create",
                object: pod("device-twin", { containers: [withDevice("acme.example/gpu")] }),
            },
        },
    },
    {
        id: "toleration/from-a-controller",
        rule: "gateway-node-toleration",
        bypass: 19,
        title: "The controller of a ReplicaSet that was there before the guard sends the pod.",
        as: replicaSetController,
        message: "tolerates the taint of the gateway's nodes",
        request: { operation: "create", object: pod("from-a-replica-set", { tolerations: [GATEWAY_TOLERATION] }) },
        twin: {
            title: "The ReplicaSet controller sends a harmless pod.",
            request: { operation: "create", object: pod("from-a-replica-set-twin") },
        },
    },
    {
        id: "toleration/from-an-operator",
        rule: "gateway-node-toleration",
        bypass: 19,
        title: "An operator for a workload kind that the guard does not know sends the pod.",
        as: customController,
        message: "tolerates every taint",
        request: {
            operation: "create",
            object: pod("from-an-operator", { tolerations: [{ operator: "Exists" }] }, { namespace: ELSEWHERE }),
        },
        twin: {
            title: "An operator sends a harmless pod.",
            request: { operation: "create", object: pod("from-an-operator-twin", {}, { namespace: ELSEWHERE }) },
        },
    },
    {
        id: "toleration/administrator-in-default",
        rule: "gateway-node-toleration",
        bypass: 4,
        title: "An administrator debugs a node, with a pod that tolerates everything in namespace default.",
        as: administrator,
        message: "tolerates every taint",
        request: {
            operation: "create",
            object: pod(
                "node-debugger",
                { hostNetwork: true, tolerations: [{ operator: "Exists" }] },
                { namespace: "default" },
            ),
        },
        twin: {
            title: "An administrator debugs a node from kube-system.",
            request: {
                operation: "create",
                object: pod(
                    "node-debugger",
                    { hostNetwork: true, tolerations: [{ operator: "Exists" }] },
                    { namespace: "kube-system" },
                ),
            },
        },
    },

    ...POD_KINDS.map(kind =>
        placed("gateway-node-name", kind, {
            id: "node-name/named",
            bypass: 20,
            title: "names its node",
            message: "names the node that it wants to run on",
            hostile: { nodeName: "gateway-node-1" },
            benign: { nodeSelector: { "kubernetes.io/hostname": "app-node-1" } },
        }),
    ),
    {
        id: "node-name/custom-scheduler",
        rule: "gateway-node-name",
        bypass: 20,
        title: "A controller places its pods itself.",
        as: customController,
        message: "names the node that it wants to run on",
        request: {
            operation: "create",
            object: pod("self-placed", { nodeName: "gateway-node-1" }, { namespace: ELSEWHERE }),
        },
        twin: {
            title: "A controller leaves the placing to a scheduler of its choice.",
            request: {
                operation: "create",
                object: pod("self-placed-twin", { schedulerName: "batch-scheduler" }, { namespace: ELSEWHERE }),
            },
        },
    },
    bindingCase("binding", "node-name/binding", "A developer binds a pod to a node.", {
        object: pod("bound"),
        subresource: "binding",
    }),
    bindingCase(
        "bindings",
        "node-name/old-binding",
        "A developer binds a pod through the older collection of bindings.",
    ),

    ...POD_KINDS.map(kind =>
        placed("gateway-node-selection", kind, {
            id: "selection/node-selector",
            title: "selects gateway nodes",
            message: "selects gateway nodes",
            hostile: { nodeSelector: { [NODE_KEY]: "true" } },
            benign: { nodeSelector: { "acme/pool": "true" } },
        }),
    ),
    placed("gateway-node-selection", "Deployment", {
        id: "selection/required-affinity",
        title: "requires gateway nodes by affinity",
        message: "selects or prefers gateway nodes",
        hostile: required({ matchExpressions: [{ key: NODE_KEY, operator: "In", values: ["true"] }] }),
        benign: required({ matchExpressions: [{ key: NODE_KEY, operator: "NotIn", values: ["true"] }] }),
    }),
    placed("gateway-node-selection", "Pod", {
        id: "selection/required-affinity-second-term",
        title: "requires gateway nodes in the second of several terms",
        message: "selects or prefers gateway nodes",
        hostile: required(
            { matchExpressions: [{ key: "acme/pool", operator: "Exists" }] },
            { matchExpressions: [{ key: NODE_KEY, operator: "Exists" }] },
        ),
        benign: required(
            { matchExpressions: [{ key: "acme/pool", operator: "Exists" }] },
            { matchExpressions: [{ key: NODE_KEY, operator: "DoesNotExist" }] },
        ),
    }),
    placed("gateway-node-selection", "CronJob", {
        id: "selection/preferred-affinity",
        title: "prefers gateway nodes",
        message: "selects or prefers gateway nodes",
        hostile: preferred({ matchExpressions: [{ key: NODE_KEY, operator: "Exists" }] }),
        benign: preferred({ matchExpressions: [{ key: "acme/pool", operator: "Exists" }] }),
    }),
    placed("gateway-node-selection", "StatefulSet", {
        id: "selection/affinity-not-in-another-value",
        title: "excludes a value that no node has, to keep the label in play",
        message: "selects or prefers gateway nodes",
        hostile: required({ matchExpressions: [{ key: NODE_KEY, operator: "NotIn", values: ["false"] }] }),
        benign: required({ matchExpressions: [{ key: NODE_KEY, operator: "NotIn", values: ["true", "false"] }] }),
    }),
    placed("gateway-node-selection", "Job", {
        id: "selection/match-fields",
        bypass: 20,
        title: "selects a node by its name field",
        message: "selects nodes by name",
        hostile: required({ matchFields: [{ key: "metadata.name", operator: "In", values: ["gateway-node-1"] }] }),
        benign: required({ matchFields: [{ key: "metadata.name", operator: "NotIn", values: ["gateway-node-1"] }] }),
    }),
    placed("gateway-node-selection", "ReplicaSet", {
        id: "selection/preferred-match-fields",
        bypass: 20,
        title: "prefers a node by its name field",
        message: "selects nodes by name",
        hostile: preferred({ matchFields: [{ key: "metadata.name", operator: "In", values: ["gateway-node-1"] }] }),
        benign: preferred({
            matchExpressions: [{ key: "kubernetes.io/hostname", operator: "In", values: ["app-node-1"] }],
        }),
    }),
    {
        id: "selection/match-fields-by-another-controller",
        rule: "gateway-node-selection",
        bypass: 20,
        title: "A controller pins a pod to a node as the DaemonSet controller does.",
        as: customController,
        message: "selects nodes by name",
        request: {
            operation: "create",
            object: pod(
                "pinned",
                required({ matchFields: [{ key: "metadata.name", operator: "In", values: ["gateway-node-1"] }] }),
                { namespace: ELSEWHERE },
            ),
        },
        twin: {
            title: "The DaemonSet controller pins a pod to its node.",
            as: daemonSetController,
            request: {
                operation: "create",
                object: pod(
                    "pinned-twin",
                    required({ matchFields: [{ key: "metadata.name", operator: "In", values: ["app-node-1"] }] }),
                    { namespace: ELSEWHERE },
                ),
            },
        },
    },
    placed("gateway-node-selection", "Deployment", {
        id: "selection/topology-spread",
        title: "spreads over a topology that only gateway nodes have",
        message: "spreads over gateway nodes",
        hostile: { topologySpreadConstraints: [spread(NODE_KEY)] },
        benign: { topologySpreadConstraints: [spread("topology.kubernetes.io/zone")] },
    }),
    placed("gateway-node-selection", "DaemonSet", {
        id: "selection/pod-affinity-topology",
        title: "wants to be near itself in a topology that only gateway nodes have",
        message: "wants to be near the gateway's pods",
        hostile: podAffinity({ topologyKey: NODE_KEY }),
        benign: podAffinity({ topologyKey: "topology.kubernetes.io/zone" }),
    }),
    placed("gateway-node-selection", "Pod", {
        id: "selection/pod-affinity-namespace",
        title: "wants to be on the node of the gateway's pods",
        message: "wants to be near the gateway's pods",
        hostile: podAffinity({ topologyKey: "kubernetes.io/hostname", namespaces: [ELSEWHERE, GATEWAY] }),
        benign: podAffinity({ topologyKey: "kubernetes.io/hostname", namespaces: [ELSEWHERE] }),
    }),
    placed("gateway-node-selection", "ReplicationController", {
        id: "selection/preferred-pod-affinity",
        title: "would like to be on the node of the gateway's pods",
        message: "wants to be near the gateway's pods",
        hostile: preferredPodAffinity({ topologyKey: "kubernetes.io/hostname", namespaces: [GATEWAY] }),
        benign: preferredPodAffinity({ topologyKey: "kubernetes.io/hostname", namespaces: [CLIENT] }),
    }),

    runtimeClassCase("runtime-class/toleration", "tolerates the taint of the gateway's nodes", {
        tolerations: [GATEWAY_TOLERATION],
    }),
    runtimeClassCase("runtime-class/everything", "tolerates every taint", { tolerations: [{ operator: "Exists" }] }),
    runtimeClassCase("runtime-class/selector", "selects gateway nodes", { nodeSelector: { [NODE_KEY]: "true" } }),
];

interface Placement {
    readonly id: string;
    readonly bypass?: number;
    /** Continues "A Deployment …". */
    readonly title: string;
    readonly message: string;
    readonly hostile: PodFields;
    readonly benign: PodFields;
}

function placed(rule: HostileCase["rule"], kind: PodKind, placement: Placement): HostileCase {
    const name = `${placement.id.replace("/", "-")}-${kind.toLowerCase()}`;
    // Beside a client's namespace, to show that the rule holds in both.
    const namespace = POD_KINDS.indexOf(kind) % 2 === 0 ? CLIENT : ELSEWHERE;
    return {
        id: `${placement.id}/${kind}`,
        rule,
        ...(placement.bypass === undefined ? {} : { bypass: placement.bypass }),
        title: `A ${kind} ${placement.title}.`,
        as: developer,
        message: placement.message,
        request: { operation: "create", object: workloadOf(kind, name, placement.hostile, { namespace }) },
        twin: {
            title: `A ${kind} asks for something else of the same sort.`,
            request: { operation: "create", object: workloadOf(kind, `${name}-twin`, placement.benign, { namespace }) },
        },
    };
}

function required(...nodeSelectorTerms: PodFields[]): PodFields {
    return { affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } } } };
}

function preferred(preference: PodFields): PodFields {
    return {
        affinity: { nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 1, preference }] } },
    };
}

function podAffinity(term: PodFields): PodFields {
    const full = { labelSelector: { matchLabels: { istio: "egressgateway" } }, ...term };
    return { affinity: { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [full] } } };
}

function preferredPodAffinity(term: PodFields): PodFields {
    const podAffinityTerm = { labelSelector: { matchLabels: { istio: "egressgateway" } }, ...term };
    return {
        affinity: {
            podAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 100, podAffinityTerm }] },
        },
    };
}

function spread(topologyKey: string): PodFields {
    return {
        maxSkew: 1,
        topologyKey,
        whenUnsatisfiable: "DoNotSchedule",
        labelSelector: { matchLabels: { app: "any" } },
    };
}

function withDevice(resource: string): PodFields {
    return { ...app, resources: { requests: { [resource]: "1" }, limits: { [resource]: "1" } } };
}

function bindingCase(
    name: string,
    id: string,
    title: string,
    below?: { readonly object: SentObject; readonly subresource: string },
): HostileCase {
    const bound = below?.object ?? pod(`${name}-pod`);
    const object: SentObject = {
        apiVersion: "v1",
        kind: "Binding",
        metadata: { name: bound.metadata.name, namespace: CLIENT },
        target: { apiVersion: "v1", kind: "Node", name: "gateway-node-1" },
    };
    const request = { operation: "create", needs: [bound], object, ...(below === undefined ? {} : { below }) } as const;
    return {
        id,
        rule: "gateway-node-name",
        bypass: 20,
        title,
        as: developer,
        message: "binds a pod to a node",
        request,
        twin: { title: "The scheduler binds it.", as: scheduler, request },
    };
}

function runtimeClassCase(id: string, message: string, scheduling: PodFields): HostileCase {
    const runtimeClass = (name: string, fields: PodFields): SentObject => ({
        apiVersion: "node.k8s.io/v1",
        kind: "RuntimeClass",
        metadata: { name },
        handler: "gvisor",
        scheduling: fields,
    });
    const name = id.replace("/", "-");
    return {
        id,
        rule: "gateway-node-runtime-class",
        bypass: 19,
        title: `A RuntimeClass gives every pod that names it a scheduling part that ${message}.`,
        as: administrator,
        message,
        request: { operation: "create", object: runtimeClass(name, scheduling) },
        twin: {
            title: "A RuntimeClass brings the tolerations of its own nodes.",
            request: {
                operation: "create",
                object: runtimeClass(`${name}-twin`, {
                    nodeSelector: { "sandbox.gke.io/runtime": "gvisor" },
                    tolerations: [
                        { key: "sandbox.gke.io/runtime", operator: "Equal", value: "gvisor", effect: "NoSchedule" },
                    ],
                }),
            },
        },
    };
}

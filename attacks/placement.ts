import { type HostileCase, type Sender, type SentObject } from "./case";
import { pod, POD_KINDS, type PodFields } from "./objects";
import { placed } from "./placed";
import {
    CLIENT,
    customController,
    daemonSetController,
    developer,
    ELSEWHERE,
    GATEWAY,
    NODE_KEY,
    placer,
    scheduler,
} from "./surroundings";

/** Ways to a gateway node besides a toleration: naming it, binding to it, selecting it. */
export const placementCases: readonly HostileCase[] = [
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
            title: "A placer that the settings name does.",
            as: placer,
            request: {
                operation: "create",
                object: pod("self-placed-twin", { nodeName: "app-node-1" }, { namespace: ELSEWHERE }),
            },
        },
    },
    bindingCase("binding", "node-name/binding", "A developer binds a pod to a node.", {
        object: pod("bound"),
        subresource: "binding",
    }),
    bindingCase(
        "binding-by-placer",
        "node-name/binding-by-controller",
        "A controller that no setting names binds a pod.",
        { object: pod("bound-by-placer"), subresource: "binding" },
        [customController, placer],
    ),
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
    ...[
        ["by-name", { matchLabels: { "kubernetes.io/metadata.name": GATEWAY } }, { matchLabels: { team: "tools" } }],
        ["any", {}, { matchLabels: { "kubernetes.io/metadata.name": CLIENT } }],
        [
            "by-another-label",
            { matchExpressions: [{ key: "pod-security.kubernetes.io/enforce", operator: "Exists" }] },
            { matchExpressions: [{ key: "kubernetes.io/metadata.name", operator: "NotIn", values: [GATEWAY] }] },
        ],
    ].map(([name, hostile, benign]) =>
        placed("gateway-node-selection", "Pod", {
            id: `selection/pod-affinity-namespaces-${name as string}`,
            title: "wants to be on the node of the gateway's pods, and finds their namespace by its labels",
            message: "wants to be near the gateway's pods",
            hostile: podAffinity({ topologyKey: "kubernetes.io/hostname", namespaceSelector: hostile }),
            benign: podAffinity({ topologyKey: "kubernetes.io/hostname", namespaceSelector: benign }),
        }),
    ),
    placed("gateway-node-selection", "Deployment", {
        id: "selection/pod-affinity-any-namespace",
        title: "wants to be near the gateway's pods of any namespace",
        message: "wants to be near the gateway's pods",
        hostile: podAffinity({ topologyKey: "kubernetes.io/hostname", namespaceSelector: {} }),
        benign: podAffinity({
            topologyKey: "kubernetes.io/hostname",
            namespaceSelector: {},
            labelSelector: { matchLabels: { app: "web" } },
        }),
    }),
    placed("gateway-node-selection", "ReplicationController", {
        id: "selection/preferred-pod-affinity",
        title: "would like to be on the node of the gateway's pods",
        message: "wants to be near the gateway's pods",
        hostile: preferredPodAffinity({ topologyKey: "kubernetes.io/hostname", namespaces: [GATEWAY] }),
        benign: preferredPodAffinity({ topologyKey: "kubernetes.io/hostname", namespaces: [CLIENT] }),
    }),
];

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

function bindingCase(
    name: string,
    id: string,
    title: string,
    below?: { readonly object: SentObject; readonly subresource: string },
    [as, permitted]: readonly [Sender, Sender] = [developer, scheduler],
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
        as,
        message: "binds a pod to a node",
        request,
        twin: { title: "A scheduler binds it.", as: permitted, request },
    };
}

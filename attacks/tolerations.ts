import { type HostileCase, type SentObject } from "./case";
import { app, DEFAULT_TOLERATIONS, GATEWAY_TOLERATION, pod, POD_KINDS, type PodFields, workloadOf } from "./objects";
import { placed } from "./placed";
import { administrator, customController, developer, ELSEWHERE, NODE_KEY, replicaSetController } from "./surroundings";

/** Tolerations that reach a gateway node, and RuntimeClasses that bring them. */
export const tolerationCases: readonly HostileCase[] = [
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
    runtimeClassCase("runtime-class/toleration", "tolerates the taint of the gateway's nodes", {
        tolerations: [GATEWAY_TOLERATION],
    }),
    runtimeClassCase("runtime-class/everything", "tolerates every taint", { tolerations: [{ operator: "Exists" }] }),
    runtimeClassCase("runtime-class/selector", "selects gateway nodes", { nodeSelector: { [NODE_KEY]: "true" } }),
];

function withDevice(resource: string): PodFields {
    return { ...app, resources: { requests: { [resource]: "1" }, limits: { [resource]: "1" } } };
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

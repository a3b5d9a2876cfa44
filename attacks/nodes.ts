import { type HostileCase } from "./case";
import { identityClasses } from "./computeClasses";
import { computeClass, GATEWAY_TAINT, gatewayNode, node } from "./objects";
import { administrator, catalogueSettings, developer, GATEWAY_NODE_ACCOUNT, kubelet, NODE_KEY } from "./surroundings";

/** Ways to make a node a gateway node, or to stop it from being one. */
export const nodeCases: readonly HostileCase[] = [
    {
        id: "node/untaint",
        rule: "gateway-node-mark",
        bypass: 19,
        title: "An administrator removes the taint of a gateway node.",
        as: administrator,
        message: "removes the taint of gateway nodes",
        request: {
            operation: "update",
            before: gatewayNode("gateway-untaint"),
            object: node("gateway-untaint", { [NODE_KEY]: "true" }, []),
        },
        twin: {
            title: "An administrator adds a taint to a gateway node.",
            request: {
                operation: "update",
                before: gatewayNode("gateway-maintenance"),
                object: gatewayNode("gateway-maintenance", [
                    { key: "acme/maintenance", value: "true", effect: "NoSchedule" },
                ]),
            },
        },
    },
    {
        id: "node/weaken-taint",
        rule: "gateway-node-mark",
        bypass: 20,
        title: "The taint's effect becomes one that kubelets do not check.",
        as: administrator,
        message: "removes the taint of gateway nodes",
        request: {
            operation: "update",
            before: gatewayNode("gateway-weaken"),
            object: node("gateway-weaken", { [NODE_KEY]: "true" }, [{ ...GATEWAY_TAINT, effect: "NoSchedule" }]),
        },
        twin: {
            title: "A gateway node gets the weaker taint besides.",
            request: {
                operation: "update",
                before: gatewayNode("gateway-both"),
                object: gatewayNode("gateway-both", [{ ...GATEWAY_TAINT, effect: "NoSchedule" }]),
            },
        },
    },
    {
        id: "node/rename-taint",
        rule: "gateway-node-mark",
        bypass: 19,
        title: "The taint gets another value, which the gateway still tolerates if it tolerates any.",
        as: administrator,
        message: "removes the taint of gateway nodes",
        request: {
            operation: "update",
            before: gatewayNode("gateway-value"),
            object: node("gateway-value", { [NODE_KEY]: "true" }, [{ ...GATEWAY_TAINT, value: "maybe" }]),
        },
        twin: {
            title: "Another taint of a gateway node gets another value.",
            request: {
                operation: "update",
                before: gatewayNode("gateway-other-value", [{ key: "acme/stage", value: "old", effect: "NoSchedule" }]),
                object: gatewayNode("gateway-other-value", [{ key: "acme/stage", value: "new", effect: "NoSchedule" }]),
            },
        },
    },
    {
        id: "node/unlabel",
        rule: "gateway-node-mark",
        title: "The label is taken off, so that the gateway moves away and the node is forgotten.",
        as: administrator,
        message: "changes the label of gateway nodes",
        request: {
            operation: "update",
            before: gatewayNode("gateway-unlabel"),
            object: node("gateway-unlabel", {}, [GATEWAY_TAINT]),
        },
        twin: {
            title: "Another label of a gateway node is changed.",
            request: {
                operation: "update",
                before: gatewayNode("gateway-relabel", [], { "acme/rack": "one" }),
                object: gatewayNode("gateway-relabel", [], { "acme/rack": "two" }),
            },
        },
    },
    {
        id: "node/label-another",
        rule: "gateway-node-mark",
        bypass: 19,
        title: "A developer labels an application node, and gateway pods come to it.",
        as: developer,
        message: "changes the label of gateway nodes",
        request: {
            operation: "update",
            before: node("app-label", {}, []),
            object: node("app-label", { [NODE_KEY]: "true" }, [GATEWAY_TAINT]),
        },
        twin: {
            title: "A developer sets another label.",
            request: {
                operation: "update",
                before: node("app-label-twin", {}, []),
                object: node("app-label-twin", { "acme/pool": "batch" }, []),
            },
        },
    },
    {
        id: "node/kubelet-labels-itself",
        rule: "gateway-node-mark",
        bypass: 22,
        title: "The kubelet of a captured application node labels its own node.",
        as: kubelet("app-captured"),
        message: "changes the label of gateway nodes",
        request: {
            operation: "update",
            before: node("app-captured", {}, []),
            object: node("app-captured", { [NODE_KEY]: "true" }, []),
        },
        twin: {
            title: "A kubelet sets a label of its own on its own node.",
            as: kubelet("app-honest"),
            request: {
                operation: "update",
                before: node("app-honest", {}, []),
                object: node("app-honest", { "acme/kernel": "6.12" }, []),
            },
        },
    },
    {
        id: "node/label-through-status",
        rule: "gateway-node-mark",
        bypass: 22,
        title: "The label comes through the status subresource.",
        as: kubelet("app-status"),
        message: "changes the label of gateway nodes",
        request: {
            operation: "update",
            subresource: "status",
            before: node("app-status", {}, []),
            object: node("app-status", { [NODE_KEY]: "true" }, []),
        },
        twin: {
            title: "A kubelet reports its status.",
            as: kubelet("app-reporting"),
            request: {
                operation: "update",
                subresource: "status",
                before: node("app-reporting", {}, []),
                object: { ...node("app-reporting", {}, []), status: { capacity: { cpu: "4" } } },
            },
        },
    },
    {
        id: "node/label-by-agent",
        rule: "gateway-node-mark",
        bypass: 22,
        title: "A node agent with a reserved name labels a node through its status.",
        as: { user: "system:node-problem-detector" },
        message: "changes the label of gateway nodes",
        request: {
            operation: "update",
            subresource: "status",
            before: node("app-agent", {}, []),
            object: node("app-agent", { [NODE_KEY]: "true" }, []),
        },
        twin: {
            title: "It reports a condition.",
            request: {
                operation: "update",
                subresource: "status",
                before: node("app-agent-twin", {}, []),
                object: {
                    ...node("app-agent-twin", {}, []),
                    status: { conditions: [{ type: "KernelDeadlock", status: "False" }] },
                },
            },
        },
    },
    {
        id: "node/registered-by-hand",
        rule: "gateway-node-mark",
        title: "A user registers a gateway node.",
        as: administrator,
        message: "registers a node as a gateway node",
        request: { operation: "create", object: gatewayNode("gateway-by-hand") },
        twin: {
            title: "A user registers a node of another pool.",
            request: { operation: "create", object: node("app-by-hand", { "acme/pool": "batch" }, []) },
        },
    },
    {
        id: "node/registered-without-taint",
        rule: "gateway-node-mark",
        bypass: 19,
        title: "A kubelet registers its node with the label and without the taint.",
        as: kubelet("gateway-without-taint"),
        message: "registers a node as a gateway node",
        request: { operation: "create", object: node("gateway-without-taint", { [NODE_KEY]: "true" }, []) },
        twin: {
            title: "A kubelet registers a gateway node as the node pool says.",
            as: kubelet("gateway-registering"),
            request: { operation: "create", object: gatewayNode("gateway-registering") },
        },
    },

    ...identityClasses({ account: GATEWAY_NODE_ACCOUNT, tag: catalogueSettings.networkTag }).map(
        ({ name, takes, spec }) =>
            computeClassCase(
                name,
                takes === "account"
                    ? "runs nodes as the gateway nodes' service account"
                    : "gives nodes the gateway's network tag",
                spec,
            ),
    ),
    computeClassCase("taint", "marks nodes as gateway nodes", { nodePoolConfig: { taints: [GATEWAY_TAINT] } }),
    computeClassCase("taint-of-another-effect", "marks nodes as gateway nodes", {
        nodePoolConfig: { taints: [{ key: NODE_KEY, value: "false", effect: "NoSchedule" }] },
    }),
    computeClassCase("label", "marks nodes as gateway nodes", {
        nodePoolConfig: { nodeLabels: { [NODE_KEY]: "true" } },
    }),
];

function computeClassCase(name: string, message: string, spec: Readonly<Record<string, unknown>>): HostileCase {
    return {
        id: `compute-class/${name}`,
        rule: "gateway-node-compute-class",
        bypass: 50,
        title: `A ComputeClass ${message}.`,
        as: developer,
        message,
        request: { operation: "create", object: computeClass(name, spec) },
        twin: {
            title: "A ComputeClass with an account, a taint and labels of its own.",
            request: {
                operation: "create",
                object: computeClass(`${name}-twin`, {
                    nodePoolConfig: {
                        serviceAccount: "batch-nodes@acme-dev.iam.gserviceaccount.com",
                        taints: [{ key: "acme/batch", value: "true", effect: "NoSchedule" }],
                        nodeLabels: { "acme/batch": "true" },
                    },
                    priorityDefaults: { networkTags: ["batch"] },
                    priorities: [
                        { machineFamily: "n4", serviceAccount: "batch-nodes@acme-dev.iam.gserviceaccount.com" },
                    ],
                }),
            },
        },
    };
}

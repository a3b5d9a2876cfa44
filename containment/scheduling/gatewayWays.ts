import { type Fields } from "../kubernetes";
import { type GatewayPool } from "./nodePools";
import { CONTROLLERS, create, podSpec, podWay, templateWay, TENANT, type Way } from "./podWays";

/** Ways that concern the gateway's namespace, its nodes and their like. */
export function waysIntoTheGateway(pool: GatewayPool, gatewayNamespace: string | undefined): readonly Way[] {
    const own =
        gatewayNamespace === undefined ? [] : [...foreignPodsIn(gatewayNamespace, pool), ...accessTo(gatewayNamespace)];
    return [...own, taintRemoval(pool), computeClass(pool)];
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

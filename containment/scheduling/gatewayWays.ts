import { type Fields } from "../kubernetes";
import { impostorWays } from "./impostors";
import { type GatewayNodes, type TaintedPool } from "./nodePools";
import { create, podSpec, TENANT, type PodWay } from "./podWays";

/** Ways that concern the gateway's namespace, its nodes and their like. */
export function waysIntoTheGateway(
    pool: TaintedPool,
    { gatewayNamespace, workloads, proxyImage }: GatewayNodes,
): readonly PodWay[] {
    const [workload] = workloads;
    const impostors = gatewayNamespace === undefined ? [] : impostorWays(gatewayNamespace, pool, workload, proxyImage);
    const access = gatewayNamespace === undefined ? [] : accessTo(gatewayNamespace);
    const asWritten = [...access, taintRemoval(pool), computeClass(pool)];
    return [...impostors, ...asWritten.map(way => ({ ...way, asWritten: true as const }))];
}

function accessTo(namespace: string): readonly PodWay[] {
    const remedy = "refuse it in the gateway's namespace to everybody but a break-glass group";
    const connect = (subresource: string, kind: string): PodWay => ({
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
    // The kubelet's own paths (Kubernetes, pkg/kubelet/server), to which the API server passes requests on.
    const byKubelet = (path: string): PodWay => ({
        id: "kubelet",
        words: `a process that a user has a node's kubelet start in a gateway pod (${path})`,
        requests: [
            {
                operation: "CONNECT",
                group: "",
                version: "v1",
                resource: "nodes",
                subresource: "proxy",
                kind: "NodeProxyOptions",
                name: "gateway-node",
                user: TENANT,
                object: { path: `/${path}/${namespace}/egress-gateway-0/istio-proxy` },
                oldObject: null,
            },
        ],
        remedy: "refuse the kubelet's paths that run something, in nodes/proxy, to everybody but a break-glass group",
    });
    const pod = { metadata: { name: "egress-gateway-0", namespace }, spec: podSpec({}) };
    return [
        connect("exec", "PodExecOptions"),
        connect("attach", "PodAttachOptions"),
        ...["exec", "run", "attach"].map(byKubelet),
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

function taintRemoval(pool: TaintedPool): PodWay {
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

function computeClass(pool: TaintedPool): PodWay {
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

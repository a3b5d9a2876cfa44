import { identityClasses } from "../../attacks/computeClasses";
import { KUBELET_PATHS } from "../../attacks/kubeletPaths";
import { type Fields } from "../kubernetes";
import { type AdmissionRequest } from "./admissionRequest";
import { impostorWays } from "./impostors";
import { type GatewayNodes, type TaintedPool } from "./nodePools";
import { create, podRequest, podSpec, TENANT, type PodWay } from "./podWays";

/**
 * Ways that concern the gateway's namespace, its nodes and their like.
 *
 * @param tenants namespaces from which somebody may follow once the nodes are changed
 */
export function waysIntoTheGateway(
    pool: TaintedPool,
    { gatewayNamespace, workloads, proxyImage }: GatewayNodes,
    tenants: readonly string[],
): readonly PodWay[] {
    const [workload] = workloads;
    const impostors = gatewayNamespace === undefined ? [] : impostorWays(gatewayNamespace, pool, workload, proxyImage);
    const access = gatewayNamespace === undefined ? [] : accessTo(gatewayNamespace);
    const asWritten = [...access, ...taintChanges(pool, tenants), ...computeClasses(pool)];
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
    // The API server passes the request on to the kubelet, and its policies see the path without escapes and query.
    const byKubelet = (path: string): PodWay => ({
        id: "kubelet",
        words: `a process that a user has a node's kubelet start in a gateway pod (${path.split("/").slice(0, -3).join("/")})`,
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
                object: { path },
                oldObject: null,
            },
        ],
        remedy: "refuse the kubelet's paths that run something, in nodes/proxy, to everybody but a break-glass group",
    });
    const pod = { metadata: { name: "egress-gateway-0", namespace }, spec: podSpec({}) };
    return [
        connect("exec", "PodExecOptions"),
        connect("attach", "PodAttachOptions"),
        ...KUBELET_PATHS.filter(({ runs }) => runs).map(({ path }) =>
            byKubelet(`/${decodeURIComponent(path(`${namespace}/egress-gateway-0`).split("?")[0]!)}`),
        ),
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

/** Somebody changes the taint of a gateway node, and a pod follows that the taint would have kept off. */
function taintChanges({ taints, labels }: TaintedPool, tenants: readonly string[]): PodWay[] {
    const node = (changed: readonly unknown[]): Fields => ({
        metadata: { name: "gateway-node", labels },
        spec: { taints: changed },
    });
    const way = (id: string, words: string, changed: readonly Fields[], pods: readonly AdmissionRequest[]): PodWay => ({
        id,
        words,
        requests: [
            {
                operation: "UPDATE",
                group: "",
                version: "v1",
                resource: "nodes",
                kind: "Node",
                name: "gateway-node",
                user: TENANT,
                object: node(changed),
                oldObject: node(taints),
            },
            ...pods,
        ],
        foremost: "first",
        remedy: "refuse changes of the taint on gateway nodes to everybody but the node pool's own controllers",
    });
    const all = (change: Fields): Fields[] => taints.map(taint => ({ ...taint, ...change }));
    // Nobody needs to be asked for these pods: nothing keeps them off any more.
    const free = [
        way("taint-removal", "any pod, once a user has taken the taint off a gateway node", [], []),
        way(
            "taint-preference",
            "any pod, once a user has made the taint of a gateway node a preference",
            all({ effect: "PreferNoSchedule" }),
            [],
        ),
    ];
    const [first] = taints;
    if (first === undefined) {
        return free.slice(0, 1);
    }
    const { key, value, effect } = first;
    const followed = (id: string, words: string, change: Fields, pod: Fields): PodWay[] =>
        tenants.map(namespace =>
            way(id, `${words}, in namespace ${namespace}`, all(change), [podRequest(namespace, podSpec(pod), TENANT)]),
        );
    return [
        ...free,
        ...followed(
            "taint-for-the-scheduler",
            "a pod that names its node, once a user has left the taint of a gateway node to the scheduler alone",
            { effect: "NoSchedule" },
            { nodeName: "gateway-node" },
        ),
        ...followed(
            "taint-value",
            "a pod that tolerates another value, once a user has given it to the taint of a gateway node",
            { value: `${value}x` },
            { tolerations: [{ key, operator: "Equal", value: `${value}x`, effect }] },
        ),
        ...followed(
            "taint-key",
            "a pod that tolerates another taint, once a user has put it in place of a gateway node's",
            { key: "example.com/other" },
            { tolerations: [{ key: "example.com/other", operator: "Exists", effect }] },
        ),
    ];
}

/** Firewall and routes know gateway nodes by their service account and their network tags. */
function computeClasses({ serviceAccount, tags }: TaintedPool): PodWay[] {
    return identityClasses({ account: serviceAccount, tag: tags[0] }).map(({ takes, spec }) => ({
        id: `compute-class by ${takes}`,
        words: `any pod on nodes that a ComputeClass creates with the gateway's ${takes === "account" ? "service account" : "network tag"}`,
        requests: [
            create(
                {
                    group: "cloud.google.com",
                    version: "v1",
                    resource: "computeclasses",
                    kind: "ComputeClass",
                    user: TENANT,
                },
                { spec: { nodePoolAutoCreation: { enabled: true }, ...spec } },
            ),
        ],
        remedy: "refuse ComputeClasses that name the gateway's service account or network tag",
    }));
}

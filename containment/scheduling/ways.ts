import { type Fields } from "../kubernetes";
import { hostilePods } from "./hostilePods";
import { type GatewayPool } from "./nodePools";
import {
    CONTROLLERS,
    create,
    GUARD,
    podRequest,
    podSpec,
    podWay,
    serviceAccount,
    templateWay,
    TENANT,
    type Way,
} from "./podWays";

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

import { type Fields } from "../kubernetes";
import { NAME_LABEL } from "./matching";
import { type TaintedPool } from "./nodePools";
import { create, GUARD, podRequest, podSpec, podWay, TEMPLATES, templateWay, TENANT, type PodWay } from "./podWays";
import { namespaceRequest } from "./search";
import { tolerationLists } from "./taints";

/**
 * Ways that a tenant of a namespace other than the gateway's may try: every list of tolerations that lets a pod onto the nodes, in
 * every kind of object that has a pod. What else such a pod says is left open.
 */
export function waysFrom(namespace: string, pool: TaintedPool): readonly PodWay[] {
    const scheduled = tolerationLists(pool.taints.filter(({ effect }) => effect !== "PreferNoSchedule"));
    const named = tolerationLists(pool.taints.filter(({ effect }) => effect === "NoExecute"));
    return [
        ...scheduled.map(tolerations => podWay("pod", podWords(tolerations), namespace, specOf(tolerations), TENANT)),
        ...named.flatMap(tolerations => past(namespace, pool, tolerations)),
        ...scheduled.flatMap(tolerations => indirect(namespace, pool, tolerations)),
    ];
}

function specOf(tolerations: readonly Fields[]): Fields {
    return podSpec(tolerations.length === 0 ? {} : { tolerations });
}

function podWords(tolerations: readonly Fields[]): string {
    return tolerations.length === 0
        ? "a pod that asks for nothing"
        : tolerations.some(({ key }) => key === undefined)
          ? "a pod that tolerates every taint"
          : "a pod that tolerates the taint";
}

function templates(namespace: string, spec: Fields): PodWay[] {
    return TEMPLATES.flatMap(template =>
        (["CREATE", "UPDATE"] as const).map(operation => templateWay(template, namespace, spec, { operation })),
    );
}

/** By other objects than the pod itself, or in a second step. */
function indirect(namespace: string, pool: TaintedPool, tolerations: readonly Fields[]): PodWay[] {
    const spec = specOf(tolerations);
    // The API server's ExtendedResourceToleration plugin adds the toleration to the pod, before the policies see it.
    const extended =
        pool.taints.length === 1 && tolerations[0]?.effect === "NoSchedule" && tolerations[0].operator === "Exists";
    return [
        ...templates(namespace, spec),
        ...(extended && tolerations[0]?.key !== undefined
            ? [
                  {
                      ...templateWay(TEMPLATES[0], namespace, spec, { operation: "CREATE", template: podSpec({}) }),
                      id: "extended-resource",
                  },
              ]
            : []),
        ...(tolerations.length > 0 ? [updateWay(namespace, spec), runtimeClassWay(namespace, tolerations)] : []),
    ];
}

/** Past the scheduler, which alone asks for `NoSchedule`: the pod names its node, or somebody binds it. */
function past(namespace: string, pool: TaintedPool, tolerations: readonly Fields[]): PodWay[] {
    const nodeName = `a node of pool ${pool.name}`;
    const words = tolerations.length === 0 ? " and tolerates nothing" : "";
    return [
        podWay(
            "node-name",
            `a pod that names its node${words}`,
            namespace,
            { ...specOf(tolerations), nodeName },
            TENANT,
        ),
        ...["pods", "bindings"].map(resource => bindingWay(namespace, nodeName, specOf(tolerations), resource)),
        // Where the kubelet asks for all that the scheduler does, a template gains nothing by a node's name.
        ...(pool.taints.some(({ effect }) => effect === "NoSchedule")
            ? templates(namespace, { ...specOf(tolerations), nodeName }).map(way => ({
                  ...way,
                  id: `node-name of ${way.id}`,
                  words: `a pod whose template names its node${words}`,
              }))
            : []),
    ];
}

/** Tolerations may be added to a pod that exists. */
function updateWay(namespace: string, spec: Fields): PodWay {
    const admitted = podRequest(namespace, podSpec({}), TENANT);
    return {
        id: "toleration-by-update",
        words: "a pod that is given the toleration afterwards",
        podSpec: spec,
        requests: [
            admitted,
            {
                ...admitted,
                operation: "UPDATE",
                oldObject: admitted.object,
                object: { ...admitted.object, spec },
            },
        ],
        remedy: GUARD,
    };
}

/** Whoever may create bindings is a scheduler, and needs no nodeName in the pod. */
function bindingWay(namespace: string, nodeName: string, spec: Fields, resource: string): PodWay {
    const unscheduled = { ...spec, schedulerName: "none" };
    const binding = { group: "", version: "v1", resource, kind: "Binding", namespace, user: TENANT };
    return {
        id: `binding of ${resource}`,
        words: "a pod that a user binds to the node",
        // Once bound it is as if the pod had named its node.
        podSpec: { ...unscheduled, nodeName },
        requests: [
            podRequest(namespace, unscheduled, TENANT),
            create(resource === "pods" ? { ...binding, subresource: "binding" } : binding, {
                target: { apiVersion: "v1", kind: "Node", name: nodeName },
            }),
        ],
        remedy: GUARD,
    };
}

/** The API server copies the tolerations of a RuntimeClass into the pods that name it, before the policies see them. */
function runtimeClassWay(namespace: string, tolerations: readonly Fields[]): PodWay {
    const spec = podSpec({ runtimeClassName: "quick", tolerations });
    return {
        id: "runtime-class",
        words: "a pod of a RuntimeClass that tolerates the taint",
        podSpec: spec,
        requests: [
            create(
                { group: "node.k8s.io", version: "v1", resource: "runtimeclasses", kind: "RuntimeClass", user: TENANT },
                { handler: "runc", scheduling: { tolerations } },
            ),
            podRequest(namespace, spec, TENANT),
        ],
        remedy: GUARD,
    };
}

/** The guard leaves the namespace to the system by its name, and it is not said to be there. */
export function createdNamespace(namespace: string, pool: TaintedPool): PodWay {
    const [tolerations = []] = tolerationLists(pool.taints);
    const labels = { [NAME_LABEL]: namespace };
    const pod = podWay("pod", "", namespace, podSpec(tolerations.length === 0 ? {} : { tolerations }), TENANT);
    return {
        ...pod,
        id: "created-namespace",
        words: "a pod in a namespace that the guard exempts and a user creates",
        requests: [...pod.requests, namespaceRequest("CREATE", namespace, labels, labels)],
        remedy: "refuse to everybody but the platform to create namespaces that the guard exempts",
    };
}

import { fields, fieldsList, type KubernetesObject } from "../kubernetes";
import { isUnregistered } from "../resource";

/** Kind and name, as owners are compared; a patch is called like what it changes. */
export function calledIn({ kind, namespace, name }: KubernetesObject): string {
    return `${kind.replace(/Patch$/, "")} ${namespace}/${name}`;
}

/**
 * Whether it is one of those pods and ReplicaSets that a cluster shows beside the workloads that made them, and that name their controller.
 * Anybody could write that name, but who may create them in such a namespace is a question of its own.
 *
 * @param own what the workloads are called
 */
export function isMadeByController({ urn, namespace, object }: KubernetesObject, own: ReadonlySet<string>): boolean {
    return (
        isUnregistered({ urn }) &&
        fieldsList(fields(object.metadata).ownerReferences).some(({ controller, kind, name }) => {
            // A ReplicaSet is named after its Deployment, with a hash behind it (Kubernetes, "Deployments").
            const deployment = kind === "ReplicaSet" ? String(name).replace(/-[a-z0-9]+$/, "") : undefined;
            return (
                controller === true &&
                (own.has(`${String(kind)} ${namespace}/${String(name)}`) ||
                    own.has(`Deployment ${namespace}/${deployment}`))
            );
        })
    );
}

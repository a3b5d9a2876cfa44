import { type KubernetesObject } from "../components/kubernetesObject";
import { type Resource } from "../containment/resource";

/**
 * The Kubernetes objects among registered resources, in an order in which they can be applied: what stands in no namespace
 * first, namespaces before all, then by namespace, kind and name.
 */
export function kubernetesObjects(resources: readonly Resource[]): KubernetesObject[] {
    return resources
        .filter(({ type }) => type.startsWith("kubernetes:"))
        .map(({ inputs }) => inputs as unknown as KubernetesObject)
        .sort((a, b) => compare(sortKey(a), sortKey(b)));
}

function sortKey({ kind, metadata }: KubernetesObject): string {
    const rank = kind === "Namespace" ? 0 : metadata.namespace === undefined ? 1 : 2;
    return [rank, metadata.namespace ?? "", kind, metadata.name].join("\u0000");
}

function compare(a: string, b: string): number {
    return a < b ? -1 : a > b ? 1 : 0;
}

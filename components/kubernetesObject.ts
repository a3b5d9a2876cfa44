import { type Resource } from "../base/resource";
/** A Kubernetes object as plain data: what the compilers return, what components register, what `render` prints. */
export interface KubernetesObject {
    readonly apiVersion: string;
    readonly kind: string;
    readonly metadata: {
        readonly name: string;
        readonly namespace?: string;
        readonly labels?: Readonly<Record<string, string>>;
        readonly annotations?: Readonly<Record<string, string>>;
    };
}

/**
 * Logical name of the resource that registers the object. It is part of the contract with existing stacks: changing it
 * deletes and creates the object. The type token already tells the kind.
 */
export function logicalName({ metadata }: KubernetesObject): string {
    return metadata.namespace === undefined ? metadata.name : `${metadata.namespace}/${metadata.name}`;
}

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

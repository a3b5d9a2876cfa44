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

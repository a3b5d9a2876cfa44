import { type Fields, type KubernetesObject, fields, selectorMatches } from "../kubernetes";

/** The given objects of the policy's `paramKind` that its binding's `paramRef` may mean, in whatever namespace. */
export function parametersOf(
    policy: KubernetesObject,
    binding: KubernetesObject,
    objects: readonly KubernetesObject[],
): readonly KubernetesObject[] {
    const reference = fields(binding.spec.paramRef);
    const { apiVersion, kind } = fields(policy.spec.paramKind);
    return objects.filter(
        object =>
            object.kind === kind &&
            (object.group === "" ? object.version : `${object.group}/${object.version}`) === apiVersion &&
            (reference.name === undefined
                ? selectorMatches(reference.selector, object.labels)
                : object.name === reference.name),
    );
}

/** Every string that the objects hold, whole and in the parts that commas, spaces and lines make of it. */
export function stringsIn(objects: readonly KubernetesObject[]): readonly string[] {
    const all = objects.flatMap(({ object: { apiVersion: _, kind: __, metadata, ...others } }) =>
        [others, fields(metadata).labels, fields(metadata).annotations].flatMap(stringsOf),
    );
    return [...new Set(all.flatMap(value => [value, ...value.split(/[\s,;]+/)]))].filter(value => value !== "");
}

function stringsOf(value: unknown): string[] {
    return typeof value === "string"
        ? [value]
        : typeof value === "object" && value !== null
          ? Object.entries(value as Fields).flatMap(([key, inner]) => [key, ...stringsOf(inner)])
          : [];
}

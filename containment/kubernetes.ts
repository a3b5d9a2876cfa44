import { plural } from "../base/words";
import { type Resource, UNKNOWN } from "./resource";
import { OBJECTS_UNREAD } from "./world/types/creators";

/** A Kubernetes object as the proof reads it. What Kubernetes would default is filled in; nothing else is. */
export interface KubernetesObject {
    /** URN of the resource that registers the object. */
    readonly urn: string;
    /** API group, empty for the core group. */
    readonly group: string;
    readonly version: string;
    readonly kind: string;
    /** Empty for kinds without a namespace; `default` where a namespaced object names none. */
    readonly namespace: string;
    readonly name: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly annotations: Readonly<Record<string, string>>;
    readonly spec: Fields;
    /** The whole object, for what sits outside `metadata` and `spec`. */
    readonly object: Fields;
}

export type Fields = Readonly<Record<string, unknown>>;

const CLUSTER_SCOPED = new Set([
    "Namespace",
    "Node",
    "ValidatingAdmissionPolicy",
    "ValidatingAdmissionPolicyBinding",
    "ValidatingWebhookConfiguration",
    "MutatingWebhookConfiguration",
    "ClusterRole",
    "ClusterRoleBinding",
    "ComputeClass",
    "CustomResourceDefinition",
    "PriorityClass",
]);

const PREFIX = "kubernetes:";

/**
 * The Kubernetes objects among the resources, in their order. Providers, Helm releases and other resources of the package
 * that are no API objects are left out; a patch (`NamespacePatch`) keeps that kind and so never passes for the object.
 */
export function kubernetesObjects(resources: readonly Resource[]): KubernetesObject[] {
    const objects: KubernetesObject[] = [];
    for (const resource of resources) {
        let object = READ.get(resource);
        if (object === undefined) {
            object = kubernetesObject(resource) ?? null;
            READ.set(resource, object);
        }
        if (object !== null) {
            objects.push(object);
        }
    }
    return objects;
}

/** Resources never change, and the proof reads the same ones again for each lock that it takes away. */
const READ = new WeakMap<Resource, KubernetesObject | null>();

function kubernetesObject(resource: Resource): KubernetesObject | undefined {
    if (!resource.type.startsWith(PREFIX)) {
        return undefined;
    }
    const [groupVersion, kind] = resource.type.slice(PREFIX.length).split(":");
    if (groupVersion === undefined || kind === undefined || !groupVersion.includes("/")) {
        return undefined;
    }
    const apiVersion = text(resource.inputs.apiVersion) ?? groupVersion.replace(/^core\//, "");
    const [group, version] = apiVersion.includes("/") ? (apiVersion.split("/") as [string, string]) : ["", apiVersion];
    // Helm releases and the like are no API objects.
    if (/^helm\.sh$|^kustomize$|^yaml$/.test(group)) {
        return undefined;
    }
    const metadata = fields(resource.inputs.metadata);
    return {
        urn: resource.urn,
        group,
        version,
        kind,
        namespace: CLUSTER_SCOPED.has(kind.replace(/Patch$/, "")) ? "" : (text(metadata.namespace) ?? "default"),
        name: text(metadata.name) ?? resource.name,
        labels: stringMap(metadata.labels),
        annotations: stringMap(metadata.annotations),
        spec: fields(resource.inputs.spec),
        object: resource.inputs,
    };
}

/** What an object is by, in a cluster. */
export function objectKey({ group, kind, namespace, name }: KubernetesObject): string {
    return `${group}/${kind} ${namespace}/${name}`;
}

/** Components that render files or charts into objects of their own, which are their children. */
const RENDERING =
    /^kubernetes:(?:helm\.sh\/v\d:Chart|yaml(?:\/v2)?:Config(?:File|Group)|kustomize(?:\/v2)?:Directory)$/;

/** Resources whose objects stay out of sight, each with what it installs: that may be anything. */
export function opaqueInstallers(resources: readonly Resource[]): { readonly urn: string; readonly chart: string }[] {
    const parents = new Set(resources.flatMap(({ parent }) => parent ?? []));
    return resources
        .filter(
            ({ type, urn }) =>
                /^kubernetes:helm\.sh\/v3:Release$/.test(type) ||
                type.startsWith(`${OBJECTS_UNREAD}:`) ||
                (RENDERING.test(type) && !parents.has(urn)),
        )
        .map(({ urn, type, inputs: { chart, file, directory, files } }) => ({
            urn,
            chart: type.startsWith(`${OBJECTS_UNREAD}:`)
                ? `what Terraform calls ${type.split(":").at(-1)!}`
                : ([chart, file, directory].map(text).find(name => name !== undefined) ?? texts(files)[0] ?? "unknown"),
        }));
}

/** The resource of a kind, as its API names it: `networkpolicies`, `runtimeclasses`, `endpoints`. */
export function resourceOfKind(kind: string): string {
    const lower = kind.toLowerCase();
    return lower === "endpoints" ? lower : plural(lower);
}

/** Dotted paths of the values that are not known before `up`. */
export function unknownPaths(value: unknown): string[] {
    return hasUnknown(value) ? pathsTo(value, "") : [];
}

/** Almost every value is known, so this looks first and builds no path. */
export function hasUnknown(value: unknown): boolean {
    if (typeof value !== "object" || value === null) {
        return value === UNKNOWN;
    }
    for (const key in value) {
        if (hasUnknown((value as Fields)[key])) {
            return true;
        }
    }
    return false;
}

function pathsTo(value: unknown, path: string): string[] {
    if (value === UNKNOWN) {
        return [path];
    }
    if (Array.isArray(value)) {
        return value.flatMap((item, index) => pathsTo(item, `${path}[${index}]`));
    }
    if (typeof value === "object" && value !== null) {
        return Object.entries(value).flatMap(([key, item]) => pathsTo(item, path === "" ? key : `${path}.${key}`));
    }
    return [];
}

export function fields(value: unknown): Fields {
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : NO_FIELDS;
}

const NO_FIELDS: Fields = {};
const NO_STRINGS: Readonly<Record<string, string>> = {};

export function list(value: unknown): readonly unknown[] {
    return Array.isArray(value) ? value : [];
}

/** The elements as objects; anything else among them becomes an empty object, so that positions stay. */
export function fieldsList(value: unknown): readonly Fields[] {
    return list(value).map(fields);
}

export function text(value: unknown): string | undefined {
    return typeof value === "string" && value !== "" ? value : undefined;
}

export function texts(value: unknown): readonly string[] {
    return list(value).filter((item): item is string => typeof item === "string");
}

export function integer(value: unknown): number | undefined {
    return typeof value === "number" && Number.isInteger(value) ? value : undefined;
}

export function stringMap(value: unknown): Readonly<Record<string, string>> {
    if (value === undefined) {
        return NO_STRINGS;
    }
    return Object.fromEntries(
        Object.entries(fields(value)).filter((entry): entry is [string, string] => typeof entry[1] === "string"),
    );
}

/** `matchLabels` of a selector, or a plain label map, against labels: every pair has to be there. An empty selector selects all. */
export function hasLabels(labels: Readonly<Record<string, string>>, wanted: Readonly<Record<string, string>>): boolean {
    return Object.entries(wanted).every(([key, value]) => labels[key] === value);
}

/** A LabelSelector of the Kubernetes API (`matchLabels` and `matchExpressions`). Absent or empty selects everything. */
export function selectorMatches(selector: unknown, labels: Readonly<Record<string, string>>): boolean {
    const { matchLabels, matchExpressions } = fields(selector);
    return (
        hasLabels(labels, stringMap(matchLabels)) &&
        fieldsList(matchExpressions).every(({ key, operator, values }) => {
            const value = labels[String(key)];
            switch (operator) {
                case "In":
                    return value !== undefined && texts(values).includes(value);
                case "NotIn":
                    return value === undefined || !texts(values).includes(value);
                case "Exists":
                    return value !== undefined;
                case "DoesNotExist":
                    return value === undefined;
                default:
                    // The API server refuses other operators; matching nothing would hide such an object's effect.
                    throw new Error(
                        `label selector: got operator ${JSON.stringify(operator)}, expected In, NotIn, Exists or DoesNotExist`,
                    );
            }
        })
    );
}

import {
    type Fields,
    fields,
    fieldsList,
    type KubernetesObject,
    kubernetesObjects,
    resourceOfKind,
    text,
} from "../../containment/kubernetes";
import { type Resource } from "../../containment/resource";
import { type AdmissionRequest, type Sender } from "../../containment/scheduling/admission";

/** A request to create what a resource registers, as the API server would be asked after deployment. */
export type CreateRequest = AdmissionRequest & { readonly object: Fields };

/**
 * The requests of a resource: one for an object, one for each item of a list. A patch is taken for the object that it makes,
 * as far as it shows it; what the resource changes rather than creates is judged as new.
 */
export function createRequests(resource: Resource, user: Sender): CreateRequest[] {
    return kubernetesObjects([resource])
        .flatMap(items)
        .flatMap(item => [
            requestFor(item, user),
            ...foreignTemplates(item).map(template => requestFor(template, user)),
        ]);
}

/** @param item `resource` is what the API calls its kind; default: the plural of the kind */
function requestFor(
    { group, version, kind, namespace, name, object, resource }: KubernetesObject & { readonly resource?: string },
    user: Sender,
): CreateRequest {
    return {
        operation: "CREATE",
        group,
        version,
        kind,
        resource: resource ?? resourceOfKind(kind),
        ...(namespace === "" ? {} : { namespace }),
        name,
        user,
        object: {
            ...withResourceTolerations(object),
            apiVersion: group === "" ? version : `${group}/${version}`,
            kind,
            // An object always has metadata when admission sees it.
            metadata: { ...fields(object.metadata), name, ...(namespace === "" ? {} : { namespace }) },
        },
        oldObject: null,
    };
}

/** Groups whose kinds the guard reads by itself. */
const BUILT_IN = new Set(["", "apps", "batch"]);

/**
 * Pods that a kind from elsewhere has made, an Argo Rollout or a Knative Service, wherever their templates stand: in the
 * cluster the guard sees the pods. Asked about as a Deployment, which is refused for what its pods would be.
 */
function foreignTemplates(item: KubernetesObject): (KubernetesObject & { readonly resource: string })[] {
    return BUILT_IN.has(item.group)
        ? []
        : templatesIn(item.object).map(template => ({
              ...item,
              group: "apps",
              version: "v1",
              resource: "deployments",
              object: { metadata: item.object.metadata, spec: { template } },
          }));
}

/** Whatever has a list of containers beside it is the spec of a pod, and what stands around that its template. */
function templatesIn(value: unknown): Fields[] {
    if (typeof value !== "object" || value === null) {
        return [];
    }
    return Object.entries(value).flatMap(([key, inner]) =>
        key === "spec" && fieldsList(fields(inner).containers).some(({ image }) => image !== undefined)
            ? [value as Fields]
            : templatesIn(inner),
    );
}

function items(object: KubernetesObject): KubernetesObject[] {
    const kind = object.kind.replace(/(List|Patch)$/, "");
    if (!object.kind.endsWith("List")) {
        return [{ ...object, kind }];
    }
    return fieldsList(object.object.items).map(item => {
        const metadata = fields(item.metadata);
        return {
            ...object,
            kind: text(item.kind) ?? kind,
            namespace: text(metadata.namespace) ?? "default",
            name: text(metadata.name) ?? object.name,
            object: item,
        };
    });
}

/** Where the pod of an object may stand: in the object itself, or in its template. */
const POD_SPECS: readonly (readonly string[])[] = [
    ["spec", "jobTemplate", "spec", "template", "spec"],
    ["spec", "template", "spec"],
    ["template", "spec"],
    ["spec"],
];

/**
 * The API server gives a pod that asks for an extended resource a toleration of a taint of that name, before the guard sees it
 * (Kubernetes documentation, admission plugin ExtendedResourceToleration, which GKE runs).
 */
function withResourceTolerations(object: Fields): Fields {
    const place = POD_SPECS.find(path => "containers" in at(object, path));
    const spec = place === undefined ? {} : at(object, place);
    const resources = ["containers", "initContainers"]
        .flatMap(key => fieldsList(spec[key]))
        .flatMap(container => Object.keys(fields(fields(container.resources).requests)))
        .filter(name => name.includes("/") && !name.includes("kubernetes.io/"));
    return place === undefined || resources.length === 0
        ? object
        : set(
              object,
              [...place, "tolerations"],
              [
                  ...(Array.isArray(spec.tolerations) ? (spec.tolerations as unknown[]) : []),
                  ...resources.map(key => ({ key, operator: "Exists", effect: "NoSchedule" })),
              ],
          );
}

function at(object: Fields, path: readonly string[]): Fields {
    return path.reduce<Fields>((value, key) => fields(value[key]), object);
}

function set(object: Fields, [key, ...rest]: readonly string[], value: unknown): Fields {
    return { ...object, [key!]: rest.length === 0 ? value : set(fields(object[key!]), rest, value) };
}

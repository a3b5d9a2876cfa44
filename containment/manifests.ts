import { parseAllDocuments } from "yaml";
import { fields, fieldsList, type Fields } from "./kubernetes";
import { MANIFESTS, type Resource } from "./resource";

/** Whether a document is a Kubernetes object, or a list of them. */
export function isManifest(document: unknown): document is Fields {
    const { apiVersion, kind } = fields(document);
    return typeof apiVersion === "string" && typeof kind === "string";
}

/**
 * Documents of a text in YAML, as Kubernetes' own tools read it.
 *
 * @throws Error with the first complaint
 */
export function yamlDocuments(text: string): unknown[] {
    // Version 1.1 is what sigs.k8s.io/yaml reads.
    const documents = parseAllDocuments(text, { version: "1.1", merge: true, logLevel: "error" });
    const [error] = ("empty" in documents ? [] : documents).flatMap(({ errors }) => errors);
    if (error !== undefined) {
        throw error;
    }
    // A date is text to Kubernetes.
    return ("empty" in documents ? [] : documents)
        .map(document => JSON.parse(JSON.stringify(document.toJS() ?? null)) as unknown)
        .filter(document => document !== null);
}

/**
 * Kubernetes objects as resources: of manifests that people keep, and of what `kubectl get -o yaml` shows. They name no provider, so
 * they are taken to be in the gateway's cluster.
 */
export function manifestResources(documents: readonly Fields[]): Resource[] {
    return documents
        .flatMap(document => itemsOf(document) ?? [document])
        .map(object => {
            const { apiVersion, kind } = object;
            const { namespace, name } = fields(object.metadata);
            const group = String(apiVersion).includes("/") ? String(apiVersion) : `core/${String(apiVersion)}`;
            const type = `kubernetes:${group}:${String(kind)}`;
            const called = [namespace, name ?? "(no name)"].filter(part => typeof part === "string").join("/");
            return {
                urn: `${MANIFESTS}${type}::${called}`,
                type,
                name: called,
                inputs: object,
                dependsOn: [],
            };
        });
}

/** The items of a list; undefined where the document is none. A typed list leaves out what they are: `PodList` of `v1`. */
export function itemsOf({ apiVersion, kind, items }: Fields): readonly Fields[] | undefined {
    if (!/List$/.test(String(kind)) || !Array.isArray(items)) {
        return undefined;
    }
    const ofOne = { apiVersion, kind: String(kind).replace(/List$/, "") };
    return fieldsList(items).map(item => (isManifest(item) ? item : { ...ofOne, ...(item as object) }));
}

import { fields, type Fields } from "../containment/kubernetes";
import { isManifest, itemsOf } from "../containment/manifests";
import { Part } from "./part";

/** A Kubernetes object whose fields remember that they were read. */
export interface Adopted {
    readonly kind: string;
    /** Group without the version: what an object means has not changed between those of one kind. */
    readonly group: string;
    readonly namespace: string;
    readonly name: string;
    readonly spec: Part;
    /** What stands beside `spec` and says what the object does. */
    readonly others: readonly Part[];
}

/** Kinds that are read, by their group. */
export const KINDS: Readonly<Record<string, readonly string[]>> = {
    "networking.istio.io": ["ServiceEntry", "Gateway", "VirtualService", "DestinationRule", "Sidecar"],
    "security.istio.io": ["AuthorizationPolicy"],
    "uds.dev": ["Package"],
    "cilium.io": ["CiliumNetworkPolicy", "CiliumClusterwideNetworkPolicy"],
    "networking.gke.io": ["FQDNNetworkPolicy"],
};

export const isRead = ({ group, kind }: Adopted): boolean =>
    Object.hasOwn(KINDS, group) && KINDS[group]!.includes(kind);

/** Fields of every object that say nothing about traffic. */
const OF_EVERY_OBJECT = ["apiVersion", "kind", "metadata", "spec", "status"];

/** The objects of documents, of lists as well. */
export function objectsOf(documents: readonly unknown[]): readonly Adopted[] {
    return documents.filter(isManifest).flatMap(document => {
        const items = itemsOf(document);
        return items === undefined ? [objectOf(document)] : objectsOf(items);
    });
}

function objectOf(document: Fields): Adopted {
    const { name, namespace } = fields(document["metadata"]);
    const root = Part.of(document);
    return {
        kind: String(document.kind),
        group: String(document.apiVersion).split("/").slice(0, -1).join("/"),
        namespace: typeof namespace === "string" ? namespace : "default",
        name: typeof name === "string" ? name : "(no name)",
        spec: root.at("spec"),
        others: Object.keys(document)
            .filter(key => !OF_EVERY_OBJECT.includes(key))
            .map(key => root.at(key)),
    };
}

export function labelOf({ kind, name, namespace }: Adopted): string {
    return `${kind} ${namespace}/${name}`;
}

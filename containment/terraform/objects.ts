import { isObject, type Json } from "../document";
import { UNKNOWN } from "../resource";
import { OBJECTS_UNREAD } from "../world/types/creators";
import { type Marked, revealed } from "./values";

/** Kinds whose Terraform spelling says the same as their manifest: metadata, and for a ConfigMap its data. */
const PLAIN_KINDS: Readonly<Record<string, string>> = {
    kubernetes_namespace: "Namespace",
    kubernetes_service_account: "ServiceAccount",
    kubernetes_config_map: "ConfigMap",
};

/** An object in a cluster as its manifest; one that Terraform spells otherwise stays unread. */
export function objectOf(type: string, marked: Marked): { readonly type: string; readonly inputs: Json } {
    const values = revealed(marked);
    const found = isObject(values) ? values : {};
    const object = type === "kubernetes_manifest" ? found["manifest"] : manifestOf(type.replace(/_v1$/, ""), found);
    const [version, kind] = isObject(object) ? [object["apiVersion"], object["kind"]] : [];
    if (!isObject(object) || !isKnown(version) || !isKnown(kind)) {
        return { type: `${OBJECTS_UNREAD}:index/${type}:${type}`, inputs: found };
    }
    return { type: `kubernetes:${version.includes("/") ? version : `core/${version}`}:${kind}`, inputs: object };
}

function manifestOf(type: string, values: Json): Json | undefined {
    const kind = PLAIN_KINDS[type];
    const list = values["metadata"];
    const metadata: unknown = Array.isArray(list) && list.length === 1 ? list[0] : undefined;
    if (kind === undefined || !isObject(metadata) || metadata["name"] === undefined) {
        return undefined;
    }
    const { name, namespace, labels, annotations } = metadata;
    return {
        apiVersion: "v1",
        kind,
        metadata: Object.fromEntries(
            Object.entries({
                name,
                namespace: kind === "Namespace" ? undefined : namespace,
                labels,
                annotations,
            }).filter(([, value]) => value !== undefined),
        ),
        ...(kind === "ConfigMap" && values["data"] !== undefined ? { data: values["data"] } : {}),
    };
}

function isKnown(value: unknown): value is string {
    return typeof value === "string" && value !== "" && value !== UNKNOWN;
}

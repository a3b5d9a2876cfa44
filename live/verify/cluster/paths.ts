import { type KubernetesManifest } from "../probe";

/** Plural names of the kinds that are tried or created, and where they are served. */
const PLURALS: Readonly<Record<string, string>> = {
    Pod: "pods",
    Namespace: "namespaces",
    Service: "services",
    ServiceAccount: "serviceaccounts",
    DaemonSet: "daemonsets",
    ServiceEntry: "serviceentries",
    Gateway: "gateways",
    DestinationRule: "destinationrules",
    VirtualService: "virtualservices",
    EnvoyFilter: "envoyfilters",
};

/** Path of the collection that an object belongs to. */
export function collectionPath({ apiVersion, kind, metadata }: KubernetesManifest): string {
    const plural = PLURALS[kind];
    if (plural === undefined) {
        throw new Error(`no probe knows the kind ${kind}`);
    }
    const root = apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
    return metadata.namespace === undefined
        ? `${root}/${plural}`
        : `${root}/namespaces/${metadata.namespace}/${plural}`;
}

export function objectPath(manifest: KubernetesManifest): string {
    return `${collectionPath(manifest)}/${manifest.metadata.name}`;
}

/** What is read from the cluster, reduced to what is compared. */
export interface KubernetesFacts {
    /** `v1.34.1-gke.1829001` */
    readonly version: string;
    readonly namespaces: readonly { readonly name: string; readonly labels: Readonly<Record<string, string>> }[];
    /** Service accounts of the client namespaces, as `namespace/name`. */
    readonly serviceAccounts: readonly string[];
    readonly istiod: IstiodFacts | undefined;
    /** Absent when Istio's definitions are not installed. */
    readonly mesh: MeshFacts | undefined;
    /** Kinds that are served, by group and version. */
    readonly kinds: Readonly<Record<string, readonly string[]>>;
    readonly injectors: readonly InjectorFacts[];
    /** Whom the cluster takes the caller for. */
    readonly caller: Identity;
}

export interface Identity {
    readonly username: string;
    readonly groups: readonly string[];
}

/** A webhook that changes pods and belongs to an Istio revision. */
export interface InjectorFacts {
    /** Configuration and webhook. */
    readonly name: string;
    readonly namespaceSelector: unknown;
    readonly objectSelector: unknown;
}

export interface IstiodFacts {
    /** Tag of the image, for example `1.30.3` or `1.30.3-distroless`. */
    readonly version: string;
    readonly environment: Readonly<Record<string, string>>;
    readonly nodeSelector: Readonly<Record<string, string>>;
    /** From the mesh's ConfigMap; absent when it cannot be found. */
    readonly meshConfig: MeshConfigFacts | undefined;
}

export interface MeshConfigFacts {
    readonly trustDomain: string;
    /** Whose ServiceEntries others may see at all (Istio 1.31); absent where nothing says it. */
    readonly serviceEntryVisibility?: { readonly defaultVisibility: string; readonly applyToSidecars: boolean };
}

export interface MeshFacts {
    readonly serviceEntries: readonly (HostedObject & {
        readonly created: string;
        readonly exportTo: readonly string[];
    })[];
    readonly virtualServices: readonly HostedObject[];
    readonly destinationRules: readonly HostedObject[];
    readonly gateways: readonly (Named & { readonly selector: Readonly<Record<string, string>> })[];
    /** Objects that rewrite proxies. */
    readonly envoyFilters: readonly Named[];
}

export interface Named {
    readonly namespace: string;
    readonly name: string;
}

export interface HostedObject extends Named {
    readonly hosts: readonly string[];
}

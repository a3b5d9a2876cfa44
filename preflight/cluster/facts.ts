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
    readonly outboundTrafficPolicy: string;
}

export interface MeshFacts {
    readonly serviceEntries: readonly HostedObject[];
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

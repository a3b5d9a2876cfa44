/** Helm values of istiod, in Istio's terms. */
export interface IstiodValues {
    readonly global: { readonly hub: string; readonly tag: string; readonly variant: string };
    readonly autoscaleMin: number;
    readonly env: Readonly<Record<string, string>>;
    readonly meshConfig: Readonly<Record<string, unknown>>;
}

/**
 * The control plane that the egress gateway wants. None of this is a lock: the gateway's containment does not rest on the
 * mesh. It makes mistakes show early, and keeps configuration small.
 *
 * @param hub Registry and path in front of `/pilot` and `/proxyv2`.
 */
export function istiodValues(version: string, hub: string): IstiodValues {
    return {
        global: { hub, tag: version, variant: "distroless" },
        // Without istiod nothing is injected and no configuration changes.
        autoscaleMin: 2,
        env: {
            // A Gateway object otherwise binds pods of any namespace: a tenant could open ports on the egress gateway.
            PILOT_SCOPE_GATEWAY_TO_NAMESPACE: "true",
            // A gateway otherwise gets a cluster for every service of the mesh.
            PILOT_FILTER_GATEWAY_CLUSTER_CONFIG: "true",
            // The sidecar starts before init containers and ends after the application: no call is made without it.
            ENABLE_NATIVE_SIDECARS: "true",
        },
        meshConfig: {
            trustDomain: "cluster.local",
            // What nobody declared fails in the sidecar, at once and with a log line, instead of in a time-out.
            outboundTrafficPolicy: { mode: "REGISTRY_ONLY" },
            defaultConfig: {
                proxyMetadata: {
                    // The sidecar answers for declared names itself: `tcp` destinations work, and no name of one is asked outside.
                    ISTIO_META_DNS_CAPTURE: "true",
                },
            },
            // What a team writes steers its own namespace, unless it says otherwise. Services are left visible (there is a
            // `defaultServiceExportTo` too): hiding them would cut every namespace off from every other.
            defaultVirtualServiceExportTo: ["."],
            defaultDestinationRuleExportTo: ["."],
        },
    };
}

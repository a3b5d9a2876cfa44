/** What is read from Google, reduced to what is compared. Names are last parts of links. */
export interface GoogleFacts {
    readonly network: NetworkFacts | undefined;
    readonly subnets: readonly SubnetFacts[];
    readonly routes: readonly RouteFacts[];
    readonly nats: readonly NatFacts[];
    readonly firewall: FirewallFacts;
    readonly cluster: ClusterFacts | undefined;
    /** Of the project of the nodes, and of that of the network. */
    readonly quotas: readonly QuotaFacts[];
    readonly networkQuotas: readonly QuotaFacts[];
    /** Of the region, where one is asked for. */
    readonly addresses: readonly AddressFacts[];
}

export interface AddressFacts {
    readonly name: string;
    readonly address: string;
    /** `EXTERNAL` or `INTERNAL`. */
    readonly type: string;
    readonly networkTier: string;
    readonly ipVersion: string;
    /** Kind and name of what uses it: `routers/acme-dev-egress`. */
    readonly users: readonly string[];
}

/** Of the region. */
export interface QuotaFacts {
    /** Google's name, for example `SSD_TOTAL_GB`. */
    readonly metric: string;
    readonly limit: number;
    readonly usage: number;
}

export interface NetworkFacts {
    readonly firewallOrder: string;
    readonly peerings: readonly string[];
}

/** Of the region and the network. */
export interface SubnetFacts {
    readonly name: string;
    readonly cidr: string;
    readonly secondary: readonly { readonly name: string; readonly cidr: string }[];
    /** `IPV4_ONLY`, `IPV4_IPV6` or `IPV6_ONLY`. */
    readonly stackType: string;
    readonly ipv6AccessType?: string;
    readonly privateGoogleAccess: boolean;
}

export interface RouteFacts {
    readonly name: string;
    readonly destination: string;
    /** What kind of thing the next hop is: `gateway`, `instance`, `address`, `load balancer`, `VPN tunnel`, `peering`, `network`, … */
    readonly nextHop: string;
    readonly tags: readonly string[];
}

export interface NatFacts {
    readonly router: string;
    readonly name: string;
    /** `LIST_OF_SUBNETWORKS`, or one of the two that mean all. */
    readonly ranges: string;
    readonly subnets: readonly string[];
    /** Translates IPv6 as well. */
    readonly nat64: boolean;
}

export interface FirewallFacts {
    readonly policies: readonly {
        readonly name: string;
        readonly type: string;
        readonly rules: readonly EgressRule[];
    }[];
    readonly classic: readonly EgressRule[];
}

/** A rule that is enabled and about traffic that leaves. */
export interface EgressRule {
    readonly name: string;
    readonly priority: number;
    readonly action: string;
    readonly destinations: readonly string[];
    /** Who it is for; empty: everybody. */
    readonly targets: readonly string[];
}

export interface ClusterFacts {
    readonly version: string;
    readonly network: string;
    readonly podCidr: string;
    readonly serviceCidr: string;
    readonly controlPlaneAddresses: readonly string[];
    /** How the program itself reaches the cluster. */
    readonly kubeconfig: string;
    /** Subnets that are registered beside the cluster's own, with their pod ranges. */
    readonly additionalSubnets: readonly {
        readonly name: string;
        readonly podRanges: readonly string[];
        readonly draining: boolean;
    }[];
    readonly privateNodes: boolean;
    readonly dataplaneV2: boolean;
    /** Whether something makes nodes keep to network policies; Dataplane V2 always does. */
    readonly networkPoliciesEnforced: boolean;
    readonly cloudDns: boolean;
    readonly nodeLocalDns: boolean;
    readonly defaultSnat: boolean;
    readonly workloadIdentityPool?: string;
    readonly autoProvisioning: boolean;
    /** The control plane itself can be made to call out, unless its egress is switched off. */
    readonly controlPlaneCallsOut: boolean;
    readonly pools: readonly PoolFacts[];
}

export interface PoolFacts {
    readonly name: string;
    readonly serviceAccount: string;
    readonly tags: readonly string[];
    /** Absent: GKE has chosen. */
    readonly subnet?: string;
    readonly privateNodes: boolean;
    readonly gkeMetadata: boolean;
    readonly labels: Readonly<Record<string, string>>;
}

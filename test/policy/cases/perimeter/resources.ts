import { type Subject } from "../case";

export const GATEWAY_ACCOUNT = "egress-gateway-nodes@acme-dev.iam.gserviceaccount.com";
export const APP_ACCOUNT = "app-nodes@acme-dev.iam.gserviceaccount.com";
export const TAINT = { key: "egress-gateway/node", value: "true", effect: "NO_EXECUTE" };

export function of(type: string, base: Record<string, unknown> = {}) {
    return (inputs: Record<string, unknown> = {}): readonly Subject[] => [{ type, inputs: { ...base, ...inputs } }];
}

export const nat = of("gcp:compute/routerNat:RouterNat", {
    name: "acme-dev-egress",
    router: "acme-dev-egress",
    region: "europe-west1",
    natIpAllocateOption: "MANUAL_ONLY",
    natIps: ["projects/acme-dev/regions/europe-west1/addresses/acme-dev-egress-nat-1"],
    sourceSubnetworkIpRangesToNat: "LIST_OF_SUBNETWORKS",
    subnetworks: [
        {
            name: "projects/acme-dev/regions/europe-west1/subnetworks/acme-dev-egress",
            sourceIpRangesToNats: ["PRIMARY_IP_RANGE"],
        },
    ],
});
export const nic = { network: "acme-dev", subnetwork: "acme-dev-apps" };
export const instance = of("gcp:compute/instance:Instance", {
    machineType: "e2-small",
    zone: "europe-west1-b",
    bootDisk: {},
    networkInterfaces: [nic],
});
export const template = of("gcp:compute/instanceTemplate:InstanceTemplate", {
    machineType: "e2-small",
    disks: [],
    networkInterfaces: [nic],
});
export const nodeConfig = {
    serviceAccount: APP_ACCOUNT,
    workloadMetadataConfig: { mode: "GKE_METADATA" },
};
export const gatewayNodeConfig = {
    ...nodeConfig,
    serviceAccount: GATEWAY_ACCOUNT,
    tags: ["egress-gateway"],
    taints: [TAINT],
};
export const networkConfig = { subnetwork: "acme-dev-apps", enablePrivateNodes: true };
export const gatewayNetworkConfig = { ...networkConfig, subnetwork: "acme-dev-egress" };
export const pool = of("gcp:container/nodePool:NodePool", {
    cluster: "acme-dev",
    location: "europe-west1",
    networkConfig,
    nodeConfig,
});
export const cluster = of("gcp:container/cluster:Cluster", {
    name: "acme-dev",
    location: "europe-west1",
    privateClusterConfig: { enablePrivateNodes: true },
    removeDefaultNodePool: true,
    initialNodeCount: 1,
});
export const silentPool = () => pool({ networkConfig: { enablePrivateNodes: true } });
/** A cluster that application nodes share with the gateway. */
export const sharedCluster = (inputs: Record<string, unknown> = {}) =>
    cluster({ ipAllocationPolicy: { additionalIpRangesConfigs: [{ subnetwork: "acme-dev-egress" }] }, ...inputs });
export const route = of("gcp:compute/route:Route", {
    network: "acme-dev",
    destRange: "0.0.0.0/0",
    nextHopGateway: "default-internet-gateway",
    tags: ["egress-gateway"],
});
export const network = of("gcp:compute/network:Network", {
    name: "acme-dev",
    autoCreateSubnetworks: false,
    deleteDefaultRoutesOnCreate: true,
    networkFirewallPolicyEnforcementOrder: "BEFORE_CLASSIC_FIREWALL",
});
export const peering = of("gcp:compute/networkPeering:NetworkPeering", { network: "acme-dev", peerNetwork: "shared" });
export const classic = of("gcp:compute/firewall:Firewall", {
    name: "classic",
    network: "acme-dev",
    direction: "EGRESS",
    allows: [{ protocol: "tcp", ports: ["443"] }],
});
export const everything = [{ ipProtocol: "all" }];
export const https = [{ ipProtocol: "tcp", ports: ["443"] }];
export const policyRule = of("gcp:compute/networkFirewallPolicyRule:NetworkFirewallPolicyRule", {
    firewallPolicy: "egress",
    ruleName: "extra",
    direction: "EGRESS",
    action: "allow",
    priority: 500,
    match: { destIpRanges: ["0.0.0.0/0"], layer4Configs: https },
    targetServiceAccounts: [GATEWAY_ACCOUNT],
});
export const withRules = (rules: unknown) =>
    of("gcp:compute/networkFirewallPolicyWithRules:NetworkFirewallPolicyWithRules", { name: "egress" })({ rules });
export const deny = (ruleName: string, range: string, more: object = {}) => ({
    priority: 60000,
    ruleName,
    direction: "EGRESS",
    action: "deny",
    match: { destIpRanges: [range], layer4Configs: everything },
    ...more,
});
export const subnet = of("gcp:compute/subnetwork:Subnetwork", {
    name: "acme-dev-apps",
    network: "acme-dev",
    ipCidrRange: "10.0.0.0/22",
});
export const accountGrant = of("gcp:serviceaccount/iAMMember:IAMMember", {
    serviceAccountId: `projects/acme-dev/serviceAccounts/${GATEWAY_ACCOUNT}`,
    role: "roles/iam.serviceAccountUser",
    member: "user:mallory@example.com",
});
export const projectGrant = of("gcp:projects/iAMMember:IAMMember", {
    project: "acme-dev",
    role: "roles/iam.serviceAccountTokenCreator",
    member: "user:mallory@example.com",
});

export const IPV4_AND_IPV6 = "every public IPv4 address and every public IPv6 address";

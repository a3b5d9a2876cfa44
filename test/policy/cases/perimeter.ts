import { type RuleCases, type Subject, undecided, UNKNOWN, whole } from "./case";

const GATEWAY_ACCOUNT = "egress-gateway-nodes@acme-dev.iam.gserviceaccount.com";
const APP_ACCOUNT = "app-nodes@acme-dev.iam.gserviceaccount.com";
const TAINT = { key: "egress-gateway/node", value: "true", effect: "NO_EXECUTE" };

function of(type: string, base: Record<string, unknown> = {}) {
    return (inputs: Record<string, unknown> = {}): readonly Subject[] => [{ type, inputs: { ...base, ...inputs } }];
}

const nat = of("gcp:compute/routerNat:RouterNat", {
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
const nic = { network: "acme-dev", subnetwork: "acme-dev-apps" };
const instance = of("gcp:compute/instance:Instance", {
    machineType: "e2-small",
    zone: "europe-west1-b",
    bootDisk: {},
    networkInterfaces: [nic],
});
const template = of("gcp:compute/instanceTemplate:InstanceTemplate", {
    machineType: "e2-small",
    disks: [],
    networkInterfaces: [nic],
});
const nodeConfig = {
    serviceAccount: APP_ACCOUNT,
    workloadMetadataConfig: { mode: "GKE_METADATA" },
};
const gatewayNodeConfig = {
    ...nodeConfig,
    serviceAccount: GATEWAY_ACCOUNT,
    tags: ["egress-gateway"],
    taints: [TAINT],
};
const networkConfig = { subnetwork: "acme-dev-apps", enablePrivateNodes: true };
const gatewayNetworkConfig = { ...networkConfig, subnetwork: "acme-dev-egress" };
const pool = of("gcp:container/nodePool:NodePool", {
    cluster: "acme-dev",
    location: "europe-west1",
    networkConfig,
    nodeConfig,
});
const cluster = of("gcp:container/cluster:Cluster", {
    name: "acme-dev",
    location: "europe-west1",
    privateClusterConfig: { enablePrivateNodes: true },
    removeDefaultNodePool: true,
    initialNodeCount: 1,
});
const silentPool = () => pool({ networkConfig: { enablePrivateNodes: true } });
/** A cluster that application nodes share with the gateway. */
const sharedCluster = (inputs: Record<string, unknown> = {}) =>
    cluster({ ipAllocationPolicy: { additionalIpRangesConfigs: [{ subnetwork: "acme-dev-egress" }] }, ...inputs });
const route = of("gcp:compute/route:Route", {
    network: "acme-dev",
    destRange: "0.0.0.0/0",
    nextHopGateway: "default-internet-gateway",
    tags: ["egress-gateway"],
});
const network = of("gcp:compute/network:Network", {
    name: "acme-dev",
    autoCreateSubnetworks: false,
    deleteDefaultRoutesOnCreate: true,
    networkFirewallPolicyEnforcementOrder: "BEFORE_CLASSIC_FIREWALL",
});
const peering = of("gcp:compute/networkPeering:NetworkPeering", { network: "acme-dev", peerNetwork: "shared" });
const classic = of("gcp:compute/firewall:Firewall", {
    name: "classic",
    network: "acme-dev",
    direction: "EGRESS",
    allows: [{ protocol: "tcp", ports: ["443"] }],
});
const everything = [{ ipProtocol: "all" }];
const https = [{ ipProtocol: "tcp", ports: ["443"] }];
const policyRule = of("gcp:compute/networkFirewallPolicyRule:NetworkFirewallPolicyRule", {
    firewallPolicy: "egress",
    ruleName: "extra",
    direction: "EGRESS",
    action: "allow",
    priority: 500,
    match: { destIpRanges: ["0.0.0.0/0"], layer4Configs: https },
    targetServiceAccounts: [GATEWAY_ACCOUNT],
});
const withRules = (rules: unknown) =>
    of("gcp:compute/networkFirewallPolicyWithRules:NetworkFirewallPolicyWithRules", { name: "egress" })({ rules });
const deny = (ruleName: string, range: string, more: object = {}) => ({
    priority: 60000,
    ruleName,
    direction: "EGRESS",
    action: "deny",
    match: { destIpRanges: [range], layer4Configs: everything },
    ...more,
});
const subnet = of("gcp:compute/subnetwork:Subnetwork", {
    name: "acme-dev-apps",
    network: "acme-dev",
    ipCidrRange: "10.0.0.0/22",
});
const accountGrant = of("gcp:serviceaccount/iAMMember:IAMMember", {
    serviceAccountId: `projects/acme-dev/serviceAccounts/${GATEWAY_ACCOUNT}`,
    role: "roles/iam.serviceAccountUser",
    member: "user:mallory@example.com",
});
const projectGrant = of("gcp:projects/iAMMember:IAMMember", {
    project: "acme-dev",
    role: "roles/iam.serviceAccountTokenCreator",
    member: "user:mallory@example.com",
});

const IPV4_AND_IPV6 = "every public IPv4 address and every public IPv6 address";

export const perimeterCases: readonly RuleCases[] = [
    {
        rule: "nat-subnets",
        passes: {
            "the gateway's own NAT": nat(),
            "a private NAT between networks": nat({
                type: "PRIVATE",
                sourceSubnetworkIpRangesToNat: "ALL_SUBNETWORKS_ALL_IP_RANGES",
            }),
        },
        fails: {
            "all subnets": {
                resources: nat({
                    sourceSubnetworkIpRangesToNat: "ALL_SUBNETWORKS_ALL_IP_RANGES",
                    subnetworks: undefined,
                }),
                messages: [
                    "sourceSubnetworkIpRangesToNat is ALL_SUBNETWORKS_ALL_IP_RANGES: the NAT serves every subnet of the region.",
                ],
            },
            "the application's subnet beside the gateway's": {
                resources: nat({
                    subnetworks: [
                        { name: "acme-dev-egress", sourceIpRangesToNats: ["PRIMARY_IP_RANGE"] },
                        { name: "acme-dev-apps", sourceIpRangesToNats: ["ALL_IP_RANGES"] },
                    ],
                }),
                messages: ["subnetworks[1].name is acme-dev-apps, and the gateway's subnet is *-egress."],
            },
            "NAT64 for all subnets": {
                resources: nat({ sourceSubnetworkIpRangesToNat64: "ALL_IPV6_SUBNETWORKS" }),
                messages: [
                    "sourceSubnetworkIpRangesToNat64 is ALL_IPV6_SUBNETWORKS: the NAT serves every subnet of the region.",
                ],
            },
        },
        unknown: {
            "what it serves": {
                resources: nat({ sourceSubnetworkIpRangesToNat: UNKNOWN }),
                messages: [undecided("sourceSubnetworkIpRangesToNat", "which subnets the NAT serves")],
            },
            "one subnet of its list": {
                resources: nat({ subnetworks: [{ name: UNKNOWN, sourceIpRangesToNats: ["ALL_IP_RANGES"] }] }),
                messages: [undecided("subnetworks[0].name", "which subnets the NAT serves")],
            },
        },
    },
    {
        rule: "nat-mapping",
        passes: {
            "dynamic ports alone": nat({ enableDynamicPortAllocation: true, enableEndpointIndependentMapping: false }),
            "dynamic ports that are off, the mapping not known": nat({ enableEndpointIndependentMapping: UNKNOWN }),
        },
        fails: {
            both: {
                resources: nat({ enableDynamicPortAllocation: true, enableEndpointIndependentMapping: true }),
                messages: ["enableDynamicPortAllocation and enableEndpointIndependentMapping are both true."],
            },
        },
        unknown: {
            "the mapping": {
                resources: nat({ enableDynamicPortAllocation: true, enableEndpointIndependentMapping: UNKNOWN }),
                messages: [
                    undecided(
                        "enableEndpointIndependentMapping",
                        "whether the NAT combines dynamic ports with endpoint-independent mapping",
                    ),
                ],
            },
        },
    },
    {
        rule: "nat-addresses",
        passes: {
            "reserved addresses": nat(),
            "reserved addresses that are not known yet": nat({ natIps: [UNKNOWN] }),
        },
        fails: {
            "Google's choice": {
                resources: nat({ natIpAllocateOption: "AUTO_ONLY", natIps: undefined }),
                messages: ["natIpAllocateOption is AUTO_ONLY: Google chooses the addresses."],
            },
        },
        unknown: {
            "the choice": {
                resources: nat({ natIpAllocateOption: UNKNOWN }),
                messages: [undecided("natIpAllocateOption", "whether Google chooses the addresses")],
            },
        },
    },
    {
        rule: "external-address",
        passes: {
            "a machine without": instance(),
            "an empty list": instance({ networkInterfaces: [{ ...nic, accessConfigs: [] }] }),
            "a template without": template(),
        },
        fails: {
            "an ephemeral address": {
                resources: instance({ networkInterfaces: [{ ...nic, accessConfigs: [{}] }] }),
                messages: ["networkInterfaces[0].accessConfigs gives the machine an external address."],
            },
            "an IPv6 address in a template": {
                resources: template({
                    networkInterfaces: [{ ...nic, ipv6AccessConfigs: [{ networkTier: "PREMIUM" }] }],
                }),
                messages: ["networkInterfaces[0].ipv6AccessConfigs gives the machine an external address."],
            },
            "an address that is not known yet": {
                resources: instance({ networkInterfaces: [{ ...nic, accessConfigs: [{ natIp: UNKNOWN }] }] }),
                messages: ["networkInterfaces[0].accessConfigs gives the machine an external address."],
            },
        },
        unknown: {
            "whether there is one": {
                resources: instance({ networkInterfaces: [{ ...nic, accessConfigs: UNKNOWN }] }),
                messages: [
                    undecided("networkInterfaces[0].accessConfigs", "whether the machine has an external address"),
                ],
            },
            "the interface": {
                resources: instance({ networkInterfaces: [UNKNOWN] }),
                messages: [undecided("networkInterfaces[0]", "whether the machine has an external address")],
            },
        },
    },
    {
        rule: "private-nodes",
        passes: {
            "a private pool": pool(),
            "a private cluster": cluster(),
            "a private cluster with a private inline pool": cluster({
                removeDefaultNodePool: false,
                nodePools: [{ networkConfig, nodeConfig }],
            }),
        },
        fails: {
            "a pool that does not say": {
                resources: pool({ networkConfig: { subnetwork: "acme-dev-apps" } }),
                messages: ["networkConfig.enablePrivateNodes is absent."],
            },
            "a cluster with public nodes": {
                resources: cluster({ privateClusterConfig: { enablePrivateNodes: false } }),
                messages: ["privateClusterConfig.enablePrivateNodes is false."],
            },
            "an inline pool with public nodes": {
                resources: cluster({
                    nodePools: [{ networkConfig: { ...networkConfig, enablePrivateNodes: false }, nodeConfig }],
                }),
                messages: ["nodePools[0].networkConfig.enablePrivateNodes is false."],
            },
        },
        unknown: {
            "whether they are private": {
                resources: pool({ networkConfig: { ...networkConfig, enablePrivateNodes: UNKNOWN } }),
                messages: [undecided("networkConfig.enablePrivateNodes", "whether the nodes have external addresses")],
            },
        },
    },
    {
        rule: "internet-route",
        passes: {
            "the gateway's default route": route(),
            "the restricted Google range for everybody": route({ destRange: "199.36.153.4/30", tags: undefined }),
            "a private range through a tunnel": route({
                destRange: "10.200.0.0/16",
                tags: undefined,
                nextHopGateway: undefined,
                nextHopVpnTunnel: "head-office",
            }),
        },
        fails: {
            "no tag": {
                resources: route({ tags: [] }),
                messages: [
                    "destRange leads to every public IPv4 address for every machine of the network, since the route has no tags.",
                ],
            },
            "another tag beside the gateway's": {
                resources: route({ tags: ["egress-gateway", "web"] }),
                messages: ["destRange leads to every public IPv4 address for the tags egress-gateway, web."],
            },
            "half of the internet": {
                resources: route({
                    destRange: "128.0.0.0/1",
                    tags: undefined,
                    nextHopGateway: "global/gateways/default-internet-gateway",
                }),
                messages: [
                    "destRange leads to public IPv4 addresses such as 128.0.0.0 for every machine of the network, since the route has no tags.",
                ],
            },
            "the private range of Google's APIs": {
                resources: route({ destRange: "199.36.153.8/30", tags: undefined }),
                messages: [
                    "destRange leads to 199.36.153.8/30 for every machine of the network, since the route has no tags.",
                ],
            },
            "the gateway's tag, through a proxy machine": {
                resources: route({ nextHopGateway: undefined, nextHopInstance: "proxy" }),
                messages: [
                    "destRange leads to every public IPv4 address through nextHopInstance, which is another way out.",
                ],
            },
        },
        unknown: {
            tags: {
                resources: route({ tags: [UNKNOWN] }),
                messages: [undecided("tags", "what machines the route to every public IPv4 address is for")],
            },
            destination: {
                resources: route({ destRange: UNKNOWN, tags: undefined }),
                messages: [undecided("destRange", "whether the route leads to public addresses")],
            },
        },
    },
    {
        rule: "default-routes",
        passes: { "a network without": network() },
        fails: {
            "a network that does not say": {
                resources: network({ deleteDefaultRoutesOnCreate: undefined }),
                messages: ["deleteDefaultRoutesOnCreate is absent."],
            },
        },
        unknown: {
            "whether it is deleted": {
                resources: network({ deleteDefaultRoutesOnCreate: UNKNOWN }),
                messages: [undecided("deleteDefaultRoutesOnCreate", "whether every machine gets a default route")],
            },
        },
    },
    {
        rule: "imported-routes",
        passes: {
            "a peering that imports none": peering({ importCustomRoutes: false }),
            "a peering that does not say": peering(),
        },
        fails: {
            "custom routes": {
                resources: peering({ importCustomRoutes: true }),
                messages: ["importCustomRoutes is true: whatever the peer announces becomes a route here."],
            },
        },
        unknown: {
            "whether they are imported": {
                resources: peering({ importSubnetRoutesWithPublicIp: UNKNOWN }),
                messages: [undecided("importSubnetRoutesWithPublicIp", "whether the peer's routes are taken over")],
            },
        },
    },
    {
        rule: "egress-allow",
        passes: {
            "the gateway's account": policyRule(),
            "the gateway's tag in a classic rule": classic({ targetTags: ["egress-gateway"] }),
            "private destinations for everybody": classic({ destinationRanges: ["10.0.0.0/8", "172.16.0.0/12"] }),
            "the restricted Google range for everybody": classic({ destinationRanges: ["199.36.153.4/30"] }),
            "an ingress rule": classic({ direction: "INGRESS" }),
            "a rule that is off": classic({ disabled: true }),
            "a deny": classic({ allows: undefined, denies: [{ protocol: "all" }] }),
            "a rule that hands on": policyRule({ action: "goto_next", targetServiceAccounts: undefined }),
        },
        fails: {
            "a classic rule without destination and target": {
                resources: classic(),
                messages: [`rule "classic" lets every machine reach ${IPV4_AND_IPV6} (tcp 443).`],
            },
            "the two halves of IPv4": {
                resources: classic({ destinationRanges: ["0.0.0.0/1", "128.0.0.0/1"], targetTags: ["web"] }),
                messages: [`rule "classic" lets machines with tag web reach every public IPv4 address (tcp 443).`],
            },
            "another account beside the gateway's": {
                resources: policyRule({ targetServiceAccounts: [GATEWAY_ACCOUNT, APP_ACCOUNT] }),
                messages: [`rule "extra" lets ${APP_ACCOUNT} reach every public IPv4 address (tcp 443).`],
            },
            "a secure tag that is not the gateway's": {
                resources: policyRule({
                    targetServiceAccounts: undefined,
                    targetSecureTags: [{ name: "tagValues/1" }],
                }),
                messages: [
                    `rule "extra" lets machines with secure tag tagValues/1 reach every public IPv4 address (tcp 443).`,
                ],
            },
            "a name instead of addresses, for everybody": {
                resources: policyRule({
                    targetServiceAccounts: undefined,
                    match: { destFqdns: ["pastebin.com"], layer4Configs: https },
                }),
                messages: [
                    `rule "extra" lets every machine reach what may be ${IPV4_AND_IPV6} (tcp 443); it matches destinations by names, which resolve to other addresses at any time (destFqdns).`,
                ],
            },
            "one rule of a policy": {
                resources: withRules([
                    deny("deny-ipv4", "0.0.0.0/0"),
                    {
                        priority: 300,
                        ruleName: "google",
                        direction: "EGRESS",
                        action: "allow",
                        match: { destIpRanges: ["199.36.153.8/30"], layer4Configs: [{ ipProtocol: "tcp" }] },
                    },
                ]),
                messages: [`rules[1]: rule "google" lets every machine reach 199.36.153.8/30 (tcp).`],
            },
            "a rule of a hierarchical policy": {
                resources: of("gcp:compute/firewallPolicyRule:FirewallPolicyRule")({
                    firewallPolicy: "organization",
                    direction: "EGRESS",
                    action: "allow",
                    priority: 10,
                    match: { destIpRanges: ["34.126.0.0/18"], layer4Configs: everything },
                }),
                messages: [`rule "priority 10" lets every machine reach 34.126.0.0/18 (every protocol and port).`],
            },
        },
        unknown: {
            destinations: {
                resources: classic({ destinationRanges: [UNKNOWN] }),
                messages: [
                    `rule "classic" lets every machine reach what may be ${IPV4_AND_IPV6} (tcp 443); some of its destinations are not known before up.`,
                ],
            },
            targets: {
                resources: policyRule({ targetServiceAccounts: [UNKNOWN] }),
                messages: [
                    undecided(
                        `the target of rule "extra"`,
                        "which machines may reach every public IPv4 address (tcp 443)",
                    ),
                ],
            },
            "the rules of a policy": {
                resources: withRules(UNKNOWN),
                messages: [undecided("rules", "what the firewall policy lets out")],
            },
        },
    },
    {
        rule: "deny-for-everyone",
        passes: {
            "both families, for everybody": withRules([deny("deny-ipv4", "0.0.0.0/0"), deny("deny-ipv6", "::/0")]),
            "both families, as rules of their own": [
                ...policyRule({ ...deny("deny-ipv4", "0.0.0.0/0"), targetServiceAccounts: undefined }),
                ...policyRule({ ...deny("deny-ipv6", "::/0"), targetServiceAccounts: undefined }),
            ],
            "a classic deny for IPv4 behind a policy for both": [
                ...withRules([deny("deny-ipv4", "0.0.0.0/0"), deny("deny-ipv6", "::/0")]),
                ...of("gcp:compute/networkFirewallPolicyAssociation:NetworkFirewallPolicyAssociation")({
                    firewallPolicy: "egress",
                    attachmentTarget: "projects/acme-dev/global/networks/acme-dev",
                }),
                ...classic({ allows: undefined, denies: [{ protocol: "all" }], destinationRanges: ["0.0.0.0/0"] }),
            ],
            "a deny of a few addresses, which is no perimeter": withRules([deny("scanner", "45.33.32.0/24")]),
        },
        fails: {
            "a deny for one account": {
                resources: withRules([
                    deny("deny-ipv4", "0.0.0.0/0", { targetServiceAccounts: [APP_ACCOUNT] }),
                    deny("deny-ipv6", "::/0"),
                ]),
                messages: [
                    `No rule denies all public IPv4 addresses for every machine ("deny-ipv4" is for some targets only).`,
                ],
            },
            "IPv4 alone": {
                resources: policyRule({ ...deny("deny-ipv4", "0.0.0.0/0"), targetServiceAccounts: undefined }),
                messages: ["No rule denies all public IPv6 addresses for every machine."],
            },
            "TCP alone": {
                resources: withRules([
                    deny("deny-ipv4", "0.0.0.0/0", {
                        match: { destIpRanges: ["0.0.0.0/0"], layer4Configs: [{ ipProtocol: "tcp" }] },
                    }),
                    deny("deny-ipv6", "::/0"),
                ]),
                messages: [
                    `No rule denies all public IPv4 addresses for every machine ("deny-ipv4": not for all protocols).`,
                ],
            },
        },
        unknown: {
            "whom it concerns": {
                resources: withRules([
                    deny("deny-ipv4", "0.0.0.0/0", { targetServiceAccounts: [UNKNOWN] }),
                    deny("deny-ipv6", "::/0"),
                ]),
                messages: [
                    `No rule denies all public IPv4 addresses for every machine ("deny-ipv4" is for targets that are not known before deployment).`,
                ],
            },
            "what it denies": {
                resources: withRules([deny("deny-ipv4", UNKNOWN), deny("deny-ipv6", "::/0")]),
                messages: [
                    `No rule denies all public IPv4 addresses for every machine ("deny-ipv4": some of its destinations are not known before up).`,
                ],
            },
        },
    },
    {
        rule: "firewall-order",
        passes: { "policies first": network() },
        fails: {
            "Google's default": {
                resources: network({ networkFirewallPolicyEnforcementOrder: undefined }),
                messages: ["networkFirewallPolicyEnforcementOrder is absent, which means AFTER_CLASSIC_FIREWALL."],
            },
        },
        unknown: {
            "the order": {
                resources: network({ networkFirewallPolicyEnforcementOrder: UNKNOWN }),
                messages: [
                    undecided("networkFirewallPolicyEnforcementOrder", "whether classic rules outrank the policy"),
                ],
            },
        },
    },
    {
        rule: "ipv4-only",
        passes: {
            "a subnet that does not say": subnet(),
            "an IPv4 subnet": subnet({ stackType: "IPV4_ONLY" }),
            "an IPv4 cluster": cluster(),
        },
        fails: {
            "a dual-stack subnet": {
                resources: subnet({ stackType: "IPV4_IPV6", ipv6AccessType: "EXTERNAL" }),
                messages: ["stackType is IPV4_IPV6."],
            },
            "a dual-stack cluster": {
                resources: cluster({ ipAllocationPolicy: { stackType: "IPV4_IPV6" } }),
                messages: ["ipAllocationPolicy.stackType is IPV4_IPV6."],
            },
        },
        unknown: {
            "the stack type": {
                resources: subnet({ stackType: UNKNOWN }),
                messages: [undecided("stackType", "whether machines get IPv6 addresses")],
            },
        },
    },
    {
        rule: "gateway-reserved",
        passes: {
            "the gateway's pool": pool({ nodeConfig: gatewayNodeConfig, networkConfig: gatewayNetworkConfig }),
            "a pool of its own": pool(),
            "a machine of its own": instance({ serviceAccount: { email: APP_ACCOUNT }, tags: ["web"] }),
            "a cluster that lists the gateway's subnet": cluster({
                ipAllocationPolicy: { additionalIpRangesConfigs: [{ subnetwork: "acme-dev-egress" }] },
            }),
            "the gateway's NAT and firewall": [...nat(), ...policyRule(), ...route()],
        },
        fails: {
            "a machine with the gateway's account": {
                resources: instance({ serviceAccount: { email: GATEWAY_ACCOUNT, scopes: [] } }),
                messages: [`serviceAccount.email is ${GATEWAY_ACCOUNT}: that is the gateway nodes' service account.`],
            },
            "a template with the gateway's tag": {
                resources: template({ tags: ["web", "egress-gateway"] }),
                messages: ["tags[1] is egress-gateway: that is the gateway nodes' network tag."],
            },
            "a machine in the gateway's subnet": {
                resources: instance({
                    networkInterfaces: [
                        { subnetwork: "projects/acme-dev/regions/europe-west1/subnetworks/acme-dev-egress" },
                    ],
                }),
                messages: [
                    "networkInterfaces[0].subnetwork is projects/acme-dev/regions/europe-west1/subnetworks/acme-dev-egress: that is the gateway nodes' subnet.",
                ],
            },
            "a pool without the gateway's taint": {
                resources: pool({
                    nodeConfig: { ...gatewayNodeConfig, taints: [{ ...TAINT, effect: "NO_SCHEDULE" }] },
                    networkConfig: gatewayNetworkConfig,
                }),
                messages: [
                    "networkConfig.subnetwork is acme-dev-egress: that is the gateway nodes' subnet.",
                    `nodeConfig.serviceAccount is ${GATEWAY_ACCOUNT}: that is the gateway nodes' service account.`,
                    "nodeConfig.tags[0] is egress-gateway: that is the gateway nodes' network tag.",
                ],
            },
            "nodes that the cluster provisions": {
                resources: cluster({
                    clusterAutoscaling: {
                        enabled: true,
                        autoProvisioningDefaults: { serviceAccount: GATEWAY_ACCOUNT },
                    },
                }),
                messages: [
                    `clusterAutoscaling.autoProvisioningDefaults.serviceAccount is ${GATEWAY_ACCOUNT}: that is the gateway nodes' service account.`,
                ],
            },
            "a job that runs as the gateway": {
                resources: of("gcp:cloudrunv2/service:Service")({
                    location: "europe-west1",
                    template: { serviceAccount: GATEWAY_ACCOUNT },
                }),
                messages: [
                    `template.serviceAccount is ${GATEWAY_ACCOUNT}: that is the gateway nodes' service account.`,
                ],
            },
        },
        unknown: {
            "a pool's account": {
                resources: pool({ nodeConfig: { ...nodeConfig, serviceAccount: UNKNOWN } }),
                messages: [
                    undecided("nodeConfig.serviceAccount", "whether it borrows the gateway's identity or place"),
                ],
            },
            "a machine's subnet": {
                resources: instance({ networkInterfaces: [{ subnetwork: UNKNOWN }] }),
                messages: [
                    undecided("networkInterfaces[0].subnetwork", "whether it borrows the gateway's identity or place"),
                ],
            },
        },
    },
    {
        rule: "gateway-account-grants",
        passes: {
            "a grant on another account": accountGrant({
                serviceAccountId: `projects/acme-dev/serviceAccounts/${APP_ACCOUNT}`,
            }),
            "a look at the gateway's account": accountGrant({ role: "roles/iam.serviceAccountViewer" }),
            "a harmless role whatever the account": accountGrant({
                role: "roles/iam.serviceAccountViewer",
                serviceAccountId: UNKNOWN,
            }),
            "a role of nodes on the project": projectGrant({
                role: "roles/container.defaultNodeServiceAccount",
                member: `serviceAccount:${GATEWAY_ACCOUNT}`,
            }),
        },
        fails: {
            "acting as the account": {
                resources: accountGrant(),
                messages: ["user:mallory@example.com gets roles/iam.serviceAccountUser on the gateway nodes' account."],
            },
            "making tokens for every account of the project": {
                resources: projectGrant(),
                messages: [
                    "user:mallory@example.com gets roles/iam.serviceAccountTokenCreator on the whole project, the gateway nodes' account included.",
                ],
            },
            "a policy among others": {
                resources: of("gcp:serviceaccount/iAMPolicy:IAMPolicy")({
                    serviceAccountId: GATEWAY_ACCOUNT,
                    policyData: JSON.stringify({
                        bindings: [
                            {
                                role: "roles/iam.workloadIdentityUser",
                                members: ["serviceAccount:acme-dev.svc.id.goog[payments/api]"],
                            },
                        ],
                    }),
                }),
                messages: [
                    "serviceAccount:acme-dev.svc.id.goog[payments/api] gets roles/iam.workloadIdentityUser on the gateway nodes' account.",
                ],
            },
            "a key": {
                resources: of("gcp:serviceaccount/key:Key")({ serviceAccountId: GATEWAY_ACCOUNT }),
                messages: [
                    whole(
                        `serviceAccountId is ${GATEWAY_ACCOUNT}: the key is the gateway nodes' identity, for whoever holds it. Remove the key: GKE nodes need none.`,
                    ),
                ],
            },
        },
        unknown: {
            "the account": {
                resources: accountGrant({ serviceAccountId: UNKNOWN }),
                messages: [
                    undecided(
                        "serviceAccountId",
                        "whether roles/iam.serviceAccountUser is granted on the gateway nodes' account",
                    ),
                ],
            },
            "the role": {
                resources: accountGrant({ role: UNKNOWN }),
                messages: [undecided("role", "what is granted on the gateway nodes' account")],
            },
            "the member": {
                resources: accountGrant({ member: UNKNOWN }),
                messages: [undecided("member", "who gets roles/iam.serviceAccountUser on the gateway nodes' account")],
            },
        },
    },
    {
        rule: "node-pool-subnet",
        passes: {
            "a pool that names it": [...pool(), ...sharedCluster()],
            "a pool that takes the only subnet of its cluster": [...silentPool(), ...cluster()],
            "a pool whose subnet is not known yet, but named": pool({
                networkConfig: { ...networkConfig, subnetwork: UNKNOWN },
            }),
        },
        fails: {
            "a pool that does not, beside the gateway's": {
                resources: [...silentPool(), ...sharedCluster()],
                messages: ["networkConfig.subnetwork is absent, and the cluster has the gateway's subnet."],
            },
            "a pool that does not, of a cluster that nobody shows": {
                resources: silentPool(),
                messages: [
                    "networkConfig.subnetwork is absent, and the cluster, which may have the gateway's subnet, is not among the resources.",
                ],
            },
            "a pool inside the cluster": {
                resources: sharedCluster({ nodePools: [{ networkConfig: { enablePrivateNodes: true }, nodeConfig }] }),
                messages: [
                    "nodePools[0].networkConfig.subnetwork is absent, and the cluster has the gateway's subnet.",
                ],
            },
            "pools that GKE makes": {
                resources: sharedCluster({ clusterAutoscaling: { enabled: true } }),
                messages: [
                    whole(
                        "clusterAutoscaling.enabled is true: GKE makes node pools, and the cluster has the gateway's subnet. Switch node auto-provisioning off, or give application nodes and gateway clusters of their own.",
                    ),
                ],
            },
        },
        unknown: {
            "the cluster's subnets": {
                resources: [
                    ...silentPool(),
                    ...sharedCluster({ ipAllocationPolicy: { additionalIpRangesConfigs: UNKNOWN } }),
                ],
                messages: [
                    undecided(
                        "ipAllocationPolicy.additionalIpRangesConfigs",
                        "whether the cluster has the gateway's subnet",
                    ),
                ],
            },
        },
    },
    {
        rule: "gateway-taint",
        passes: {
            "the gateway's pool": pool({ nodeConfig: gatewayNodeConfig, networkConfig: gatewayNetworkConfig }),
            "another pool with other taints": pool({
                nodeConfig: { ...nodeConfig, taints: [{ key: "acme/batch", value: "true", effect: "NO_SCHEDULE" }] },
            }),
            "both effects": pool({
                nodeConfig: { ...gatewayNodeConfig, taints: [{ ...TAINT, effect: "NO_SCHEDULE" }, TAINT] },
            }),
        },
        fails: {
            "NO_SCHEDULE alone": {
                resources: pool({
                    nodeConfig: { ...gatewayNodeConfig, taints: [{ ...TAINT, effect: "NO_SCHEDULE" }] },
                    networkConfig: gatewayNetworkConfig,
                }),
                messages: ["nodeConfig.taints has egress-gateway/node without effect NO_EXECUTE."],
            },
            "none on a pool with the gateway's label": {
                resources: pool({ nodeConfig: { ...nodeConfig, labels: { "egress-gateway/node": "true" } } }),
                messages: ["The pool has label egress-gateway/node and no taint egress-gateway/node."],
            },
        },
        unknown: {
            "the taints of a gateway pool": {
                resources: pool({ nodeConfig: { ...gatewayNodeConfig, taints: UNKNOWN } }),
                messages: [
                    undecided(
                        "nodeConfig.taints",
                        `whether anything but the gateway can run on nodes with service account ${GATEWAY_ACCOUNT}, network tag egress-gateway`,
                    ),
                ],
            },
        },
    },
    {
        rule: "metadata-server",
        passes: {
            "a pool with it": pool(),
            "a cluster whose default pool is removed": cluster(),
            "an Autopilot cluster": cluster({ enableAutopilot: true, removeDefaultNodePool: false }),
        },
        fails: {
            "a pool without": {
                resources: pool({ nodeConfig: { serviceAccount: APP_ACCOUNT } }),
                messages: ["nodeConfig.workloadMetadataConfig.mode is absent."],
            },
            "a default pool without": {
                resources: cluster({
                    removeDefaultNodePool: false,
                    nodeConfig: { workloadMetadataConfig: { mode: "GCE_METADATA" } },
                }),
                messages: ["nodeConfig.workloadMetadataConfig.mode is GCE_METADATA."],
            },
        },
        unknown: {
            "the mode": {
                resources: pool({ nodeConfig: { ...nodeConfig, workloadMetadataConfig: { mode: UNKNOWN } } }),
                messages: [
                    undecided("nodeConfig.workloadMetadataConfig.mode", "whether pods can read the node's token"),
                ],
            },
        },
    },
    {
        rule: "node-service-account",
        passes: {
            "an account of its own": pool(),
            "an account that is not known yet, and so not the default one": pool({
                nodeConfig: { ...nodeConfig, serviceAccount: UNKNOWN },
            }),
        },
        fails: {
            none: {
                resources: pool({ nodeConfig: { workloadMetadataConfig: { mode: "GKE_METADATA" } } }),
                messages: ["nodeConfig.serviceAccount is absent: the Compute Engine default account."],
            },
            "the default one": {
                resources: pool({
                    nodeConfig: { ...nodeConfig, serviceAccount: "123456-compute@developer.gserviceaccount.com" },
                }),
                messages: [
                    "nodeConfig.serviceAccount is 123456-compute@developer.gserviceaccount.com: the Compute Engine default account.",
                ],
            },
        },
        unknown: {
            "the pools of a cluster": {
                resources: cluster({ nodePools: UNKNOWN }),
                messages: [undecided("nodePools", "what node pools the cluster has")],
            },
        },
    },
    {
        rule: "node-pool-interfaces",
        passes: {
            "one interface": pool(),
            "an empty list": pool({ networkConfig: { ...networkConfig, additionalNodeNetworkConfigs: [] } }),
        },
        fails: {
            "a second network": {
                resources: pool({
                    networkConfig: {
                        ...networkConfig,
                        additionalNodeNetworkConfigs: [{ network: "legacy", subnetwork: "legacy" }],
                    },
                }),
                messages: ["networkConfig.additionalNodeNetworkConfigs adds a network interface."],
            },
        },
        unknown: {
            "whether there is one": {
                resources: pool({ networkConfig: { ...networkConfig, additionalPodNetworkConfigs: UNKNOWN } }),
                messages: [
                    undecided(
                        "networkConfig.additionalPodNetworkConfigs",
                        "whether the nodes have a second network interface",
                    ),
                ],
            },
        },
    },
    {
        rule: "instance-interfaces",
        passes: { "one interface": instance() },
        fails: {
            "two interfaces": {
                resources: instance({ networkInterfaces: [nic, { network: "legacy" }] }),
                messages: ["networkInterfaces has 2 entries."],
            },
        },
        unknown: {
            "the interfaces": {
                resources: instance({ networkInterfaces: UNKNOWN }),
                messages: [undecided("networkInterfaces", "how many networks the machine is in")],
            },
        },
    },
    {
        rule: "ip-forwarding",
        passes: { off: instance({ canIpForward: false }), "not said": template() },
        fails: {
            on: { resources: template({ canIpForward: true }), messages: ["canIpForward is true."] },
        },
        unknown: {
            "whether it forwards": {
                resources: instance({ canIpForward: UNKNOWN }),
                messages: [undecided("canIpForward", "whether the machine forwards packets of others")],
            },
        },
    },
    {
        rule: "secure-web-proxy",
        passes: { "a mesh gateway": of("gcp:networkservices/gateway:Gateway")({ type: "OPEN_MESH" }) },
        fails: {
            "a proxy": {
                resources: of("gcp:networkservices/gateway:Gateway")({ type: "SECURE_WEB_GATEWAY" }),
                messages: ["type is SECURE_WEB_GATEWAY."],
            },
        },
        unknown: {
            "the type": {
                resources: of("gcp:networkservices/gateway:Gateway")({ type: UNKNOWN }),
                messages: [undecided("type", "whether the gateway is a Secure Web Proxy")],
            },
        },
    },
    {
        rule: "internet-endpoints",
        passes: {
            "endpoints in the network": of("gcp:compute/networkEndpointGroup:NetworkEndpointGroup")({
                network: "acme-dev",
                networkEndpointType: "GCE_VM_IP_PORT",
            }),
            "a serverless endpoint": of("gcp:compute/regionNetworkEndpointGroup:RegionNetworkEndpointGroup")({
                region: "europe-west1",
            }),
        },
        fails: {
            "a name on the internet": {
                resources: of("gcp:compute/globalNetworkEndpointGroup:GlobalNetworkEndpointGroup")({
                    networkEndpointType: "INTERNET_FQDN_PORT",
                }),
                messages: ["networkEndpointType is INTERNET_FQDN_PORT."],
            },
        },
        unknown: {
            "the type": {
                resources: of("gcp:compute/regionNetworkEndpointGroup:RegionNetworkEndpointGroup")({
                    networkEndpointType: UNKNOWN,
                }),
                messages: [undecided("networkEndpointType", "whether the endpoints are on the internet")],
            },
        },
    },
    {
        rule: "google-apis-endpoint",
        passes: {
            "the restricted set": of("gcp:compute/globalForwardingRule:GlobalForwardingRule")({ target: "vpc-sc" }),
            "a load balancer that is not known yet": of("gcp:compute/forwardingRule:ForwardingRule")({
                target: UNKNOWN,
            }),
        },
        fails: {
            "all APIs": {
                resources: of("gcp:compute/globalForwardingRule:GlobalForwardingRule")({ target: "all-apis" }),
                messages: ["target is all-apis."],
            },
        },
        unknown: "all-apis is a constant: a target that is not known yet is another resource of the program",
    },
];

import { type RuleCases, undecided, UNKNOWN } from "../case";
import { of, nat, route, network, peering } from "./resources";

export const exitsCases: readonly RuleCases[] = [
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

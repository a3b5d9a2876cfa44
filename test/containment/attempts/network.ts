import * as assert from "node:assert/strict";
import { type Resource } from "../../../containment/resource";
import { type ClaimId, type Packet, type Result } from "../../../containment/verdict";
import { added, all, changed, compute, type Mutation, removed, resource } from "../worlds/build";

/** Known ways out of the network, for the plan of the dev stack. Numbers are those of containment/bypasses.ts. */
const PROJECT = "acme-dev";
const NETWORK = `projects/${PROJECT}/global/networks/acme-dev`;
const POLICY = "gcp:compute/networkFirewallPolicyWithRules:NetworkFirewallPolicyWithRules";

type Rule = Readonly<Record<string, unknown>> & { readonly priority: number; readonly ruleName?: string };

/** Changes the rules of the perimeter's own policy. */
function rules(change: (rules: readonly Rule[]) => readonly Rule[]): Mutation {
    return world => {
        assert.ok(world.some(({ type }) => type === POLICY));
        return world.map(entry =>
            entry.type === POLICY
                ? { ...entry, inputs: { ...entry.inputs, rules: change(entry.inputs["rules"] as Rule[]) } }
                : entry,
        );
    };
}

const allow = (match: object, more: object = {}): Mutation =>
    rules(list => [
        ...list,
        {
            priority: 450,
            direction: "EGRESS",
            action: "allow",
            ruleName: "hole",
            match: { layer4Configs: [{ ipProtocol: "tcp" }], ...match },
            ...more,
        },
    ]);
const services = (...layer4Configs: object[]): { readonly layer4Configs: readonly object[] } => ({ layer4Configs });
const deny = (name: string, change: (rule: Rule) => Rule): Mutation =>
    rules(list => {
        assert.ok(list.some(({ ruleName }) => ruleName === name));
        return list.map(rule => (rule.ruleName === name ? change(rule) : rule));
    });
const withoutRule = (name: string): Mutation => rules(list => list.filter(({ ruleName }) => ruleName !== name));
const add =
    (...more: Resource[]): Mutation =>
    world =>
        added(world, ...more);

const WITHOUT_BELT: Mutation = world => removed(world, "perimeter-belt-ipv4", "perimeter-belt-ipv6");
const NAT_FOR_ALL: Mutation = world =>
    changed(world, "perimeter-nat", ({ subnetworks: _, ...inputs }) => ({
        ...inputs,
        sourceSubnetworkIpRangesToNat: "ALL_SUBNETWORKS_ALL_IP_RANGES",
    }));
const ROUTE_FOR_ALL = add(
    resource(compute("Route"), "default-all", {
        network: NETWORK,
        project: PROJECT,
        destRange: "0.0.0.0/0",
        nextHopGateway: "default-internet-gateway",
    }),
);
/** The firewall is the only lock left. */
export const FIREWALL_ONLY = all(WITHOUT_BELT, NAT_FOR_ALL, ROUTE_FOR_ALL);
const NO_FIREWALL = all(withoutRule("deny-ipv4"), WITHOUT_BELT);
export const APP_NODES = "application nodes of cluster acme-dev";
const tcp = (port: number, destination = "1.1.1.1"): Packet => ({ protocol: "tcp", destination, port });
const externalSubnet = resource(compute("Subnetwork"), "dual", {
    name: "dual",
    project: PROJECT,
    region: "europe-west1",
    network: NETWORK,
    ipCidrRange: "10.50.0.0/24",
    stackType: "IPV4_IPV6",
    ipv6AccessType: "EXTERNAL",
});
const vm = (more: object): Resource =>
    resource(compute("Instance"), "jump", {
        name: "jump",
        project: PROJECT,
        zone: "europe-west1-b",
        networkInterfaces: [{ network: NETWORK, ...more }],
    });
const hop = (key: string, value: string): Resource =>
    resource(compute("Route"), "detour", { network: NETWORK, project: PROJECT, destRange: "0.0.0.0/0", [key]: value });

export interface NetworkAttempt {
    readonly title: string;
    /** Numbers of the catalogue. */
    readonly bypasses: readonly number[];
    /** Applied to the dev plan with the firewall as its only lock, unless `on` says otherwise. */
    readonly mutation: Mutation;
    readonly on?: Mutation;
    readonly claim?: ClaimId;
    readonly becomes?: Result;
    /** A packet that a witness must show. */
    readonly packet?: Packet;
    readonly source?: RegExp;
    readonly says?: RegExp;
    /** What becomes of the dev plan as it is. */
    readonly devPlan?: Result;
}

export const NETWORK_ATTEMPTS: readonly NetworkAttempt[] = [
    {
        title: "TCP to anywhere for everybody, added by hand and seen in the state",
        bypasses: [1, 2, 3, 4, 49, 51],
        mutation: allow({ destIpRanges: ["0.0.0.0/0"] }),
        packet: tcp(443),
        source: /^application nodes/,
    },
    {
        title: "UDP 53",
        bypasses: [5],
        mutation: allow(services({ ipProtocol: "udp", ports: ["53"] })),
        packet: { protocol: "udp", destination: "1.1.1.1", port: 53 },
    },
    {
        title: "DNS over TLS to one resolver",
        bypasses: [7],
        mutation: allow({ destIpRanges: ["8.8.8.8/32"], ...services({ ipProtocol: "tcp", ports: ["853"] }) }),
        packet: tcp(853, "8.8.8.8"),
    },
    {
        title: "QUIC",
        bypasses: [8],
        mutation: allow(services({ ipProtocol: "udp", ports: ["443"] })),
        packet: { protocol: "udp", destination: "1.1.1.1", port: 443 },
    },
    {
        title: "ICMP",
        bypasses: [9],
        mutation: allow(services({ ipProtocol: "icmp" })),
        packet: { protocol: "icmp", destination: "1.1.1.1" },
    },
    {
        title: "a deny for TCP and UDP only",
        bypasses: [10],
        mutation: deny("deny-ipv4", rule => ({
            ...rule,
            match: { destIpRanges: ["0.0.0.0/0"], layer4Configs: [{ ipProtocol: "tcp" }, { ipProtocol: "udp" }] },
        })),
        packet: { protocol: "icmp", destination: "1.1.1.1" },
        says: /everything but tcp; udp to all of the public IPv4 internet/,
    },
    {
        title: "IPv6 without its deny, in a subnet with external IPv6",
        bypasses: [11],
        mutation: all(withoutRule("deny-ipv6"), add(externalSubnet)),
        packet: tcp(443, "2606:4700:4700::1111"),
        source: /^any other VM/,
        devPlan: "holds",
    },
    {
        title: "everything, in four pieces",
        bypasses: [12],
        mutation: allow({ destIpRanges: ["0.0.0.0/2", "64.0.0.0/2", "128.0.0.0/2", "192.0.0.0/2"] }),
        packet: tcp(443),
    },
    {
        title: "a classic allow before the policy",
        bypasses: [13],
        mutation: all(
            add(
                resource(compute("Firewall"), "old-allow", {
                    network: NETWORK,
                    project: PROJECT,
                    direction: "EGRESS",
                    allows: [{ protocol: "tcp", ports: ["22"] }],
                }),
            ),
            world => changed(world, "platform", inputs => ({ ...inputs, firewallOrder: "AFTER_CLASSIC_FIREWALL" })),
        ),
        packet: tcp(22),
        says: /classic rules: rule old-allow/,
    },
    {
        title: "an organization's allow above everything",
        bypasses: [13],
        mutation: add(
            resource("gcp:organizations/project:Project", "project", { projectId: PROJECT, orgId: "1" }),
            resource(compute("FirewallPolicyWithRules"), "corp", {
                shortName: "corp",
                parent: "organizations/1",
                rules: [
                    {
                        priority: 1,
                        direction: "EGRESS",
                        action: "allow",
                        match: { destIpRanges: ["1.0.0.0/8"], layer4Configs: [{ ipProtocol: "all" }] },
                    },
                ],
            }),
            resource(compute("FirewallPolicyAssociation"), "corp-at", {
                firewallPolicy: "corp",
                attachmentTarget: "organizations/1",
            }),
        ),
        packet: tcp(443),
        says: /hierarchical policy corp/,
    },
    {
        title: "an early hand-on past the deny",
        bypasses: [13],
        mutation: allow({}, { action: "goto_next", match: { layer4Configs: [{ ipProtocol: "all" }] } }),
        packet: tcp(443),
        says: /hands it to the next layer/,
    },
    {
        title: "a disabled deny",
        bypasses: [13],
        mutation: deny("deny-ipv4", rule => ({ ...rule, disabled: true })),
        packet: tcp(443),
        devPlan: "holds",
    },
    {
        title: "an allow without target or destination",
        bypasses: [14],
        mutation: allow(services({ ipProtocol: "tcp", ports: ["8002-8003"] })),
        packet: tcp(8002),
    },
    {
        title: "a VM with an external address and no firewall",
        bypasses: [15],
        on: all(NO_FIREWALL, ROUTE_FOR_ALL),
        mutation: add(vm({ accessConfigs: [{}] })),
        packet: tcp(443),
        source: /^VM jump/,
        says: /its external address needs no NAT/,
    },
    {
        title: "NAT for application subnets and no firewall",
        bypasses: [16],
        on: all(NO_FIREWALL, ROUTE_FOR_ALL),
        mutation: NAT_FOR_ALL,
        packet: tcp(443),
        source: /^application nodes/,
        says: /NAT .* translates/,
    },
    {
        title: "a default route for everybody and no firewall",
        bypasses: [17],
        on: all(NO_FIREWALL, NAT_FOR_ALL),
        mutation: ROUTE_FOR_ALL,
        packet: tcp(443),
        source: /^application nodes/,
    },
    {
        title: "a default route to a machine",
        bypasses: [17],
        on: NO_FIREWALL,
        mutation: add(hop("nextHopInstance", "zones/europe-west1-b/instances/proxy")),
        becomes: "unknown",
        says: /its next hop is a machine, which may forward it/,
    },
    {
        title: "a default route into a VPN",
        bypasses: [17],
        on: NO_FIREWALL,
        mutation: add(hop("nextHopVpnTunnel", "regions/europe-west1/vpnTunnels/t")),
        becomes: "unknown",
        says: /its next hop is a VPN tunnel/,
    },
    {
        title: "routes that a peer announces",
        bypasses: [17],
        on: NO_FIREWALL,
        mutation: add(
            resource(compute("NetworkPeering"), "hub", {
                network: NETWORK,
                peerNetwork: "projects/hub/global/networks/hub",
                importCustomRoutes: true,
            }),
        ),
        becomes: "unknown",
        says: /it imports routes of its peer that are not shown/,
    },
    {
        title: "an internet endpoint group",
        bypasses: [18],
        mutation: add(
            resource(compute("GlobalNetworkEndpointGroup"), "neg", { networkEndpointType: "INTERNET_FQDN_PORT" }),
        ),
        becomes: "unknown",
        devPlan: "unknown",
        says: /load balancer in front of internet endpoints/,
    },
    {
        title: "a Secure Web Proxy",
        bypasses: [18],
        mutation: add(resource("gcp:networkservices/gateway:Gateway", "swp", { type: "SECURE_WEB_GATEWAY" })),
        becomes: "unknown",
        devPlan: "unknown",
        says: /Secure Web Proxy/,
    },
    {
        title: "a deny for some accounts, and a new pool with another",
        bypasses: [50],
        mutation: all(
            deny("deny-ipv4", rule => ({
                ...rule,
                targetServiceAccounts: [`apps@${PROJECT}.iam.gserviceaccount.com`],
            })),
            add(
                resource("gcp:container/nodePool:NodePool", "new-pool", {
                    name: "new-pool",
                    project: PROJECT,
                    cluster: `projects/${PROJECT}/locations/europe-west1/clusters/acme-dev`,
                    networkConfig: { subnetwork: "apps", enablePrivateNodes: true },
                    nodeConfig: { serviceAccount: `batch@${PROJECT}.iam.gserviceaccount.com` },
                }),
            ),
        ),
        packet: tcp(443),
        source: /^node of pool acme-dev\/new-pool/,
    },
    {
        title: "the gateway towards private addresses",
        bypasses: [43],
        claim: "C3",
        mutation: withoutRule("deny-gateway-private"),
        packet: tcp(443, "192.168.0.1"),
        devPlan: "violated",
    },
    {
        title: "the gateway on a port that nothing declares",
        bypasses: [43],
        claim: "C3",
        mutation: deny("allow-gateway-public", rule => ({
            ...rule,
            match: { destIpRanges: ["0.0.0.0/0"], layer4Configs: [{ ipProtocol: "tcp" }] },
        })),
        packet: tcp(53),
        devPlan: "violated",
    },
];

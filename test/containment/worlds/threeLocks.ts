import { type Resource } from "../../../containment/resource";
import { added, all, changed, compute, type Mutation, removed, resource, SELF_LINK } from "./build";

/**
 * A contained network under names that have nothing to do with this project, written as Terraform programs are: self links here,
 * ids there, plain names elsewhere. Firewall, NAT and default route each keep everything but the gateway inside; classic rules stand
 * behind the policy.
 */
export const PROJECT = "fl-prod";
const REGION = "us-central1";
const NETWORK_LINK = `${SELF_LINK}projects/${PROJECT}/global/networks/fl-vpc`;
const NETWORK_ID = `projects/${PROJECT}/global/networks/fl-vpc`;
const subnet = (name: string): string => `projects/${PROJECT}/regions/${REGION}/subnetworks/${name}`;
const account = (name: string): string => `${name}@${PROJECT}.iam.gserviceaccount.com`;

export const APP = account("fl-app-nodes");
export const SYSTEM = account("fl-system-nodes");
export const GATEWAY = account("fl-exit-nodes");

type Rule = Readonly<Record<string, unknown>>;

export const POLICY_RULES: readonly Rule[] = [
    rule(100, "allow", {
        destIpRanges: ["10.10.0.0/22", "10.20.0.0/16", "10.10.8.0/28", "10.10.16.0/22"],
        layer4Configs: [{ ipProtocol: "all" }],
    }),
    rule(200, "allow", {
        destIpRanges: ["10.30.0.0/28"],
        layer4Configs: [{ ipProtocol: "tcp", ports: ["443", "8132"] }],
    }),
    rule(300, "allow", { destIpRanges: ["199.36.153.4/30"], layer4Configs: [{ ipProtocol: "tcp", ports: ["443"] }] }),
    rule(
        390,
        "deny",
        {
            destIpRanges: ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "169.254.0.0/16"],
            layer4Configs: [{ ipProtocol: "all" }],
        },
        [GATEWAY],
    ),
    rule(400, "allow", { destIpRanges: ["0.0.0.0/0"], layer4Configs: [{ ipProtocol: "tcp", ports: ["443"] }] }, [
        GATEWAY,
    ]),
    rule(60000, "deny", { destIpRanges: ["0.0.0.0/0"], layer4Configs: [{ ipProtocol: "all" }] }),
    rule(60001, "deny", { destIpRanges: ["::/0"], layer4Configs: [{ ipProtocol: "all" }] }),
];

export function rule(priority: number, action: string, match: Rule, targetServiceAccounts?: readonly string[]): Rule {
    return {
        priority,
        direction: "EGRESS",
        action,
        ruleName: `r${priority}`,
        match,
        ...(targetServiceAccounts === undefined ? {} : { targetServiceAccounts }),
    };
}

export const B3: readonly Resource[] = [
    resource(compute("Network"), "vpc", {
        name: "fl-vpc",
        project: PROJECT,
        autoCreateSubnetworks: false,
        deleteDefaultRoutesOnCreate: true,
        networkFirewallPolicyEnforcementOrder: "BEFORE_CLASSIC_FIREWALL",
    }),
    resource(compute("Subnetwork"), "apps", {
        name: "fl-apps",
        project: PROJECT,
        region: REGION,
        network: NETWORK_LINK,
        ipCidrRange: "10.10.0.0/22",
        stackType: "IPV4_ONLY",
        privateIpGoogleAccess: true,
        secondaryIpRanges: [
            { rangeName: "fl-pods", ipCidrRange: "10.20.0.0/16" },
            { rangeName: "fl-services", ipCidrRange: "10.21.0.0/20" },
        ],
    }),
    resource(compute("Subnetwork"), "exit", {
        name: "fl-exit",
        project: PROJECT,
        region: REGION,
        network: NETWORK_ID,
        ipCidrRange: "10.10.8.0/28",
        stackType: "IPV4_ONLY",
        privateIpGoogleAccess: true,
        secondaryIpRanges: [{ rangeName: "fl-exit-pods", ipCidrRange: "10.10.16.0/22" }],
    }),
    resource(compute("NetworkFirewallPolicy"), "policy", { name: "fl-egress", project: PROJECT }),
    ...POLICY_RULES.map(inputs =>
        resource(compute("NetworkFirewallPolicyRule"), `rule-${String(inputs["priority"])}`, {
            firewallPolicy: "fl-egress",
            project: PROJECT,
            ...inputs,
        }),
    ),
    resource(compute("NetworkFirewallPolicyAssociation"), "attached", {
        name: "fl-egress",
        project: PROJECT,
        firewallPolicy: `projects/${PROJECT}/global/firewallPolicies/fl-egress`,
        attachmentTarget: NETWORK_LINK,
    }),
    resource(compute("Firewall"), "belt", {
        name: "fl-belt",
        project: PROJECT,
        network: "fl-vpc",
        direction: "EGRESS",
        priority: 65534,
        denies: [{ protocol: "all" }],
        destinationRanges: ["0.0.0.0/0"],
    }),
    resource(compute("Firewall"), "ssh", {
        name: "fl-ssh",
        project: PROJECT,
        network: "fl-vpc",
        direction: "INGRESS",
        allows: [{ protocol: "tcp", ports: ["22"] }],
        sourceRanges: ["35.235.240.0/20"],
    }),
    resource(compute("Router"), "router", { name: "fl-router", project: PROJECT, region: REGION, network: NETWORK_ID }),
    resource(compute("Address"), "address", {
        name: "fl-exit-0",
        project: PROJECT,
        region: REGION,
        addressType: "EXTERNAL",
    }),
    resource(compute("RouterNat"), "nat", {
        name: "fl-nat",
        project: PROJECT,
        region: REGION,
        router: "fl-router",
        natIpAllocateOption: "MANUAL_ONLY",
        natIps: [`${SELF_LINK}projects/${PROJECT}/regions/${REGION}/addresses/fl-exit-0`],
        sourceSubnetworkIpRangesToNat: "LIST_OF_SUBNETWORKS",
        subnetworks: [{ name: `${SELF_LINK}${subnet("fl-exit")}`, sourceIpRangesToNats: ["PRIMARY_IP_RANGE"] }],
    }),
    resource(compute("Route"), "default-exit", {
        name: "fl-default-exit",
        project: PROJECT,
        network: "fl-vpc",
        destRange: "0.0.0.0/0",
        nextHopGateway: "default-internet-gateway",
        priority: 1000,
        tags: ["fl-exit"],
    }),
    resource(compute("Route"), "google", {
        name: "fl-restricted",
        project: PROJECT,
        network: NETWORK_ID,
        destRange: "199.36.153.4/30",
        nextHopGateway: `${SELF_LINK}projects/${PROJECT}/global/gateways/default-internet-gateway`,
    }),
    resource("gcp:container/cluster:Cluster", "cluster", {
        name: "fl",
        project: PROJECT,
        location: REGION,
        network: NETWORK_LINK,
        subnetwork: `${SELF_LINK}${subnet("fl-apps")}`,
        removeDefaultNodePool: true,
        initialNodeCount: 1,
        privateClusterConfig: { enablePrivateNodes: true, masterIpv4CidrBlock: "10.30.0.0/28" },
        ipAllocationPolicy: {
            clusterSecondaryRangeName: "fl-pods",
            servicesSecondaryRangeName: "fl-services",
            stackType: "IPV4",
            additionalIpRangesConfigs: [
                { subnetwork: subnet("fl-exit"), podIpv4RangeNames: ["fl-exit-pods"], status: "ACTIVE" },
            ],
        },
        defaultSnatStatus: { disabled: false },
    }),
    pool("apps", APP, "fl-apps", {}),
    pool("system", SYSTEM, "fl-apps", {
        labels: { "resource-type": "system" },
        taints: [{ key: "components.gke.io/gke-managed-components", value: "true", effect: "NO_SCHEDULE" }],
    }),
    pool("gateway", GATEWAY, "fl-exit", {
        tags: ["fl-exit"],
        labels: { "fl/exit": "yes" },
        taints: [{ key: "fl/exit", value: "yes", effect: "NO_EXECUTE" }],
    }),
    resource("kubernetes:apps/v1:Deployment", "exit-gateway", {
        apiVersion: "apps/v1",
        kind: "Deployment",
        metadata: { name: "istio-egressgateway", namespace: "mesh-exit" },
        spec: {
            template: {
                metadata: { labels: { istio: "egressgateway", app: "istio-egressgateway" } },
                spec: { nodeSelector: { "fl/exit": "yes" }, tolerations: [{ key: "fl/exit", operator: "Exists" }] },
            },
        },
    }),
    resource("kubernetes:networking.istio.io/v1:ServiceEntry", "stripe", {
        apiVersion: "networking.istio.io/v1",
        kind: "ServiceEntry",
        metadata: { name: "stripe", namespace: "mesh-exit" },
        spec: {
            hosts: ["api.stripe.com"],
            location: "MESH_EXTERNAL",
            ports: [{ number: 443, name: "tls", protocol: "TLS" }],
            resolution: "DNS",
        },
    }),
];

function pool(name: string, serviceAccount: string, subnetwork: string, nodeConfig: Record<string, unknown>): Resource {
    return resource("gcp:container/nodePool:NodePool", `pool-${name}`, {
        name,
        project: PROJECT,
        cluster: `projects/${PROJECT}/locations/${REGION}/clusters/fl`,
        networkConfig: {
            subnetwork: subnet(subnetwork),
            enablePrivateNodes: true,
            ...(subnetwork === "fl-exit" ? { podRange: "fl-exit-pods" } : {}),
        },
        nodeConfig: { serviceAccount, ...nodeConfig },
    });
}

/** The switches of the environment. Each alone leaves the world contained, one lock poorer. */
export const SWITCHES = {
    nat: world =>
        changed(world, "nat", ({ subnetworks: _, natIps: __, ...inputs }) => ({
            ...inputs,
            natIpAllocateOption: "AUTO_ONLY",
            sourceSubnetworkIpRangesToNat: "ALL_SUBNETWORKS_ALL_IP_RANGES",
        })),
    route: world =>
        added(
            changed(world, "vpc", ({ deleteDefaultRoutesOnCreate: _, ...inputs }) => inputs),
            resource(compute("Route"), "default-all", {
                network: "fl-vpc",
                project: PROJECT,
                destRange: "0.0.0.0/0",
                nextHopGateway: "default-internet-gateway",
            }),
        ),
    belt: world => removed(world, "belt"),
    order: world =>
        changed(
            world.some(({ name }) => name === "belt") ? removed(world, "belt") : world,
            "vpc",
            ({ networkFirewallPolicyEnforcementOrder: _, ...inputs }) => inputs,
        ),
    stack: all(
        world =>
            ["apps", "exit"].reduce(
                (current, name) =>
                    changed(current, name, inputs => ({
                        ...inputs,
                        stackType: "IPV4_IPV6",
                        ipv6AccessType: "EXTERNAL",
                    })),
                [...world],
            ),
        world =>
            changed(world, "cluster", inputs => ({
                ...inputs,
                ipAllocationPolicy: { ...(inputs["ipAllocationPolicy"] as object), stackType: "IPV4_IPV6" },
            })),
    ),
} satisfies Record<string, Mutation>;

/** The firewall policy is the only lock left. */
export const B1: readonly Resource[] = all(SWITCHES.nat, SWITCHES.route, SWITCHES.belt)(B3);

const targeted =
    (...names: readonly string[]): Mutation =>
    world =>
        names.reduce<Resource[]>(
            (current, name) => changed(current, name, inputs => ({ ...inputs, targetServiceAccounts: [APP] })),
            [...world],
        );
const openRule =
    (match: Rule): Mutation =>
    world =>
        added(
            world,
            resource(compute("NetworkFirewallPolicyRule"), "rule-1010", {
                firewallPolicy: "fl-egress",
                project: PROJECT,
                ...rule(1010, "allow", { layer4Configs: [{ ipProtocol: "tcp", ports: ["8002-8003"] }], ...match }, [
                    APP,
                    SYSTEM,
                ]),
            }),
        );

/** The defects of a public blueprint that the network shows. */
export const MUTATIONS = {
    c1a: all(
        world => removed(world, "pool-gateway"),
        world =>
            changed(world, "exit-gateway", () => ({
                apiVersion: "apps/v1",
                kind: "Deployment",
                metadata: { name: "istio-egressgateway", namespace: "mesh-exit" },
                spec: {
                    template: {
                        metadata: { labels: { istio: "egressgateway" } },
                        spec: {
                            affinity: {
                                nodeAffinity: {
                                    requiredDuringSchedulingIgnoredDuringExecution: {
                                        nodeSelectorTerms: [
                                            {
                                                matchExpressions: [
                                                    { key: "resource-type", operator: "In", values: ["system"] },
                                                ],
                                            },
                                        ],
                                    },
                                },
                            },
                            tolerations: [
                                {
                                    key: "components.gke.io/gke-managed-components",
                                    operator: "Exists",
                                    effect: "NoSchedule",
                                },
                            ],
                        },
                    },
                },
            })),
        world =>
            ["rule-390", "rule-400"].reduce<Resource[]>(
                (current, name) => changed(current, name, inputs => ({ ...inputs, targetServiceAccounts: [SYSTEM] })),
                [...world],
            ),
        world =>
            changed(world, "pool-system", inputs => ({
                ...inputs,
                nodeConfig: { ...(inputs["nodeConfig"] as object), tags: ["fl-exit"] },
            })),
        world =>
            changed(world, "nat", inputs =>
                inputs["sourceSubnetworkIpRangesToNat"] === "LIST_OF_SUBNETWORKS"
                    ? {
                          ...inputs,
                          subnetworks: [{ name: subnet("fl-apps"), sourceIpRangesToNats: ["PRIMARY_IP_RANGE"] }],
                      }
                    : { ...inputs },
            ),
    ),
    c1b: world =>
        changed(world, "pool-gateway", inputs => ({
            ...inputs,
            nodeConfig: {
                ...(inputs["nodeConfig"] as object),
                taints: [{ key: "fl/exit", value: "yes", effect: "NO_SCHEDULE" }],
            },
        })),
    c2: targeted("rule-60000", "rule-60001"),
    c2AutoProvisioning: all(targeted("rule-60000", "rule-60001"), world =>
        changed(removed(world, "pool-system"), "cluster", inputs => ({
            ...inputs,
            clusterAutoscaling: { enabled: true, autoProvisioningDefaults: { serviceAccount: SYSTEM } },
        })),
    ),
    c3: world => removed(world, "rule-60001"),
    c3b: world =>
        added(
            world,
            ...["34.126.0.0/18", "2001:4860:8040::/42"].flatMap((range, index) => [
                resource(compute("Firewall"), `google-direct-${index}`, {
                    network: NETWORK_ID,
                    project: PROJECT,
                    direction: "EGRESS",
                    allows: [{ protocol: "all" }],
                    destinationRanges: [range],
                }),
                resource(compute("Route"), `google-direct-${index}`, {
                    network: NETWORK_ID,
                    project: PROJECT,
                    destRange: range,
                    nextHopGateway: "default-internet-gateway",
                }),
            ]),
        ),
    c3c: openRule({}),
    c3cEmptyList: openRule({ destIpRanges: [] }),
    c3cHalves: openRule({ destIpRanges: ["0.0.0.0/1", "128.0.0.0/1"] }),
    c5b: all(
        world =>
            changed(world, "rule-300", inputs => ({
                ...inputs,
                match: { destIpRanges: ["199.36.153.8/30"], layer4Configs: [{ ipProtocol: "tcp" }] },
            })),
        world => changed(world, "google", inputs => ({ ...inputs, destRange: "199.36.153.8/30" })),
    ),
} satisfies Record<string, Mutation>;

import { type Resource } from "../../../containment/resource";
import { added, all, changed, compute, type Mutation, removed, resource } from "./build";
import { worldOf } from "./folder";

export const PROJECT = "fl-prod";
const REGION = "us-central1";
const NETWORK_ID = `projects/${PROJECT}/global/networks/fl-vpc`;
const subnet = (name: string): string => `projects/${PROJECT}/regions/${REGION}/subnetworks/${name}`;
const account = (name: string): string => `${name}@${PROJECT}.iam.gserviceaccount.com`;

export const APP = account("fl-app-nodes");
const SYSTEM = account("fl-system-nodes");
export const GATEWAY = account("fl-exit-nodes");

type Rule = Readonly<Record<string, unknown>>;

function rule(priority: number, action: string, match: Rule, targetServiceAccounts?: readonly string[]): Rule {
    return {
        priority,
        direction: "EGRESS",
        action,
        ruleName: `r${priority}`,
        match,
        ...(targetServiceAccounts === undefined ? {} : { targetServiceAccounts }),
    };
}

/** The folder `three-locks`. */
export const B3: readonly Resource[] = worldOf("three-locks");

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

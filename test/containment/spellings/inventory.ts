import { REGION, type SketchRule, SUBNETS } from "../oracles/sketch";
import { LABELS, type Settlement, TAINTS } from "./settlement";

const API = "https://www.googleapis.com/compute/v1/";
const NETWORK = `${API}projects/p/global/networks/n`;
const INTERNET = `${API}projects/p/global/gateways/default-internet-gateway`;
const ANCESTORS = ["projects/12", "organizations/7"];
const subnet = (name: string): string => `${API}projects/p/regions/${REGION}/subnetworks/${name}`;
const CLUSTER = `projects/p/locations/${REGION}/clusters/k`;

/** As an export of Cloud Asset Inventory, one asset a line, and the objects beside it as manifests. */
export function asInventory(settlement: Settlement): readonly string[] {
    // A cluster without any object is none, and an inventory alone says nothing of those that it never shows.
    const nothing = { apiVersion: "v1", kind: "Namespace", metadata: { name: "default" } };
    const { objects } = settlement;
    const list = { apiVersion: "v1", kind: "List", items: objects.length === 0 ? [nothing] : objects };
    return [assets(settlement), JSON.stringify(list)];
}

function assets({ sketch, machine, grants }: Settlement): string {
    const lines: string[] = [];
    const add = (name: string, assetType: string, data: object, ancestors: readonly string[] = ANCESTORS): void => {
        lines.push(JSON.stringify({ name, assetType, ancestors, resource: { version: "v1", data } }));
    };
    const compute = (kind: string, path: string, data: object): void => {
        add(`//compute.googleapis.com/projects/p/${path}`, `compute.googleapis.com/${kind}`, {
            ...data,
            name: path.split("/").at(-1),
            selfLink: `${API}projects/p/${path}`,
        });
    };
    const rules = (layer: SketchRule["layer"]): object[] => [
        ...sketch.rules.filter(rule => rule.layer === layer).map(policyRule),
        ...["::/0", "0.0.0.0/0"].map((range, index) => ({
            action: "goto_next",
            direction: "EGRESS",
            priority: 2147483644 + 2 * index,
            match: { destIpRanges: [range], layer4Configs: [{ ipProtocol: "all" }] },
        })),
    ];
    compute("Network", "global/networks/n", {
        autoCreateSubnetworks: true,
        networkFirewallPolicyEnforcementOrder: sketch.policiesFirst
            ? "BEFORE_CLASSIC_FIREWALL"
            : "AFTER_CLASSIC_FIREWALL",
        firewallPolicy: `${API}projects/p/global/firewallPolicies/global`,
        subnetworks: Object.keys(SUBNETS).map(subnet),
    });
    for (const [name, { primary, pods, external6 }] of Object.entries(SUBNETS)) {
        compute("Subnetwork", `regions/${REGION}/subnetworks/${name}`, {
            network: NETWORK,
            region: `${API}projects/p/regions/${REGION}`,
            ipCidrRange: primary,
            privateIpGoogleAccess: true,
            purpose: "PRIVATE",
            secondaryIpRanges: [{ rangeName: `${name}-pods`, ipCidrRange: pods }],
            ...(external6 ? { stackType: "IPV4_IPV6", ipv6AccessType: "EXTERNAL" } : { stackType: "IPV4_ONLY" }),
        });
        compute("Route", `global/routes/default-route-${name}`, {
            network: NETWORK,
            destRange: primary,
            nextHopNetwork: NETWORK,
            priority: 0,
        });
    }
    add(
        "//compute.googleapis.com/locations/global/firewallPolicies/991",
        "compute.googleapis.com/FirewallPolicy",
        {
            name: "991",
            shortName: "organization",
            parent: "organizations/7",
            rules: rules("organization"),
            associations: [{ name: "a", attachmentTarget: "organizations/7", firewallPolicyId: "991" }],
        },
        ["organizations/7"],
    );
    compute("NetworkFirewallPolicy", "global/firewallPolicies/global", {
        rules: rules("global"),
        associations: [{ name: "a", attachmentTarget: NETWORK }],
    });
    compute("NetworkFirewallPolicy", `regions/${REGION}/firewallPolicies/regional`, {
        region: `${API}projects/p/regions/${REGION}`,
        rules: rules("regional"),
        associations: [{ name: "a", attachmentTarget: NETWORK }],
    });
    sketch.rules
        .filter(({ layer }) => layer === "classic")
        .forEach((rule, index) => {
            compute("Firewall", `global/firewalls/classic-${index}`, {
                network: NETWORK,
                priority: rule.priority,
                direction: rule.direction,
                disabled: rule.disabled,
                [rule.action === "deny" ? "denied" : "allowed"]: rule.services.map(({ protocol, ports }) => ({
                    IPProtocol: protocol,
                    ...(ports.length === 0 ? {} : { ports }),
                })),
                ...(rule.destinations === undefined ? {} : { destinationRanges: rule.destinations }),
                ...(rule.accounts === undefined ? {} : { targetServiceAccounts: rule.accounts }),
                ...(rule.tags === undefined ? {} : { targetTags: rule.tags }),
            });
        });
    const own = sketch.ownDefaultRoute ? [{ destination: "0.0.0.0/0", priority: 1000 }] : [];
    [...own, ...sketch.routes].forEach(({ destination, ...route }, index) => {
        compute("Route", `global/routes/r-${index}`, {
            network: NETWORK,
            destRange: destination,
            nextHopGateway: INTERNET,
            ...route,
        });
    });
    sketch.nats.forEach(({ serves, region }, index) => {
        compute("Router", `regions/${region}/routers/router-${index}`, {
            network: NETWORK,
            region: `${API}projects/p/regions/${region}`,
            nats: [
                {
                    name: `nat-${index}`,
                    type: "PUBLIC",
                    ...(typeof serves === "string"
                        ? {
                              sourceSubnetworkIpRangesToNat:
                                  serves === "all"
                                      ? "ALL_SUBNETWORKS_ALL_IP_RANGES"
                                      : "ALL_SUBNETWORKS_ALL_PRIMARY_IP_RANGES",
                          }
                        : {
                              sourceSubnetworkIpRangesToNat: "LIST_OF_SUBNETWORKS",
                              subnetworks: serves.map(share => ({
                                  name: subnet(share.subnet),
                                  sourceIpRangesToNat: share.ranges.map(range =>
                                      range === "pods" ? "LIST_OF_SECONDARY_IP_RANGES" : range,
                                  ),
                                  ...(share.ranges.includes("pods")
                                      ? { secondaryIpRangeNames: [`${share.subnet}-pods`] }
                                      : {}),
                              })),
                          }),
                },
            ],
        });
    });
    const pools = sketch.pools.map(({ name, account, tags, subnet: at, external }) => ({
        name,
        config: { serviceAccount: account, tags, ...(name === "two" ? { labels: LABELS, taints: TAINTS } : {}) },
        networkConfig: {
            subnetwork: `projects/p/regions/${REGION}/subnetworks/${at}`,
            podRange: `${at}-pods`,
            enablePrivateNodes: !external,
        },
        instanceGroupUrls: [`${API}projects/p/zones/${REGION}-b/instanceGroupManagers/gke-k-${name}-grp`],
    }));
    add(`//container.googleapis.com/${CLUSTER}`, "container.googleapis.com/Cluster", {
        name: "k",
        location: REGION,
        network: "n",
        subnetwork: "apps",
        networkConfig: {
            network: "projects/p/global/networks/n",
            subnetwork: `projects/p/regions/${REGION}/subnetworks/apps`,
            defaultSnatStatus: sketch.snat ? {} : { disabled: true },
        },
        ipAllocationPolicy: {
            clusterSecondaryRangeName: "apps-pods",
            clusterIpv4CidrBlock: SUBNETS["apps"]!.pods,
            stackType: sketch.dualStack ? "IPV4_IPV6" : "IPV4",
        },
        nodePools: pools,
    });
    pools.slice(1).forEach(pool => {
        add(`//container.googleapis.com/${CLUSTER}/nodePools/${pool.name}`, "container.googleapis.com/NodePool", pool);
    });
    sketch.pools.forEach(({ name, account, tags, subnet: at, external }) => {
        compute("Instance", `zones/${REGION}-b/instances/gke-k-${name}-x`, {
            metadata: {
                items: [
                    {
                        key: "created-by",
                        value: `projects/12/zones/${REGION}-b/instanceGroupManagers/gke-k-${name}-grp`,
                    },
                ],
            },
            networkInterfaces: [
                {
                    network: NETWORK,
                    subnetwork: subnet(at),
                    ...(external ? { accessConfigs: [{ natIP: "203.0.113.8" }] } : {}),
                },
            ],
            serviceAccounts: [{ email: account }],
            tags: { items: ["gke-k-0-node", ...tags] },
        });
    });
    if (machine !== undefined) {
        compute("Instance", `zones/${REGION}-b/instances/jump`, {
            networkInterfaces: [
                {
                    network: NETWORK,
                    subnetwork: subnet("apps"),
                    ...(machine.external ? { accessConfigs: [{ natIP: "203.0.113.9" }] } : {}),
                },
            ],
            serviceAccounts: [{ email: machine.account, scopes: [] }],
            tags: { items: machine.tags },
        });
    }
    if (grants.length > 0) {
        lines.push(
            JSON.stringify({
                name: "//cloudresourcemanager.googleapis.com/projects/12",
                assetType: "cloudresourcemanager.googleapis.com/Project",
                ancestors: ANCESTORS,
                iamPolicy: { bindings: grants.map(({ role, member }) => ({ role, members: [member] })) },
            }),
        );
    }
    return lines.join("\n");
}

function policyRule(rule: SketchRule): object {
    return {
        priority: rule.priority,
        action: rule.action === "next" ? "goto_next" : rule.action,
        direction: rule.direction,
        disabled: rule.disabled,
        match: {
            layer4Configs: rule.services.map(({ protocol, ports }) => ({ ipProtocol: protocol, ports })),
            ...(rule.destinations === undefined ? {} : { destIpRanges: rule.destinations }),
        },
        ...(rule.accounts === undefined ? {} : { targetServiceAccounts: rule.accounts }),
    };
}

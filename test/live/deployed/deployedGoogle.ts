import { type Resource } from "../../../containment/resource";
import { type Answer, type Project } from "./google";

const API = "https://www.googleapis.com/compute/v1/";
const INTERNET = "global/gateways/default-internet-gateway";

export function inputsOf(planned: readonly Resource[], type: string): Answer[] {
    return planned.filter(resource => resource.type === type).map(({ inputs }) => structuredClone(inputs) as Answer);
}

/** As Google links to what it has. */
export function link(project: string, path: string): string {
    return `${API}${path.startsWith("projects/") ? path : `projects/${project}/${path}`}`;
}

let serial = 1_000_000;

/** Puts something into a project, with what Google fills in by itself. */
export function put({ id, compute }: Project, kind: string, place: string, collection: string, data: Answer): void {
    (compute[`${place}/${collection}`] ??= []).push({
        kind: `compute#${kind}`,
        id: String((serial += 7)),
        creationTimestamp: "2026-11-20T09:00:00.000-08:00",
        selfLink: link(id, `${place}/${collection}/${data["name"]}`),
        ...data,
    });
}

/** What the nodes of a cluster are in, as a shared network calls it. */
export function nodeSubnet({ cluster, networkProject, project }: Answer, index = 0): string {
    return `${[undefined, project].includes(networkProject) ? "" : `${cluster.name}-`}nodes-${index}`;
}

/** The subnets of all gateways, and those that changes leave. */
export function egressSubnets(platform: Answer): Answer[] {
    return [
        platform["egressSubnet"],
        platform["retiringEgressSubnet"],
        ...Object.values(platform["egressSubnets"] ?? {}),
        ...Object.values(platform["retiringEgressSubnets"] ?? {}),
    ].filter(subnet => subnet !== undefined);
}

/** The network of a stack, and what encloses it. */
export function networkIn(host: Project, planned: readonly Resource[], platform: Answer): void {
    const { region, network, cluster, firewallOrder } = platform;
    const inputs = (kind: string): Answer[] => inputsOf(planned, `gcp:compute/${kind}`);
    const NETWORK = link(host.id, `global/networks/${network}`);
    const subnets: Answer[] = [
        ...cluster.nodeCidrs.map((cidr: string, index: number) => ({
            name: nodeSubnet(platform, index),
            cidr,
            pods: [[`pods-${index}`, cluster.podCidrs[index] ?? cluster.podCidrs[0]]],
        })),
        ...egressSubnets(platform).map(({ name, nodeCidr, podRange, podCidr }) => ({
            name,
            cidr: nodeCidr,
            pods: [[podRange, podCidr]],
        })),
    ];
    if (host.compute["global/networks"] === undefined) {
        put(host, "network", "global", "networks", {
            name: network,
            autoCreateSubnetworks: false,
            networkFirewallPolicyEnforcementOrder: firewallOrder,
            routingConfig: { routingMode: "REGIONAL" },
            subnetworks: [],
        });
    }
    const [inHost] = host.compute["global/networks"]!;
    for (const { name, cidr, pods } of subnets) {
        inHost!["subnetworks"].push(link(host.id, `regions/${region}/subnetworks/${name}`));
        put(host, "subnetwork", `regions/${region}`, "subnetworks", {
            name,
            network: NETWORK,
            region: link(host.id, `regions/${region}`),
            ipCidrRange: cidr,
            gatewayAddress: cidr.replace(/\d+\/\d+$/, "1"),
            privateIpGoogleAccess: true,
            privateIpv6GoogleAccess: "DISABLE_GOOGLE_ACCESS",
            enableFlowLogs: false,
            purpose: "PRIVATE",
            stackType: "IPV4_ONLY",
            fingerprint: "vJ0=",
            secondaryIpRanges: pods.map(([rangeName, ipCidrRange]: [string, string]) => ({ rangeName, ipCidrRange })),
        });
        put(host, "route", "global", "routes", {
            name: `default-route-${name}`,
            network: NETWORK,
            destRange: cidr,
            nextHopNetwork: NETWORK,
            priority: 0,
            description: "Default local route to the subnetwork.",
            routeType: "SUBNET",
        });
    }
    firewallIn(host, planned, NETWORK);
    put(host, "firewall", "global", "firewalls", {
        name: `gke-${cluster.name}-1f2e-all`,
        network: NETWORK,
        direction: "INGRESS",
        priority: 1000,
        disabled: false,
        sourceRanges: cluster.podCidrs,
        allowed: [{ IPProtocol: "tcp" }, { IPProtocol: "udp" }, { IPProtocol: "icmp" }],
        targetTags: ["gke-acme-1f2e-node"],
    });
    for (const { project: _, nextHopGateway, ...route } of inputs("route:Route")) {
        put(host, "route", "global", "routes", {
            ...route,
            network: NETWORK,
            routeType: "STATIC",
            ...(nextHopGateway === undefined ? {} : { nextHopGateway: link(host.id, INTERNET) }),
        });
    }
    const NATS = inputs("routerNat:RouterNat");
    for (const { project: _, region: __, ...address } of inputs("address:Address")) {
        put(host, "address", `regions/${region}`, "addresses", {
            address: "34.76.226.134",
            status: "IN_USE",
            users: [link(host.id, `regions/${region}/routers/${address["name"].replace(/-nat-\d+$/, "")}`)],
            region: link(host.id, `regions/${region}`),
            ...address,
        });
    }
    for (const { project: _, ...router } of inputs("router:Router")) {
        put(host, "router", `regions/${region}`, "routers", {
            ...router,
            region: link(host.id, `regions/${region}`),
            network: NETWORK,
            encryptedInterconnectRouter: false,
            nats: NATS.filter(nat => nat["router"] === router["name"]).map(nat => natOf(host, nat)),
        });
    }
}

function natOf(host: Project, nat: Answer): Answer {
    const { router: _, region: __, project: ___, natIps, subnetworks, drainNatIps, ...rest } = nat;
    const links = (all: string[]): string[] => all.map(each => link(host.id, each));
    return {
        type: "PUBLIC",
        icmpIdleTimeoutSec: 30,
        udpIdleTimeoutSec: 30,
        autoNetworkTier: "PREMIUM",
        ...rest,
        ...(natIps === undefined ? {} : { natIps: links(natIps) }),
        ...(drainNatIps === undefined ? {} : { drainNatIps: links(drainNatIps) }),
        ...(subnetworks === undefined
            ? {}
            : {
                  subnetworks: subnetworks.map(({ name, sourceIpRangesToNats, secondaryIpRangeNames }: Answer) => ({
                      name: link(host.id, name),
                      sourceIpRangesToNat: sourceIpRangesToNats,
                      ...(secondaryIpRangeNames === undefined ? {} : { secondaryIpRangeNames }),
                  })),
              }),
    };
}

/** Rules that Google adds to every policy. */
const OF_GOOGLE: readonly Answer[] = ["EGRESS", "INGRESS"].flatMap((direction, at) =>
    ["::/0", "0.0.0.0/0"].map((range, index) => ({
        action: "goto_next",
        direction,
        enableLogging: false,
        priority: 2147483644 + 2 * index + at,
        match: {
            [direction === "EGRESS" ? "destIpRanges" : "srcIpRanges"]: [range],
            layer4Configs: [{ ipProtocol: "all" }],
        },
    })),
);

function firewallIn(host: Project, planned: readonly Resource[], network: string): void {
    const inputs = (kind: string): Answer[] => inputsOf(planned, `gcp:compute/${kind}`);
    const stored = (rule: Answer): Answer => ({
        kind: "compute#firewallPolicyRule",
        ruleTupleCount: 3,
        disabled: false,
        ...rule,
    });
    for (const { name, description, rules = [] } of [
        ...inputs("networkFirewallPolicyWithRules:NetworkFirewallPolicyWithRules"),
        ...inputs("networkFirewallPolicy:NetworkFirewallPolicy"),
    ]) {
        put(host, "firewallPolicy", "global", "firewallPolicies", {
            name,
            description,
            selfLinkWithId: link(host.id, "global/firewallPolicies/4711"),
            ruleTupleCount: 30,
            rules: [...rules, ...OF_GOOGLE].map(stored),
            associations: [],
        });
    }
    const policy = (called: string): Answer =>
        host.compute["global/firewallPolicies"]!.find(({ name }) => name === called)!;
    for (const { firewallPolicy, project: _, ...rule } of inputs(
        "networkFirewallPolicyRule:NetworkFirewallPolicyRule",
    )) {
        policy(firewallPolicy as string)["rules"].push(stored(rule));
    }
    for (const { name, firewallPolicy } of inputs(
        "networkFirewallPolicyAssociation:NetworkFirewallPolicyAssociation",
    )) {
        policy(firewallPolicy.split("/").at(-1) as string)["associations"].push({
            name,
            attachmentTarget: network,
            firewallPolicyId: "4711",
            shortName: name,
        });
        const path = `global/firewallPolicies/${firewallPolicy.split("/").at(-1)}`;
        host.compute["global/networks"]![0]!["firewallPolicy"] = link(host.id, path);
    }
    const services = (said: Answer[] | undefined) =>
        said?.map(({ protocol, ports }) => ({ IPProtocol: protocol, ports }));
    for (const { denies, allows, project: _, ...rule } of inputs("firewall:Firewall")) {
        put(host, "firewall", "global", "firewalls", {
            ...rule,
            network,
            disabled: false,
            ...(denies === undefined ? {} : { denied: services(denies as Answer[]) }),
            ...(allows === undefined ? {} : { allowed: services(allows as Answer[]) }),
        });
    }
}

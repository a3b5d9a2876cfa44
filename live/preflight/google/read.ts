import { type Json } from "../../../containment/document";
import { last } from "../../../containment/inventory/asset";
import { fieldsList, integer, text, texts } from "../../../containment/kubernetes";
import { type GoogleApi } from "../../google/api";
import { clusterAt, effectiveFirewalls, elementsOf } from "../../google/elements";
import { Project } from "../../google/project";
import { readCluster } from "./readCluster";
import {
    type AddressFacts,
    type EgressRule,
    type FirewallFacts,
    type GoogleFacts,
    type NatFacts,
    type NetworkFacts,
    type QuotaFacts,
    type RouteFacts,
    type SubnetFacts,
} from "./facts";

/** Where to look. */
export interface GoogleScope {
    /** Of the cluster and its nodes. */
    readonly project: string;
    /** Of the network, and with it of routes, routers and addresses. */
    readonly networkProject: string;
    readonly region: string;
    readonly network: string;
    /** `projects/…/locations/…/clusters/…` */
    readonly cluster: string;
    /** Names of addresses that somebody else has reserved. */
    readonly addresses: readonly string[];
}

/**
 * Reads the live network and cluster; nothing is changed.
 *
 * @throws GoogleError when something may not be read.
 */
export async function readGoogle(api: GoogleApi, scope: GoogleScope): Promise<GoogleFacts> {
    const { network, region } = scope;
    const host = new Project(api, scope.networkProject);
    const own = scope.project === scope.networkProject ? host : new Project(api, scope.project);
    const inRegion = async (collection: string): Promise<Json[]> =>
        (await elementsOf(host, collection)).flatMap(([place, each]) => (place === `regions/${region}` ? [each] : []));
    const quotasOf = async (project: Project): Promise<QuotaFacts[]> => {
        const { quotas } = await api.get(project.question(`/regions/${region}`, "compute.regions.get"));
        return fieldsList(quotas).map(({ limit, metric, usage }) => ({
            metric: String(metric),
            limit: Number(limit ?? 0),
            usage: Number(usage ?? 0),
        }));
    };
    const networks = await elementsOf(host, "networks");
    const found = networks.map(([, each]) => each).find(({ name }) => name === network);
    const [effective, subnets, routes, routers, clusterFound, quotas, networkQuotas, addresses] = await Promise.all([
        found === undefined ? {} : effectiveFirewalls(host, network),
        inRegion("subnetworks"),
        elementsOf(host, "routes"),
        inRegion("routers"),
        clusterAt(api, scope.cluster),
        quotasOf(own),
        own === host ? undefined : quotasOf(host),
        scope.addresses.length === 0 ? [] : inRegion("addresses"),
    ]);
    const ofNetwork = (each: Json): boolean => last(each["network"]) === network;
    return {
        network: found === undefined ? undefined : networkFacts(found),
        subnets: subnets.filter(ofNetwork).map(subnetFacts),
        routes: routes
            .map(([, each]) => each)
            .filter(ofNetwork)
            .map(routeFacts),
        nats: routers.filter(ofNetwork).flatMap(natFacts),
        firewall: firewallFacts(effective),
        cluster: clusterFound === undefined ? undefined : readCluster(clusterFound),
        quotas,
        networkQuotas: networkQuotas ?? quotas,
        addresses: addresses.map(addressFacts),
    };
}

function networkFacts({ networkFirewallPolicyEnforcementOrder, peerings }: Json): NetworkFacts {
    return {
        firewallOrder: text(networkFirewallPolicyEnforcementOrder) ?? "AFTER_CLASSIC_FIREWALL",
        peerings: fieldsList(peerings)
            .filter(({ state }) => state === "ACTIVE")
            .map(({ name, network }) => `${text(name) ?? ""} to ${last(network) ?? ""}`),
    };
}

function subnetFacts(subnet: Json): SubnetFacts {
    const ipv6AccessType = text(subnet["ipv6AccessType"]);
    return {
        name: text(subnet["name"]) ?? "",
        cidr: text(subnet["ipCidrRange"]) ?? "",
        secondary: fieldsList(subnet["secondaryIpRanges"]).map(({ ipCidrRange, rangeName }) => ({
            name: text(rangeName) ?? "",
            cidr: text(ipCidrRange) ?? "",
        })),
        stackType: text(subnet["stackType"]) ?? "IPV4_ONLY",
        ...(ipv6AccessType === undefined ? {} : { ipv6AccessType }),
        privateGoogleAccess: subnet["privateIpGoogleAccess"] === true,
    };
}

/** The fields that a route's next hop may stand in, in words. */
const NEXT_HOPS: Readonly<Record<string, string>> = {
    nextHopGateway: "gateway",
    nextHopInstance: "instance",
    nextHopIp: "address",
    nextHopIlb: "load balancer",
    nextHopVpnTunnel: "VPN tunnel",
    nextHopPeering: "peering",
    nextHopNetwork: "network",
    nextHopHub: "hub",
    nextHopInterconnectAttachment: "interconnect",
};

function routeFacts(route: Json): RouteFacts {
    const hop = Object.keys(NEXT_HOPS).find(key => text(route[key]) !== undefined);
    return {
        name: text(route["name"]) ?? "",
        destination: text(route["destRange"]) ?? "",
        nextHop: hop === undefined ? "nothing" : NEXT_HOPS[hop]!,
        tags: texts(route["tags"]),
    };
}

function addressFacts({ address, addressType, ipVersion, name, networkTier, users }: Json): AddressFacts {
    return {
        name: text(name) ?? "",
        address: text(address) ?? "",
        type: text(addressType) ?? "EXTERNAL",
        networkTier: text(networkTier) ?? "PREMIUM",
        // Absent for addresses from before there was a choice.
        ipVersion: text(ipVersion) ?? "IPV4",
        users: texts(users).map(link => link.split("/").slice(-2).join("/")),
    };
}

function natFacts({ name, nats }: Json): NatFacts[] {
    return fieldsList(nats).map(nat => ({
        router: text(name) ?? "",
        name: text(nat["name"]) ?? "",
        ranges: text(nat["sourceSubnetworkIpRangesToNat"]) ?? "",
        subnets: [...fieldsList(nat["subnetworks"]), ...fieldsList(nat["nat64Subnetworks"])].map(
            ({ name: subnet }) => last(subnet) ?? "",
        ),
        nat64:
            fieldsList(nat["nat64Subnetworks"]).length > 0 ||
            nat["sourceSubnetworkIpRangesToNat64"] === "ALL_IPV6_SUBNETWORKS",
    }));
}

function firewallFacts({ firewallPolicys, firewalls }: Json): FirewallFacts {
    const ofEgress = (rules: unknown): readonly Json[] =>
        fieldsList(rules).filter(({ direction, disabled }) => direction === "EGRESS" && disabled !== true);
    return {
        policies: fieldsList(firewallPolicys).map(({ name, rules, shortName, type }) => ({
            name: text(shortName) ?? text(name) ?? "",
            type: text(type) ?? "",
            rules: ofEgress(rules).map(policyRule),
        })),
        classic: ofEgress(firewalls).map(
            ({ allowed, destinationRanges, name, priority, targetServiceAccounts, targetTags }) => ({
                name: text(name) ?? "",
                priority: integer(priority) ?? 1000,
                action: fieldsList(allowed).length > 0 ? "allow" : "deny",
                destinations: texts(destinationRanges),
                targets: [...texts(targetServiceAccounts), ...texts(targetTags)],
            }),
        ),
    };
}

function policyRule(rule: Json): EgressRule {
    const { match } = rule as { match?: Json };
    return {
        name: text(rule["ruleName"]) ?? "",
        priority: integer(rule["priority"]) ?? 0,
        action: text(rule["action"]) ?? "",
        destinations: texts(match?.["destIpRanges"]),
        targets: [
            ...texts(rule["targetServiceAccounts"]),
            ...fieldsList(rule["targetSecureTags"]).map(({ name }) => text(name) ?? ""),
            ...texts(rule["targetResources"]),
        ],
    };
}

import type { ClientOptions } from "google-gax";
import type { protos as compute } from "@google-cloud/compute";
import { InputError, UserError } from "../../../base/problem";
import { readCluster } from "./readCluster";
import {
    type AddressFacts,
    type EgressRule,
    type FirewallFacts,
    type GoogleFacts,
    lastPart,
    type NatFacts,
    type NetworkFacts,
    type RouteFacts,
    type SubnetFacts,
} from "./facts";

type Network = compute.google.cloud.compute.v1.INetwork;
type Rule = compute.google.cloud.compute.v1.IFirewallPolicyRule;

/** Where to look. */
export interface GoogleScope {
    readonly project: string;
    readonly region: string;
    readonly network: string;
    readonly cluster: { readonly name: string; readonly location: string };
    /** Names of addresses that somebody else has reserved. */
    readonly addresses: readonly string[];
}

/** Google's API did not let itself be read. */
class GoogleError extends UserError {
    override readonly name = "GoogleError";
}

/**
 * Reads the live network and cluster with Google's own clients; nothing is changed.
 *
 * @param options for the clients; without any, application default credentials and Google's endpoints
 * @throws InputError without credentials, GoogleError when something may not be read.
 */
export async function readGoogle(scope: GoogleScope, options: ClientOptions = {}): Promise<GoogleFacts> {
    const { AddressesClient, NetworksClient, RegionsClient, RoutersClient, RoutesClient, SubnetworksClient } =
        require("@google-cloud/compute") as typeof import("@google-cloud/compute");
    const { ClusterManagerClient } = require("@google-cloud/container") as typeof import("@google-cloud/container");
    // REST everywhere: one protocol, and nothing to compile.
    const rest: ClientOptions = { fallback: true, ...options };
    const networks = new NetworksClient(rest);
    if ("getClient" in networks.auth) {
        // Asked for by itself: a client whose credentials fail while it starts brings the whole process down.
        await required(networks.auth.getClient(), "credentials");
    }
    const shared: ClientOptions = { ...rest, auth: networks.auth };
    const [addresses, regions, routers, routes, subnets] = [
        new AddressesClient(shared),
        new RegionsClient(shared),
        new RoutersClient(shared),
        new RoutesClient(shared),
        new SubnetworksClient(shared),
    ];
    const clusters = new ClusterManagerClient(shared);
    const { cluster, network, project, region } = scope;
    try {
        const [found] = await orNothing(networks.get({ project, network }), "compute.networks.get");
        const [effective, subnetList, routeList, routerList, clusterFound, [regionFound], addressesFound] =
            await Promise.all([
                found === undefined
                    ? [{}]
                    : required(
                          networks.getEffectiveFirewalls({ project, network }),
                          "compute.networks.getEffectiveFirewalls",
                      ),
                all(subnets.listAsync({ project, region }), "compute.subnetworks.list"),
                all(routes.listAsync({ project }), "compute.routes.list"),
                all(routers.listAsync({ project, region }), "compute.routers.list"),
                orNothing(
                    clusters.getCluster({
                        name: `projects/${project}/locations/${cluster.location}/clusters/${cluster.name}`,
                    }),
                    "container.clusters.get",
                ),
                required(regions.get({ project, region }), "compute.regions.get"),
                Promise.all(
                    scope.addresses.map(address =>
                        orNothing(addresses.get({ project, region, address }), "compute.addresses.get"),
                    ),
                ),
            ]);
        const ofNetwork = ({ network: link }: { readonly network?: string | null }): boolean =>
            lastPart(link) === network;
        return {
            network: found === undefined ? undefined : networkFacts(found),
            subnets: subnetList.filter(ofNetwork).map(subnetFacts),
            routes: routeList.filter(ofNetwork).map(routeFacts),
            nats: routerList.filter(ofNetwork).flatMap(natFacts),
            firewall: firewallFacts(effective[0]),
            cluster: clusterFound[0] === undefined ? undefined : readCluster(clusterFound[0]),
            quotas: (regionFound.quotas ?? []).map(({ limit, metric, usage }) => ({
                metric: String(metric),
                limit: limit ?? 0,
                usage: usage ?? 0,
            })),
            addresses: addressesFound.flatMap(([address]) => (address === undefined ? [] : [addressFacts(address)])),
        };
    } finally {
        await Promise.all(
            [networks, addresses, regions, routers, routes, subnets, clusters].map(client =>
                client.close().catch(() => undefined),
            ),
        );
    }
}

function networkFacts({
    autoCreateSubnetworks,
    networkFirewallPolicyEnforcementOrder,
    peerings,
}: Network): NetworkFacts {
    return {
        firewallOrder: networkFirewallPolicyEnforcementOrder ?? "AFTER_CLASSIC_FIREWALL",
        autoCreateSubnetworks: autoCreateSubnetworks === true,
        peerings: (peerings ?? [])
            .filter(({ state }) => state === "ACTIVE")
            .map(({ name, network }) => `${name ?? ""} to ${lastPart(network)}`),
    };
}

function subnetFacts(subnet: compute.google.cloud.compute.v1.ISubnetwork): SubnetFacts {
    return {
        name: subnet.name ?? "",
        cidr: subnet.ipCidrRange ?? "",
        secondary: (subnet.secondaryIpRanges ?? []).map(({ ipCidrRange, rangeName }) => ({
            name: rangeName ?? "",
            cidr: ipCidrRange ?? "",
        })),
        stackType: subnet.stackType ?? "IPV4_ONLY",
        ...(subnet.ipv6AccessType === undefined || subnet.ipv6AccessType === null || subnet.ipv6AccessType === ""
            ? {}
            : { ipv6AccessType: subnet.ipv6AccessType }),
        privateGoogleAccess: subnet.privateIpGoogleAccess === true,
    };
}

/** The fields that a route's next hop may stand in, in words. */
const NEXT_HOPS = {
    nextHopGateway: "gateway",
    nextHopInstance: "instance",
    nextHopIp: "address",
    nextHopIlb: "load balancer",
    nextHopVpnTunnel: "VPN tunnel",
    nextHopPeering: "peering",
    nextHopNetwork: "network",
    nextHopHub: "hub",
    nextHopInterconnectAttachment: "interconnect",
} as const;

function routeFacts(route: compute.google.cloud.compute.v1.IRoute): RouteFacts {
    const hop = (Object.keys(NEXT_HOPS) as (keyof typeof NEXT_HOPS)[]).find(key => (route[key] ?? "") !== "");
    return {
        name: route.name ?? "",
        destination: route.destRange ?? "",
        nextHop: hop === undefined ? "nothing" : NEXT_HOPS[hop],
        tags: route.tags ?? [],
    };
}

function addressFacts({
    address,
    addressType,
    ipVersion,
    name,
    networkTier,
    users,
}: compute.google.cloud.compute.v1.IAddress): AddressFacts {
    return {
        name: name ?? "",
        address: address ?? "",
        type: addressType ?? "EXTERNAL",
        networkTier: networkTier ?? "PREMIUM",
        // Absent for addresses from before there was a choice.
        ipVersion: (ipVersion ?? "") === "" ? "IPV4" : ipVersion!,
        users: (users ?? []).map(link => link.split("/").slice(-2).join("/")),
    };
}

function natFacts({ name, nats }: compute.google.cloud.compute.v1.IRouter): NatFacts[] {
    return (nats ?? []).map(nat => ({
        router: name ?? "",
        name: nat.name ?? "",
        ranges: nat.sourceSubnetworkIpRangesToNat ?? "",
        subnets: [...(nat.subnetworks ?? []), ...(nat.nat64Subnetworks ?? [])].map(({ name: link }) => lastPart(link)),
        nat64:
            (nat.nat64Subnetworks ?? []).length > 0 || nat.sourceSubnetworkIpRangesToNat64 === "ALL_IPV6_SUBNETWORKS",
    }));
}

function firewallFacts({
    firewallPolicys,
    firewalls,
}: compute.google.cloud.compute.v1.INetworksGetEffectiveFirewallsResponse): FirewallFacts {
    return {
        policies: (firewallPolicys ?? []).map(({ name, rules, shortName, type }) => ({
            name: shortName ?? name ?? "",
            type: type ?? "",
            rules: (rules ?? [])
                .filter(({ direction, disabled }) => direction === "EGRESS" && disabled !== true)
                .map(policyRule),
        })),
        classic: (firewalls ?? [])
            .filter(({ direction, disabled }) => direction === "EGRESS" && disabled !== true)
            .map(({ allowed, destinationRanges, name, priority, targetServiceAccounts, targetTags }) => ({
                name: name ?? "",
                priority: priority ?? 1000,
                action: (allowed ?? []).length > 0 ? "allow" : "deny",
                destinations: destinationRanges ?? [],
                targets: [...(targetServiceAccounts ?? []), ...(targetTags ?? [])],
            })),
    };
}

function policyRule({
    action,
    match,
    priority,
    ruleName,
    targetResources,
    targetSecureTags,
    targetServiceAccounts,
}: Rule): EgressRule {
    return {
        name: ruleName ?? "",
        priority: priority ?? 0,
        action: action ?? "",
        destinations: match?.destIpRanges ?? [],
        targets: [
            ...(targetServiceAccounts ?? []),
            ...(targetSecureTags ?? []).map(({ name }) => name ?? ""),
            ...(targetResources ?? []),
        ],
    };
}

const NOT_FOUND = [5, 404];
const FORBIDDEN = [7, 403];

/** What does not exist is an answer. */
async function orNothing<T extends readonly unknown[]>(
    request: Promise<T>,
    permission: string,
): Promise<T | [undefined]> {
    try {
        return await request;
    } catch (error) {
        if (NOT_FOUND.includes((error as { code?: number }).code ?? 0)) {
            return [undefined];
        }
        throw inWords(error, permission);
    }
}

async function required<T>(request: Promise<T>, permission: string): Promise<T> {
    try {
        return await request;
    } catch (error) {
        throw inWords(error, permission);
    }
}

async function all<T>(pages: AsyncIterable<T>, permission: string): Promise<T[]> {
    const items: T[] = [];
    try {
        for await (const item of pages) {
            items.push(item);
        }
    } catch (error) {
        throw inWords(error, permission);
    }
    return items;
}

function inWords(error: unknown, permission: string): Error {
    const { code, message } = error as { code?: number; message: string };
    if (/default credentials/i.test(message)) {
        return new InputError("Google cannot be asked", [
            {
                path: "application default credentials",
                given: undefined,
                expected: "credentials of somebody who may read the network and the cluster",
                remedy: "Run `gcloud auth application-default login`, or set GOOGLE_APPLICATION_CREDENTIALS. --no-google leaves Google out.",
            },
        ]);
    }
    return new GoogleError(
        FORBIDDEN.includes(code ?? 0)
            ? `these credentials may not read it: ${message} (permission ${permission}; roles/compute.networkViewer and roles/container.viewer have all that is needed)`
            : `${permission}: ${message}`,
    );
}

import { type Resource } from "../resource";
import { Inputs, known, knownOf, NOT_KNOWN, someUnknown, type WorldProblem } from "./inputs";
import { type Network, type Networks, type Subnet } from "./networks";
import { type Directory } from "./references";
import { routerNetworks } from "./routes";

/** The part of a subnet that a NAT serves. */
export interface NatShare {
    readonly subnet: Subnet;
    readonly primary: boolean;
    /** Names of secondary ranges, or every one of them. */
    readonly secondary: readonly string[] | "all";
}

export interface Nat {
    readonly name: string;
    readonly resource: string;
    /** Absent where it is not known: it may be any. */
    readonly region?: string;
    readonly ipv4: "all ranges" | "all primary ranges" | readonly NatShare[];
    /** Subnets whose IPv6 machines it takes to the IPv4 internet. */
    readonly nat64: "all" | readonly Subnet[];
    /** One of the subnets that it serves is not known: it may be any. */
    readonly anySubnet: boolean;
    /** Why it may serve more or less than it says; empty when all is known. */
    readonly doubts: readonly string[];
}

const ANY_SUBNET = Symbol("a subnet that is not known");

/** Reads every public NAT for machines, by network. */
export class Nats {
    private readonly byNetwork = new Map<Network, Nat[]>();

    constructor(
        private readonly directory: Directory,
        private readonly networks: Networks,
        private readonly problems: WorldProblem[],
    ) {
        for (const resource of directory.ofType("gcp:compute/routerNat:RouterNat")) {
            this.add(resource);
        }
    }

    of(network: Network): readonly Nat[] {
        return this.byNetwork.get(network) ?? [];
    }

    private add(resource: Resource): void {
        const inputs = Inputs.of(resource, this.problems);
        const endpoints = inputs.texts("endpointTypes");
        // Private NAT translates between networks, and the other endpoint types serve Google's proxies, not machines.
        const servesMachines =
            endpoints === undefined ||
            someUnknown(endpoints) ||
            knownOf(endpoints).length === 0 ||
            knownOf(endpoints).includes("ENDPOINT_TYPE_VM");
        if (inputs.name("type") === "PRIVATE" || !servesMachines) {
            return;
        }
        const { networks, certain } = routerNetworks(
            this.directory,
            this.networks,
            resource,
            inputs.name("router"),
            this.problems,
        );
        const region = inputs.name("region") === NOT_KNOWN ? NOT_KNOWN : this.regionOf(resource, inputs);
        for (const network of networks) {
            const doubts = [
                ...(certain ? [] : ["which network its router belongs to is not shown"]),
                ...(region === NOT_KNOWN ? ["its region is not known before up"] : []),
            ];
            const list = this.byNetwork.get(network) ?? [];
            this.byNetwork.set(network, list);
            const ipv4 = this.ipv4(resource, inputs, network, doubts);
            list.push({
                name: known(inputs.name("name")) ?? resource.name,
                resource: resource.urn,
                ...(typeof region === "string" ? { region } : {}),
                ipv4: typeof ipv4 === "string" ? ipv4 : ipv4.filter(share => share !== ANY_SUBNET),
                nat64: this.nat64(resource, inputs, network, doubts),
                anySubnet: typeof ipv4 !== "string" && ipv4.includes(ANY_SUBNET),
                doubts,
            });
        }
    }

    /** Its own region, or its router's. */
    private regionOf(resource: Resource, inputs: Inputs): string | undefined {
        const router = this.directory.resolve(resource, inputs.name("router"), "gcp:compute/router:Router");
        return (
            this.directory.identityOf(resource).location ??
            (router.kind === "one" ? this.directory.identityOf(router.target).location : undefined)
        );
    }

    private ipv4(
        resource: Resource,
        inputs: Inputs,
        network: Network,
        doubts: string[],
    ): Exclude<Nat["ipv4"], readonly NatShare[]> | readonly (NatShare | typeof ANY_SUBNET)[] {
        const mode = inputs.name("sourceSubnetworkIpRangesToNat");
        switch (mode) {
            case "ALL_SUBNETWORKS_ALL_IP_RANGES":
                return "all ranges";
            case "ALL_SUBNETWORKS_ALL_PRIMARY_IP_RANGES":
                return "all primary ranges";
            case "LIST_OF_SUBNETWORKS": {
                const entries = inputs.objects("subnetworks");
                if (someUnknown(entries)) {
                    doubts.push("the subnets that it serves are not known before up");
                    return "all ranges";
                }
                return knownOf(entries).map(entry => this.share(resource, entry, network, doubts));
            }
            default:
                if (mode === undefined || mode !== NOT_KNOWN) {
                    inputs.refuse(
                        "sourceSubnetworkIpRangesToNat",
                        `got ${JSON.stringify(mode)}, expected LIST_OF_SUBNETWORKS, ALL_SUBNETWORKS_ALL_IP_RANGES or ALL_SUBNETWORKS_ALL_PRIMARY_IP_RANGES`,
                    );
                }
                doubts.push("the ranges that it serves are not known before up");
                return "all ranges";
        }
    }

    private share(resource: Resource, entry: Inputs, network: Network, doubts: string[]): NatShare | typeof ANY_SUBNET {
        const subnet = this.networks.subnetNamed(resource, entry.name("name"), network);
        const ranges = entry.texts("sourceIpRangesToNats");
        const names = entry.texts("secondaryIpRangeNames");
        if (subnet === undefined) {
            doubts.push("a subnet that it serves is not known before up: it may be any");
            return ANY_SUBNET;
        }
        if (someUnknown(ranges) || someUnknown(names)) {
            doubts.push(`the ranges of subnet ${subnet.name} that it serves are not known before up`);
            return { subnet, primary: true, secondary: "all" };
        }
        const kinds = knownOf(ranges);
        const all = kinds.includes("ALL_IP_RANGES");
        return {
            subnet,
            primary: all || kinds.includes("PRIMARY_IP_RANGE"),
            secondary: all ? "all" : kinds.includes("LIST_OF_SECONDARY_IP_RANGES") ? knownOf(names) : [],
        };
    }

    private nat64(resource: Resource, inputs: Inputs, network: Network, doubts: string[]): Nat["nat64"] {
        const mode = inputs.name("sourceSubnetworkIpRangesToNat64");
        if (mode === undefined) {
            return [];
        }
        const entries = inputs.objects("nat64Subnetworks");
        if (mode === NOT_KNOWN || someUnknown(entries)) {
            doubts.push("the subnets that its NAT64 serves are not known before up");
            return "all";
        }
        if (mode !== "LIST_OF_IPV6_SUBNETWORKS") {
            return "all";
        }
        const subnets = knownOf(entries).map(entry => this.networks.subnetNamed(resource, entry.name("name"), network));
        const found = subnets.filter(subnet => subnet !== undefined);
        if (found.length < subnets.length) {
            doubts.push("a subnet that its NAT64 serves is not known: it may be any");
            return "all";
        }
        return found;
    }
}

/**
 * The part of its subnet that a machine's packets come from: its own address, whichever its creator gives it, or one of a secondary
 * range, and with `orPrimary` its own as well.
 */
export type SourceRange = "primary" | "any" | { readonly secondary: string | undefined; readonly orPrimary?: true };

/** Whether its packets may carry the machine's own address. */
export function usesPrimary(range: SourceRange): boolean {
    return typeof range === "string" || range.orPrimary === true;
}

/**
 * Whether a NAT translates what comes from this range. NAT and subnet have to be in one region; what either leaves out is taken
 * to agree.
 */
export function serves(nat: Nat, subnet: Subnet, range: SourceRange): "yes" | "no" | "maybe" {
    if (
        nat.region !== undefined &&
        subnet.reference.location !== undefined &&
        nat.region !== subnet.reference.location
    ) {
        return "no";
    }
    const covered = coveredBy(nat, subnet, range);
    if (covered === "no") {
        return nat.anySubnet ? "maybe" : "no";
    }
    return nat.doubts.length > 0 || (subnet.regionNotKnown === true && nat.region !== undefined) ? "maybe" : covered;
}

function coveredBy(nat: Nat, subnet: Subnet, range: SourceRange): "yes" | "no" | "maybe" {
    if (typeof range === "object" && range.orPrimary === true) {
        const answers = [coveredBy(nat, subnet, "primary"), coveredBy(nat, subnet, { secondary: range.secondary })];
        return answers.includes("yes") ? "yes" : answers.includes("maybe") ? "maybe" : "no";
    }
    const { ipv4 } = nat;
    if (ipv4 === "all ranges") {
        return "yes";
    }
    if (ipv4 === "all primary ranges") {
        return range === "primary" || range === "any" ? "yes" : "no";
    }
    // A subnet whose name nothing says may be any that the NAT names and nothing else shows.
    if (subnet.nameless === true && ipv4.some(share => share.subnet.primary === undefined)) {
        return "maybe";
    }
    const shares = ipv4.filter(share => share.subnet === subnet);
    if (range === "primary") {
        return shares.some(({ primary }) => primary) ? "yes" : "no";
    }
    if (range === "any") {
        return shares.some(share => share.primary || share.secondary.length > 0) ? "yes" : "no";
    }
    const { secondary } = range;
    if (secondary === undefined) {
        return shares.some(share => share.secondary === "all")
            ? "yes"
            : shares.some(share => share.secondary.length > 0)
              ? "maybe"
              : "no";
    }
    return shares.some(share => share.secondary === "all" || share.secondary.includes(secondary)) ? "yes" : "no";
}

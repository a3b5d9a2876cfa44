import { type AddressRange, EVERY_IPV4, EVERY_IPV6 } from "../kernel/address";
import { intersect, type Intervals, NOTHING, subtract, union } from "../kernel/intervals";
import { type DestinationLine } from "../kernel/line";
import { GOOGLE, NAT64_PREFIX, PUBLIC } from "../kernel/specialAddresses";
import { type Nat, serves, usesPrimary } from "../world/nat";
import { type Subnet } from "../world/networks";
import { type NextHop, type Route } from "../world/routes";
import { type Source } from "../world/source";
import { type NetworkWorld } from "../world/world";
import { type Conditions } from "./conditions";
import { type Applies } from "./firewallView";
import { routed } from "./routing";

/** A way out of the network for some destinations, once the firewall has let the packet go. */
interface Exit {
    readonly kind:
        "NAT" | "NAT64" | "external IPv4 address" | "external IPv6 address" | "Private Google Access" | "next hop";
    readonly cells: Intervals;
    readonly route: Route;
    /** What translates or carries the packet: the NAT's URN. */
    readonly resource?: string;
    readonly name?: string;
    /** Why it may not exist; empty when it does. */
    readonly doubts: readonly string[];
}

/** Whether a source's packets find a way out, by destination. Public destinations only. */
export interface Exits {
    readonly list: readonly Exit[];
    readonly may: Intervals;
    readonly must: Intervals;
}

/** Cells of the ranges that ways out are about, looked up once. */
export interface Landmarks {
    readonly public: Intervals;
    readonly ipv4: Intervals;
    readonly ipv6: Intervals;
    readonly google: Intervals;
    readonly nat64: Intervals;
}

export function landmarksOf(line: DestinationLine): Landmarks {
    return {
        public: line.cellsOf(PUBLIC),
        ipv4: line.cellsOf([EVERY_IPV4]),
        ipv6: line.cellsOf([EVERY_IPV6]),
        google: line.cellsOf(Object.values(GOOGLE).flat()),
        nat64: line.cellsOf([NAT64_PREFIX]),
    };
}

/** All ways out for the source. */
export function exitsOf(
    source: Source,
    world: NetworkWorld,
    line: DestinationLine,
    landmarks: Landmarks,
    conditions: Conditions,
): Exits {
    const list = routed(source, world, line, conditions).flatMap(({ route, cells, doubts }) => {
        const publicCells = intersect(cells, landmarks.public);
        const exits =
            publicCells.length === 0 ? [] : exitsThrough(route, publicCells, { source, world, landmarks, conditions });
        return exits
            .filter(exit => exit.cells.length > 0)
            .map(exit => ({ ...exit, doubts: [...doubts, ...exit.doubts] }));
    });
    const cellsOf = (exits: readonly Exit[]): Intervals =>
        exits.reduce<Intervals>((all, { cells }) => union(all, cells), NOTHING);
    return { list, may: cellsOf(list), must: cellsOf(list.filter(({ doubts }) => doubts.length === 0)) };
}

const BEYOND: Readonly<Record<Exclude<NextHop, "internet">, string>> = {
    machine: "its next hop is a machine, which may forward it",
    "load balancer": "its next hop is an internal load balancer, whose machines may forward it",
    tunnel: "its next hop is a VPN tunnel, and what lies beyond is not shown",
    learned: "what its next hop does with it is not shown",
    "not known": "its next hop is not known before up",
};

/** Whose way it is, where, and with which locks taken away. */
interface Situation {
    readonly source: Source;
    readonly world: NetworkWorld;
    readonly landmarks: Landmarks;
    readonly conditions: Conditions;
}

function exitsThrough(route: Route, cells: Intervals, situation: Situation): Exit[] {
    if (route.nextHop !== "internet") {
        return [{ kind: "next hop", cells, route, doubts: [BEYOND[route.nextHop]] }];
    }
    return [
        ...ipv4Exits(route, intersect(cells, situation.landmarks.ipv4), situation),
        ...ipv6Exits(route, intersect(cells, situation.landmarks.ipv6), situation),
    ];
}

function ipv4Exits(route: Route, cells: Intervals, { source, world, landmarks, conditions }: Situation): Exit[] {
    const [google, internet] = [intersect(cells, landmarks.google), subtract(cells, landmarks.google)];
    const exits: Exit[] = [];
    if (source.externalIpv4 !== false) {
        const doubts =
            source.externalIpv4 === true ? [] : [`whether ${source.name} has an external address is not shown`];
        exits.push({ kind: "external IPv4 address", cells, route, doubts });
    }
    const nats = conditions.natEverywhere
        ? [{ name: "a NAT for every subnet", served: "yes" as const, resource: undefined, doubts: [] }]
        : world.nats
              .map(nat => ({
                  name: nat.name,
                  resource: nat.resource,
                  served: natServes(nat, source),
                  doubts: nat.doubts,
              }))
              .filter(({ served }) => served !== "no");
    for (const { name, resource, served, doubts } of nats) {
        const why =
            doubts.length > 0
                ? doubts.map(doubt => `NAT ${name}: ${doubt}`)
                : [`whether NAT ${name} serves ${source.name} is not shown`];
        exits.push({
            kind: "NAT",
            cells: internet,
            route,
            name,
            ...(resource === undefined ? {} : { resource }),
            doubts: served === "yes" ? [] : why,
        });
    }
    if (!conditions.withoutGoogleAccess && hasGoogleAccess(source, nats.length > 0)) {
        exits.push({ kind: "Private Google Access", cells: google, route, doubts: [] });
        if (!exits.some(({ kind, doubts }) => kind !== "Private Google Access" && doubts.length === 0)) {
            const doubt =
                "Private Google Access carries packets to the public addresses of Google's own services, and the list of those changes";
            exits.push({ kind: "Private Google Access", cells: internet, route, doubts: [doubt] });
        }
    }
    return exits;
}

function ipv6Exits(route: Route, cells: Intervals, { source, world, landmarks, conditions }: Situation): Exit[] {
    if (cells.length === 0) {
        return [];
    }
    const exits: Exit[] = [];
    const external = ipv6Of(source, conditions, ({ ipv6 }) =>
        ipv6 === "external" ? "yes" : ipv6 === undefined ? "maybe" : "no",
    );
    if (external !== "no") {
        exits.push({
            kind: "external IPv6 address",
            cells,
            route,
            doubts: external === "yes" ? [] : [`whether ${source.name} has an external IPv6 address is not shown`],
        });
    }
    const any = ipv6Of(source, conditions, ({ ipv6 }) =>
        ipv6 === undefined ? "maybe" : ipv6 === "none" ? "no" : "yes",
    );
    if (any !== "no" && !conditions.withoutGoogleAccess && hasGoogleAccess(source, false)) {
        exits.push({
            kind: "Private Google Access",
            cells: intersect(cells, landmarks.google),
            route,
            doubts: any === "yes" ? [] : [`whether ${source.name} has an IPv6 address is not shown`],
        });
    }
    for (const nat of any === "no" ? [] : world.nats) {
        if (nat.nat64 === "all" || source.subnets.some(subnet => (nat.nat64 as readonly Subnet[]).includes(subnet))) {
            exits.push({
                kind: "NAT64",
                cells: intersect(cells, landmarks.nat64),
                route,
                name: nat.name,
                resource: nat.resource,
                doubts: any === "yes" ? nat.doubts : ["whether it has an IPv6 address is not shown"],
            });
        }
    }
    return exits;
}

function natServes(nat: Nat, source: Source): Applies {
    return overSubnets(
        source,
        subnet => serves(nat, subnet, source.range),
        nat.ipv4 === "all ranges" || (nat.ipv4 === "all primary ranges" && usesPrimary(source.range)) ? "yes" : "no",
    );
}

function ipv6Of(source: Source, conditions: Conditions, ofSubnet: (subnet: Subnet) => Applies): Applies {
    if (conditions.externalIpv6) {
        return "yes";
    }
    if (source.dualStack === false) {
        return "no";
    }
    const subnets = overSubnets(source, ofSubnet, "no");
    return subnets === "yes" && source.dualStack === undefined ? "maybe" : subnets;
}

/**
 * The answer over the subnets that the machine may be in: its creator takes the one that suits, GKE takes any.
 *
 * @param elsewhere the answer for a subnet that nothing shows
 */
function overSubnets(
    { subnets, chosenBy }: Source,
    answer: (subnet: Subnet) => Applies,
    elsewhere: "yes" | "no",
): Applies {
    const answers: Applies[] = subnets.map(answer);
    if (chosenBy !== "gke") {
        answers.push(...(chosenBy === "creator" || answers.length === 0 ? [elsewhere] : []));
        return answers.includes("yes") ? "yes" : answers.includes("maybe") ? "maybe" : "no";
    }
    if (answers.length === 0) {
        return elsewhere === "yes" ? "yes" : "maybe";
    }
    return answers.every(value => value === answers[0]) ? answers[0]! : "maybe";
}

/** GKE switches Private Google Access on for the subnets of its nodes, and so does a NAT for the subnets that it serves. */
function hasGoogleAccess({ kind, subnets }: Source, nat: boolean): boolean {
    return (
        nat ||
        kind === "node" ||
        kind === "pod" ||
        subnets.length === 0 ||
        subnets.some(({ googleAccess }) => googleAccess !== false)
    );
}

/** The ranges that {@link exitsOf} asks the line about. */
export function rangesOfWays({ routes, subnets }: NetworkWorld): AddressRange[] {
    return [
        ...routes.map(({ destination }) => destination),
        ...subnets
            .flatMap(({ primary, secondary }) => [primary, ...secondary.values()])
            .filter(range => range !== undefined),
    ];
}

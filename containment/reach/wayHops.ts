import { type Address, formatAddress, includes, toCidrs } from "../kernel/address";
import { has } from "../kernel/intervals";
import { GOOGLE, METADATA_SERVER, NAT64_PREFIX, PRIVATE, PUBLIC } from "../kernel/specialAddresses";
import { type Hop } from "../verdict";
import { usesPrimary } from "../world/nat";
import { type Source } from "../world/source";
import { type Conditions } from "./conditions";
import { routed } from "./routing";
import { type Reach } from "./reach";

/** What becomes of a packet, and the stations that have a say. */
export interface WayOut {
    readonly hops: readonly Hop[];
    readonly fate: "leaves" | "stays inside" | "dropped" | "not known";
}

/** What becomes of a packet that the firewall lets go: it stays in the network, finds a way out, or none. */
export function wayHops(reach: Reach, source: Source, destination: Address, conditions: Conditions): WayOut {
    const world = reach.networkOf(source);
    if (METADATA_SERVER.some(range => includes(range, destination))) {
        return {
            hops: [{ at: "route", decision: "the metadata server answers on the machine's own host" }],
            fate: "stays inside",
        };
    }
    const subnet = world.subnets.find(({ primary, secondary }) =>
        [primary, ...secondary.values()].some(range => range !== undefined && includes(range, destination)),
    );
    const needed = reach.world.needed.find(
        ({ ranges, reason }) =>
            reason !== "restricted.googleapis.com" && ranges.some(range => includes(range, destination)),
    );
    if (subnet !== undefined || needed !== undefined) {
        return {
            hops: [
                {
                    at: "route",
                    decision:
                        subnet === undefined
                            ? `inside the network: ${needed!.reason}`
                            : `subnet ${subnet.name} of the network itself`,
                    ...(subnet?.resource === undefined ? {} : { resource: subnet.resource }),
                },
            ],
            fate: "stays inside",
        };
    }
    const isPublic = PUBLIC.some(range => includes(range, destination));
    const cell = reach.line.cellOf(destination);
    const routes = routed(source, world, reach.line, conditions).filter(({ cells }) => has(cells, cell));
    if (routes.length === 0) {
        const others = world.routes.filter(
            ({ tags, destination: range }) => tags !== undefined && includes(range, destination),
        );
        const beside =
            others.length === 0
                ? ""
                : `; ${others.map(({ name, tags }) => `${name} exists for network tag ${tags!.join(", ")} only`).join("; ")}`;
        if (!isPublic) {
            return unseenRoute(destination);
        }
        return {
            hops: [
                {
                    at: "route",
                    decision: `no route leads to ${formatAddress(destination)}${beside}`,
                    ...(others[0]?.resource === undefined ? {} : { resource: others[0].resource }),
                    stops: true,
                },
            ],
            fate: "dropped",
        };
    }
    const { route, doubts } = routes[0]!;
    const routeHop: Hop = {
        at: "route",
        decision: `${route.name}: ${toCidrs(route.destination)[0]!} to ${route.nextHop === "internet" ? "the default internet gateway" : describeNextHop(route.nextHop)}${doubts.length === 0 ? "" : ` (${doubts.join("; ")})`}`,
        ...(route.resource === undefined ? {} : { resource: route.resource }),
    };
    if (!isPublic) {
        if (route.nextHop !== "internet") {
            return { hops: [routeHop], fate: "not known" };
        }
        if (PRIVATE.some(range => includes(range, destination))) {
            return unseenRoute(destination);
        }
        const decision = "the internet gateway drops what is not a public address";
        return { hops: [routeHop, { at: "internet gateway", decision, stops: true }], fate: "dropped" };
    }
    const exits = reach.exitsOf(source, conditions).list.filter(({ cells }) => has(cells, cell));
    const exit = exits.find(candidate => candidate.doubts.length === 0) ?? exits[0];
    if (exit === undefined) {
        return { hops: [routeHop, noExitHop(reach, source, destination)], fate: "dropped" };
    }
    if (exit.kind === "Private Google Access" && exit.doubts.length > 0) {
        return { hops: [routeHop, onlyToGoogle(reach, source, destination, exit.doubts)], fate: "not known" };
    }
    const words = {
        NAT: `NAT ${exit.name ?? ""} translates ${source.subnets.length === 1 ? `subnet ${source.subnets[0]!.name}` : "its subnet"}`,
        NAT64: `NAT64 ${exit.name ?? ""} translates it to IPv4`,
        "external IPv4 address": "its external address needs no NAT",
        "external IPv6 address": "its external IPv6 address needs no NAT",
        "Private Google Access": "Google's own addresses are reached without NAT or external address",
        "next hop": "what lies beyond is not part of the network",
    }[exit.kind];
    const hop: Hop = {
        at: exit.kind === "NAT" || exit.kind === "NAT64" ? "NAT" : exit.kind,
        decision: exit.doubts.length === 0 ? words : `${words} (in doubt: ${exit.doubts.join("; ")})`,
        ...(exit.resource === undefined ? {} : { resource: exit.resource }),
    };
    return { hops: [routeHop, hop], fate: exit.doubts.length === 0 ? "leaves" : "not known" };
}

/** Nothing carries it to the internet, but the address may be one of Google's own services. */
function onlyToGoogle(reach: Reach, source: Source, destination: Address, doubts: readonly string[]): Hop {
    const { stops: _, ...hop } = noExitHop(reach, source, destination);
    return {
        ...hop,
        decision: `${hop.decision}; but ${doubts.join("; ")}`,
    };
}

/** Subnets, peerings and VPNs make routes of their own, and more specific ones than a default route. */
function unseenRoute(destination: Address): WayOut {
    const decision = `no given subnet or route holds ${formatAddress(destination)}; the network may have one that is not given`;
    return { hops: [{ at: "route", decision }], fate: "not known" };
}

function describeNextHop(nextHop: string): string {
    return nextHop === "not known" ? "a next hop that is not known before up" : `a ${nextHop}`;
}

function noExitHop(reach: Reach, source: Source, { family, value }: Address): Hop {
    if (family === 6) {
        return {
            at: "address",
            decision: includes(NAT64_PREFIX, { family, value })
                ? "no NAT64 serves its subnet"
                : "it has no external IPv6 address",
            stops: true,
        };
    }
    const google = Object.values(GOOGLE)
        .flat()
        .some(range => includes(range, { family, value }));
    const { nats } = reach.networkOf(source);
    const decision = google
        ? "its subnet has no Private Google Access"
        : `it has no external address, and ${nats.length === 0 ? "there is no NAT" : `no NAT serves its ${usesPrimary(source.range) ? "subnet" : "pod range"}`}`;
    return { at: "NAT", decision, ...(nats[0] === undefined ? {} : { resource: nats[0].resource }), stops: true };
}

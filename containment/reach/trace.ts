import { type Address, formatAddress, includes, parseAddress, toCidrs } from "../kernel/address";
import { has } from "../kernel/intervals";
import { GOOGLE, METADATA_SERVER, NAT64_PREFIX, PRIVATE, PUBLIC } from "../kernel/specialAddresses";
import { serviceOf } from "../kernel/services";
import { type Hop, type Packet } from "../verdict";
import { type FirewallRule } from "../world/firewall";
import { type FirewallLayer } from "../world/layers";
import { type Source } from "../world/source";
import { AS_IT_IS, type Conditions, remaining } from "./conditions";
import { routed } from "./exits";
import { appliesTo } from "./firewallView";
import { type Reach } from "./reach";

/** What becomes of one packet, and every station that has a say. */
export interface Trace {
    readonly hops: readonly Hop[];
    readonly fate: "leaves" | "stays inside" | "dropped" | "not known";
    /** The rule that let it pass or stopped it; absent for the implied rule. */
    readonly rule?: FirewallRule;
}

/**
 * Follows one packet, rule by rule as Google's documentation describes it, without the sets that the claims are computed with.
 * After a station that stops the packet the others are still told: what else would stop it is half of the answer.
 */
export function trace(reach: Reach, source: Source, packet: Packet, conditions: Conditions = AS_IT_IS): Trace {
    const destination = parseAddress(packet.destination);
    const firewall = firewallHops(reach, source, packet, destination, conditions);
    const way = wayHops(reach, source, destination, conditions);
    const fate =
        firewall.verdict === "deny"
            ? "dropped"
            : firewall.verdict === "maybe" && way.fate !== "dropped"
              ? "not known"
              : way.fate;
    return {
        hops: [sourceHop(source), ...firewall.hops, ...way.hops],
        fate,
        ...(firewall.rule === undefined ? {} : { rule: firewall.rule }),
    };
}

function sourceHop({ name, identity, subnets, range, resource }: Source): Hop {
    const { account, tags } = identity;
    const who =
        account.kind === "named"
            ? `runs as ${account.address}`
            : account.kind === "none"
              ? "has no service account"
              : account.kind === "default"
                ? "runs as the default compute account"
                : "runs as an account that nothing shows";
    const where =
        subnets.length === 1
            ? `in subnet ${subnets[0]!.name}${range === "primary" ? "" : `, with an address of its pod range ${range.secondary ?? ""}`.trimEnd()}`
            : "";
    const marks = tags.length === 0 ? "" : `network tag ${tags.join(", ")}`;
    return {
        at: "source",
        decision: [name, who, marks, where].filter(part => part !== "").join(", "),
        ...(resource === undefined ? {} : { resource }),
    };
}

interface FirewallTrace {
    readonly hops: readonly Hop[];
    readonly verdict: "allow" | "deny" | "maybe";
    readonly rule?: FirewallRule;
}

function firewallHops(
    reach: Reach,
    source: Source,
    packet: Packet,
    destination: Address,
    conditions: Conditions,
): FirewallTrace {
    if (METADATA_SERVER.some(range => includes(range, destination))) {
        return {
            hops: [{ at: "firewall", decision: "the VPC firewall never filters the metadata server" }],
            verdict: "allow",
        };
    }
    const world = reach.networkOf(source);
    const service = serviceOf(packet);
    const hops: Hop[] =
        world.orders.length === 1
            ? []
            : [
                  {
                      at: "firewall",
                      decision: `nothing shows whether network ${world.network.name} evaluates policies or classic rules first; as if policies came first:`,
                  },
              ];
    let inDoubt = false;
    for (const layer of remaining(world.layers(world.orders[0]!), conditions)) {
        let handedOn = false;
        for (const rule of layer.rules) {
            const match = matches(rule, layer, source, destination, service);
            if (match === "no") {
                continue;
            }
            const where = describeLayer(layer);
            if (match === "maybe") {
                inDoubt = true;
                hops.push({
                    at: "firewall",
                    decision: `${where}: rule ${rule.name} may match, which is not known: ${rule.doubts.join("; ") || "it depends on who the source is"}`,
                    resource: rule.resource,
                });
                continue;
            }
            const says = `${where}: rule ${rule.name} (priority ${rule.priority}${describeTargets(rule)})`;
            if (rule.action === "next") {
                hops.push({ at: "firewall", decision: `${says} hands it to the next layer`, resource: rule.resource });
                handedOn = true;
                break;
            }
            const verdict = rule.action === "allow" || rule.action === "deny" ? rule.action : "maybe";
            const words = { allow: "allows it", deny: "denies it", maybe: "lets an inspection decide" }[verdict];
            hops.push({
                at: "firewall",
                decision: `${says} ${words}`,
                resource: rule.resource,
                ...(verdict === "deny" ? { stops: true } : {}),
            });
            return { hops, verdict: inDoubt ? "maybe" : verdict, rule };
        }
        if (!handedOn && layer.rules.length > 0 && layer.kind !== "classic rules") {
            hops.push({
                at: "firewall",
                decision: `${describeLayer(layer)}: no rule matches`,
                ...(layer.resources[0] === undefined ? {} : { resource: layer.resources[0] }),
            });
        }
    }
    hops.push({ at: "firewall", decision: "no rule decides, and the implied rule allows egress" });
    return { hops, verdict: inDoubt ? "maybe" : "allow" };
}

function matches(
    rule: FirewallRule,
    layer: FirewallLayer,
    source: Source,
    destination: Address,
    service: number,
): "yes" | "no" | "maybe" {
    const applies = appliesTo(rule, layer, source, true);
    const [destinations, services] = [rule.destinations, rule.services];
    if (
        applies === "no" ||
        !destinations.may.some(range => includes(range, destination)) ||
        !has(services.may, service)
    ) {
        return "no";
    }
    const certain = destinations.must.some(range => includes(range, destination)) && has(services.must, service);
    return certain && applies === "yes" ? "yes" : "maybe";
}

export function describeLayer({ kind, name }: FirewallLayer): string {
    return kind === "classic rules" ? "classic rules" : `${kind} ${name}`;
}

function describeTargets({ targets }: FirewallRule): string {
    const { serviceAccounts, tags, secureTags } = targets;
    const list = serviceAccounts ?? tags ?? secureTags?.map(({ name }) => name);
    return list === undefined
        ? ", for every machine"
        : `, for ${list.slice(0, 3).join(", ")}${list.length > 3 ? ` and ${list.length - 3} more` : ""}`;
}

function wayHops(
    reach: Reach,
    source: Source,
    destination: Address,
    conditions: Conditions,
): Pick<Trace, "hops" | "fate"> {
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

/** Subnets, peerings and VPNs make routes of their own, and more specific ones than a default route. */
function unseenRoute(destination: Address): Pick<Trace, "hops" | "fate"> {
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
        : `it has no external address, and ${nats.length === 0 ? "there is no NAT" : `no NAT serves its ${source.range === "primary" ? "subnet" : "pod range"}`}`;
    return { at: "NAT", decision, ...(nats[0] === undefined ? {} : { resource: nats[0].resource }), stops: true };
}

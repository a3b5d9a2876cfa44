import { shortUrn } from "../../base/resource";
import { describeLayer } from "../reach/firewallHops";
import { type Reach } from "../reach/reach";
import { type Trace } from "../reach/trace";
import { type FirewallRule } from "../world/firewall";
import { type Source } from "../world/source";
import { type NetworkWorld } from "../world/world";

/** What would close the way that a trace took out of the network, for a machine that is not the gateway's. */
export function remedyFor(traced: Trace, source: Source, destination: string, reach: Reach): string {
    const world = reach.networkOf(source);
    const exit = exitRemedy(traced, source, reach);
    return `${firewallRemedy(traced, source, destination, reach)}${laterLayer(traced, world)}${exit === undefined ? "" : `; or ${exit}`}.`;
}

/** What would keep a gateway node from a port that nobody declared. */
export function undeclaredRemedy({ rule }: Trace, declared: string | undefined, source: Source, reach: Reach): string {
    const ports = declared === undefined ? "the declared ports" : `the declared ports (${declared})`;
    return rule === undefined
        ? `${add(reach.networkOf(source))} that denies the gateway's service account everything but ${ports}, or declare a destination on this port.`
        : `Limit ${ruleInWords(rule)} to ${ports}, or declare a destination on this port.`;
}

/** What would keep a gateway node from what is inside. */
export function insideRemedy({ rule }: Trace, source: Source, reach: Reach): string {
    const inside = "RFC 1918, 100.64.0.0/10, 169.254.0.0/16 and whatever else the network uses inside";
    const why = "a name on the allow list can be re-pointed to such an address";
    return rule === undefined
        ? `${add(reach.networkOf(source))} that denies the gateway's service account ${inside}, behind the rules for the cluster: ${why}.`
        : `Narrow the destinations of ${ruleInWords(rule)}, or deny the gateway's service account ${inside} in front of it: ${why}.`;
}

function firewallRemedy({ rule }: Trace, source: Source, destination: string, reach: Reach): string {
    const world = reach.networkOf(source);
    if (rule === undefined) {
        const [idle] = reach.world.unattached;
        const denial = `${add(world)} that denies egress to ${destination} for every machine: action deny, no target, a late priority. Without one the implied rule allows it`;
        return idle === undefined
            ? denial
            : `Associate ${shortUrn(idle.urn)} with ${networkInWords(world)}, since its rules decide nothing as it is; or ${denial.charAt(0).toLowerCase()}${denial.slice(1)}`;
    }
    const shared = reach.world.gateway.pools.find(({ pool }) => pool.resource === source.resource)?.shared;
    if (shared !== undefined && source.resource !== undefined) {
        return `Keep everything but the gateway off ${shortUrn(source.resource)}: ${shared}`;
    }
    const borrowed = borrowedFrom(rule, source, reach);
    if (borrowed !== undefined && source.resource !== undefined) {
        return `Give ${shortUrn(source.resource)} another ${borrowed}: it has the gateway's, which ${ruleInWords(rule)} lets out`;
    }
    const { serviceAccounts, tags, secureTags } = rule.targets;
    return (serviceAccounts ?? tags ?? secureTags) === undefined
        ? `Give ${ruleInWords(rule)} the gateway's service account as its target, or narrower destinations`
        : `Take the source out of the targets of ${ruleInWords(rule)}, or narrow its destinations`;
}

/** Which piece of the gateway's identity a rule asks for, and a machine of somebody else has. */
function borrowedFrom({ targets }: FirewallRule, { identity }: Source, { world }: Reach): string | undefined {
    const { serviceAccounts, tags, secureTags } = world.gateway.identity;
    const { account } = identity;
    if (
        account.kind === "named" &&
        isIn(targets.serviceAccounts, account.address) &&
        serviceAccounts.includes(account.address)
    ) {
        return "service account";
    }
    if (identity.tags.some(tag => isIn(targets.tags, tag) && tags.includes(tag))) {
        return "network tag";
    }
    const names = targets.secureTags?.map(({ name }) => name);
    return identity.secureTags.some(tag => isIn(names, tag) && secureTags.includes(tag)) ? "secure tag" : undefined;
}

function isIn(list: readonly string[] | undefined, value: string): boolean {
    return list?.includes(value) === true;
}

/** A layer behind the one that allowed denies something: it would decide if it came first. */
function laterLayer({ rule, hops }: Trace, world: NetworkWorld): string {
    const denial = rule === undefined ? undefined : laterDenial(world, rule);
    return denial !== undefined &&
        denial.kind !== "classic rules" &&
        world.orders[0] === "AFTER_CLASSIC_FIREWALL" &&
        hops.some(({ decision }) => decision.startsWith("classic rules: rule"))
        ? `; or evaluate policies first (networkFirewallPolicyEnforcementOrder BEFORE_CLASSIC_FIREWALL of ${networkInWords(world)}), so that ${describeLayer(denial)} decides`
        : "";
}

function laterDenial(world: NetworkWorld, { resource, name }: FirewallRule) {
    return world
        .layers(world.orders[0]!)
        .find(
            layer =>
                layer.rules.some(({ action }) => action === "deny") &&
                !layer.rules.some(rule => rule.resource === resource && rule.name === name),
        );
}

/** The last station of its way out closes it as well, unless the gateway needs it itself. */
function exitRemedy({ hops }: Trace, source: Source, { world }: Reach): string | undefined {
    const exit = hops.at(-1);
    const [subnet, ...others] = source.subnets;
    const isGateways =
        subnet === undefined ||
        others.length > 0 ||
        world.gateway.pools.some(({ pool }) => pool.subnets.includes(subnet));
    switch (exit?.at) {
        case "NAT":
            return exit.resource === undefined || isGateways
                ? undefined
                : `take subnet ${subnet.name} out of ${shortUrn(exit.resource)}`;
        case "external IPv4 address":
        case "external IPv6 address":
            return source.resource === undefined
                ? undefined
                : `take the ${exit.at} from ${shortUrn(source.resource)}${exit.at.includes("6") && subnet?.resource !== undefined ? ` or from ${shortUrn(subnet.resource)}` : ""}`;
        default:
            return undefined;
    }
}

/** "Add a rule to NetworkFirewallPolicyWithRules perimeter-firewall", or where there is none to add it to. */
function add(world: NetworkWorld): string {
    const policy = world
        .layers(world.orders[0]!)
        .findLast(({ kind, resources }) => kind !== "classic rules" && resources.length > 0)?.resources[0];
    return policy === undefined
        ? `Give ${networkInWords(world)} a firewall policy with a rule`
        : `Add a rule to ${shortUrn(policy)}`;
}

function networkInWords({ network }: NetworkWorld): string {
    return `network ${network.name}`;
}

function ruleInWords({ name, resource }: FirewallRule): string {
    const named = shortUrn(resource);
    return named.endsWith(` ${name}`) ? named : `rule ${name} of ${named}`;
}

import { type Address, includes } from "../kernel/address";
import { has } from "../kernel/intervals";
import { METADATA_SERVER } from "../kernel/specialAddresses";
import { serviceOf } from "../kernel/services";
import { type Hop, type Packet } from "../verdict";
import { type FirewallRule } from "../world/firewall";
import { type FirewallLayer } from "../world/layers";
import { type Source } from "../world/source";
import { type Conditions, remaining } from "./conditions";
import { appliesTo } from "./firewallView";
import { type Reach } from "./reach";

/** What the firewall does with one packet, told layer by layer. */
export interface FirewallTrace {
    readonly hops: readonly Hop[];
    readonly verdict: "allow" | "deny" | "maybe";
    readonly rule?: FirewallRule;
}

export function firewallHops(
    reach: Reach,
    source: Source,
    packet: Packet,
    destination: Address,
    conditions: Conditions,
): FirewallTrace {
    if (METADATA_SERVER.some(range => includes(range, destination))) {
        return {
            hops: [{ at: "firewall", decision: "the VPC firewall never filters the metadata server", decides: true }],
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
                decides: true,
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
    hops.push({ at: "firewall", decision: "no rule decides, and the implied rule allows egress", decides: true });
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

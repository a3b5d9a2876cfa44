import { parseAddress } from "../kernel/address";
import { type Hop, type Packet } from "../verdict";
import { type FirewallRule } from "../world/firewall";
import { usesPrimary } from "../world/nat";
import { type Source } from "../world/source";
import { AS_IT_IS, type Conditions } from "./conditions";
import { firewallHops } from "./firewallHops";
import { type Reach } from "./reach";
import { type WayOut, wayHops } from "./wayHops";

/** What becomes of one packet, and every station that has a say. */
export interface Trace extends WayOut {
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
            ? `in subnet ${subnets[0]!.name}${typeof range === "string" || usesPrimary(range) ? "" : `, with an address of its pod range ${range.secondary ?? ""}`.trimEnd()}`
            : "";
    const marks = tags.length === 0 ? "" : `network tag ${tags.join(", ")}`;
    return {
        at: "source",
        decision: [name, who, marks, where].filter(part => part !== "").join(", "),
        ...(resource === undefined ? {} : { resource }),
    };
}

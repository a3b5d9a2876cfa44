import { describeLayer } from "../reach/firewallHops";
import { type Trace } from "../reach/trace";
import { type NetworkWorld } from "../world/world";

/** What would close the way that a trace took. */
export function remedyFor({ rule, hops }: Trace, destination: string, world: NetworkWorld): string {
    const denial = rule === undefined ? undefined : laterDenial(world, rule.resource, rule.name);
    if (rule === undefined) {
        return `Deny egress to ${destination} for every machine of network ${world.network.name}: an egress rule with action deny, no target and a late priority. Without one the implied rule allows it.`;
    }
    const limited = rule.targets.serviceAccounts ?? rule.targets.tags ?? rule.targets.secureTags;
    const narrow =
        limited === undefined
            ? `Give rule ${rule.name} the gateway's service account as its target, or narrower destinations`
            : `Take the source out of the targets of rule ${rule.name}, or narrow its destinations`;
    if (
        denial !== undefined &&
        denial.kind !== "classic rules" &&
        world.orders[0] === "AFTER_CLASSIC_FIREWALL" &&
        hops.some(({ decision }) => decision.startsWith("classic rules: rule"))
    ) {
        return `${narrow}; or evaluate policies first (networkFirewallPolicyEnforcementOrder BEFORE_CLASSIC_FIREWALL), so that ${describeLayer(denial)} decides.`;
    }
    return `${narrow}.`;
}

/** A layer other than the rule's own that denies something. */
function laterDenial(world: NetworkWorld, resource: string, name: string) {
    return world
        .layers(world.orders[0]!)
        .find(
            layer =>
                layer.rules.some(({ action }) => action === "deny") &&
                !layer.rules.some(rule => rule.resource === resource && rule.name === name),
        );
}

import { type AddressRange } from "../../containment/kernel/address";
import { describeServices } from "../../containment/kernel/services";
import { type Resource } from "../../containment/resource";
import { classicRule, type FirewallRule, policyRule } from "../../containment/world/firewall";
import { type Targets } from "../../containment/world/ruleParts";
import { Inputs, NOT_KNOWN, type WorldProblem } from "../../containment/world/inputs";
import { type Finding, ofTypes, type ResourceRule, undecided } from "../rule";
import { type PackSettings } from "../settings";
import { isGatewayAccount, isGatewaySecureTag, isGatewayTag } from "./gatewayIdentity";
import { elements } from "./machines";
import { common, describeAddresses, guardedAddresses } from "./publicAddresses";

const CLASSIC = "gcp:compute/firewall:Firewall";
const RULES = [
    "gcp:compute/networkFirewallPolicyRule:NetworkFirewallPolicyRule",
    "gcp:compute/regionNetworkFirewallPolicyRule:RegionNetworkFirewallPolicyRule",
    "gcp:compute/firewallPolicyRule:FirewallPolicyRule",
    "gcp:compute/organizationSecurityPolicyRule:OrganizationSecurityPolicyRule",
];
const POLICIES = [
    "gcp:compute/networkFirewallPolicyWithRules:NetworkFirewallPolicyWithRules",
    "gcp:compute/regionNetworkFirewallPolicyWithRules:RegionNetworkFirewallPolicyWithRules",
    "gcp:compute/firewallPolicyWithRules:FirewallPolicyWithRules",
];

export const hasFirewallRules = ofTypes(CLASSIC, ...RULES, ...POLICIES);

/** The egress rules of a resource: one, or those of a policy with rules; and findings where they cannot be read. */
export function egressRulesOf(resource: Resource): {
    readonly rules: readonly (readonly [path: string, rule: FirewallRule])[];
    readonly unclear: readonly Finding[];
} {
    const problems: WorldProblem[] = [];
    const inputs = Inputs.of(resource, problems);
    const read = (): { rules: (readonly [string, FirewallRule | undefined])[]; unclear: readonly Finding[] } => {
        if (resource.type === CLASSIC) {
            return { rules: [["", classicRule(resource, inputs)]], unclear: [] };
        }
        if (RULES.includes(resource.type)) {
            // Without a direction the provider creates an ingress rule.
            return { rules: [["", policyRule(resource, inputs, "INGRESS")]], unclear: [] };
        }
        const { known, unclear } = elements(inputs, "rules", "what the firewall policy lets out");
        return { rules: known.map(([path, rule]) => [`${path}: `, policyRule(resource, rule, "INGRESS")]), unclear };
    };
    const { rules, unclear } = read();
    return {
        rules: rules.filter((entry): entry is readonly [string, FirewallRule] => entry[1] !== undefined),
        unclear: [...unclear, ...problems.map(({ path, reason }) => ({ found: `${path}: ${reason}.` }))],
    };
}

/** Judged by the set of addresses: `0.0.0.0/1` with `128.0.0.0/1`, a missing destination and `0.0.0.0/0` are the same. */
export function egressAllow(settings: PackSettings): ResourceRule {
    const guarded = guardedAddresses(settings);
    return {
        scope: "resource",
        name: "egress-allow",
        concern: "perimeter",
        severity: "critical",
        enforcement: "mandatory",
        description: "Firewall rules let nothing but gateway nodes out to public addresses.",
        stops: "An egress rule, in any layer, that lets other machines out: by a wide range, a missing destination or a missing target.",
        remedy: `Limit the destinations to private addresses and ${settings.allowedEgress.join(", ")}, or declare the destination at the egress gateway.`,
        concerns: hasFirewallRules,
        judge: resource => {
            const { rules, unclear } = egressRulesOf(resource);
            return [...rules.flatMap(([path, rule]) => allowFindings(path, rule, settings, guarded)), ...unclear];
        },
    };
}

function allowFindings(
    path: string,
    rule: FirewallRule,
    settings: PackSettings,
    guarded: readonly AddressRange[],
): Finding[] {
    const reached = common(rule.destinations.may, guarded);
    if (rule.action === "deny" || rule.action === "next" || reached.length === 0) {
        return [];
    }
    const targets = targetsOf(rule.targets, settings);
    if (targets === "gateway") {
        return [];
    }
    const certain = common(rule.destinations.must, guarded).length > 0;
    const opened = `${describeAddresses(reached, guarded)} (${describeServices(rule.services.may)})`;
    if (targets === "unknown") {
        return [undecided(`${path}the target of rule "${rule.name}"`, `which machines may reach ${opened}`)];
    }
    return [
        {
            found: `${path}rule "${rule.name}" lets ${targets} reach ${certain ? "" : "what may be "}${opened}${
                rule.doubts.length === 0 ? "" : `; ${rule.doubts.join(", ")}`
            }.`,
        },
    ];
}

/** Whom a rule concerns: the gateway nodes alone, somebody else (in words), or nobody can say. */
function targetsOf(targets: Targets, settings: PackSettings): "gateway" | "unknown" | string {
    const named = [
        ...(targets.serviceAccounts ?? []).map(account => [account, isGatewayAccount(account, settings)] as const),
        ...(targets.tags ?? []).map(tag => [`machines with tag ${tag}`, isGatewayTag(tag, settings)] as const),
        ...(targets.secureTags ?? []).map(
            ({ name }) => [`machines with secure tag ${name}`, isGatewaySecureTag(name, settings)] as const,
        ),
    ];
    const others = named.filter(([, isGateway]) => !isGateway).map(([name]) => name);
    return others.length > 0
        ? others.join(", ")
        : targets.open
          ? "unknown"
          : named.length > 0
            ? "gateway"
            : "every machine";
}

export function firewallOrder(): ResourceRule {
    const expected = "BEFORE_CLASSIC_FIREWALL";
    return {
        scope: "resource",
        name: "firewall-order",
        concern: "perimeter",
        severity: "high",
        enforcement: "mandatory",
        aboutGateway: "named by the stack",
        description: "Firewall policies are evaluated before classic firewall rules.",
        stops: "A classic allow rule, by anybody who may write one, that outranks the policy's deny.",
        remedy: `Set networkFirewallPolicyEnforcementOrder to ${expected}.`,
        concerns: ofTypes("gcp:compute/network:Network"),
        judge: resource => {
            const order = Inputs.of(resource, []).name("networkFirewallPolicyEnforcementOrder");
            return order === expected
                ? []
                : order === NOT_KNOWN
                  ? [undecided("networkFirewallPolicyEnforcementOrder", "whether classic rules outrank the policy")]
                  : [
                        {
                            found: `networkFirewallPolicyEnforcementOrder is ${order ?? "absent, which means AFTER_CLASSIC_FIREWALL"}.`,
                        },
                    ];
        },
    };
}

import { type Inputs } from "./inputs";

/** The resource types of one kind of firewall policy. */
export interface PolicyTypes {
    readonly policies: readonly string[];
    readonly rules: readonly string[];
    readonly associations: readonly string[];
}

export const GLOBAL: PolicyTypes = {
    policies: [
        "gcp:compute/networkFirewallPolicy:NetworkFirewallPolicy",
        "gcp:compute/networkFirewallPolicyWithRules:NetworkFirewallPolicyWithRules",
    ],
    rules: ["gcp:compute/networkFirewallPolicyRule:NetworkFirewallPolicyRule"],
    associations: ["gcp:compute/networkFirewallPolicyAssociation:NetworkFirewallPolicyAssociation"],
};
export const REGIONAL: PolicyTypes = {
    policies: [
        "gcp:compute/regionNetworkFirewallPolicy:RegionNetworkFirewallPolicy",
        "gcp:compute/regionNetworkFirewallPolicyWithRules:RegionNetworkFirewallPolicyWithRules",
    ],
    rules: ["gcp:compute/regionNetworkFirewallPolicyRule:RegionNetworkFirewallPolicyRule"],
    associations: ["gcp:compute/regionNetworkFirewallPolicyAssociation:RegionNetworkFirewallPolicyAssociation"],
};
export const HIERARCHICAL: PolicyTypes = {
    policies: [
        "gcp:compute/firewallPolicy:FirewallPolicy",
        "gcp:compute/firewallPolicyWithRules:FirewallPolicyWithRules",
        "gcp:compute/organizationSecurityPolicy:OrganizationSecurityPolicy",
    ],
    rules: [
        "gcp:compute/firewallPolicyRule:FirewallPolicyRule",
        "gcp:compute/organizationSecurityPolicyRule:OrganizationSecurityPolicyRule",
    ],
    associations: [
        "gcp:compute/firewallPolicyAssociation:FirewallPolicyAssociation",
        "gcp:compute/organizationSecurityPolicyAssociation:OrganizationSecurityPolicyAssociation",
    ],
};

/** Whether classic rules are asked before a network's firewall policies or after them. */
export type FirewallOrder = "BEFORE_CLASSIC_FIREWALL" | "AFTER_CLASSIC_FIREWALL";

/** Absent means Google's default (Cloud NGFW documentation, "Policy and rule evaluation order"); anything else is refused. */
export function firewallOrder(inputs: Inputs, key: string, given: string | undefined): FirewallOrder {
    if (given === undefined || given === "AFTER_CLASSIC_FIREWALL" || given === "BEFORE_CLASSIC_FIREWALL") {
        return given ?? "AFTER_CLASSIC_FIREWALL";
    }
    inputs.refuse(key, `got "${given}", expected AFTER_CLASSIC_FIREWALL or BEFORE_CLASSIC_FIREWALL`);
    return "AFTER_CLASSIC_FIREWALL";
}

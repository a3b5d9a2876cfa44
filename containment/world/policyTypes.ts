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

import * as compute from "@pulumi/gcp/compute";
import type { input } from "@pulumi/gcp/types";
import type * as pulumi from "@pulumi/pulumi";
import { type GoogleNames } from "../../settings/googleNames";
import { type Settings } from "../../settings/settings";
import { type FirewallRule } from "./firewallRules";

const DESCRIPTION = "Only the egress gateway leaves.";

/**
 * The firewall policy with its rules; what denies from then on. Alone in its network a policy holds its rules itself, so that they change
 * together. Where others join, each rule is a resource, since a policy that holds its rules removes everybody else's.
 *
 * @returns what has to be there before anything that lets traffic out
 */
export function firewallPolicy(
    name: string,
    names: GoogleNames,
    { perimeter, joined }: Pick<Settings, "perimeter" | "joined">,
    rules: readonly FirewallRule[],
    parent: pulumi.Resource,
): pulumi.Resource[] {
    if (joined !== undefined) {
        return ruleResources(name, { project: joined.project, policy: joined.policy }, rules, { parent });
    }
    const policy = names.firewallPolicy(perimeter.shared);
    const project = names.networkProject;
    const association = { project, name: names.prefix, firewallPolicy: policy, attachmentTarget: names.network };
    if (!perimeter.shared) {
        const made = new compute.NetworkFirewallPolicyWithRules(
            `${name}-firewall`,
            {
                project,
                name: policy,
                description: DESCRIPTION,
                rules: rules as input.compute.NetworkFirewallPolicyWithRulesRule[],
            },
            { parent },
        );
        return [attached(name, association, { parent, dependsOn: [made] })];
    }
    // Others rest on the deny, and nothing of Google's keeps it for them.
    const protect = true;
    const made = new compute.NetworkFirewallPolicy(
        `${name}-firewall`,
        { project, name: policy, description: DESCRIPTION },
        { parent, protect },
    );
    const own = ruleResources(name, { project, policy }, rules, { parent, dependsOn: [made], protectDenies: protect });
    return [
        attached(name, association, {
            parent,
            protect,
            dependsOn: [made, ...own],
            // A network takes one global policy: the one that held its rules itself goes first.
            deleteBeforeReplace: true,
        }),
    ];
}

function attached(
    name: string,
    inputs: compute.NetworkFirewallPolicyAssociationArgs,
    opts: pulumi.CustomResourceOptions,
): pulumi.Resource {
    return new compute.NetworkFirewallPolicyAssociation(`${name}-firewall`, inputs, opts);
}

/** Known by their priorities, which is what Google knows them by: a rule that moves is two changes in place. Denies come first. */
function ruleResources(
    name: string,
    { project, policy }: { readonly project: string; readonly policy: string },
    rules: readonly FirewallRule[],
    {
        parent,
        dependsOn = [],
        protectDenies = false,
    }: { parent: pulumi.Resource; dependsOn?: pulumi.Resource[]; protectDenies?: boolean },
): pulumi.Resource[] {
    const made = (list: readonly FirewallRule[], opts: pulumi.CustomResourceOptions) =>
        list.map(
            rule =>
                new compute.NetworkFirewallPolicyRule(
                    `${name}-firewall-${rule.priority}`,
                    {
                        project,
                        firewallPolicy: policy,
                        ...(rule as Omit<compute.NetworkFirewallPolicyRuleArgs, "firewallPolicy">),
                    },
                    { parent, ...opts },
                ),
        );
    const denies = made(
        rules.filter(({ action }) => action === "deny"),
        { dependsOn, ...(protectDenies ? { protect: true } : {}) },
    );
    return [
        ...denies,
        ...made(
            rules.filter(({ action }) => action !== "deny"),
            { dependsOn: [...dependsOn, ...denies] },
        ),
    ];
}

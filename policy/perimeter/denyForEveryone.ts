import { type AddressRange } from "../../containment/kernel/address";
import { equal } from "../../containment/kernel/intervals";
import { EVERY_SERVICE } from "../../containment/kernel/services";
import { outside, PUBLIC } from "../../containment/kernel/specialAddresses";
import { type Resource } from "../../containment/resource";
import { type FirewallRule } from "../../containment/world/firewall";
import { type Targets } from "../../containment/world/ruleParts";
import { Inputs, known } from "../../containment/world/inputs";
import { parseReference } from "../../containment/world/references";
import { type Finding, type StackRule } from "../rule";
import { egressRulesOf, hasFirewallRules } from "./firewall";
import { common } from "./publicAddresses";

/** A family of addresses, and the public ones in it. */
const FAMILIES = ([4, 6] as const).map(family => ({ family, all: PUBLIC.filter(range => range.family === family) }));

/**
 * Rules of one network may be resources of their own, so this can only be seen on the stack. Rules that deny all public
 * addresses of a family for somebody want to be a perimeter, and are held to it; others are left alone.
 */
export function denyForEveryone(): StackRule {
    return {
        scope: "stack",
        name: "deny-for-everyone",
        concern: "perimeter",
        severity: "high",
        enforcement: "mandatory",
        aboutGateway: "named by the stack",
        description: "Firewall rules that deny the internet deny it for every machine, in both address families.",
        stops: "A deny that names its targets, or that covers IPv4 only: whatever it leaves out falls through to the implied allow.",
        remedy: "Add egress denies without targets for 0.0.0.0/0 and ::/0, all protocols, behind the allows.",
        judge: resources => rulesByNetwork(resources).flatMap(findings),
    };
}

/** An egress rule, and the URN of the resource that has it. */
type Rule = FirewallRule & { readonly urn: string };

function findings(rules: readonly Rule[]): Finding[] {
    const denies = rules.filter(({ action }) => action === "deny");
    const intended = denies
        .filter(({ services }) => equal(services.may, EVERY_SERVICE))
        .flatMap(rule => rule.destinations.may);
    if (FAMILIES.every(({ all }) => outside(all, intended).length > 0)) {
        return [];
    }
    const certain = denies.filter(({ services }) => equal(services.must, EVERY_SERVICE));
    const forEverybody = addressesOf(certain.filter(({ targets }) => isForEverybody(targets)));
    return FAMILIES.flatMap(({ family, all }): Finding[] => {
        const open = outside(all, forEverybody);
        const short = denies.filter(rule => common(rule.destinations.may, open).length > 0);
        const why = short.map(({ name, targets, doubts }) =>
            isForEverybody(targets)
                ? `"${name}": ${doubts.length === 0 ? "not for all protocols" : doubts.join(", ")}`
                : `"${name}" is for ${targets.open ? "targets that are not known before deployment" : "some targets only"}`,
        );
        return open.length === 0
            ? []
            : [
                  {
                      // What falls short of it; where nothing does, what denies the other family alone.
                      resource: (short[0] ?? denies[0]!).urn,
                      found: `No rule denies all public IPv${family} addresses for every machine${why.length === 0 ? "" : ` (${why.join("; ")})`}.`,
                  },
              ];
    });
}

function addressesOf(rules: readonly FirewallRule[]): readonly AddressRange[] {
    return rules.flatMap(({ destinations }) => destinations.must);
}

function isForEverybody(targets: Targets): boolean {
    return (
        !targets.open &&
        targets.serviceAccounts === undefined &&
        targets.tags === undefined &&
        targets.secureTags === undefined
    );
}

/** Classic rules and the policies attached to a network come together; a policy that nothing attaches stands alone. */
function rulesByNetwork(resources: readonly Resource[]): Rule[][] {
    const attached = new Map(
        resources
            .filter(({ type }) => /FirewallPolicyAssociation$/.test(type))
            .flatMap(resource => {
                const inputs = Inputs.of(resource, []);
                const [policy, target] = [inputs.name("firewallPolicy"), inputs.name("attachmentTarget")];
                return typeof policy === "string" && typeof target === "string"
                    ? [[parseReference(policy).name, parseReference(target).name] as const]
                    : [];
            }),
    );
    const byNetwork = new Map<string, Rule[]>();
    for (const resource of resources.filter(({ type }) => hasFirewallRules(type))) {
        const inputs = Inputs.of(resource, []);
        const name = known(inputs.name("firewallPolicy") ?? inputs.name("policyId") ?? inputs.name("name"));
        const policy = name === undefined ? resource.name : parseReference(name).name;
        const network = known(inputs.name("network"));
        const key = network !== undefined ? parseReference(network).name : (attached.get(policy) ?? `policy ${policy}`);
        const rules = byNetwork.get(key) ?? [];
        rules.push(...egressRulesOf(resource).rules.map(([, rule]) => ({ ...rule, urn: resource.urn })));
        byNetwork.set(key, rules);
    }
    return [...byNetwork.values()];
}

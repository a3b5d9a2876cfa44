import { type GooglePlatform } from "../../../contract/platform";
import { agrees, attention, type PreflightCheck, contradicts } from "../check";
import { type EgressRule, type FirewallFacts } from "./facts";
import { type OwnNames } from "./network";

/** What is evaluated before this stack's policy, beside it, and behind it. */
export function firewallChecks(
    { firewallOrder, network }: GooglePlatform,
    { classic, policies }: FirewallFacts,
    own: OwnNames,
): PreflightCheck[] {
    const foreign = policies.filter(({ name }) => name !== own.firewallPolicy);
    return [
        ...foreign
            .filter(({ type }) => type === "HIERARCHY")
            .flatMap(({ name, rules }) => hierarchyChecks(name, rules)),
        ...foreign.filter(({ type }) => type === "NETWORK").map(({ name }) => attached(name, network)),
        ...foreign
            .filter(({ type }) => type === "NETWORK_REGIONAL")
            .flatMap(({ name, rules }) =>
                besides(
                    `regional policy ${name}`,
                    `firewall/regional/${name}`,
                    rules,
                    "It is evaluated after this stack's policy, which decides everything.",
                ),
            ),
        ...classicChecks(
            classic.filter(({ name }) => !own.belts.includes(name)),
            firewallOrder,
        ),
        ...(foreign.some(({ type }) => type === "HIERARCHY" || type === "NETWORK")
            ? []
            : [
                  agrees(
                      {
                          id: "firewall/policies",
                          subject: `firewall policies of network ${network}`,
                          expected: "none before or beside this stack's",
                      },
                      "there is none",
                  ),
              ]),
    ];
}

/** An organization's or folder's policy is evaluated first: its allow defeats the perimeter, its deny may break the gateway. */
function hierarchyChecks(policy: string, rules: readonly EgressRule[]): PreflightCheck[] {
    const subject = (rule: EgressRule) => ({
        id: `firewall/hierarchy/${policy}/${rule.priority}`,
        subject: `rule ${rule.priority} of hierarchical policy ${policy}`,
        expected: "no egress decision before this stack's",
    });
    return rules.flatMap(rule => {
        const words = `${rule.action} ${rule.destinations.join(", ") || "everything"}${rule.targets.length === 0 ? "" : ` for ${rule.targets.join(", ")}`}`;
        switch (rule.action) {
            case "allow":
                return [
                    contradicts(
                        subject(rule),
                        words,
                        "It outranks every rule of this network: ask the organization's administrators for `goto_next`, or for private destinations only.",
                    ),
                ];
            case "deny":
                return [
                    attention(
                        subject(rule),
                        words,
                        "If it covers the destinations' addresses, the gateway will not reach them: ask for an exception for the gateway nodes' service account.",
                    ),
                ];
            default:
                return [];
        }
    });
}

/** A network has one global firewall policy. */
function attached(policy: string, network: string): PreflightCheck {
    return contradicts(
        {
            id: `firewall/attached/${policy}`,
            subject: `firewall policy of network ${network}`,
            expected: "none, or this stack's",
        },
        `${policy} is attached`,
        `A network has one global firewall policy: if another stack of this program owns it, join it (egress-gateway:perimeter.stack); else move its rules into this stack's settings or into a regional policy, then detach it (\`gcloud compute network-firewall-policies associations delete\`).`,
    );
}

function besides(name: string, id: string, rules: readonly EgressRule[], remedy: string): PreflightCheck[] {
    const allows = rules.filter(({ action }) => action === "allow");
    return allows.length === 0
        ? []
        : [
              attention(
                  { id, subject: name, expected: "nothing that this stack's policy leaves open" },
                  `${allows.length} egress allow rules`,
                  remedy,
              ),
          ];
}

function classicChecks(rules: readonly EgressRule[], order: GooglePlatform["firewallOrder"]): PreflightCheck[] {
    const allows = rules.filter(({ action }) => action === "allow");
    const subject = { id: "firewall/classic", subject: "classic egress rules", expected: "none that allows" };
    if (allows.length === 0) {
        return [agrees(subject, "there is none")];
    }
    const names = allows.map(({ name }) => name).join(", ");
    return order === "AFTER_CLASSIC_FIREWALL"
        ? [
              contradicts(
                  subject,
                  names,
                  "In this network's order classic rules come first, so each of these outranks the deny: delete them, or change the order.",
              ),
          ]
        : [
              attention(
                  subject,
                  names,
                  "They come after this stack's policy, which decides everything, so they do nothing: delete them when nobody relies on the old order.",
              ),
          ];
}

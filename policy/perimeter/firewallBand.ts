import { BANDS, prioritiesOf } from "../../contract/sharedPerimeter";
import { Inputs, NOT_KNOWN } from "../../containment/world/inputs";
import { parseReference } from "../../containment/world/references";
import { registeredAs } from "../../declared/component";
import { PERIMETER } from "../../declared/perimeter";
import { type Finding, type StackResource, type StackRule, undecided } from "../rule";

const RULE = "gcp:compute/networkFirewallPolicyRule:NetworkFirewallPolicyRule";
const POLICY = "gcp:compute/networkFirewallPolicy:NetworkFirewallPolicy";

/** Priorities that a stack's rules may have in a policy, in words and as a test. */
interface Share {
    readonly words: string;
    readonly has: (priority: number) => boolean;
}

/** The first match decides, so in a policy of several stacks each one's place is part of what it may do. */
export function firewallBand(): StackRule {
    return {
        scope: "stack",
        name: "firewall-band",
        concern: "perimeter",
        severity: "high",
        enforcement: "mandatory",
        aboutGateway: "named by the stack",
        description: "In a firewall policy that several stacks share, each keeps its rules within its own priorities.",
        stops: "A rule before another stack's deny, which lets that one's gateway nodes into the network, or one that takes another's priority.",
        remedy: "Let the perimeter make the rules; in a policy that is shared, give others the priorities of the stack's own band.",
        judge: resources => {
            const shares = sharesOf(resources);
            return resources.filter(({ type }) => type === RULE).flatMap(resource => findings(resource, shares));
        },
    };
}

/** By the policy's name. */
function sharesOf(resources: readonly StackResource[]): ReadonlyMap<string, Share> {
    const perimeters = registeredAs(PERIMETER, resources).map(perimeter => {
        const [joined, shared] = [perimeter.read("joined"), perimeter.read("shared")];
        return { joined: joined.known ? joined.value : undefined, shared: shared.known && shared.value === true };
    });
    const own = resources
        .filter(({ type }) => type === POLICY)
        .flatMap(policy => {
            const name = Inputs.of(policy, []).name("name");
            return typeof name === "string" ? [name] : [];
        });
    const [first, end] = [prioritiesOf(1).first, prioritiesOf(BANDS).last + 1];
    return new Map([
        ...(perimeters.some(({ shared }) => shared)
            ? own.map((name): [string, Share] => [
                  name,
                  {
                      words: `below ${first} or from ${end} on, since what is between belongs to those who join`,
                      has: priority => priority < first || priority >= end,
                  },
              ])
            : []),
        ...perimeters.flatMap(({ joined }): [string, Share][] => {
            if (joined === undefined) {
                return [];
            }
            const { first, last } = prioritiesOf(joined.band);
            return [
                [
                    joined.policy,
                    {
                        words: `from ${first} to ${last}, which is band ${joined.band}`,
                        has: priority => priority >= first && priority <= last,
                    },
                ],
            ];
        }),
    ]);
}

function findings(resource: StackResource, shares: ReadonlyMap<string, Share>): Finding[] {
    const inputs = Inputs.of(resource, []);
    const policy = inputs.name("firewallPolicy");
    const priority = inputs.number("priority");
    const question = "whether the rule stands before those of other stacks";
    if (shares.size === 0 || policy === undefined || priority === undefined) {
        return [];
    }
    const at = (finding: Finding): Finding[] => [{ ...finding, resource: resource.urn }];
    if (policy === NOT_KNOWN) {
        return at(undecided("firewallPolicy", question));
    }
    const share = shares.get(parseReference(policy).name);
    if (share === undefined) {
        return [];
    }
    return priority === NOT_KNOWN
        ? at(undecided("priority", question))
        : share.has(priority)
          ? []
          : at({
                found: `priority is ${priority} in ${parseReference(policy).name}, and this stack's are ${share.words}.`,
            });
}

import { GATEWAY_NODE_KEY } from "../../../base/conventions";
import { prioritiesOf, type SharedPerimeter } from "../../../contract/sharedPerimeter";
import { gatewayViews } from "../../../settings/gateways";
import { type GoogleSettings, nodeAccounts } from "../../../settings/googleNames";
import { agrees, contradicts, type PreflightCheck } from "../check";
import { type FirewallFacts, type GoogleFacts } from "./facts";

/** Whether gateways of other stacks are expected in the network. */
export function sharesNetwork({ perimeter, joined }: Pick<GoogleSettings, "perimeter" | "joined">): boolean {
    return perimeter.shared || joined !== undefined;
}

/** What holds between stacks, and no plan of one of them shows. */
export function sharingChecks(settings: GoogleSettings, { firewall, cluster }: GoogleFacts): PreflightCheck[] {
    const accounts = gatewayViews(settings).flatMap(view => nodeAccounts(view));
    const { joined, perimeter } = settings;
    return [
        ...(joined === undefined ? [] : joinedChecks(joined, perimeter.band!, perimeter.stack!, firewall, accounts)),
        ...oneStack(cluster, accounts),
    ];
}

function joinedChecks(
    { mode, network, policy }: SharedPerimeter,
    band: number,
    stack: string,
    { policies }: FirewallFacts,
    accounts: readonly string[],
): PreflightCheck[] {
    const found = policies.find(({ name, type }) => type === "NETWORK" && name === policy);
    const attached = {
        id: "firewall/joined",
        subject: `firewall policy ${policy} of stack ${stack}`,
        expected: `attached to ${network}, with a deny for every machine`,
    };
    if (found === undefined) {
        return [
            contradicts(
                attached,
                `attached are ${policies.map(({ name }) => name).join(", ") || "none"}`,
                `Without it nothing denies: run \`pulumi up -s ${stack}\` first.`,
            ),
        ];
    }
    const denies = found.rules.some(
        ({ action, destinations, targets }) =>
            action === "deny" && destinations.includes("0.0.0.0/0") && targets.length === 0,
    );
    const { first, last } = prioritiesOf(band);
    const foreign = found.rules.filter(
        ({ priority, targets }) =>
            priority >= first && priority <= last && targets.some(target => !accounts.includes(target)),
    );
    const own = {
        id: "firewall/band",
        subject: `band ${band} of ${policy}, priorities ${first} to ${last}`,
        expected: "this stack's alone",
    };
    return [
        denies || mode === "observe"
            ? agrees(attached, "attached")
            : contradicts(
                  attached,
                  "attached, and no rule denies every machine",
                  `Run \`pulumi up -s ${stack}\`: somebody has taken its deny away.`,
              ),
        foreign.length === 0
            ? agrees(own, "no other has rules there")
            : contradicts(
                  own,
                  `rules for ${[...new Set(foreign.flatMap(({ targets }) => targets))].join(", ")}`,
                  "Another stack has it: choose another egress-gateway:perimeter.band.",
              ),
    ];
}

/** A second stack would write the same guard, and each would undo the other's. */
function oneStack(cluster: GoogleFacts["cluster"], accounts: readonly string[]): PreflightCheck[] {
    return (cluster?.pools ?? [])
        .filter(
            ({ labels, serviceAccount }) =>
                labels[GATEWAY_NODE_KEY] !== undefined && !accounts.includes(serviceAccount),
        )
        .map(({ name, serviceAccount }) =>
            contradicts(
                {
                    id: `cluster/pool/${name}/stack`,
                    subject: `gateway node pool ${name}`,
                    expected: `this stack's, which runs as ${accounts.join(" or ")}`,
                },
                `runs as ${serviceAccount}`,
                "Two stacks in one cluster would write the same guard: describe the second gateway under egress-gateway:gateways of the first. If it is this stack's from before a change, say gateway.retiring.",
            ),
        );
}

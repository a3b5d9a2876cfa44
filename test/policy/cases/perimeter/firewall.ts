import { PERIMETER } from "../../../../declared/perimeter";
import { type RuleCases, undecided, UNKNOWN } from "../case";
import {
    GATEWAY_ACCOUNT,
    APP_ACCOUNT,
    of,
    cluster,
    network,
    classic,
    everything,
    https,
    policyRule,
    withRules,
    deny,
    subnet,
    IPV4_AND_IPV6,
} from "./resources";

const SHARED = "acme-blue-egress-shared";
const perimeter = (inputs: object) => [{ type: PERIMETER.type, inputs: inputs as Readonly<Record<string, unknown>> }];
const joiner = (band: number) =>
    perimeter({
        joined: {
            stack: "organization/egress-gateway/blue",
            project: "acme-host",
            policy: SHARED,
            network: "projects/acme-host/global/networks/acme-shared",
            mode: "enforce",
            cluster: "projects/acme-blue/locations/europe-west1/clusters/acme-blue",
            band,
        },
    });
const OWNER = [
    ...perimeter({ shared: true }),
    ...of("gcp:compute/networkFirewallPolicy:NetworkFirewallPolicy", { name: SHARED })(),
];

export const firewallCases: readonly RuleCases[] = [
    {
        rule: "firewall-band",
        passes: {
            "a joiner's rule in its band": [...joiner(2), ...policyRule({ firewallPolicy: SHARED, priority: 22400 })],
            "its rule in another policy": [...joiner(2), ...policyRule({ firewallPolicy: "other", priority: 5 })],
            "the owner's rule beside the bands": [...OWNER, ...policyRule({ firewallPolicy: SHARED, priority: 400 })],
            "a rule of a stack that shares nothing": policyRule({ priority: 22400 }),
        },
        fails: {
            "a joiner's rule before the owner's": {
                resources: [...joiner(2), ...policyRule({ firewallPolicy: SHARED, priority: 50 })],
                messages: [`priority is 50 in ${SHARED}, and this stack's are from 22000 to 23999, which is band 2.`],
            },
            "its rule in a neighbour's band, by the policy's path": {
                resources: [
                    ...joiner(2),
                    ...policyRule({
                        firewallPolicy: `projects/acme-host/global/firewallPolicies/${SHARED}`,
                        priority: 24000,
                    }),
                ],
                messages: [
                    `priority is 24000 in ${SHARED}, and this stack's are from 22000 to 23999, which is band 2.`,
                ],
            },
            "the owner's rule in a band": {
                resources: [...OWNER, ...policyRule({ firewallPolicy: SHARED, priority: 20000 })],
                messages: [
                    `priority is 20000 in ${SHARED}, and this stack's are below 20000 or from 50000 on, since what is between belongs to those who join.`,
                ],
            },
        },
        unknown: {
            "a policy": {
                resources: [...joiner(2), ...policyRule({ firewallPolicy: UNKNOWN })],
                messages: [undecided("firewallPolicy", "whether the rule stands before those of other stacks")],
            },
            "a priority": {
                resources: [...joiner(2), ...policyRule({ firewallPolicy: SHARED, priority: UNKNOWN })],
                messages: [undecided("priority", "whether the rule stands before those of other stacks")],
            },
        },
    },
    {
        rule: "egress-allow",
        passes: {
            "the gateway's account": policyRule(),
            "the gateway's tag in a classic rule": classic({ targetTags: ["egress-gateway"] }),
            "private destinations for everybody": classic({ destinationRanges: ["10.0.0.0/8", "172.16.0.0/12"] }),
            "the restricted Google range for everybody": classic({ destinationRanges: ["199.36.153.4/30"] }),
            "an ingress rule": classic({ direction: "INGRESS" }),
            "a rule that is off": classic({ disabled: true }),
            "a deny": classic({ allows: undefined, denies: [{ protocol: "all" }] }),
            "a rule that hands on": policyRule({ action: "goto_next", targetServiceAccounts: undefined }),
        },
        fails: {
            "a classic rule without destination and target": {
                resources: classic(),
                messages: [`rule "classic" lets every machine reach ${IPV4_AND_IPV6} (tcp 443).`],
            },
            "the two halves of IPv4": {
                resources: classic({ destinationRanges: ["0.0.0.0/1", "128.0.0.0/1"], targetTags: ["web"] }),
                messages: [`rule "classic" lets machines with tag web reach every public IPv4 address (tcp 443).`],
            },
            "another account beside the gateway's": {
                resources: policyRule({ targetServiceAccounts: [GATEWAY_ACCOUNT, APP_ACCOUNT] }),
                messages: [`rule "extra" lets ${APP_ACCOUNT} reach every public IPv4 address (tcp 443).`],
            },
            "a secure tag that is not the gateway's": {
                resources: policyRule({
                    targetServiceAccounts: undefined,
                    targetSecureTags: [{ name: "tagValues/1" }],
                }),
                messages: [
                    `rule "extra" lets machines with secure tag tagValues/1 reach every public IPv4 address (tcp 443).`,
                ],
            },
            "a name instead of addresses, for everybody": {
                resources: policyRule({
                    targetServiceAccounts: undefined,
                    match: { destFqdns: ["pastebin.com"], layer4Configs: https },
                }),
                messages: [
                    `rule "extra" lets every machine reach what may be ${IPV4_AND_IPV6} (tcp 443); it matches destinations by names, which resolve to other addresses at any time (destFqdns).`,
                ],
            },
            "one rule of a policy": {
                resources: withRules([
                    deny("deny-ipv4", "0.0.0.0/0"),
                    {
                        priority: 300,
                        ruleName: "google",
                        direction: "EGRESS",
                        action: "allow",
                        match: { destIpRanges: ["199.36.153.8/30"], layer4Configs: [{ ipProtocol: "tcp" }] },
                    },
                ]),
                messages: [`rules[1]: rule "google" lets every machine reach 199.36.153.8/30 (tcp).`],
            },
            "a rule of a hierarchical policy": {
                resources: of("gcp:compute/firewallPolicyRule:FirewallPolicyRule")({
                    firewallPolicy: "organization",
                    direction: "EGRESS",
                    action: "allow",
                    priority: 10,
                    match: { destIpRanges: ["34.126.0.0/18"], layer4Configs: everything },
                }),
                messages: [`rule "priority 10" lets every machine reach 34.126.0.0/18 (every protocol and port).`],
            },
        },
        unknown: {
            destinations: {
                resources: classic({ destinationRanges: [UNKNOWN] }),
                messages: [
                    `rule "classic" lets every machine reach what may be ${IPV4_AND_IPV6} (tcp 443); some of its destinations are not known before up.`,
                ],
            },
            targets: {
                resources: policyRule({ targetServiceAccounts: [UNKNOWN] }),
                messages: [
                    undecided(
                        `the target of rule "extra"`,
                        "which machines may reach every public IPv4 address (tcp 443)",
                    ),
                ],
            },
            "the rules of a policy": {
                resources: withRules(UNKNOWN),
                messages: [undecided("rules", "what the firewall policy lets out")],
            },
        },
    },
    {
        rule: "deny-for-everyone",
        passes: {
            "both families, for everybody": withRules([deny("deny-ipv4", "0.0.0.0/0"), deny("deny-ipv6", "::/0")]),
            "both families, as rules of their own": [
                ...policyRule({ ...deny("deny-ipv4", "0.0.0.0/0"), targetServiceAccounts: undefined }),
                ...policyRule({ ...deny("deny-ipv6", "::/0"), targetServiceAccounts: undefined }),
            ],
            "a classic deny for IPv4 behind a policy for both": [
                ...withRules([deny("deny-ipv4", "0.0.0.0/0"), deny("deny-ipv6", "::/0")]),
                ...of("gcp:compute/networkFirewallPolicyAssociation:NetworkFirewallPolicyAssociation")({
                    firewallPolicy: "egress",
                    attachmentTarget: "projects/acme-dev/global/networks/acme-dev",
                }),
                ...classic({ allows: undefined, denies: [{ protocol: "all" }], destinationRanges: ["0.0.0.0/0"] }),
            ],
            "a deny of a few addresses, which is no perimeter": withRules([deny("scanner", "45.33.32.0/24")]),
        },
        fails: {
            "a deny for one account": {
                resources: withRules([
                    deny("deny-ipv4", "0.0.0.0/0", { targetServiceAccounts: [APP_ACCOUNT] }),
                    deny("deny-ipv6", "::/0"),
                ]),
                messages: [
                    `No rule denies all public IPv4 addresses for every machine ("deny-ipv4" is for some targets only).`,
                ],
            },
            "IPv4 alone": {
                resources: policyRule({ ...deny("deny-ipv4", "0.0.0.0/0"), targetServiceAccounts: undefined }),
                messages: ["No rule denies all public IPv6 addresses for every machine."],
            },
            "TCP alone": {
                resources: withRules([
                    deny("deny-ipv4", "0.0.0.0/0", {
                        match: { destIpRanges: ["0.0.0.0/0"], layer4Configs: [{ ipProtocol: "tcp" }] },
                    }),
                    deny("deny-ipv6", "::/0"),
                ]),
                messages: [
                    `No rule denies all public IPv4 addresses for every machine ("deny-ipv4": not for all protocols).`,
                ],
            },
        },
        unknown: {
            "whom it concerns": {
                resources: withRules([
                    deny("deny-ipv4", "0.0.0.0/0", { targetServiceAccounts: [UNKNOWN] }),
                    deny("deny-ipv6", "::/0"),
                ]),
                messages: [
                    `No rule denies all public IPv4 addresses for every machine ("deny-ipv4" is for targets that are not known before deployment).`,
                ],
            },
            "what it denies": {
                resources: withRules([deny("deny-ipv4", UNKNOWN), deny("deny-ipv6", "::/0")]),
                messages: [
                    `No rule denies all public IPv4 addresses for every machine ("deny-ipv4": some of its destinations are not known before up).`,
                ],
            },
        },
    },
    {
        rule: "firewall-order",
        passes: { "policies first": network() },
        fails: {
            "Google's default": {
                resources: network({ networkFirewallPolicyEnforcementOrder: undefined }),
                messages: ["networkFirewallPolicyEnforcementOrder is absent, which means AFTER_CLASSIC_FIREWALL."],
            },
        },
        unknown: {
            "the order": {
                resources: network({ networkFirewallPolicyEnforcementOrder: UNKNOWN }),
                messages: [
                    undecided("networkFirewallPolicyEnforcementOrder", "whether classic rules outrank the policy"),
                ],
            },
        },
    },
    {
        rule: "ipv4-only",
        passes: {
            "a subnet that does not say": subnet(),
            "an IPv4 subnet": subnet({ stackType: "IPV4_ONLY" }),
            "an IPv4 cluster": cluster(),
        },
        fails: {
            "a dual-stack subnet": {
                resources: subnet({ stackType: "IPV4_IPV6", ipv6AccessType: "EXTERNAL" }),
                messages: ["stackType is IPV4_IPV6."],
            },
            "a dual-stack cluster": {
                resources: cluster({ ipAllocationPolicy: { stackType: "IPV4_IPV6" } }),
                messages: ["ipAllocationPolicy.stackType is IPV4_IPV6."],
            },
        },
        unknown: {
            "the stack type": {
                resources: subnet({ stackType: UNKNOWN }),
                messages: [undecided("stackType", "whether machines get IPv6 addresses")],
            },
        },
    },
];

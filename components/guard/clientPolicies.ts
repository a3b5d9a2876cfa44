import { NODE_LOCAL_DNS_ADDRESS } from "../../base/addresses";
import { exemptions, USER, when } from "./cel";
import { type GuardObject, policyWithBinding } from "./policy";
import { type GuardSettings } from "./settings";

/** What this program calls its own in namespaces that are not its own. */
const OWN = "egress-gateway-";

/** Ports that a rule names may be numbers, ranges, or names, which are those of pods and of no address. */
const OPENS_NAMES =
    'rule.?ports.orValue([]).size() == 0 || rule.ports.exists(port, port.?protocol.orValue("TCP") in ["TCP", "UDP"] && ' +
    '(!has(port.port) || (string(port.port).matches("^[0-9]+$") && int(string(port.port)) <= 53 && ' +
    "port.?endPort.orValue(int(string(port.port))) >= 53)))";

/**
 * Whether a range has the metadata server's address, 169.254.169.254 or fd20:ce::254, or may have it: CEL knows no ranges before
 * Kubernetes 1.31. NodeLocal DNSCache's own is spared.
 */
const HAS_METADATA_SERVER = [
    `range.startsWith("169.254.") && range != "${NODE_LOCAL_DNS_ADDRESS}/32"`,
    'range.startsWith("169.") && int(range.split("/")[1]) < 16',
    'range.startsWith("fd")',
    'int(range.split("/")[1]) < 8',
].join(" || ");

/** NetworkPolicies add up, and what asks the metadata server for names passes every firewall: with the DNS lock they are held to it. */
export function clientPolicyRules(settings: GuardSettings): GuardObject[] {
    return policyWithBinding(
        {
            policy: "client-network-policies",
            matches: [
                {
                    apiGroups: ["networking.k8s.io"],
                    apiVersions: ["v1"],
                    operations: ["CREATE", "UPDATE", "DELETE"],
                    resources: ["networkpolicies"],
                },
            ],
            namespaces: { only: settings.clientNamespaces },
            unless: exemptions(settings),
            variables: {
                // The request has no name where a whole collection is deleted.
                policy: '(request.operation == "DELETE" ? oldObject : object).metadata.?name.orValue("")',
                rules: `request.operation == "DELETE" ? [] : object.?spec.?egress.orValue([]).filter(rule, ${OPENS_NAMES})`,
                ranges: "variables.rules.map(rule, rule.?to.orValue([]).filter(peer, has(peer.ipBlock)).map(peer, peer.ipBlock.cidr.lowerAscii()))",
            },
            checks: [
                {
                    name: "owned",
                    finding: "changes what this program closes",
                    offenders: when(`variables.policy.startsWith("${OWN}")`, `variables.policy + " by " + ${USER}`),
                },
                {
                    name: "resolver",
                    finding: "opens the metadata server's resolver, which answers every name",
                    offenders: `variables.ranges.map(ranges, ranges.filter(range, ${HAS_METADATA_SERVER})).filter(ranges, ranges.size() > 0).map(ranges, ranges.join(", ")) + (variables.rules.exists(rule, rule.?to.orValue([]).size() == 0) ? ["every address"] : [])`,
                },
            ],
        },
        settings,
    );
}

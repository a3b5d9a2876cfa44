import { GOOGLE_RESTRICTED_CIDR, LINK_LOCAL_CIDR, PRIVATE_CIDRS, RESERVED_CIDRS } from "../../base/addresses";
import { DNS_PORT, GATEWAY_COUNTERS, GATEWAY_PORTS, ISTIOD_PORT, ofGateway } from "../../base/conventions";
import { prioritiesOf } from "../../contract/sharedPerimeter";
import { type GooglePlatform } from "../../contract/platform";
import { gatewayViews, type OfGateways } from "../../settings/gateways";
import { everyGatewayCidr, type GoogleSettings } from "../../settings/googleNames";
import { fixedReach, publicPorts } from "../../settings/reach";

/** One rule of the network firewall policy, in Google's terms. */
export interface FirewallRule {
    readonly priority: number;
    readonly ruleName: string;
    readonly description: string;
    readonly direction: "EGRESS" | "INGRESS";
    readonly action: "allow" | "deny";
    readonly enableLogging: boolean;
    /** Absent: every VM of the network. */
    readonly targetServiceAccounts?: readonly string[];
    readonly match: {
        /** Of an ingress rule, and of an allow for everybody where several clusters share a policy. */
        readonly srcIpRanges?: readonly string[];
        readonly destIpRanges: readonly string[];
        readonly layer4Configs: readonly { readonly ipProtocol: string; readonly ports?: readonly string[] }[];
    };
}

const EVERYTHING = [{ ipProtocol: "all" }] as const;

/**
 * What a gateway node has no business with: a public name may be re-pointed to a private or metadata address (DNS
 * rebinding), and the gateway would then be a way into the network.
 */
export const GATEWAY_FORBIDDEN_CIDRS = [...PRIVATE_CIDRS, LINK_LOCAL_CIDR, ...RESERVED_CIDRS] as const;

/** Highest priorities first. Numbers leave room between groups; a priority is a rule's identity in the policy. */
const OWN = {
    cluster: 100,
    controlPlane: 200,
    googleApis: 300,
    gatewayForbidden: 390,
    gatewayPublic: 400,
    /** Of each further gateway, this far from one another: a band for its own rules. */
    furtherGateways: 10000,
    privateDestinations: 500,
    ingressFromGateway: 50000,
    ingressToGateway: 50010,
} as const;

/** Behind everybody's rules, whoever joins. */
const DENY = 60000;

type Priorities = Readonly<Record<keyof typeof OWN, number>>;

/** The same groups within a band of another stack's policy. */
function inBand(band: number): Priorities {
    const { first: start } = prioritiesOf(band);
    const { cluster, controlPlane, googleApis, gatewayForbidden, gatewayPublic, privateDestinations } = OWN;
    return {
        cluster: start + cluster,
        controlPlane: start + controlPlane,
        googleApis: start + googleApis,
        gatewayForbidden: start + gatewayForbidden,
        gatewayPublic: start + gatewayPublic,
        privateDestinations: start + privateDestinations,
        furtherGateways: start + 1000,
        ingressFromGateway: start + 1900,
        ingressToGateway: start + 1910,
    };
}

/** Priorities of one gateway's own rules; {@link fixedReach} has at most one less. */
const GATEWAY_BAND = 100;

/** Deny rules carry this prefix in observe mode, where they allow and log; docs/brownfield.md has the query. */
export const OBSERVED_PREFIX = "would-";

export type FirewallSettings = Pick<
    GoogleSettings,
    keyof OfGateways | "platform" | "perimeter" | "joined" | "googleApis" | "clients"
>;

/**
 * The rules of the perimeter, in order of evaluation. The allow is by the identity of the gateway nodes and the deny is by
 * nothing at all: a node pool, an auto-provisioned node or a VM that nobody thought of is denied, not forgotten.
 */
export function firewallRules(
    settings: FirewallSettings,
    accountsOf: (gateway: FirewallSettings) => readonly string[],
): FirewallRule[] {
    const { cluster } = settings.platform;
    const { perimeter, joined } = settings;
    const priority = joined === undefined ? OWN : inBand(perimeter.band!);
    const gatewayCidrs = everyGatewayCidr(settings);
    const own = [...cluster.nodeCidrs, ...cluster.podCidrs, ...gatewayCidrs];
    // What one cluster's machines may reach is not for those of another.
    const from = perimeter.shared || joined !== undefined ? { srcIpRanges: own } : {};
    const gateways = gatewayViews(settings);
    const gatewayNodeAccounts = gateways.flatMap(accountsOf);
    const observed = perimeter.mode === "observe";
    const denied =
        perimeter.scope === "cluster"
            ? [...new Set([...cluster.nodeServiceAccounts, ...gatewayNodeAccounts])].sort()
            : undefined;

    const allow = (
        place: number,
        ruleName: string,
        description: string,
        match: FirewallRule["match"],
        targets?: readonly string[],
    ): FirewallRule => ({
        priority: place,
        ruleName,
        description,
        direction: "EGRESS",
        action: "allow",
        enableLogging: targets !== undefined,
        ...(targets === undefined ? {} : { targetServiceAccounts: targets }),
        match,
    });
    const deny = (
        place: number,
        ruleName: string,
        description: string,
        destIpRanges: readonly string[],
        targets?: readonly string[],
    ): FirewallRule => ({
        priority: place,
        ruleName: observed ? `${OBSERVED_PREFIX}${ruleName}` : ruleName,
        description,
        direction: "EGRESS",
        action: observed ? "allow" : "deny",
        enableLogging: true,
        ...(targets === undefined ? {} : { targetServiceAccounts: targets }),
        match: { destIpRanges, layer4Configs: EVERYTHING },
    });

    return [
        // The Services range is not here: a node translates a Service's address before the firewall sees the packet.
        allow(
            priority.cluster,
            "allow-cluster",
            "Nodes and pods of this cluster, and of nothing else in the network: another VM may be a proxy.",
            {
                ...from,
                destIpRanges: own,
                layer4Configs: EVERYTHING,
            },
        ),
        allow(priority.controlPlane, "allow-control-plane", "Kubernetes API (443) and konnectivity (8132).", {
            ...from,
            destIpRanges: [cluster.controlPlaneCidr],
            layer4Configs: tcp([443, 8132]),
        }),
        ...(settings.googleApis === "restricted"
            ? [
                  allow(
                      priority.googleApis,
                      "allow-restricted-google-apis",
                      "restricted.googleapis.com, and not the private range, which also serves run.app.",
                      {
                          ...from,
                          destIpRanges: [GOOGLE_RESTRICTED_CIDR],
                          layer4Configs: tcp([443]),
                      },
                  ),
              ]
            : []),
        deny(
            priority.gatewayForbidden,
            "deny-gateway-private",
            "Gateway nodes reach no private, shared or link-local address but the cluster's.",
            GATEWAY_FORBIDDEN_CIDRS,
            gatewayNodeAccounts,
        ),
        ...gateways.flatMap((view, position) => {
            const first =
                position === 0 ? priority.gatewayPublic : priority.furtherGateways + (position - 1) * GATEWAY_BAND;
            const { name } = view.gateway;
            const ports = publicPorts(view.destinations);
            return [
                // No rule without ports: Google reads an empty list as every port.
                ...(ports.length === 0
                    ? []
                    : [
                          allow(
                              first,
                              ofGateway("allow-gateway-public", name),
                              "Gateway nodes reach public addresses on the ports of the declared destinations.",
                              { destIpRanges: ["0.0.0.0/0"], layer4Configs: tcp(ports) },
                              accountsOf(view),
                          ),
                      ]),
                ...fixedReach(view.destinations).map((reach, index) =>
                    allow(
                        first + 1 + index,
                        `${ofGateway("allow-gateway-addresses", name)}-${reach.ports.join("-")}`,
                        "Gateway nodes reach the addresses that are declared by themselves.",
                        {
                            destIpRanges: reach.addresses.map(address => `${address}/32`),
                            layer4Configs: tcp(reach.ports),
                        },
                        accountsOf(view),
                    ),
                ),
            ];
        }),
        ...settings.clients.privateDestinations.map((destination, index) =>
            allow(
                priority.privateDestinations + index,
                `allow-private-${destination.name}`,
                `Private destination ${destination.name}.`,
                {
                    ...from,
                    destIpRanges: destination.cidrs,
                    layer4Configs: tcp(destination.ports.map(({ number }) => number)),
                },
            ),
        ),
        ...clusterIngress(cluster, gatewayCidrs, priority),
        ...(joined === undefined
            ? [
                  deny(DENY, "deny-ipv4", "Everything else, for everybody.", ["0.0.0.0/0"], denied),
                  deny(
                      DENY + 1,
                      "deny-ipv6",
                      "External IPv6 needs no NAT, so it is denied whether or not a subnet has it today.",
                      ["::/0"],
                      denied,
                  ),
              ]
            : []),
    ];
}

/**
 * The gateway's nodes and pods have ranges that the cluster did not have before, and GKE's own ingress rules name the
 * cluster's first ranges only (terraform-google-kubernetes-engine, pull request 1480). Without these rules gateway pods
 * reach neither istiod nor DNS, and never become ready.
 */
function clusterIngress(
    cluster: GooglePlatform["cluster"],
    gateway: readonly string[],
    priority: Priorities,
): FirewallRule[] {
    const applications = [...cluster.nodeCidrs, ...cluster.podCidrs];
    const common = { direction: "INGRESS", action: "allow", enableLogging: false } as const;
    return [
        {
            ...common,
            priority: priority.ingressFromGateway,
            ruleName: "allow-gateway-to-cluster",
            description: "Gateway pods to istiod and to the cluster's DNS.",
            match: {
                srcIpRanges: gateway,
                destIpRanges: applications,
                layer4Configs: [...tcp([DNS_PORT, ISTIOD_PORT]), { ipProtocol: "udp", ports: [String(DNS_PORT)] }],
            },
        },
        {
            ...common,
            priority: priority.ingressToGateway,
            ruleName: "allow-cluster-to-gateway",
            description: "Pods of the cluster to the gateway, and its counters to whoever collects them.",
            match: {
                srcIpRanges: applications,
                destIpRanges: gateway,
                layer4Configs: tcp([
                    ...Object.values(GATEWAY_PORTS).map(({ targetPort }) => targetPort),
                    GATEWAY_COUNTERS.port,
                ]),
            },
        },
    ];
}

function tcp(ports: readonly number[]): { ipProtocol: string; ports: string[] }[] {
    return [{ ipProtocol: "tcp", ports: [...ports].sort((a, b) => a - b).map(String) }];
}

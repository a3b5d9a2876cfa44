import { type GooglePlatform } from "../../../contract/platform";
import { type GoogleNames, type GoogleSettings } from "../../../settings/googleNames";
import { agrees, attention, type PreflightCheck, contradicts, same } from "../check";
import { sharesNetwork } from "./sharing";
import { type GoogleFacts, type NatFacts, type RouteFacts } from "./facts";

/** What this stack itself creates, so that a second run does not take it for a stranger's. */
export interface OwnNames {
    readonly router: string;
    readonly nat: string;
    readonly defaultRoute: string;
    /** Begin of the names of its default routes, whatever their tag. */
    readonly defaultRoutes: string;
    readonly firewallPolicy: string;
    readonly belts: readonly string[];
    readonly networkTag: string;
    readonly nodeAccount: string;
    /** Gateways of other stacks have ways out of their own in the network. */
    readonly shares: boolean;
}

/** The names that the perimeter gives (components/perimeter). */
export function ownNames(
    names: GoogleNames,
    settings: Pick<GoogleSettings, "gateway" | "perimeter" | "joined">,
): OwnNames {
    const { networkTag } = settings.gateway;
    const { prefix } = names;
    return {
        router: names.nat,
        nat: names.nat,
        defaultRoute: names.defaultRoute,
        defaultRoutes: `${prefix}-default-`,
        firewallPolicy: settings.joined?.policy ?? names.firewallPolicy(settings.perimeter.shared),
        shares: sharesNetwork(settings),
        belts: [names.belt("ipv4"), names.belt("ipv6")],
        networkTag,
        nodeAccount: names.gatewayNodeAccount,
    };
}

export function networkChecks(platform: GooglePlatform, facts: GoogleFacts, own: OwnNames): PreflightCheck[] {
    const { network } = facts;
    if (network === undefined) {
        return [
            contradicts(
                { id: "network/exists", subject: `network ${platform.network}`, expected: "it exists in the project" },
                "there is no such network",
                "Correct egress-gateway:platform.network, networkProject or gcp:project.",
            ),
        ];
    }
    return [
        same(
            "network/firewall-order",
            `enforcement order of network ${platform.network}`,
            platform.firewallOrder,
            network.firewallOrder,
            platform.firewallOrder === "BEFORE_CLASSIC_FIREWALL"
                ? `Set it with \`gcloud compute networks update ${platform.network} --network-firewall-policy-enforcement-order=BEFORE_CLASSIC_FIREWALL\`: in the other order any classic allow rule outranks this stack's deny.`
                : "Write what the network is set to in egress-gateway:platform.firewallOrder.",
        ),
        ...network.peerings.map(peering =>
            attention(
                { id: `network/peering/${peering}`, subject: `peering ${peering}`, expected: "no other way out" },
                "the network is peered",
                "What the peer network does with traffic is its owner's: the firewall denies it public addresses, but the peer may have its own exit.",
            ),
        ),
        ...subnetChecks(platform, facts),
        ...routeChecks(facts.routes, own),
        ...natChecks(platform, facts.nats, own),
    ];
}

function subnetChecks({ cluster, egressSubnet }: GooglePlatform, { subnets }: GoogleFacts): PreflightCheck[] {
    const subnet = subnets.find(({ name }) => name === egressSubnet.name);
    const path = "egress-gateway:platform.egressSubnet";
    if (subnet === undefined) {
        return [
            contradicts(
                {
                    id: "subnet/exists",
                    subject: `subnet ${egressSubnet.name}`,
                    expected: `a subnet of the network with ${egressSubnet.nodeCidr}`,
                },
                `the region has ${subnets.map(({ name }) => name).join(", ") || "no subnet of that network"}`,
                `Create it in the stack that owns the network, or correct ${path}.name.`,
            ),
        ];
    }
    const pods = subnet.secondary.find(({ name }) => name === egressSubnet.podRange);
    const dualStack = subnets.filter(
        ({ ipv6AccessType, stackType }) => stackType !== "IPV4_ONLY" && ipv6AccessType === "EXTERNAL",
    );
    const known = subnets.map(({ cidr }) => cidr);
    return [
        same(
            "subnet/node-range",
            `primary range of subnet ${subnet.name}`,
            egressSubnet.nodeCidr,
            subnet.cidr,
            `Correct ${path}.nodeCidr: the firewall and NAT follow from it.`,
        ),
        same(
            "subnet/pod-range",
            `secondary range ${egressSubnet.podRange} of subnet ${subnet.name}`,
            egressSubnet.podCidr,
            pods?.cidr,
            `Correct ${path}.podRange and podCidr, or add the range to the subnet.`,
        ),
        ...(dualStack.length === 0
            ? [agrees({ id: "subnet/ipv6", subject: "external IPv6", expected: "no subnet has it" }, "none has")]
            : [
                  contradicts(
                      { id: "subnet/ipv6", subject: "external IPv6", expected: "no subnet has it" },
                      dualStack.map(({ name }) => name).join(", "),
                      "External IPv6 needs no NAT, so only the firewall is left to stop it: set those subnets to IPV4_ONLY.",
                  ),
              ]),
        ...cluster.nodeCidrs.map(cidr =>
            known.includes(cidr)
                ? agrees(
                      {
                          id: `subnet/nodes/${cidr}`,
                          subject: `node range ${cidr}`,
                          expected: "a subnet of the network",
                      },
                      "it is one",
                  )
                : contradicts(
                      {
                          id: `subnet/nodes/${cidr}`,
                          subject: `node range ${cidr}`,
                          expected: "a subnet of the network in the region",
                      },
                      `the subnets have ${known.join(", ")}`,
                      "Correct egress-gateway:platform.cluster.nodeCidrs: what is missing there is denied to the cluster's own traffic.",
                  ),
        ),
        ...(subnet.privateGoogleAccess
            ? []
            : [
                  attention(
                      {
                          id: "subnet/google-access",
                          subject: `Private Google Access of subnet ${subnet.name}`,
                          expected: "on, so that nodes pull images without the internet",
                      },
                      "off",
                      "Switch it on in the stack that owns the network.",
                  ),
              ]),
    ];
}

const EVERYTHING = ["0.0.0.0/0", "::/0", "0.0.0.0/1", "128.0.0.0/1"];

/** A default route that is not this stack's is a way out for whoever it applies to. */
function routeChecks(routes: readonly RouteFacts[], own: OwnNames): PreflightCheck[] {
    const subject = {
        id: "route/default",
        subject: "default routes",
        expected: `none but the one with network tag ${own.networkTag}`,
    };
    const foreign = routes.filter(
        ({ destination, name }) => EVERYTHING.includes(destination) && name !== own.defaultRoute,
    );
    const taken = foreign.filter(({ tags }) => tags.includes(own.networkTag));
    const checks = foreign.map(({ destination, name, nextHop, tags }) =>
        (name.startsWith(own.defaultRoutes) || isNeighbours(tags, own) ? attention : contradicts)(
            { ...subject, id: `route/default/${name}` },
            `${name}: ${destination} to ${nextHop}${tags.length === 0 ? ", for every instance" : `, for tags ${tags.join(", ")}`}`,
            isNeighbours(tags, own) && !name.startsWith(own.defaultRoutes)
                ? "It may be of another cluster's gateway that shares the perimeter; `prove` with that stack's resources knows."
                : name.startsWith(own.defaultRoutes)
                  ? "It has the name that this stack gives to the route of another tag: after a change of gateway.networkTag `up` removes it last."
                  : nextHop === "gateway"
                    ? `Delete it (\`gcloud compute routes delete ${name}\`) once nothing needs it: it is the way out that the gateway replaces.`
                    : "It leads past the NAT and may have an exit of its own: remove it, or narrow its destination to private ranges.",
        ),
    );
    return checks.length === 0
        ? [agrees(subject, "there is no other")]
        : taken.length === 0
          ? checks
          : [
                ...checks,
                contradicts(
                    {
                        id: "route/tag",
                        subject: `network tag ${own.networkTag}`,
                        expected: "used by this stack's route alone",
                    },
                    `also by ${taken.map(({ name }) => name).join(", ")}`,
                    "Choose another egress-gateway:gateway.networkTag.",
                ),
            ];
}

/** Each stack that shares the perimeter has a default route for a tag of its own. */
function isNeighbours(tags: readonly string[], own: OwnNames): boolean {
    return own.shares && tags.length > 0 && !tags.includes(own.networkTag);
}

/** A range can be in one NAT only, and a NAT for all subnets takes every range and gives everybody a way out. */
function natChecks(
    { cluster, egressSubnet, network }: GooglePlatform,
    nats: readonly NatFacts[],
    own: OwnNames,
): PreflightCheck[] {
    const foreign = nats.filter(({ name, router }) => name !== own.nat || router !== own.router);
    const subject = {
        id: "nat/others",
        subject: `NATs of network ${network} in the region`,
        expected: "none but this stack's",
    };
    if (foreign.length === 0) {
        return [agrees(subject, "there is no other")];
    }
    return foreign.map(({ name, nat64, ranges, router, subnets }) => {
        const of = { ...subject, id: `nat/others/${router}/${name}` };
        if (ranges !== "LIST_OF_SUBNETWORKS") {
            return contradicts(
                of,
                `${name} on router ${router} serves all subnets (${ranges})`,
                "Google then refuses any other NAT in this network and region, and every node has a way out: list its subnets instead, without the cluster's and the gateway's.",
            );
        }
        if (subnets.includes(egressSubnet.name)) {
            return contradicts(
                of,
                `${name} on router ${router} serves ${egressSubnet.name}`,
                "A range can be in one NAT only: take the gateway's subnet out of that one.",
            );
        }
        return (own.shares ? attention : contradicts)(
            of,
            `${name} on router ${router} serves ${subnets.join(", ")}${nat64 ? ", IPv6 as well" : ""}`,
            `If application nodes of ${cluster.name} or other VMs are in there, only the firewall holds them: remove what the gateway replaces.`,
        );
    });
}

import { BlockList } from "node:net";
import { RESOLVER_PORTS } from "../../../../base/conventions";
import { type Resource } from "../../../../containment/resource";
import { poolsOfNodes, type RigGateway } from "./gateways";
import {
    INFRASTRUCTURE,
    linkOf,
    NAT_ADDRESSES,
    NODES,
    RESOLVER,
    type RigNode,
    SERVICES,
    CONTROL_PLANE,
    setExternalIpv6,
} from "./topology";
import { ip, packetFilter, run } from "./shell";

/**
 * The registered perimeter as a real packet filter, routes and NAT. It shares no code with the proof: it reads the resources'
 * inputs and writes nftables.
 */

interface PolicyRule {
    readonly priority: number;
    readonly action: "allow" | "deny";
    readonly ruleName: string;
    readonly targetServiceAccounts?: readonly string[];
    readonly match: {
        readonly destIpRanges: readonly string[];
        readonly layer4Configs: readonly { readonly ipProtocol: string; readonly ports?: readonly string[] }[];
    };
}

interface Nat {
    readonly sourceSubnetworkIpRangesToNat: string;
    readonly subnetworks: readonly { readonly name: string }[];
    readonly natIps: readonly string[];
}

interface ClassicRule {
    readonly name: string;
    readonly denies?: readonly { readonly protocol: string }[];
    readonly destinationRanges: readonly string[];
}

export function enforcePerimeter(resources: readonly Resource[]): void {
    const inputs = <T>(type: string): T[] =>
        resources.filter(resource => resource.type === type).map(resource => resource.inputs as T);
    const [policy] = inputs<{ rules: PolicyRule[] }>(
        "gcp:compute/networkFirewallPolicyWithRules:NetworkFirewallPolicyWithRules",
    );
    const classic = inputs<ClassicRule>("gcp:compute/firewall:Firewall");
    const poolOf = poolsOfNodes(resources);
    const routes = inputs<{ destRange: string; tags?: readonly string[] }>("gcp:compute/route:Route");
    const identity = (node: RigNode) =>
        poolOf(node)?.nodeConfig ?? { serviceAccount: "application-nodes", tags: [] as readonly string[] };

    const chains = NODES.map(node => {
        const rules = [...(policy?.rules ?? [])]
            .sort((a, b) => a.priority - b.priority)
            .filter(
                ({ targetServiceAccounts: targets }) =>
                    targets === undefined || targets.includes(identity(node).serviceAccount),
            )
            .flatMap(policyLines);
        return `chain ${chainOf(node)} {\n${[...rules, ...classic.flatMap(classicLines)].join("\n")}\n}`;
    });
    const reserved = inputs<{ name: string }>("gcp:compute/address:Address")
        .map(({ name }) => name)
        .sort();
    const translations = inputs<Nat>("gcp:compute/routerNat:RouterNat").map(nat => ({
        // NAT serves a subnet's primary range: by the time a packet is here, a node's pods have the node's address.
        sources: NODES.filter(
            node =>
                nat.sourceSubnetworkIpRangesToNat !== "LIST_OF_SUBNETWORKS" ||
                nat.subnetworks.some(({ name }) => name === poolOf(node)?.networkConfig.subnetwork),
        )
            .map(({ address }) => address)
            .join(", "),
        // nftables takes the one address, or a range.
        addresses: nat.natIps
            .map(link => NAT_ADDRESSES[reserved.indexOf(link.split("/").pop()!)])
            .sort()
            .join("-"),
    }));
    const sources = translations.map(translation => translation.sources).join(", ");
    packetFilter(
        "vpc",
        `table inet firewall {
            ${chains.join("\n")}
            chain egress {
                type filter hook prerouting priority -150; policy accept;
                ct state established,related accept
                ip6 daddr { fe80::/10, ff02::/16 } accept comment "between neighbours: a VPC has none of that"
                ${NODES.map(node => `iifname "${linkOf(node.name)}" jump ${chainOf(node)}`).join("\n")}
            }
        }
        table ip nat {
            chain untranslated {
                type filter hook forward priority 0; policy accept;
                oifname "${linkOf("internet")}" ${sources === "" ? "" : `ip saddr != { ${sources} } `}counter drop comment "no external address and no NAT"
            }
            chain translated {
                type nat hook postrouting priority 100; policy accept;
                ${translations.map(({ sources: from, addresses }) => `oifname "${linkOf("internet")}" ip saddr { ${from} } counter snat to ${addresses} persistent`).join("\n")}
            }
        }`,
    );
    const routed = NODES.filter(node =>
        routes.some(
            ({ destRange, tags }) =>
                destRange === "0.0.0.0/0" &&
                (tags === undefined || tags.some(tag => identity(node).tags.includes(tag))),
        ),
    );
    setDefaultRoutes(routed);
    const dualStack = inputs<{ ipCidrRange: string; ipv6AccessType?: string }>(
        "gcp:compute/subnetwork:Subnetwork",
    ).filter(({ ipv6AccessType }) => ipv6AccessType === "EXTERNAL");
    setExternalIpv6(NODES.filter(({ address }) => dualStack.some(({ ipCidrRange }) => inRange(address, ipCidrRange))));
}

function inRange(address: string, cidr: string): boolean {
    const [range, bits] = cidr.split("/");
    const ranges = new BlockList();
    ranges.addSubnet(range!, Number(bits));
    return ranges.check(address);
}

/** Table 100 has the default route; who may use it is decided by the interface that a packet comes from. */
function setDefaultRoutes(nodes: readonly RigNode[]): void {
    const rules = run("ip", "-n", "vpc", "rule", "list");
    for (const [, link] of rules.matchAll(/iif (\S+) lookup 100/g)) {
        ip(`-n vpc rule delete iif ${link} lookup 100`);
    }
    nodes.forEach(({ name }) => ip(`-n vpc rule add pref 200 iif ${linkOf(name)} lookup 100`));
}

function policyLines({ action, match, ruleName }: PolicyRule): string[] {
    return match.layer4Configs.flatMap(({ ipProtocol, ports }) =>
        (["ip", "ip6"] as const).flatMap(family => {
            const ranges = match.destIpRanges.filter(range => range.includes(":") === (family === "ip6"));
            return ranges.length === 0
                ? []
                : [
                      `${family} daddr { ${ranges.join(", ")} } ${protocol(ipProtocol, ports)} counter ${action === "allow" ? "accept" : "drop"} comment "${ruleName}"`,
                  ];
        }),
    );
}

function classicLines({ denies = [], destinationRanges, name }: ClassicRule): string[] {
    return denies.flatMap(({ protocol: word }) =>
        destinationRanges.map(
            range =>
                `${range.includes(":") ? "ip6" : "ip"} daddr ${range} ${protocol(word, undefined)} counter drop comment "${name}"`,
        ),
    );
}

function protocol(name: string, ports: readonly string[] | undefined): string {
    if (name === "all") {
        return "";
    }
    return ports === undefined ? `meta l4proto ${name}` : `${name} dport { ${ports.join(", ")} }`;
}

function chainOf({ name }: RigNode): string {
    return `vm_${name.replace("-", "_")}`;
}

/** Packets that each rule of the firewall has dropped or let pass, by the rule's name. */
export function firewallCounts(): Map<string, number> {
    const counts = new Map<string, number>();
    const { nftables } = JSON.parse(run("ip", "netns", "exec", "vpc", "nft", "-j", "list", "ruleset")) as {
        nftables: { rule?: { comment?: string; expr: { counter?: { packets: number } }[] } }[];
    };
    for (const { rule } of nftables) {
        const packets = rule?.expr.find(({ counter }) => counter !== undefined)?.counter?.packets;
        if (rule?.comment !== undefined && packets !== undefined) {
            counts.set(rule.comment, (counts.get(rule.comment) ?? 0) + packets);
        }
    }
    return counts;
}

/**
 * What a node does for its pods: Services, the metadata server, and its own address for traffic that leaves the network.
 *
 * @param gateways whose Services there are
 * @param resolver address of the Service of the DNS lock's resolver, in a stack that has the lock
 */
export function configureNodes(gateways: readonly RigGateway[], resolver?: string): void {
    const backends = ({ pods }: RigGateway, port: number): string =>
        `numgen random mod ${pods.length} map { ${pods.map(({ address }, index) => `${index} : ${address} . ${port}`).join(", ")} }`;
    const services = [
        `ip daddr ${SERVICES.kubernetes} tcp dport 443 dnat to ${CONTROL_PLANE}:443`,
        `ip daddr ${SERVICES.dns} udp dport 53 dnat to ${INFRASTRUCTURE.address}:53`,
        ...(resolver === undefined
            ? []
            : [`ip daddr ${resolver} udp dport 53 dnat to ${RESOLVER.address}:${RESOLVER_PORTS.dns}`]),
        `ip daddr 169.254.169.254 tcp dport 80 dnat to ${INFRASTRUCTURE.address}:80`,
        ...gateways.flatMap(gateway => [
            `ip daddr ${gateway.address} tcp dport 80 dnat ip to ${backends(gateway, 8080)}`,
            `ip daddr ${gateway.address} tcp dport 443 dnat ip to ${backends(gateway, 8443)}`,
        ]),
    ].join("\n");
    for (const { name, podCidr } of NODES) {
        packetFilter(
            name,
            `table ip node {
                chain services { type nat hook prerouting priority -100; policy accept;\n${services}\n}
                chain local_services { type nat hook output priority -100; policy accept;\n${services}\n}
                chain own_address {
                    type nat hook postrouting priority 100; policy accept;
                    oifname "eth0" ip saddr ${podCidr} ip daddr != { 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16, 100.64.0.0/10, 169.254.0.0/16 } masquerade
                }
            }`,
        );
    }
}

import { type Resource } from "../../containment/resource";

/** A reproducible stream of integers below a bound (mulberry32). */
export function dice(seed: number): (below: number) => number {
    let state = seed;
    return below => {
        state = (state + 0x6d2b79f5) | 0;
        let t = Math.imul(state ^ (state >>> 15), 1 | state);
        t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
        return ((t ^ (t >>> 14)) >>> 0) % below;
    };
}

export interface BenchRule {
    readonly priority: number;
    readonly action: "allow" | "deny";
    readonly destinations: readonly string[];
    readonly protocol: "tcp" | "udp" | "all";
    readonly ports: readonly string[];
    /** Absent: every machine. */
    readonly account?: string;
}

const PORTS = [
    "443",
    "80",
    "8443",
    "5432",
    "3306",
    "6379",
    "9092",
    "27017",
    "8080",
    "8000-8999",
    "30000-32767",
    "1024-65535",
    "22",
    "53",
    "123",
    "389",
    "636",
    "1433",
    "2049",
    "5601",
    "9200",
    "9300",
    "11211",
];

/**
 * Rules as a large shared network collects them: allows of inner ranges for everybody or for one account, denies of public
 * ranges, and at the end the deny for everything, so that the world is contained and every rule has to be looked at to know it.
 *
 * @param accounts how many identities the targeted rules are spread over; 0: no rule has a target
 */
export function benchRules(count: number, accounts: number, seed = 7): BenchRule[] {
    const roll = dice(seed);
    const inner = (): string => cidr(10, roll, 12 + roll(17));
    const outer = (): string => cidr(1 + ((11 + roll(200)) % 223), roll, 8 + roll(17));
    const rules = Array.from({ length: count - 2 }, (_, index): BenchRule => {
        const allow = roll(3) > 0;
        const targeted = accounts > 0 && roll(2) === 0;
        const protocol = (["tcp", "tcp", "tcp", "udp", "all"] as const)[roll(5)]!;
        return {
            priority: index,
            action: allow ? "allow" : "deny",
            destinations: Array.from({ length: 1 + roll(3) }, allow ? inner : outer),
            protocol,
            ports: protocol === "all" ? [] : Array.from({ length: 1 + roll(2) }, () => PORTS[roll(PORTS.length)]!),
            ...(targeted ? { account: accountName(roll(accounts)) } : {}),
        };
    });
    const end = (priority: number, range: string): BenchRule => ({
        priority,
        action: "deny",
        destinations: [range],
        protocol: "all",
        ports: [],
    });
    return [...rules, end(count, "0.0.0.0/0"), end(count + 1, "::/0")];
}

/** An IPv4 range with the first octet given and no host bits. */
function cidr(first: number, roll: (below: number) => number, length: number): string {
    const address = (first * 2 ** 24 + roll(2 ** 24)) >>> 0;
    const base = length === 0 ? 0 : ((address >>> (32 - length)) << (32 - length)) >>> 0;
    return `${[24, 16, 8, 0].map(shift => (base >>> shift) & 255).join(".")}/${length}`;
}

function accountName(index: number): string {
    return `nodes-${index}@bench.iam.gserviceaccount.com`;
}

/** A network with a default route and NAT for everybody, these rules in one policy, and a pool for each source. */
export function benchWorld(rules: readonly BenchRule[], sources: number): Resource[] {
    const network = "projects/bench/global/networks/n";
    const resource = (type: string, name: string, inputs: Record<string, unknown>): Resource => ({
        urn: `urn:pulumi:bench::bench::${type}::${name}`,
        type,
        name,
        inputs,
        dependsOn: [],
    });
    return [
        resource("gcp:compute/network:Network", "n", {
            name: "n",
            project: "bench",
            networkFirewallPolicyEnforcementOrder: "BEFORE_CLASSIC_FIREWALL",
        }),
        resource("gcp:compute/subnetwork:Subnetwork", "s", {
            name: "s",
            project: "bench",
            region: "r1",
            network,
            ipCidrRange: "10.0.0.0/16",
        }),
        resource("gcp:compute/router:Router", "router", { name: "router", project: "bench", region: "r1", network }),
        resource("gcp:compute/routerNat:RouterNat", "nat", {
            name: "nat",
            project: "bench",
            region: "r1",
            router: "router",
            sourceSubnetworkIpRangesToNat: "ALL_SUBNETWORKS_ALL_IP_RANGES",
        }),
        resource("gcp:compute/networkFirewallPolicyWithRules:NetworkFirewallPolicyWithRules", "policy", {
            name: "policy",
            project: "bench",
            rules: rules.map(({ priority, action, destinations, protocol, ports, account }) => ({
                priority,
                action,
                direction: "EGRESS",
                match: { destIpRanges: destinations, layer4Configs: [{ ipProtocol: protocol, ports }] },
                ...(account === undefined ? {} : { targetServiceAccounts: [account] }),
            })),
        }),
        resource("gcp:compute/networkFirewallPolicyAssociation:NetworkFirewallPolicyAssociation", "attached", {
            project: "bench",
            firewallPolicy: "policy",
            attachmentTarget: network,
        }),
        resource("gcp:container/cluster:Cluster", "k", {
            name: "k",
            project: "bench",
            location: "r1",
            network,
            subnetwork: "s",
            removeDefaultNodePool: true,
            privateClusterConfig: { enablePrivateNodes: true },
        }),
        ...Array.from({ length: sources }, (_, index) =>
            resource("gcp:container/nodePool:NodePool", `pool-${index}`, {
                name: `pool-${index}`,
                project: "bench",
                cluster: "k",
                nodeConfig: { serviceAccount: accountName(index) },
            }),
        ),
    ];
}

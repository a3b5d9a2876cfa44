import * as fc from "fast-check";
import { type Resource } from "../../../containment/resource";
import { compute, resource } from "../worlds/build";

/**
 * A small world as an oracle sees it: plain data, decided by walking it packet by packet. The same data becomes resources for the
 * proof, so both judge one world and share nothing else.
 */
export interface SketchRule {
    readonly layer: "organization" | "global" | "regional" | "classic";
    readonly priority: number;
    readonly action: "allow" | "deny" | "next";
    readonly direction: "EGRESS" | "INGRESS";
    readonly disabled: boolean;
    /** Absent: everywhere. */
    readonly destinations?: readonly string[];
    readonly services: readonly SketchService[];
    /** Absent: every machine. */
    readonly accounts?: readonly string[];
    readonly tags?: readonly string[];
}

export interface SketchService {
    readonly protocol: string;
    readonly ports: readonly string[];
}

interface SketchRoute {
    readonly destination: string;
    readonly priority: number;
    readonly tags?: readonly string[];
}

interface SketchNat {
    readonly serves:
        | "all"
        | "primary"
        | readonly {
              readonly subnet: string;
              readonly ranges: readonly ("ALL_IP_RANGES" | "PRIMARY_IP_RANGE" | "pods")[];
          }[];
    readonly region: string;
}

export interface SketchPool {
    readonly name: string;
    readonly account: string;
    readonly tags: readonly string[];
    readonly subnet: string;
    readonly external: boolean;
}

export interface Sketch {
    readonly policiesFirst: boolean;
    readonly ownDefaultRoute: boolean;
    readonly snat: boolean;
    readonly dualStack: boolean;
    readonly rules: readonly SketchRule[];
    readonly routes: readonly SketchRoute[];
    readonly nats: readonly SketchNat[];
    readonly pools: readonly SketchPool[];
}

export const REGION = "europe-west1";
export const SUBNETS: Readonly<
    Record<string, { readonly primary: string; readonly pods: string; readonly external6: boolean }>
> = {
    apps: { primary: "10.0.0.0/22", pods: "10.4.0.0/16", external6: false },
    exit: { primary: "10.0.8.0/27", pods: "10.3.0.0/22", external6: true },
};

const ACCOUNTS = ["a@p.iam.gserviceaccount.com", "b@p.iam.gserviceaccount.com", "c@p.iam.gserviceaccount.com"];
const TAGS = ["red", "blue"];
/** Few, nested and overlapping, with borders next to each other: that is where mistakes are. */
export const RANGES = [
    "0.0.0.0/0",
    "0.0.0.0/1",
    "128.0.0.0/1",
    "1.1.1.0/24",
    "1.1.1.1/32",
    "1.1.1.0/25",
    "8.0.0.0/7",
    "10.0.0.0/8",
    "10.0.0.0/22",
    "10.4.0.0/16",
    "169.254.0.0/16",
    "199.36.153.0/24",
    "199.36.153.4/30",
    "199.36.153.8/30",
    "34.126.0.0/18",
    "34.126.0.0/15",
    "203.0.113.0/24",
    "::/0",
    "::/1",
    "8000::/1",
    "2606:4700::/32",
    "2606:4700:4700::1111/128",
    "2001:4860:8040::/42",
    "fd00::/8",
    "2600:2d00:2::/48",
];
const SERVICES: readonly SketchService[] = [
    { protocol: "all", ports: [] },
    { protocol: "tcp", ports: [] },
    { protocol: "tcp", ports: ["443"] },
    { protocol: "tcp", ports: ["80", "8000-8999"] },
    { protocol: "tcp", ports: ["1-65535"] },
    { protocol: "udp", ports: ["53"] },
    { protocol: "udp", ports: [] },
    { protocol: "icmp", ports: [] },
    { protocol: "sctp", ports: ["0-1024"] },
    { protocol: "47", ports: [] },
    { protocol: "esp", ports: [] },
];

const some = <T>(values: readonly T[], maxLength = 3): fc.Arbitrary<T[]> =>
    fc.uniqueArray(fc.constantFrom(...values), { minLength: 1, maxLength });
const maybe = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
    fc.option(arbitrary, { nil: undefined, freq: 2 });

const someRule: fc.Arbitrary<SketchRule> = fc
    .record({
        layer: fc.constantFrom<SketchRule["layer"]>(
            "organization",
            "global",
            "global",
            "regional",
            "classic",
            "classic",
        ),
        priority: fc.nat(4),
        action: fc.constantFrom<SketchRule["action"]>("allow", "deny", "deny", "next"),
        direction: fc.constantFrom<SketchRule["direction"]>("EGRESS", "EGRESS", "EGRESS", "INGRESS"),
        disabled: fc.constantFrom(false, false, false, true),
        destinations: maybe(some(RANGES)),
        services: some(SERVICES, 2),
        accounts: maybe(some(ACCOUNTS, 2)),
        tags: maybe(some(TAGS, 2)),
    })
    .map(({ accounts, tags, destinations, ...rule }) => ({
        ...rule,
        // Classic rules do not hand on, and only they know network tags; one rule has targets of one kind.
        action: rule.layer === "classic" && rule.action === "next" ? "allow" : rule.action,
        ...(destinations === undefined ? {} : { destinations }),
        ...(rule.layer === "classic" && tags !== undefined ? { tags } : accounts === undefined ? {} : { accounts }),
    }));

const someRoute: fc.Arbitrary<SketchRoute> = fc
    .record({
        destination: fc.constantFrom(...RANGES),
        priority: fc.constantFrom(100, 1000, 1001),
        tags: maybe(some(TAGS, 2)),
    })
    .map(({ tags, ...route }) => ({ ...route, ...(tags === undefined ? {} : { tags }) }));

const someNat: fc.Arbitrary<SketchNat> = fc.record({
    region: fc.constantFrom(REGION, REGION, "us-east1"),
    serves: fc.oneof(
        fc.constantFrom<SketchNat["serves"]>("all", "primary"),
        fc.array(
            fc.record({
                subnet: fc.constantFrom("apps", "exit"),
                ranges: some(["ALL_IP_RANGES", "PRIMARY_IP_RANGE", "pods"] as const, 2),
            }),
            { minLength: 1, maxLength: 2 },
        ),
    ),
});

const somePool = (name: string): fc.Arbitrary<SketchPool> =>
    fc.record({
        name: fc.constant(name),
        account: fc.constantFrom(...ACCOUNTS),
        tags: fc.uniqueArray(fc.constantFrom(...TAGS), { maxLength: 2 }),
        subnet: fc.constantFrom("apps", "exit"),
        external: fc.constantFrom(false, false, false, true),
    });

export const someSketch: fc.Arbitrary<Sketch> = fc
    .record({
        policiesFirst: fc.boolean(),
        ownDefaultRoute: fc.boolean(),
        snat: fc.boolean(),
        dualStack: fc.boolean(),
        rules: fc.array(someRule, { maxLength: 8 }),
        routes: fc.array(someRoute, { maxLength: 3 }),
        nats: fc.array(someNat, { maxLength: 2 }),
        pools: fc.tuple(somePool("one"), somePool("two")),
    })
    // One rule for each priority of a policy, as the API asks; classic rules may share.
    .map(sketch => {
        const taken = new Set<string>();
        const rules = sketch.rules.filter(({ layer, priority }) => {
            const place = `${layer} ${priority}`;
            return layer === "classic" || (!taken.has(place) && taken.add(place) !== undefined);
        });
        return { ...sketch, rules };
    });

/** The same world as a program would register it. */
export function toResources(sketch: Sketch): Resource[] {
    const network = "projects/p/global/networks/n";
    const policies = [
        ["organization", "FirewallPolicy", "FirewallPolicyRule"],
        ["global", "NetworkFirewallPolicy", "NetworkFirewallPolicyRule"],
        ["regional", "RegionNetworkFirewallPolicy", "RegionNetworkFirewallPolicyRule"],
    ] as const;
    const embedded = sketch.rules.length % 2 === 0;
    const globalRules = sketch.rules.filter(({ layer }) => layer === "global").map(policyRule);
    return [
        resource("gcp:organizations/project:Project", "project", { projectId: "p", orgId: "7" }),
        resource(compute("Network"), "n", {
            name: "n",
            project: "p",
            ...(sketch.ownDefaultRoute ? {} : { deleteDefaultRoutesOnCreate: true }),
            ...(sketch.policiesFirst ? { networkFirewallPolicyEnforcementOrder: "BEFORE_CLASSIC_FIREWALL" } : {}),
        }),
        ...Object.entries(SUBNETS).map(([name, { primary, pods, external6 }]) =>
            resource(compute("Subnetwork"), name, {
                name,
                project: "p",
                region: REGION,
                network,
                ipCidrRange: primary,
                privateIpGoogleAccess: true,
                secondaryIpRanges: [{ rangeName: `${name}-pods`, ipCidrRange: pods }],
                ...(external6 ? { stackType: "IPV4_IPV6", ipv6AccessType: "EXTERNAL" } : {}),
            }),
        ),
        ...policies.flatMap(([layer, policyType, ruleType]) => {
            const rules = sketch.rules.filter(rule => rule.layer === layer);
            const scope = layer === "regional" ? { region: REGION } : {};
            const whole = layer === "global" && embedded;
            const name =
                layer === "organization"
                    ? { shortName: layer, parent: "organizations/7" }
                    : { name: layer, project: "p" };
            return [
                resource(compute(whole ? "NetworkFirewallPolicyWithRules" : policyType), layer, {
                    ...name,
                    ...scope,
                    ...(whole ? { rules: globalRules } : {}),
                }),
                ...(whole
                    ? []
                    : rules.map((rule, index) =>
                          resource(compute(ruleType), `${layer}-${index}`, {
                              firewallPolicy: layer,
                              ...scope,
                              ...policyRule(rule),
                          }),
                      )),
                resource(
                    compute(layer === "organization" ? "FirewallPolicyAssociation" : `${policyType}Association`),
                    `${layer}-attached`,
                    {
                        firewallPolicy: layer,
                        attachmentTarget: layer === "organization" ? "organizations/7" : network,
                        ...scope,
                    },
                ),
            ];
        }),
        ...sketch.rules
            .filter(({ layer }) => layer === "classic")
            .map((rule, index) =>
                resource(compute("Firewall"), `classic-${index}`, { network: "n", project: "p", ...classicRule(rule) }),
            ),
        ...sketch.routes.map(({ destination, ...route }, index) =>
            resource(compute("Route"), `route-${index}`, {
                network,
                project: "p",
                destRange: destination,
                nextHopGateway: "default-internet-gateway",
                ...route,
            }),
        ),
        ...sketch.nats.flatMap(({ serves, region }, index) => [
            resource(compute("Router"), `router-${index}`, { name: `router-${index}`, project: "p", region, network }),
            resource(compute("RouterNat"), `nat-${index}`, {
                name: `nat-${index}`,
                project: "p",
                region,
                router: `router-${index}`,
                ...natInputs(serves),
            }),
        ]),
        resource("gcp:container/cluster:Cluster", "k", {
            name: "k",
            project: "p",
            location: REGION,
            network,
            subnetwork: "apps",
            removeDefaultNodePool: true,
            defaultSnatStatus: { disabled: !sketch.snat },
            ipAllocationPolicy: {
                clusterSecondaryRangeName: "apps-pods",
                stackType: sketch.dualStack ? "IPV4_IPV6" : "IPV4",
            },
        }),
        ...sketch.pools.map(({ name, account, tags, subnet, external }) =>
            resource("gcp:container/nodePool:NodePool", name, {
                name,
                project: "p",
                cluster: "k",
                networkConfig: {
                    subnetwork: `projects/p/regions/${REGION}/subnetworks/${subnet}`,
                    enablePrivateNodes: !external,
                    podRange: `${subnet}-pods`,
                },
                nodeConfig: { serviceAccount: account, tags },
            }),
        ),
    ];
}

function policyRule({
    priority,
    action,
    direction,
    disabled,
    destinations,
    services,
    accounts,
}: SketchRule): Record<string, unknown> {
    return {
        priority,
        action: action === "next" ? "goto_next" : action,
        direction,
        disabled,
        match: {
            layer4Configs: services.map(({ protocol, ports }) => ({ ipProtocol: protocol, ports })),
            ...(destinations === undefined ? {} : { destIpRanges: destinations }),
        },
        ...(accounts === undefined ? {} : { targetServiceAccounts: accounts }),
    };
}

function classicRule({
    priority,
    action,
    direction,
    disabled,
    destinations,
    services,
    accounts,
    tags,
}: SketchRule): Record<string, unknown> {
    return {
        priority,
        direction,
        disabled,
        [action === "deny" ? "denies" : "allows"]: services,
        ...(destinations === undefined ? {} : { destinationRanges: destinations }),
        ...(accounts === undefined ? {} : { targetServiceAccounts: accounts }),
        ...(tags === undefined ? {} : { targetTags: tags }),
    };
}

function natInputs(serves: SketchNat["serves"]): Record<string, unknown> {
    if (serves === "all" || serves === "primary") {
        return {
            sourceSubnetworkIpRangesToNat:
                serves === "all" ? "ALL_SUBNETWORKS_ALL_IP_RANGES" : "ALL_SUBNETWORKS_ALL_PRIMARY_IP_RANGES",
        };
    }
    return {
        sourceSubnetworkIpRangesToNat: "LIST_OF_SUBNETWORKS",
        subnetworks: serves.map(({ subnet, ranges }) => ({
            name: subnet,
            sourceIpRangesToNats: ranges.map(range => (range === "pods" ? "LIST_OF_SECONDARY_IP_RANGES" : range)),
            ...(ranges.includes("pods") ? { secondaryIpRangeNames: [`${subnet}-pods`] } : {}),
        })),
    };
}

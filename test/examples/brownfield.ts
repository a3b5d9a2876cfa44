import { type Plan } from "../../plan/offline";
import { type Resource } from "../../containment/resource";
import { prove } from "../../containment/prove";
import { plannedIn } from "./planned";

/** An existing network or cluster, and what this stack is told about it. */
interface Brownfield {
    /** As docs/brownfield.md names it. */
    readonly name: string;
    /** Settings of the egress stack, on top of dev's. */
    // eslint-disable-next-line @typescript-eslint/no-explicit-any
    readonly configure?: (config: Record<string, any>) => void;
    /** Changes what the example platform makes, to what is found instead. */
    readonly platform?: (resource: Resource) => Resource;
    /** What somebody else has in the network already. */
    readonly existing?: readonly Resource[];
}

const PROJECT = "projects/acme-dev";
const NETWORK = `${PROJECT}/global/networks/acme-dev`;

function found(type: string, name: string, inputs: Readonly<Record<string, unknown>>): Resource {
    return {
        urn: `urn:pulumi:dev::landing-zone::${type}::${name}`,
        type,
        name,
        inputs: { project: "acme-dev", name, ...inputs },
        dependsOn: [],
    };
}

const ROUTER = found("gcp:compute/router:Router", "legacy", { network: NETWORK, region: "europe-west1" });
const DEFAULT_ROUTE = found("gcp:compute/route:Route", "default-route", {
    network: NETWORK,
    destRange: "0.0.0.0/0",
    nextHopGateway: "default-internet-gateway",
    priority: 1000,
});
const CLASSIC_ALLOW = found("gcp:compute/firewall:Firewall", "allow-egress", {
    network: NETWORK,
    direction: "EGRESS",
    priority: 1000,
    allows: [{ protocol: "all" }],
    destinationRanges: ["0.0.0.0/0"],
});

/** NAT that somebody else gives to the nodes of applications. */
function nat(subnetworks: Readonly<Record<string, unknown>>): Resource {
    return found("gcp:compute/routerNat:RouterNat", "legacy", {
        region: "europe-west1",
        router: "legacy",
        natIpAllocateOption: "AUTO_ONLY",
        ...subnetworks,
    });
}
const NAT_FOR_NODES = nat({
    sourceSubnetworkIpRangesToNat: "LIST_OF_SUBNETWORKS",
    subnetworks: [
        { name: `${PROJECT}/regions/europe-west1/subnetworks/acme-dev-nodes`, sourceIpRangesToNats: ["ALL_IP_RANGES"] },
    ],
});

function withOrder(order: string) {
    return {
        configure: (config: Record<string, { firewallOrder: string }>) => {
            config["egress-gateway:platform"]!.firewallOrder = order;
        },
        platform: (resource: Resource): Resource =>
            resource.type === "gcp:compute/network:Network"
                ? { ...resource, inputs: { ...resource.inputs, networkFirewallPolicyEnforcementOrder: order } }
                : resource,
    };
}

const BROWNFIELDS: readonly Brownfield[] = [
    { name: "nothing: the example platform" },
    { name: "a default route for everybody", existing: [DEFAULT_ROUTE] },
    { name: "NAT for the application nodes", existing: [ROUTER, NAT_FOR_NODES] },
    { name: "both", existing: [DEFAULT_ROUTE, ROUTER, NAT_FOR_NODES] },
    { name: "a classic rule that allows all egress", existing: [CLASSIC_ALLOW] },
    { name: "that rule, and classic rules first", existing: [CLASSIC_ALLOW], ...withOrder("AFTER_CLASSIC_FIREWALL") },
    {
        name: "all four",
        existing: [CLASSIC_ALLOW, DEFAULT_ROUTE, ROUTER, NAT_FOR_NODES],
        ...withOrder("AFTER_CLASSIC_FIREWALL"),
    },
    { name: "classic rules first, none of which allows egress", ...withOrder("AFTER_CLASSIC_FIREWALL") },
    {
        name: "other VMs, so that only the cluster is closed (`perimeter.scope: cluster`)",
        configure: config => {
            config["egress-gateway:perimeter"] = { scope: "cluster" };
            config["egress-gateway:platform"].cluster.nodeServiceAccounts = [
                "app-nodes@acme-dev.iam.gserviceaccount.com",
            ];
        },
    },
    {
        name: "default SNAT switched off",
        configure: config => {
            config["egress-gateway:platform"].cluster.defaultSnat = false;
        },
        platform: resource =>
            resource.type === "gcp:container/cluster:Cluster"
                ? { ...resource, inputs: { ...resource.inputs, defaultSnatStatus: { disabled: true } } }
                : resource,
    },
    {
        name: "nothing denied yet (`perimeter.mode: observe`), with a default route and NAT",
        configure: config => {
            config["egress-gateway:perimeter"] = { mode: "observe" };
        },
        existing: [DEFAULT_ROUTE, ROUTER, NAT_FOR_NODES],
    },
];

/** Plans as the repository has them, made once. */
const plans = new Map<string, Promise<Plan>>();

function unchanged(folder: string): Promise<Plan> {
    const plan = plans.get(folder) ?? plannedIn({ folder });
    plans.set(folder, plan);
    return plan;
}

/** Everything that the proof is given: the egress stack's plan, the platform's, and what was there before. */
async function resourcesOf({
    configure,
    platform = resource => resource,
    existing = [],
}: Brownfield): Promise<Resource[]> {
    const under = await unchanged("examples/platform");
    const egress = await (configure === undefined ? unchanged(".") : plannedIn({ folder: ".", configure }));
    return [...egress.resources, ...under.resources.map(platform), ...existing];
}

const NETWORK_LOCKS = ["firewall", "belt", "nat", "route"];

/** The table of docs/brownfield.md, from real verdicts. */
export async function brownfieldTable(): Promise<string> {
    const rows: string[][] = [];
    for (const brownfield of BROWNFIELDS) {
        const { verdict, claims, locks } = prove(await resourcesOf(brownfield));
        const broken = claims.filter(({ id, result }) => id !== "C5" && result !== "holds").map(({ id }) => id);
        const alone = NETWORK_LOCKS.filter(name => locks.find(({ lock }) => lock === name)?.alone === "holds");
        const behind = claims.find(({ id }) => id === "C5")?.result === "holds";
        rows.push([
            brownfield.name,
            broken.length === 0 ? verdict : `${verdict}: ${broken.join(", ")}`,
            alone.join(", ") || "none",
            NETWORK_LOCKS.filter(name => !alone.includes(name)).join(", ") || "none",
            broken.includes("C1") ? "-" : behind ? "yes" : "no",
        ]);
    }
    const header = ["what is there already", "verdict", "locks that hold alone", "lost", "holds without any one lock"];
    return [header, header.map(() => "---"), ...rows].map(cells => `| ${cells.join(" | ")} |`).join("\n");
}

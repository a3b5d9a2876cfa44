import { DEFAULT_GATEWAY } from "../base/conventions";
import { printableIn } from "../base/printable";
import { colours as pc } from "./colours";
import { type EgressOutputs } from "../contract/egress";
import { registeredAs } from "../declared/component";
import { RESOLVER } from "../declared/resolver";
import { type Resource } from "../containment/resource";
import { natCapacity } from "../settings/natCapacity";
import { type Verdict } from "../containment/verdict";
import { stepsOf } from "./steps";
import { table } from "./table";
import { verdictSummary } from "./verdictReport";
import { type Plan } from "../plan/offline";
import { type PlannedResource } from "../plan/registrations";

/** The plan for people. Everything in it comes from registered resources and outputs, nothing from the settings. */
export function planReport(given: Plan, verdict: Verdict): string {
    const plan = printableIn({ ...given, resources: given.resources.map(asTold) });
    return [
        `${pc.bold(plan.project)}, stack ${pc.bold(plan.stack)}: ${plan.resources.length} resources. Planned offline; nothing was asked of Google or a cluster.`,
        ...plan.stackOutputFiles.map(file => `Another stack's outputs are taken from ${file}.`),
        section("Verdict", verdictSummary(verdict)),
        section("What is created, in this order", components(plan.resources)),
        section("Destinations", destinations(plan.outputs as unknown as EgressOutputs)),
        section("Names", names(plan.resources)),
        section("NAT", nat(plan.resources)),
        section("On the way to only this gateway (docs/brownfield.md)", steps(plan.resources)),
        section("Warnings", plan.warnings.map(warning => `  ${pc.yellow("!")} ${warning}`).join("\n")),
    ]
        .filter(part => part !== "")
        .join("\n");
}

/** Of Kubernetes objects it is told how many there are, and not what is in them. */
function asTold(resource: PlannedResource): PlannedResource {
    return resource.type.startsWith("kubernetes:") ? { ...resource, inputs: {} } : resource;
}

function section(title: string, body: string): string {
    return body === "" ? "" : `\n${pc.bold(title)}\n${body}`;
}

const PROVIDERS = "providers";

function components(resources: readonly Resource[]): string {
    const groups = new Map<string, Resource[]>();
    for (const resource of resources.filter(({ type }) => !type.startsWith("egress-gateway:"))) {
        const group = componentOf(resource);
        const members = groups.get(group) ?? [];
        groups.set(group, members);
        members.push(resource);
    }
    const depth = depths(resources);
    return table(
        [...groups]
            .sort(([a], [b]) => depth(a) - depth(b))
            .map(([group, members]) => [group, String(members.length), kinds(members)]),
    );
}

function componentOf({ parent }: Resource): string {
    return parent?.split("::").pop() ?? PROVIDERS;
}

/** How many components have to be there before a component, one behind the other; a component waits for others' resources. */
function depths(resources: readonly Resource[]): (component: string) => number {
    const byUrn = new Map(resources.map(resource => [resource.urn, resource]));
    const known = new Map<string, number>([[PROVIDERS, 0]]);
    const depth = (component: string): number => {
        const cached = known.get(component);
        if (cached !== undefined) {
            return cached;
        }
        const needed = resources
            .filter(({ name, type }) => name === component && type.startsWith("egress-gateway:"))
            .flatMap(({ dependsOn }) => dependsOn)
            .flatMap(urn => byUrn.get(urn) ?? [])
            .map(componentOf);
        const found = 1 + Math.max(0, ...[...new Set(needed)].filter(one => one !== component).map(depth));
        known.set(component, found);
        return found;
    };
    return depth;
}

/** `2 Address, 1 Router, …`, most frequent first. */
function kinds(resources: readonly Resource[]): string {
    const counts = new Map<string, number>();
    for (const { type } of resources) {
        const kind = type.split(":").pop() ?? type;
        counts.set(kind, (counts.get(kind) ?? 0) + 1);
    }
    return [...counts]
        .sort(([nameA, a], [nameB, b]) => b - a || (nameA < nameB ? -1 : 1))
        .map(([kind, count]) => (count === 1 ? kind : `${count} ${kind}`))
        .join(", ");
}

function destinations({ destinations, gateways }: EgressOutputs): string {
    const several = gateways !== undefined;
    const rows = destinations.flatMap(({ host, gateway, ports, allow, owner }) =>
        ports.map((port, index) => [
            index === 0 ? host : "",
            `${port.protocol} ${port.number}`,
            port.address,
            index === 0
                ? allow.map(({ namespace, serviceAccount }) => `${namespace}/${serviceAccount}`).join(", ")
                : "",
            index === 0 ? (owner ?? "-") : "",
            ...(several ? [index === 0 ? (gateway ?? DEFAULT_GATEWAY) : ""] : []),
        ]),
    );
    const titles = ["host", "port", "the application uses", "who may use it", "owner", ...(several ? ["gateway"] : [])];
    const header = titles.map(title => pc.dim(title));
    const capture = destinations.some(({ ports }) => ports.some(({ needsDnsCapture }) => needsDnsCapture))
        ? "\n\n  Clients of a `tcp` destination need Istio's DNS capture: annotate their pods with\n" +
          '  proxy.istio.io/config: \'{"proxyMetadata": {"ISTIO_META_DNS_CAPTURE": "true"}}\''
        : "";
    return `${table(rows, header)}${capture}`;
}

/** What the DNS lock means for the whole cluster; nothing without it. */
function names(resources: readonly Resource[]): string {
    const resolver = registeredAs(RESOLVER, resources)[0]?.readAll("lock", "address", "namespace", "hosts", "zones");
    if (resolver?.known !== true) {
        return "";
    }
    const { lock, address, namespace, hosts, zones } = resolver.value;
    return table([
        [
            "answered",
            `${hosts.length} hosts, and ${zones.length} domains with what is below them, for every pod of the cluster`,
        ],
        ["anything else", lock === "enforce" ? "does not exist: nobody outside is asked" : "is answered, and logged"],
        ["by", `the resolver in ${namespace}, which the cluster's DNS asks at ${address}`],
        ["while that is gone", "names of the cluster are answered, and no others"],
    ]);
}

/** Where a stack stands that is not yet the only way out; nothing for one that is. */
function steps(resources: readonly Resource[]): string {
    const marks = { done: pc.green("done"), now: pc.bold("now"), next: pc.dim("next") };
    const all = stepsOf(resources);
    return all === undefined ? "" : table(all.map(({ name, state, what }) => [marks[state], name, what]));
}

interface NatPlan {
    readonly name: string;
    readonly natIps: string[];
    readonly minPortsPerVm: number;
    readonly maxPortsPerVm: number;
    readonly subnetworks: { readonly name: string }[];
}

interface PoolPlan {
    readonly autoscaling: { readonly totalMaxNodeCount: number };
    readonly networkConfig: { readonly subnetwork: string };
}

/** Of each NAT what it gives to the nodes of the pool in its subnet. */
function nat(resources: readonly Resource[]): string {
    const inputs = <T>(type: string) =>
        resources.filter(resource => resource.type === type).map(one => one.inputs as T);
    const pools = inputs<PoolPlan>("gcp:container/nodePool:NodePool");
    const served = inputs<NatPlan>("gcp:compute/routerNat:RouterNat").flatMap(gateway => {
        const pool = pools.find(({ networkConfig }) =>
            gateway.subnetworks.some(({ name }) => name === networkConfig.subnetwork),
        );
        return pool === undefined ? [] : [{ gateway, pool }];
    });
    const several = served.length > 1;
    return served
        .sort((a, b) => (a.gateway.name < b.gateway.name ? -1 : 1))
        .map(({ gateway, pool }) =>
            [...(several ? [`  ${gateway.name}`] : []), natOfPool(gateway, pool, resources)].join("\n"),
        )
        .join("\n");
}

function natOfPool(gateway: NatPlan, pool: PoolPlan, resources: readonly Resource[]): string {
    const own = resources
        .filter(({ type }) => type === "gcp:compute/address:Address")
        .map(({ inputs }) => inputs["name"]);
    const foreign = gateway.natIps.map(link => link.split("/").at(-1)).filter(name => !own.includes(name));
    const maxNodes = pool.autoscaling.totalMaxNodeCount;
    const capacity = natCapacity({
        addresses: gateway.natIps.length,
        maxNodes,
        minPortsPerNode: gateway.minPortsPerVm,
        maxPortsPerNode: gateway.maxPortsPerVm,
    });
    const { connectionsPerNodeAndDestination: connections, connectionRatePerNodeAndDestination: rate } = capacity;
    return table([
        [
            "addresses",
            `${gateway.natIps.length}${foreign.length === 0 ? "" : ` (${foreign.join(", ")} reserved before)`}, known after the first \`pulumi up\`; ${capacity.addressesNeeded} needed`,
        ],
        [
            "ports",
            `${count(capacity.portsAvailable)} for ${capacity.nodes} nodes (${maxNodes} at most, and one for upgrades)`,
        ],
        [
            "a node, to one destination",
            `${count(connections.guaranteed)} connections at a time at once, ${count(connections.maximum)} when it grows`,
        ],
        ["", `${rate.guaranteed} new connections a second kept up, ${rate.maximum} when it grows`],
    ]);
}

function count(value: number): string {
    return value.toLocaleString("en-GB");
}

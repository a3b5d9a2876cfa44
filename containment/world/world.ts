import { toCidrs } from "../kernel/address";
import { type KubernetesObject, kubernetesObjects } from "../kubernetes";
import { type Resource } from "../resource";
import { treatmentOf } from "./catalogue";
import { objectsOfCluster } from "./clusterOfObjects";
import { CLUSTER, Clusters } from "./clusters";
import { type EgressGateway, type GatewaySaid } from "./gateway";
import { readGateways } from "./gateways";
import { WorldError, type WorldProblem } from "./inputs";
import { Firewalls, type FirewallLayer } from "./layers";
import { Machines } from "./machines";
import { type Nat, Nats } from "./nat";
import { type Need, neededRanges, unknownNeeds } from "./needs";
import { type FirewallOrder } from "./firewallPolicies";
import { type Network, NETWORK, Networks, type Subnet, SUBNETWORK } from "./networks";
import { type Neighbour, reservedIdentity } from "./neighbours";
import { type AbsentPerimeter, absentPerimeters, standIns } from "./standIns";
import { nodeRange, podSources, poolSources } from "./poolSources";
import { type Cluster, type Pool } from "./pools";
import { platformOf, type PlatformFacts, sharedNetworks } from "./platform";
import { PlaceFinder } from "./places";
import { agreementOf, choose, Directory, parseReference, refersTo, targetsOf } from "./references";
import { type Route, Routes } from "./routes";
import { type Source } from "./source";
import { type ServiceWay, waysOf } from "./ways";

/** A network with everything in it that decides about packets. */
export interface NetworkWorld {
    readonly network: Network;
    readonly subnets: readonly Subnet[];
    readonly routes: readonly Route[];
    readonly nats: readonly Nat[];
    /** Layers of the firewall in order of evaluation, for each order that the network may have. */
    readonly layers: (order: FirewallOrder) => readonly FirewallLayer[];
    /** More than one when nothing says the order. */
    readonly orders: readonly FirewallOrder[];
}

/** What the resources say about the networks of their clusters; read once, never changed. */
export interface World {
    /** The networks that hold clusters; all networks where there is no cluster. */
    readonly networks: readonly NetworkWorld[];
    readonly sources: readonly Source[];
    readonly clusters: readonly Cluster[];
    readonly pools: readonly Pool[];
    /** All egress gateways as one; where a claim is judged for each, the one that it is about. */
    readonly gateway: EgressGateway;
    /** Each by itself. */
    readonly gateways: readonly EgressGateway[];
    /** The Kubernetes objects of the gateway's cluster. */
    readonly objects: readonly KubernetesObject[];
    /** Kubernetes objects of other clusters. */
    readonly elsewhere: readonly Resource[];
    /** What gateway nodes have to reach inside, and why. */
    readonly needed: readonly Need[];
    /** What else they have to reach, in words: the ranges are not known. */
    readonly unknownNeeds: readonly string[];
    readonly platform: PlatformFacts | undefined;
    /** Networks that hold other clusters than the one that a person named, and are not judged. */
    readonly leftOut: readonly Network[];
    /** Networks whose perimeter was told to enclose the cluster's nodes and nobody else. */
    readonly shared: readonly Network[];
    /** Gateways of other stacks in the network. */
    readonly neighbourGateways: readonly Neighbour[];
    /** Perimeters that a given stack joined, and whose owner's resources are not given. */
    readonly absentPerimeters: readonly AbsentPerimeter[];
    /** Resources that could matter and that nothing here reads, and ways out that are no public address. */
    readonly unmodelled: readonly { readonly resource: Resource; readonly reason: string }[];
    /** What stands beside the networks and could be made to call out. */
    readonly neighbours: readonly ServiceWay[];
    /** Where given resources contradict what the platform says. */
    readonly contradictions: readonly string[];
    /** Firewall policies that are attached to nothing. */
    readonly unattached: readonly Resource[];
    readonly resources: readonly Resource[];
}

/**
 * @param said what a person says of the gateway
 * @param neighbours gateways of other stacks in the network, whose ways out are judged with those stacks
 * @throws WorldError when the resources describe no world: an unreadable range, contradictory targets, two rules in one place
 */
export function readWorld(
    given: readonly Resource[],
    said: GatewaySaid = {},
    neighbours: readonly Neighbour[] = [],
): World {
    const absent = absentPerimeters(given);
    const resources = [...given, ...standIns(absent)];
    const problems: WorldProblem[] = [];
    if (resources.length === 0) {
        throw new WorldError([
            {
                resource: "the resources",
                path: "",
                reason: "there are none, expected those of a stack: of nothing, nothing can be said",
            },
        ]);
    }
    const directory = new Directory(resources);
    directory.refuseUnknownNames(problems, NETWORK, SUBNETWORK, CLUSTER, "gcp:compute/router:Router");
    const platform = platformOf(resources, problems);
    const networks = new Networks(directory, platform, problems, neighbours);
    const clusters = new Clusters(directory, networks, platform, problems);
    const nats = new Nats(directory, networks, problems);
    const firewalls = new Firewalls(directory, networks, problems);
    const inCluster = objectsOfCluster(resources, said.cluster);
    const candidates = poolsOf(clusters, said.cluster, problems);
    const found = readGateways(inCluster.resources, candidates, said, problems);
    const [gateway, ...gateways] = [found.gateway, ...found.gateways].map(each =>
        inCluster.ambiguous ? { ...each, reasons: [...each.reasons, SEVERAL_CLUSTERS] } : each,
    ) as [EgressGateway, ...EgressGateway[]];
    const reserved = reservedIdentity(gateway.identity, neighbours, networks);
    const machines = new Machines(directory, networks, reserved, problems);
    const routes = new Routes(directory, networks, problems);

    const holding =
        clusters.all.length === 0
            ? networks.all
            : networks.all.filter(network => clusters.all.some(cluster => cluster.network === network));
    const asked = said.cluster === undefined ? [] : targetsOf(clustersCalled(clusters, said.cluster));
    const inScope =
        asked.length === 0 ? holding : holding.filter(network => asked.some(cluster => cluster.network === network));
    const shared = networks.all.filter(network =>
        sharedNetworks(resources).some(reference => refersTo(reference, network.reference)),
    );
    const open = inScope.filter(network => !shared.includes(network));
    const sources = [
        ...clusters.pools
            .filter(({ cluster }) => inScope.includes(cluster.network))
            .flatMap(pool =>
                poolSources(
                    pool,
                    gateway.pools.find(found => found.pool === pool),
                    gateway.possible.includes(pool),
                ),
            ),
        ...applicationNodes(platform, clusters, machines, networks).filter(({ network }) => inScope.includes(network)),
        ...machines.given(open),
        ...machines.computeClasses(inScope),
        ...open.map(network => machines.anybody(network)),
    ];
    // A machine with an interface in another network can leave there as well.
    const concerned = [...new Set([...inScope, ...sources.map(({ network }) => network)])];
    const ways = waysOf(directory, new PlaceFinder(directory, networks), concerned);
    if (problems.length > 0) {
        throw new WorldError(deduplicated(problems));
    }
    return {
        networks: concerned.map(network => ({
            network,
            subnets: networks.subnetsOf(network),
            routes: routes.of(network),
            nats: nats.of(network),
            layers: order => firewalls.layersOf(network, order),
            orders:
                network.firewallOrder === undefined
                    ? ["BEFORE_CLASSIC_FIREWALL", "AFTER_CLASSIC_FIREWALL"]
                    : [network.firewallOrder],
        })),
        sources: unique(sources),
        clusters: clusters.all,
        pools: clusters.pools,
        gateway,
        gateways,
        objects: kubernetesObjects(inCluster.resources),
        elsewhere: inCluster.elsewhere,
        needed: neededRanges(
            neighbours.length === 0 ? clusters : clustersOf(clusters, gateway, platform),
            platform,
            networks,
        ),
        unknownNeeds: unknownNeeds(clusters),
        platform,
        leftOut: holding.filter(network => !inScope.includes(network)),
        shared: shared.filter(network => inScope.includes(network)),
        neighbourGateways: neighbours,
        absentPerimeters: absent,
        unmodelled: [
            ...resources.flatMap(resource => {
                const treatment = treatmentOf(resource);
                const reason =
                    treatment.kind === "unmodelled"
                        ? treatment.reason
                        : treatment.kind !== "harmless" && isReadUnseen(resource)
                          ? READ_UNSEEN
                          : undefined;
                return reason === undefined ? [] : [{ resource, reason }];
            }),
            ...ways.exits,
        ],
        neighbours: ways.neighbours,
        contradictions: contradictions(platform, networks),
        unattached: firewalls.unattachedPolicies(),
        resources,
    };
}

const SEVERAL_CLUSTERS = "the gateway runs in several clusters; say which one is meant with --cluster";

const READ_UNSEEN = "the stack reads it with .get(), and what it found there is not in what is given";

/** Without its outputs a resource that is only read looks as if it were empty. */
function isReadUnseen({ external, inputs }: Resource): boolean {
    return external === true && Object.keys(inputs).length === 0;
}

function clustersCalled({ all }: Pick<Clusters, "all">, asked: string) {
    return choose(all, ({ reference }) => agreementOf(parseReference(asked), reference));
}

/** The pools that may be the gateway's: those of the cluster that a person named, or all. */
function poolsOf({ all, pools }: Clusters, asked: string | undefined, problems: WorldProblem[]): readonly Pool[] {
    if (asked === undefined) {
        return pools;
    }
    const found = clustersCalled({ all }, asked);
    if (found.kind !== "one") {
        problems.push({
            resource: "--cluster",
            path: "",
            reason: `got ${asked}, ${found.kind === "none" ? "which no given cluster is called" : "which several clusters are called"}; expected one of ${all.map(({ name }) => name).join(", ") || "the given clusters, and there is none"}`,
        });
    }
    return pools.filter(({ cluster }) => targetsOf(found).includes(cluster));
}

/** The nodes that applications run on, as the platform describes them, until their own pools are given. */
function applicationNodes(
    platform: PlatformFacts | undefined,
    clusters: Clusters,
    machines: Machines,
    networks: Networks,
): Source[] {
    const cluster = clusters.platformCluster;
    if (platform === undefined || cluster === undefined || cluster.resource !== undefined) {
        return [];
    }
    const anybody = machines.anybody(cluster.network);
    const accounts = platform.cluster.nodeServiceAccounts;
    const identities =
        accounts.length === 0
            ? [{ suffix: "", account: anybody.identity.account }]
            : accounts.map(address => ({
                  suffix: ` as ${address}`,
                  account: { kind: "named" as const, address: address.toLowerCase() },
              }));
    return identities.flatMap(({ suffix, account }): Source[] => {
        const path = `${cluster.name}/applications${suffix}`;
        const node: Source = {
            ...anybody,
            id: `node:${path}`,
            name: `application nodes of cluster ${cluster.name}${suffix}`,
            kind: "node",
            resource: platform.resource,
            identity: { ...anybody.identity, account },
            subnets: platform.cluster.nodes.map(range => networks.subnetOfRange(range, cluster.network)),
            chosenBy: "gke",
            range: nodeRange(undefined, false),
            // The platform does not say: IPv6 is what their subnet has, where that is given.
            dualStack: undefined,
            doubts: accounts.length === 0 ? ["nothing shows as whom they run"] : [],
        };
        return [node, ...podSources(node, path, undefined, cluster.snat)];
    });
}

/** Where others share the network, what the gateway needs is in its own cluster. */
function clustersOf(
    { all, pools }: Clusters,
    { pools: own }: EgressGateway,
    platform: PlatformFacts | undefined,
): Pick<Clusters, "all" | "pools"> {
    const isOwn = (cluster: Cluster) =>
        own.some(({ pool }) => pool.cluster === cluster) ||
        (platform !== undefined && refersTo(platform.cluster.reference, cluster.reference));
    return { all: all.filter(isOwn), pools: pools.filter(({ cluster }) => isOwn(cluster)) };
}

function contradictions(platform: PlatformFacts | undefined, networks: Networks): string[] {
    if (platform === undefined) {
        return [];
    }
    const network = networks.of(platform.network);
    const order =
        network.resource !== undefined &&
        network.firewallOrder !== undefined &&
        network.firewallOrder !== platform.firewallOrder
            ? [
                  `the platform says that network ${network.name} evaluates ${platform.firewallOrder}, and the network's own resource says ${network.firewallOrder}`,
              ]
            : [];
    const ranges = platform.subnets.flatMap(subnet => {
        const given = networks.subnets.find(
            ({ reference, resource }) => resource !== undefined && refersTo(subnet.reference, reference),
        );
        const [said, shown] = [subnet.primary, given?.primary];
        return said === undefined || shown === undefined || (said.first === shown.first && said.last === shown.last)
            ? []
            : [
                  `the platform says that subnet ${subnet.name} has ${toCidrs(said).join(", ")}, and the subnet's own resource says ${toCidrs(shown).join(", ")}`,
              ];
    });
    return [...order, ...ranges];
}

/** Two sources with one id cannot be told apart by a person either; the later ones get a number. */
function unique(sources: readonly Source[]): Source[] {
    const seen = new Map<string, number>();
    return sources.map(source => {
        const count = (seen.get(source.id) ?? 0) + 1;
        seen.set(source.id, count);
        return count === 1 ? source : { ...source, id: `${source.id}#${count}` };
    });
}

function deduplicated(problems: readonly WorldProblem[]): WorldProblem[] {
    const seen = new Set<string>();
    return problems.filter(({ resource, path, reason }) => {
        const key = `${resource} ${path} ${reason}`;
        return seen.has(key) ? false : seen.add(key);
    });
}

import { GATEWAY_NODE_KEY } from "../../base/conventions";
import { registeredAs } from "../../declared/component";
import { GATEWAY, GATEWAY_NAMESPACE } from "../../declared/gateway";
import { MESH } from "../../declared/mesh";
import { GATEWAY_NODE_POOL } from "../../declared/nodePool";
import { type KubernetesObject, kubernetesObjects } from "../kubernetes";
import { type Resource, UNKNOWN } from "../resource";
import { type DeclaredPorts, declaredPorts } from "./declaredPorts";
import { type GatewayWorkload, gatewayWorkloads, podSpecOf, workloadsIn } from "./gatewayWorkloads";
import { type WorldProblem } from "./inputs";
import { asksForNodes, mayRunOn, selectsNodes } from "./placement";
import { type Pool } from "./pools";
import { gatewayIdentity } from "./poolSources";
import { type GatewayIdentity } from "./source";

/** What a person says of the gateway, for stacks that register none of it. */
export interface GatewaySaid {
    /** Names of its pools: `pool` or `cluster/pool`. */
    readonly pools?: readonly string[];
    readonly namespace?: string;
    /** Its cluster, where several are given: a name, or `projects/…/locations/…/clusters/…`. */
    readonly cluster?: string;
}

/** A pool that the egress gateway runs on. */
export interface GatewayPool {
    readonly pool: Pool;
    /** Why it is taken for the gateway's. */
    readonly because: string;
    /** Why the nodes are not the gateway's alone; absent when they are. Only reserved nodes may leave the network. */
    readonly shared?: string;
}

/** An egress gateway, found once; every claim is about the same. */
export interface EgressGateway {
    /** Absent where there is one gateway. */
    readonly name?: string;
    readonly pools: readonly GatewayPool[];
    /** Pools that may be its own or not: their labels or taints, or where the gateway runs, are not known before `up`. */
    readonly possible: readonly Pool[];
    /** Further pools whose nodes the firewall, the routes or the scheduler cannot tell from the gateway's. */
    readonly alike: readonly GatewayPool[];
    readonly namespace: { readonly name: string; readonly because: string } | undefined;
    /** The workloads of its namespace. */
    readonly workloads: readonly KubernetesObject[];
    readonly identity: GatewayIdentity;
    /** Which pools are its own, or as whom they run, where and with what tags, is not known in full. */
    readonly inDoubt: boolean;
    readonly declared: DeclaredPorts | undefined;
    /** What keeps it from being told, in words. */
    readonly reasons: readonly string[];
}

/** Taints that GKE and Kubernetes set themselves, and that any workload may tolerate for reasons of its own. */
const WELL_KNOWN_TAINT = /(^|\.)(gke\.io|google\.com|k8s\.io|kubernetes\.io|nvidia\.com)\//;

/**
 * Finds the gateway by who makes it: what a person said comes first, then what components of this program registered, then marks and
 * labels. No firewall rule is asked: a rule that lets a pool out does not make it the gateway's.
 *
 * @param resources with the objects of the gateway's cluster only
 * @param own without what is known to be another gateway's
 */
export function readGateway(
    resources: readonly Resource[],
    pools: readonly Pool[],
    said: GatewaySaid,
    problems: WorldProblem[],
    own: { readonly resources: readonly Resource[]; readonly pools: readonly Pool[] } = { resources, pools },
): EgressGateway {
    const objects = kubernetesObjects(resources);
    const found = gatewayWorkloads(own.resources);
    const { namespace, reasons } = namespaceOf(own.resources, objects, found, said, problems);
    // Proxies of several namespaces carry the labels, and whose are the gateway's is not said.
    const there = found.filter(({ object }) => namespace === undefined || object.namespace === namespace.name);
    const doubtful = there.filter(({ inDoubt }) => inDoubt || namespace === undefined);
    const certain = there.filter(workload => !doubtful.includes(workload)).map(({ object }) => object);
    const chosen = chosenPools(own.resources, own.pools, certain, said, problems);
    const reserved = chosen
        .map(found => ({ ...found, ...sharedBecause(found.pool) }))
        .filter(({ pool, shared }) => shared === undefined || !pool.marksNotKnown);
    const marked = chosen.length > 0 && chosen.every(({ by }) => by !== "workload");
    const possible = own.pools.filter(
        pool =>
            reserved.every(each => each.pool !== pool) &&
            (pool.marksNotKnown ||
                (!marked && doubtful.some(({ object, inDoubt }) => inDoubt || mayRunOn(podSpecOf(object), pool)))),
    );
    const workloads = workloadsIn(objects, namespace?.name);
    return {
        pools: reserved.map(({ pool, because, shared }) => ({
            pool,
            because,
            ...(shared === undefined ? {} : { shared }),
        })),
        possible,
        alike: alike(own.resources, pools, reserved, workloads),
        namespace,
        workloads,
        identity: gatewayIdentity(reserved, pools, resources),
        inDoubt:
            possible.length > 0 || reserved.some(({ pool }) => pool.account.kind === "any" || pool.doubts.length > 0),
        declared: declaredPorts(objects, doubtful.length > 0 ? undefined : namespace?.name, found.length > 0),
        reasons,
    };
}

interface Chosen {
    readonly pool: Pool;
    readonly because: string;
    readonly by: "person" | "component" | "mark" | "workload";
}

function chosenPools(
    resources: readonly Resource[],
    pools: readonly Pool[],
    workloads: readonly KubernetesObject[],
    said: GatewaySaid,
    problems: WorldProblem[],
): Chosen[] {
    const components = new Map(registeredAs(GATEWAY_NODE_POOL, resources).map(({ urn, resource }) => [urn, resource]));
    const parents = new Map(resources.map(({ urn, parent }) => [urn, parent]));
    const makerOf = ({ resource }: Pool): Resource | undefined =>
        resource === undefined ? undefined : components.get(parents.get(resource) ?? "");
    const ways: readonly (() => Chosen[])[] = [
        () => saidPools(pools, said.pools ?? [], problems),
        () =>
            pools.flatMap(pool => {
                const maker = makerOf(pool);
                return maker === undefined
                    ? []
                    : [
                          {
                              pool,
                              because: `component ${maker.name} made it as the node pool of the gateway`,
                              by: "component",
                          },
                      ];
            }),
        () =>
            pools.filter(isMarked).map(pool => ({
                pool,
                because: `it carries the label or taint ${GATEWAY_NODE_KEY}`,
                by: "mark",
            })),
        () =>
            pools.flatMap(pool => {
                const workload = workloads.find(each => mayRunOn(podSpecOf(each), pool));
                return workload === undefined
                    ? []
                    : [
                          {
                              pool,
                              because: `workload ${workload.namespace}/${workload.name}, a proxy with an egress gateway's labels, runs on it`,
                              by: "workload",
                          },
                      ];
            }),
    ];
    return ways.map(find => find()).find(list => list.length > 0) ?? [];
}

function saidPools(pools: readonly Pool[], said: readonly string[], problems: WorldProblem[]): Chosen[] {
    return said.flatMap(name => {
        const found = pools.filter(pool => [pool.name, pathOf(pool)].includes(name));
        if (found.length !== 1) {
            problems.push({
                resource: "--gateway-pool",
                path: "",
                reason: `got ${name}, ${found.length === 0 ? "which no given pool is called" : "which several pools are called"}; expected one of ${pools.map(pathOf).join(", ") || "the given pools, and there is none"}`,
            });
        }
        return found.map(pool => ({ pool, because: "--gateway-pool names it", by: "person" as const }));
    });
}

export function pathOf({ cluster, name }: Pool): string {
    return `${cluster.name}/${name}`;
}

function isMarked({ labels, taints }: Pool): boolean {
    return labels.has(GATEWAY_NODE_KEY) || taints.some(({ key }) => key === GATEWAY_NODE_KEY);
}

function sharedBecause({ taints }: Pool): { readonly shared?: string } {
    const keeping = taints.filter(({ effect }) => effect !== "PreferNoSchedule");
    if (keeping.some(({ key }) => !WELL_KNOWN_TAINT.test(key))) {
        return {};
    }
    return {
        shared:
            keeping.length === 0
                ? "no taint keeps other pods off them"
                : `their only taint, ${keeping[0]!.key}, is one that others tolerate too`,
    };
}

/** Pools that are not the gateway's, and whose nodes have something of it. */
function alike(
    resources: readonly Resource[],
    pools: readonly Pool[],
    chosen: readonly Chosen[],
    workloads: readonly KubernetesObject[],
): GatewayPool[] {
    const registered = registeredAs(GATEWAY_NODE_POOL, resources).map(component =>
        component.readAll("nodeAccount", "retiringNodeAccount", "networkTag"),
    );
    const known = registered.flatMap(fact => (fact.known ? [fact.value] : []));
    const accounts = new Set([
        ...chosen.flatMap(({ pool }) => accountOf(pool)),
        ...known.flatMap(({ nodeAccount, retiringNodeAccount }) => [
            nodeAccount,
            ...(retiringNodeAccount === undefined ? [] : [retiringNodeAccount]),
        ]),
    ]);
    const tags = new Set([...chosen.flatMap(({ pool }) => pool.tags), ...known.map(each => each.networkTag)]);
    return pools.flatMap((pool): GatewayPool[] => {
        if (chosen.some(each => each.pool === pool)) {
            return [];
        }
        const [account] = accountOf(pool);
        const tag = pool.tags.find(each => tags.has(each));
        const because = workloads.some(
            workload => asksForNodes(podSpecOf(workload)) && selectsNodes(podSpecOf(workload), pool),
        )
            ? "the gateway's workload selects its nodes"
            : account !== undefined && accounts.has(account)
              ? `its nodes run as the gateway's service account ${account}`
              : tag !== undefined
                ? `its nodes carry the gateway's network tag ${tag}`
                : undefined;
        return because === undefined ? [] : [{ pool, because }];
    });
}

function accountOf({ account }: Pool): string[] {
    return account.kind === "named" ? [account.address] : [];
}

function namespaceOf(
    resources: readonly Resource[],
    objects: readonly KubernetesObject[],
    workloads: readonly GatewayWorkload[],
    said: GatewaySaid,
    problems: WorldProblem[],
): Pick<EgressGateway, "namespace" | "reasons"> {
    const facts = [
        ...registeredAs(GATEWAY_NAMESPACE, resources).map(each => ({
            by: each.resource.name,
            fact: each.read("namespace"),
        })),
        ...registeredAs(GATEWAY, resources).map(each => ({ by: each.resource.name, fact: each.read("namespace") })),
        ...registeredAs(MESH, resources).map(each => ({ by: each.resource.name, fact: each.read("gatewayNamespace") })),
    ];
    const reasons = facts.flatMap(({ fact }) => (fact.known ? [] : fact.reasons));
    const registered = new Map(facts.flatMap(({ fact, by }) => (fact.known ? [[fact.value, by] as const] : [])));
    const names = [...registered.keys()];
    if (said.namespace !== undefined) {
        const wrong =
            names.length > 0 && !names.includes(said.namespace)
                ? `the stack registers ${names.join(", ")}`
                : objects.length > 0 && objects.every(({ namespace }) => namespace !== said.namespace)
                  ? "no given object stands in it"
                  : undefined;
        if (wrong !== undefined) {
            problems.push({ resource: "--gateway-namespace", path: "", reason: `got ${said.namespace}, and ${wrong}` });
        }
        return { namespace: { name: said.namespace, because: "--gateway-namespace names it" }, reasons };
    }
    if (names.length > 0) {
        const [name] = names;
        return names.length === 1
            ? { namespace: { name: name!, because: `component ${registered.get(name!)!} registers it` }, reasons }
            : {
                  namespace: undefined,
                  reasons: [
                      ...reasons,
                      `components register several namespaces of the gateway: ${[...registered].map(([each, by]) => `${each} (component ${by})`).join(", ")}; give one stack at a time, or say --gateway-namespace`,
                  ],
              };
    }
    const places = [...new Set(workloads.map(({ object }) => object.namespace))];
    return places.length === 1 && places[0] !== UNKNOWN
        ? {
              namespace: { name: places[0]!, because: "its proxies carry an egress gateway's labels" },
              reasons,
          }
        : {
              namespace: undefined,
              reasons:
                  places.length < 2
                      ? reasons
                      : [
                            ...reasons,
                            `proxies with an egress gateway's labels stand in several namespaces: ${places.join(", ")}; say which is the gateway's with --gateway-namespace`,
                        ],
          };
}

import {
    fields,
    fieldsList,
    type KubernetesObject,
    kubernetesObjects,
    list,
    stringMap,
    text,
    unknownPaths,
} from "../kubernetes";
import { type Resource, UNKNOWN } from "../resource";
import { GATEWAY_NODE_KEY } from "../../settings/conventions";
import { type Pool } from "./pools";

/** A pool that the egress gateway runs on. */
export interface GatewayPool {
    readonly pool: Pool;
    /** Why the nodes are not the gateway's alone; absent when they are. Only reserved nodes may leave the network. */
    readonly shared?: string;
}

/** How egress gateways are labelled: Istio's charts, Google's tutorial and this project. */
const GATEWAY_LABELS: readonly (readonly [string, string])[] = [
    ["istio", "egressgateway"],
    ["app", "istio-egressgateway"],
];

/** Taints that GKE and Kubernetes set themselves, and that any workload may tolerate for reasons of its own. */
const WELL_KNOWN_TAINT = /(^|\.)(gke\.io|google\.com|k8s\.io|kubernetes\.io|nvidia\.com)\//;

interface GatewayWorkload {
    readonly urn: string;
    readonly namespace: string;
    readonly podSpec: Readonly<Record<string, unknown>>;
    /** Where it runs, or whether it is a gateway at all, is not known before `up`. */
    readonly inDoubt: boolean;
}

/** The gateway's workloads: pod templates that carry an egress gateway's labels. */
function gatewayWorkloads(resources: readonly Resource[]): GatewayWorkload[] {
    return kubernetesObjects(resources)
        .filter(({ kind }) => kind === "Deployment" || kind === "DaemonSet" || kind === "StatefulSet")
        .flatMap(({ urn, namespace, spec, object }): GatewayWorkload[] => {
            const template = fields(spec["template"]);
            const labels = stringMap(fields(template["metadata"])["labels"]);
            const podSpec = fields(template["spec"]);
            const veiled = [
                object["spec"],
                spec["template"],
                template["metadata"],
                fields(template["metadata"])["labels"],
            ];
            const inDoubt = veiled.includes(UNKNOWN) || GATEWAY_LABELS.some(([key]) => labels[key] === UNKNOWN);
            const placement = [podSpec["nodeSelector"], podSpec["affinity"], podSpec["tolerations"], template["spec"]];
            return inDoubt || GATEWAY_LABELS.some(([key, value]) => labels[key] === value)
                ? [{ urn, namespace, podSpec, inDoubt: inDoubt || unknownPaths(placement).length > 0 }]
                : [];
        });
}

/**
 * The pools that the gateway runs on: those that carry this project's node label or taint, or else those that the gateway's own
 * workload selects and tolerates. No firewall rule is asked: a rule that lets a pool out does not make it the gateway's.
 */
export function gatewayPools(resources: readonly Resource[], pools: readonly Pool[]): GatewayPool[] {
    return chosenPools(resources, pools)
        .map(pool => ({ pool, shared: sharedBecause(pool) }))
        .filter(({ pool, shared }) => shared === undefined || !pool.marksNotKnown)
        .map(({ pool, shared }) => ({ pool, ...(shared === undefined ? {} : { shared }) }));
}

/** The pools that may be the gateway's or not: their labels or taints, or where the gateway runs, are not known before `up`. */
export function possibleGatewayPools(resources: readonly Resource[], pools: readonly Pool[]): readonly Pool[] {
    const certain = gatewayPools(resources, pools).map(({ pool }) => pool);
    const anywhere = markedPools(pools).length === 0 && gatewayWorkloads(resources).some(({ inDoubt }) => inDoubt);
    return pools.filter(pool => !certain.includes(pool) && (anywhere || pool.marksNotKnown));
}

function chosenPools(resources: readonly Resource[], pools: readonly Pool[]): readonly Pool[] {
    const marked = markedPools(pools);
    const workloads = gatewayWorkloads(resources).filter(({ inDoubt }) => !inDoubt);
    return marked.length > 0 ? marked : pools.filter(pool => workloads.some(({ podSpec }) => mayRunOn(podSpec, pool)));
}

function markedPools(pools: readonly Pool[]): readonly Pool[] {
    return pools.filter(
        ({ labels, taints }) => labels.has(GATEWAY_NODE_KEY) || taints.some(({ key }) => key === GATEWAY_NODE_KEY),
    );
}

function sharedBecause({ taints }: Pool): string | undefined {
    const keeping = taints.filter(({ effect }) => effect === "NO_EXECUTE" || effect === "NO_SCHEDULE");
    if (keeping.some(({ key }) => !WELL_KNOWN_TAINT.test(key))) {
        return undefined;
    }
    return keeping.length === 0
        ? "no taint keeps other pods off them"
        : `their only taint, ${keeping[0]!.key}, is one that others tolerate too`;
}

/** Whether the scheduler may place such a pod on the pool's nodes: node selector, required node affinity and taints. */
function mayRunOn(podSpec: Readonly<Record<string, unknown>>, pool: Pool): boolean {
    const labels = new Map([...pool.labels, ["cloud.google.com/gke-nodepool", pool.name]]);
    const selected = Object.entries(stringMap(podSpec["nodeSelector"])).every(
        ([key, value]) => labels.get(key) === value,
    );
    const affinity = fields(
        fields(fields(podSpec["affinity"])["nodeAffinity"])["requiredDuringSchedulingIgnoredDuringExecution"],
    );
    const terms = fieldsList(affinity["nodeSelectorTerms"]);
    const matching =
        terms.length === 0 ||
        terms.some(term => fieldsList(term["matchExpressions"]).every(expression => matches(expression, labels)));
    const tolerations = fieldsList(podSpec["tolerations"]);
    const tolerated = pool.taints
        .filter(({ effect }) => effect !== "PREFER_NO_SCHEDULE")
        .every(({ key, value, effect }) =>
            tolerations.some(toleration => {
                const wanted = text(toleration["key"]);
                const exists = toleration["operator"] === "Exists";
                const sameEffect =
                    text(toleration["effect"]) === undefined || spelled(String(toleration["effect"])) === effect;
                return (
                    sameEffect &&
                    (wanted === undefined
                        ? exists
                        : wanted === key && (exists || (text(toleration["value"]) ?? "") === value))
                );
            }),
        );
    return selected && matching && tolerated;
}

/** `NoExecute` of Kubernetes is `NO_EXECUTE` of Google. */
function spelled(effect: string): string {
    return effect.replace(/([a-z])([A-Z])/g, "$1_$2").toUpperCase();
}

function matches(expression: Readonly<Record<string, unknown>>, labels: ReadonlyMap<string, string>): boolean {
    const value = labels.get(String(expression["key"]));
    const values = list(expression["values"]).map(String);
    switch (expression["operator"]) {
        case "In":
            return value !== undefined && values.includes(value);
        case "NotIn":
            return value === undefined || !values.includes(value);
        case "Exists":
            return value !== undefined;
        case "DoesNotExist":
            return value === undefined;
        default:
            // Gt and Lt compare numbers, which no pool label of a gateway is; taking them as met finds more pools, not fewer.
            return true;
    }
}

/** The TCP ports of the destinations that the mesh declares as external. */
export interface DeclaredPorts {
    readonly ports: ReadonlySet<number>;
    readonly resources: readonly string[];
    /** More may be declared than is known before `up`. */
    readonly inDoubt: boolean;
}

/**
 * Reads the declared ports where the gateway reads them: in its own namespace, or anywhere while no workload shows it. `undefined`:
 * nothing declares any.
 */
export function declaredPorts(resources: readonly Resource[]): DeclaredPorts | undefined {
    const workloads = gatewayWorkloads(resources);
    const namespaces = new Set(workloads.map(({ namespace }) => namespace));
    const anywhere = namespaces.size === 0 || workloads.some(({ inDoubt }) => inDoubt) || namespaces.has(UNKNOWN);
    const entries = kubernetesObjects(resources).filter(
        ({ group, kind, spec }) =>
            group === "networking.istio.io" && kind === "ServiceEntry" && spec["location"] !== "MESH_INTERNAL",
    );
    const veiled = entries.filter(
        ({ namespace, object, spec }) =>
            [namespace, object["metadata"], object["spec"], spec["location"]].includes(UNKNOWN) ||
            unknownPaths([spec["ports"], spec["endpoints"]]).length > 0,
    );
    const counting = entries.filter(({ namespace }) => anywhere || namespaces.has(namespace));
    const inDoubt = veiled.length > 0 || (anywhere && namespaces.size > 0);
    return counting.length === 0 && !inDoubt
        ? undefined
        : { ports: new Set(counting.flatMap(portsOf)), resources: counting.map(({ urn }) => urn), inDoubt };
}

function portsOf({ spec }: KubernetesObject): number[] {
    const own = fieldsList(spec["ports"]).flatMap(port => [port["number"], port["targetPort"]]);
    const overridden = fieldsList(spec["endpoints"]).flatMap(endpoint => Object.values(fields(endpoint["ports"])));
    return [...own, ...overridden].filter(port => typeof port === "number");
}

import { type Fields, type KubernetesObject, fields, hasUnknown, list } from "../kubernetes";
import { UNKNOWN } from "../resource";
import { type Hop, type Witness } from "../verdict";
import { calledIn, isMadeByController } from "../world/controlled";
import { gatewayWorkloads } from "../world/gatewayWorkloads";
import { selectsNodes } from "../world/placement";
import { type World } from "../world/world";
import { isSystemNamespace } from "./namespaces";
import { type GatewayNodes, type TaintedPool } from "./nodePools";
import { changesOfProxy } from "./ownPods";
import { podRootOf } from "./podWays";
import { repellingTaint } from "./taints";

/** What the given resources themselves put on gateway nodes. */
export interface Registered {
    readonly witnesses: readonly Witness[];
    /** Why it is not known whether something of them runs there. */
    readonly reasons: readonly string[];
    /** What runs there for the system, which is a residual risk. */
    readonly ofSystem: readonly string[];
}

const REMEDY =
    "take the toleration out of it, or take it out of the stack; the guard refuses it only once the guard is there";
const OWN_REMEDY = "leave the gateway's pods to the injector: one container istio-proxy with image auto";

/**
 * Workloads among the resources that come to run on gateway nodes and are not the gateway, and what the gateway's own pods have that
 * the injector would not give them. The guard is not asked: what exists before it stays, and what it refuses fails the deployment.
 */
export function registeredThere(
    { objects, resources }: World,
    nodes: GatewayNodes,
    roots: readonly string[],
): Registered {
    const own = new Set(
        gatewayWorkloads(resources)
            .map(({ object }) => object)
            .filter(({ namespace }) => nodes.gatewayNamespace === undefined || namespace === nodes.gatewayNamespace)
            .map(({ urn }) => urn),
    );
    const names = new Set(objects.filter(({ urn }) => own.has(urn)).map(calledIn));
    const witnesses: Witness[] = [];
    const reasons: string[] = [];
    const ofSystem: string[] = [];
    for (const object of objects) {
        if (own.has(object.urn)) {
            const { found, unknown } = changesOfProxy(podOf(object)!, resources);
            found.forEach(what =>
                witnesses.push(witnessOf(object, `${what} of the gateway's own pods`, nodes.pools[0]!, OWN_REMEDY)),
            );
            reasons.push(...unknown.map(what => `${object.urn}: ${what}`));
        } else if (names.has(calledIn(object)) && podOf(object) !== undefined) {
            reasons.push(`${object.urn} changes the gateway's own workload, and what its pods become is not judged`);
        } else if (object.namespace === nodes.gatewayNamespace && isMadeByController(object, names)) {
            continue;
        } else {
            const found = nodes.pools.map(pool => foreign(object, pool, objects));
            if (isSystemNamespace(object.namespace, roots)) {
                const runs = found.some(({ witness, reason }) => witness !== undefined || reason !== undefined);
                ofSystem.push(...(runs ? [object.urn] : []));
                continue;
            }
            for (const { witness, reason } of found) {
                witnesses.push(...(witness === undefined ? [] : [witness]));
                reasons.push(...(reason === undefined ? [] : [reason]));
            }
        }
    }
    return { witnesses, reasons, ofSystem };
}

/** The object's pod or pod template; undefined for kinds that have none. */
function podOf({ kind, object }: KubernetesObject): unknown {
    const root = podRootOf(kind.replace(/Patch$/, ""));
    if (root === undefined) {
        return undefined;
    }
    let at: unknown = object;
    for (const key of root) {
        at = at === UNKNOWN ? at : fields(at)[key];
    }
    return at ?? {};
}

type Fit = "runs" | "cannot" | "unknown";

function foreign(
    object: KubernetesObject,
    pool: TaintedPool,
    objects: readonly KubernetesObject[],
): { readonly witness?: Witness; readonly reason?: string } {
    const pod = podOf(object);
    const what = `the pod of ${object.kind} ${object.namespace}/${object.name}`;
    if (pod !== undefined) {
        const fit = fitOf(pod === UNKNOWN ? UNKNOWN : fields(pod).spec, pool, objects);
        return fit === "runs"
            ? { witness: witnessOf(object, what, pool, REMEDY) }
            : fit === "unknown"
              ? { reason: `${object.urn}: whether ${what} comes to run on pool ${pool.name} is not known before up` }
              : {};
    }
    // Of a kind that is not built in, a controller may make pods; they say what they tolerate in the words of a pod.
    const tolerating =
        pool.taints.length > 0 && withTolerations(object.object).some(spec => fitOf(spec, pool, objects) !== "cannot");
    return tolerating
        ? {
              reason: `${object.urn} tolerates the taint of pool ${pool.name}, and what its controller makes of it is not judged`,
          }
        : {};
}

function fitOf(spec: unknown, pool: TaintedPool, objects: readonly KubernetesObject[]): Fit {
    if (spec === UNKNOWN) {
        return "unknown";
    }
    const { nodeSelector, affinity, runtimeClassName } = fields(spec);
    const added = ofRuntimeClass(runtimeClassName, objects);
    const tolerations =
        fields(spec).tolerations === UNKNOWN ? UNKNOWN : [...list(fields(spec).tolerations), ...(added ?? [])];
    const repelled = repellingTaint(pool.taints, { ...fields(spec), tolerations }) !== undefined;
    if (repelled && !hasUnknown([tolerations, fields(spec).nodeName]) && added !== undefined) {
        return "cannot";
    }
    const selecting = !hasUnknown([nodeSelector, affinity]);
    if (selecting && !selectsNodes(fields(spec), { name: pool.name, labels: new Map(Object.entries(pool.labels)) })) {
        return "cannot";
    }
    return repelled || !selecting ? "unknown" : "runs";
}

/** GKE's own, which tolerates the taint of its sandbox nodes alone (GKE documentation, "GKE Sandbox"). */
const HARMLESS_CLASSES = new Set(["gvisor"]);

/** What the API server adds to a pod that names a RuntimeClass; undefined where that is not shown. */
function ofRuntimeClass(name: unknown, objects: readonly KubernetesObject[]): readonly unknown[] | undefined {
    if (name === undefined || HARMLESS_CLASSES.has(String(name))) {
        return [];
    }
    const known = objects.find(object => object.kind === "RuntimeClass" && object.name === name);
    const tolerations = fields(known?.object.scheduling).tolerations;
    return known === undefined || hasUnknown(known.object.scheduling) ? undefined : list(tolerations);
}

/** Everything in it that says what it tolerates. */
function withTolerations(value: unknown, found: Fields[] = []): readonly Fields[] {
    if (typeof value === "object" && value !== null) {
        const { tolerations } = value as Fields;
        if (Array.isArray(tolerations) || tolerations === UNKNOWN) {
            found.push(fields(value));
        }
        for (const key in value) {
            withTolerations((value as Fields)[key], found);
        }
    }
    return found;
}

function witnessOf({ urn }: KubernetesObject, source: string, pool: TaintedPool, remedy: string): Witness {
    const hops: Hop[] = [
        { at: "resources", decision: "is registered by these resources", resource: urn, decides: true },
        {
            at: "node pool",
            decision: `runs on pool ${pool.name} and has its identity: ${pool.because}`,
            resource: pool.urn,
        },
    ];
    return { source, hops, remedy };
}

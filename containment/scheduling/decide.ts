import { shortUrn } from "../../base/resource";
import { type KubernetesObject, fields } from "../kubernetes";
import { type Hop, type Result, type Witness } from "../verdict";
import { type Administrators } from "./administrators";
import { type AdmissionControl } from "./admission";
import { waysIntoTheGateway } from "./gatewayWays";
import { type GatewayNodes, type TaintedPool } from "./nodePools";
import { changeableParameters } from "./parameterChanges";
import { type PodWay } from "./podWays";
import { type Registered } from "./registered";
import { type SearchOutcome } from "./search";
import { Searches } from "./searches";
import { repellingTaint } from "./taints";
import { type Trust } from "./trust";
import { createdNamespace, waysFrom } from "./ways";

/** Witnesses beyond this number add nothing. */
const WITNESSES = 8;

/** Namespaces that every cluster has from the start, so that nobody can create them. */
const ALWAYS_THERE = new Set(["default", "kube-system", "kube-public", "kube-node-lease"]);

interface Scheduling {
    readonly result: Result;
    readonly witnesses: readonly Witness[];
    readonly reasons: readonly string[];
}

export interface Given {
    readonly nodes: GatewayNodes;
    readonly control: AdmissionControl;
    readonly trust: Trust;
    /** One namespace of each class. */
    readonly tenants: readonly string[];
    /** Namespaces that the guard leaves to the system. */
    readonly system: readonly string[];
    /** Names with a part that the guard asks for, and that the system might have. */
    readonly likeSystem: readonly string[];
    /** Where istiod runs. */
    readonly rootNamespaces: readonly string[];
    /** Why the registered mesh cannot be read. */
    readonly notRead: readonly string[];
    /** What the resources put there themselves. */
    readonly registered: Registered;
    readonly administrators: Administrators;
}

interface Try {
    readonly pool: TaintedPool;
    readonly way: PodWay;
    readonly namespace?: string;
}

/** Every way onto every gateway pool. */
function triesOf({ nodes, control, tenants, system, likeSystem, rootNamespaces }: Given): readonly Try[] {
    const created = [...system, ...likeSystem].filter(
        name => !ALWAYS_THERE.has(name) && !rootNamespaces.includes(name) && !control.exists(name),
    );
    return nodes.pools.flatMap(pool => [
        ...tenants.flatMap(namespace => waysFrom(namespace, pool).map(way => ({ pool, way, namespace }))),
        ...created.map(namespace => ({ pool, way: createdNamespace(namespace, pool), namespace })),
        ...waysIntoTheGateway(pool, nodes, tenants).map(way => ({ pool, way })),
    ]);
}

/** @param enough number of witnesses after which the search may stop; default: all are looked for */
export function decideScheduling(given: Given, tries: readonly Try[] = triesOf(given), enough = Infinity): Scheduling {
    const { nodes, control, trust, notRead, registered, administrators, rootNamespaces } = given;
    const witnesses = new Map(registered.witnesses.map((witness, index) => [`registered ${index}`, witness]));
    const reasons = new Set([
        ...nodes.reasons,
        ...notRead,
        ...registered.reasons,
        ...administrators.reasons,
        ...patchedNodes(control.objects),
        ...changeableParameters(control, trust, rootNamespaces),
    ]);
    const searches = new Searches(control, trust);
    for (const one of tries) {
        if (witnesses.size >= enough) {
            break;
        }
        const { pool, way } = one;
        const known = `${pool.urn} ${way.id}`;
        if (witnesses.has(known)) {
            continue;
        }
        const outcome = attempt(way, pool, searches);
        if (outcome.kind === "unknown") {
            outcome.reasons.forEach(reason => reasons.add(reason));
        } else if (outcome.kind === "open") {
            witnesses.set(known, witnessOf(one, outcome.hops, control));
        }
    }
    const all = [...witnesses.values()];
    const more =
        all.length > WITNESSES ? [`${all.length - WITNESSES} more ways onto gateway nodes are not listed`] : [];
    return {
        result: all.length > 0 ? "violated" : reasons.size > 0 ? "unknown" : "holds",
        witnesses: all.slice(0, WITNESSES),
        reasons: [...reasons, ...more],
    };
}

/** Taints first, since they need no guess; then every request of the way has to be admitted. */
function attempt(way: PodWay, pool: TaintedPool, searches: Searches): SearchOutcome {
    const hops: Hop[] = [];
    if (way.requests.length === 0) {
        return { kind: "closed" };
    }
    if (way.podSpec !== undefined) {
        if (repellingTaint(pool.taints, way.podSpec) !== undefined) {
            return { kind: "closed" };
        }
        const tainted = pool.taints.some(({ effect }) => effect === "NoExecute");
        hops.push({
            at: "taint",
            decision: taintInWords(pool, way),
            resource: pool.urn,
            ...(tainted ? {} : { decides: true }),
        });
    }
    const outcome = searches.outcomeOf(way);
    return outcome.kind === "open" ? { ...outcome, hops: [...hops, ...outcome.hops] } : outcome;
}

function taintInWords(pool: TaintedPool, way: PodWay): string {
    if (pool.taints.length === 0) {
        return `pool ${pool.name} has no taint`;
    }
    const taints = pool.taints.map(({ key, effect }) => `${key}:${effect}`).join(", ");
    return way.podSpec?.nodeName !== undefined && pool.taints.every(({ effect }) => effect !== "NoExecute")
        ? `${taints} is asked for by the scheduler alone, which a pod with a node name never meets`
        : pool.taints.every(({ effect }) => effect === "PreferNoSchedule")
          ? `${taints} is a preference and keeps nothing off`
          : `the pod tolerates ${taints}`;
}

function witnessOf({ way, pool, namespace }: Try, hops: readonly Hop[], control: AdmissionControl): Witness {
    const refuse = `${unbound(control)}${way.remedy}`;
    const tolerations =
        way.podSpec?.tolerations === undefined ? "" : ` (tolerations: ${JSON.stringify(way.podSpec.tolerations)})`;
    const node = way.podSpec?.nodeName === undefined ? "" : " (nodeName set)";
    return {
        source: `${way.words}${tolerations}${node}${namespace === undefined ? "" : `, in namespace ${namespace}`}`,
        hops: [
            ...hops,
            {
                at: "node pool",
                decision: `runs on pool ${pool.name} and has its identity: ${pool.because}`,
                resource: pool.urn,
            },
        ],
        remedy: pool.taints.some(({ effect }) => effect === "NoExecute")
            ? refuse
            : `taint ${shortUrn(pool.urn)} with effect NO_EXECUTE, and ${refuse}`,
    };
}

/** Policies that are there and refuse nothing: binding them is less than writing one. */
function unbound({ objects, bound }: AdmissionControl): string {
    const [first, ...others] = objects.filter(
        ({ kind, urn }) => kind === "ValidatingAdmissionPolicy" && bound.every(({ policy }) => policy.urn !== urn),
    );
    const more = others.length === 0 ? "" : ` and ${others.length} more`;
    return first === undefined
        ? ""
        : `bind ${shortUrn(first.urn)}${more} with validationActions [Deny], since nothing enforces what is not bound so; or `;
}

/** A patch of a node from the program changes what its pool gives it. */
function patchedNodes(objects: readonly KubernetesObject[]): string[] {
    return objects
        .filter(
            ({ kind, spec, object }) =>
                kind === "NodePatch" && (spec.taints !== undefined || fields(object.metadata).labels !== undefined),
        )
        .map(({ urn }) => `${urn} changes taints or labels of a node, and whether it is a gateway node is not shown`);
}

import { fields, kubernetesObjects, text, texts } from "../kubernetes";
import { type Resource } from "../resource";
import { type Claim, type ClaimSet, type Hop, type Lock, type Result, type Witness } from "../verdict";
import { AdmissionControl } from "./admission";
import { type AdmissionDecision } from "./admissionRequest";
import { namespaceClasses } from "./namespaces";
import { type GatewayNodes, gatewayNodes, type GatewayPool } from "./nodePools";
import { repellingTaint } from "./taints";
import { waysIntoTheGateway } from "./gatewayWays";
import { type Way } from "./podWays";
import { waysFrom } from "./ways";

const STATEMENT = "Nothing but the gateway's own pods can come to run on gateway nodes.";

/** Witnesses beyond this number add nothing. */
const WITNESSES = 8;

/** Claim C2, with the two locks that hold it: the taint, and the guard on who may tolerate it. */
export function schedulingClaims(resources: readonly Resource[]): ClaimSet {
    const nodes = gatewayNodes(resources);
    const decision = decideScheduling(resources);
    const claim: Claim = { id: "C2", statement: STATEMENT, ...decision };
    if (nodes.pools.length === 0) {
        return { claims: [claim], locks: [], assumptions: [], residualRisks: [] };
    }
    const control = new AdmissionControl(kubernetesObjects(resources));
    const { system } = classesOf(resources, nodes, control);
    return {
        claims: [claim],
        locks: locks(resources, nodes, control),
        assumptions: assumptions(nodes, resources),
        residualRisks: residualRisks(system),
    };
}

interface Scheduling {
    readonly result: Result;
    readonly witnesses: readonly Witness[];
    readonly reasons: readonly string[];
}

/** @param enough number of witnesses after which the search may stop; default: all are looked for */
export function decideScheduling(resources: readonly Resource[], enough = Infinity): Scheduling {
    const nodes = gatewayNodes(resources);
    if (nodes.pools.length === 0) {
        return { result: nodes.reasons.length > 0 ? "unknown" : "holds", witnesses: [], reasons: nodes.reasons };
    }
    const control = new AdmissionControl(kubernetesObjects(resources));
    const { tenants } = classesOf(resources, nodes, control);
    const witnesses = new Map<string, Witness>();
    const reasons = new Set(nodes.reasons);
    for (const pool of nodes.pools) {
        const tries: { readonly way: Way; readonly namespace?: string }[] = [
            ...tenants.flatMap(namespace => waysFrom(namespace, pool).map(way => ({ way, namespace }))),
            ...waysIntoTheGateway(pool, nodes.gatewayNamespace).map(way => ({ way })),
        ];
        for (const { way, namespace } of tries) {
            if (witnesses.size >= enough) {
                break;
            }
            const outcome = attempt(way, pool, control);
            if (outcome.kind === "unknown") {
                outcome.reasons.forEach(reason => reasons.add(reason));
            } else if (outcome.kind === "open" && !witnesses.has(`${pool.urn} ${way.id}`)) {
                witnesses.set(`${pool.urn} ${way.id}`, witnessOf(way, pool, namespace, outcome.hops));
            }
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

function classesOf(
    resources: readonly Resource[],
    nodes: GatewayNodes,
    control: AdmissionControl,
): ReturnType<typeof namespaceClasses> {
    const mesh = resources.find(
        ({ type, inputs }) => /^egress-gateway:mesh:/.test(type) && inputs.destinations !== undefined,
    );
    const clients = (Array.isArray(mesh?.inputs.destinations) ? mesh.inputs.destinations : [])
        .flatMap(destination =>
            Array.isArray(fields(destination).allow) ? (fields(destination).allow as unknown[]) : [],
        )
        .flatMap(workload => text(fields(workload).namespace) ?? []);
    const rootNamespace = text(mesh?.inputs.controlPlaneNamespace) ?? "istio-system";
    return namespaceClasses(control, kubernetesObjects(resources), clients, {
        gatewayNamespace: nodes.gatewayNamespace,
        rootNamespace,
    });
}

type Attempt =
    | { readonly kind: "open"; readonly hops: readonly Hop[] }
    | { readonly kind: "closed"; readonly hops: readonly Hop[] }
    | { readonly kind: "unknown"; readonly reasons: readonly string[] };

/** Taints first, since they need no guess; then every request of the way has to be admitted. */
export function attempt(way: Way, pool: GatewayPool, control: AdmissionControl): Attempt {
    const hops: Hop[] = [];
    if (way.requests.length === 0) {
        return { kind: "closed", hops };
    }
    if (way.podSpec !== undefined) {
        const taint = repellingTaint(pool.taints, way.podSpec);
        if (taint !== undefined) {
            return {
                kind: "closed",
                hops: [{ at: "taint", decision: `${taint.key}:${taint.effect} keeps it off`, resource: pool.urn }],
            };
        }
        hops.push({ at: "taint", decision: taintInWords(pool, way), resource: pool.urn });
    }
    const reasons: string[] = [];
    for (const request of way.requests) {
        const decision: AdmissionDecision = control.decide(request);
        if (decision.result === "refused") {
            return {
                kind: "closed",
                hops: [...hops, { at: "admission", decision: decision.message, resource: decision.policy.urn }],
            };
        }
        if (decision.result === "unknown") {
            reasons.push(...decision.reasons);
        }
        const what = `${request.operation} ${request.resource}${request.subresource === undefined ? "" : `/${request.subresource}`}`;
        hops.push({
            at: "admission",
            decision: `no policy that is bound with Deny refuses ${what} by ${request.user.username}`,
        });
    }
    return reasons.length > 0 ? { kind: "unknown", reasons } : { kind: "open", hops };
}

function taintInWords(pool: GatewayPool, way: Way): string {
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

function witnessOf(way: Way, pool: GatewayPool, namespace: string | undefined, hops: readonly Hop[]): Witness {
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
            ? way.remedy
            : `taint the pool with effect NO_EXECUTE, and ${way.remedy}`,
    };
}

function locks(resources: readonly Resource[], nodes: GatewayNodes, control: AdmissionControl): Lock[] {
    const tainted = new Set(nodes.pools.filter(({ taints }) => taints.length > 0).map(({ urn }) => urn));
    const isAdmission = ({ type }: Resource): boolean => /:ValidatingAdmissionPolicy(?:Binding)?$/.test(type);
    return [
        {
            lock: "taint of the gateway nodes",
            description:
                "nothing runs there without tolerating the taint; NO_EXECUTE holds for pods that name their node too",
            resources: [...tainted],
            without: {
                C2: decideScheduling(
                    resources.map(resource => (tainted.has(resource.urn) ? withoutTaints(resource) : resource)),
                    1,
                ).result,
            },
        },
        {
            lock: "admission guard",
            description: "the API server refuses objects with which a tenant would become part of the gateway",
            resources: control.resources,
            without: {
                C2: decideScheduling(
                    resources.filter(resource => !isAdmission(resource)),
                    1,
                ).result,
            },
        },
    ];
}

function withoutTaints(resource: Resource): Resource {
    const strip = (config: unknown): Record<string, unknown> => ({ ...fields(config), taints: [] });
    const { nodeConfig, nodePools } = resource.inputs;
    return {
        ...resource,
        inputs: {
            ...resource.inputs,
            ...(nodeConfig === undefined ? {} : { nodeConfig: strip(nodeConfig) }),
            ...(Array.isArray(nodePools)
                ? {
                      nodePools: nodePools.map(pool => ({
                          ...fields(pool),
                          nodeConfig: strip(fields(pool).nodeConfig),
                      })),
                  }
                : {}),
        },
    };
}

function assumptions({ pools }: GatewayNodes, resources: readonly Resource[]): string[] {
    const exempt = resources
        .filter(({ type }) => /^egress-gateway:guard:/.test(type))
        .flatMap(({ inputs }) => [
            ...texts(inputs.exemptUsers),
            ...texts(inputs.exemptGroups).map(group => `group ${group}`),
        ]);
    return [
        `Nodes keep the taints and labels that their pools give them (${pools.map(({ name }) => name).join(", ")}).`,
        "Only administrators create admission policies, node pools, and pods in system namespaces; RBAC is not judged here.",
        ...(exempt.length > 0
            ? [`The identities that the guard exempts put nothing else on gateway nodes: ${exempt.join(", ")}.`]
            : []),
    ];
}

function residualRisks(system: readonly string[]): string[] {
    return [
        `R7: system components run on gateway nodes: DaemonSets of GKE, and whatever an administrator puts into ${[...new Set(["kube-system", ...system])].join(", ")}, tolerate every taint.`,
        "Whoever is in the break-glass group may enter gateway pods.",
    ];
}

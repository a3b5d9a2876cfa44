import {
    type Fields,
    type KubernetesObject,
    fields,
    fieldsList,
    hasUnknown,
    kubernetesObjects,
    stringMap,
    text,
    texts,
} from "../kubernetes";
import { type Resource, UNKNOWN } from "../resource";

export interface Taint {
    readonly key: string;
    readonly value: string;
    /** Kubernetes' spelling. */
    readonly effect: "NoSchedule" | "PreferNoSchedule" | "NoExecute";
}

/** A pool whose nodes the rest of the world takes for gateway nodes. */
export interface GatewayPool {
    readonly urn: string;
    readonly name: string;
    readonly taints: readonly Taint[];
    readonly labels: Readonly<Record<string, string>>;
    readonly serviceAccount: string | undefined;
    readonly tags: readonly string[];
    /** Why it counts as a gateway pool. */
    readonly because: string;
}

export interface GatewayNodes {
    readonly pools: readonly GatewayPool[];
    readonly gatewayNamespace: string | undefined;
    /** The gateway's workloads. */
    readonly workloads: readonly KubernetesObject[];
    readonly reasons: readonly string[];
}

const COMPONENT = /^egress-gateway:node-pool:/;
const EFFECTS: Readonly<Record<string, Taint["effect"]>> = {
    NO_SCHEDULE: "NoSchedule",
    PREFER_NO_SCHEDULE: "PreferNoSchedule",
    NO_EXECUTE: "NoExecute",
};

/**
 * The pools that carry the gateway's identity. A pool does, if the node pool component created it, if the gateway's workload
 * selects it, or if it shares the service account or a network tag with one that does: firewall and routes cannot tell its nodes from
 * gateway nodes.
 */
export function gatewayNodes(resources: readonly Resource[]): GatewayNodes {
    const components = resources.filter(({ type }) => COMPONENT.test(type));
    const candidates = resources.flatMap(candidatesIn);
    const gatewayNamespace = resources
        .map(({ type, inputs }) =>
            /^egress-gateway:(?:mesh|gateway):/.test(type) ? text(inputs.gatewayNamespace) : undefined,
        )
        .find(name => name !== undefined);
    const workloads = kubernetesObjects(resources).filter(
        ({ kind, namespace }) =>
            ["Deployment", "StatefulSet", "DaemonSet"].includes(kind) && namespace === gatewayNamespace,
    );
    const own = candidates.filter(({ parent }) => components.some(({ urn }) => urn === parent));
    const selected = candidates.filter(({ labels }) => workloads.some(workload => selectsNodes(workload, labels)));
    const core = [...new Set([...own, ...selected])];

    const accounts = new Set([
        ...core.flatMap(({ serviceAccount }) => serviceAccount ?? []),
        ...components.flatMap(({ inputs }) => text(inputs.nodeAccount) ?? []),
    ]);
    const tags = new Set([
        ...core.flatMap(pool => pool.tags),
        ...components.flatMap(({ inputs }) => text(inputs.networkTag) ?? []),
    ]);
    const pools = candidates.flatMap((pool): GatewayPool[] => {
        const because = own.includes(pool)
            ? "the node pool of the gateway"
            : selected.includes(pool)
              ? "the gateway's workload selects its nodes"
              : pool.serviceAccount !== undefined && accounts.has(pool.serviceAccount)
                ? `its nodes run as the gateway's service account ${pool.serviceAccount}`
                : pool.tags.some(tag => tags.has(tag))
                  ? `its nodes carry the gateway's network tag ${pool.tags.find(tag => tags.has(tag))}`
                  : undefined;
        return because === undefined ? [] : [{ ...pool, because }];
    });
    return {
        pools,
        gatewayNamespace,
        workloads,
        reasons: [...candidates.flatMap(({ reasons }) => reasons), ...missing(components, workloads, pools)],
    };
}

function missing(
    components: readonly Resource[],
    workloads: readonly KubernetesObject[],
    pools: readonly GatewayPool[],
): string[] {
    return pools.length === 0 && (components.length > 0 || workloads.length > 0)
        ? [
              "no node pool carries the gateway's identity, so where the gateway runs is not shown; give the stack that creates its nodes",
          ]
        : [];
}

interface Candidate extends Omit<GatewayPool, "because"> {
    readonly parent: string | undefined;
    readonly reasons: readonly string[];
}

/** A NodePool; or a Cluster's own pools, unless it removes the default one. */
function candidatesIn(resource: Resource): Candidate[] {
    if (resource.type === "gcp:container/nodePool:NodePool") {
        return [
            candidate(
                resource,
                fields(resource.inputs.nodeConfig),
                resource.name,
                resource.inputs.nodeConfig === UNKNOWN,
            ),
        ];
    }
    if (resource.type !== "gcp:container/cluster:Cluster" || resource.inputs.enableAutopilot === true) {
        return [];
    }
    const inline = fieldsList(resource.inputs.nodePools).map(pool =>
        candidate(
            resource,
            fields(pool.nodeConfig),
            `${resource.name}/${text(pool.name) ?? "pool"}`,
            pool.nodeConfig === UNKNOWN,
        ),
    );
    return resource.inputs.removeDefaultNodePool === true || inline.length > 0
        ? inline
        : [
              candidate(
                  resource,
                  fields(resource.inputs.nodeConfig),
                  `${resource.name}/default-pool`,
                  resource.inputs.nodeConfig === UNKNOWN,
              ),
          ];
}

function candidate({ urn, parent }: Resource, config: Fields, name: string, unknown: boolean): Candidate {
    const unread = ["taints", "labels", "serviceAccount", "tags"].filter(key => unknown || hasUnknown(config[key]));
    return {
        urn,
        name,
        parent,
        taints: fieldsList(config.taints).map(({ key, value, effect }) => ({
            key: String(key),
            value: text(value) ?? "",
            effect: EFFECTS[String(effect)] ?? "PreferNoSchedule",
        })),
        labels: stringMap(config.labels),
        serviceAccount: text(config.serviceAccount),
        tags: texts(config.tags),
        reasons: unread.map(
            key => `${urn}: nodeConfig.${key} is not known before up, so whether these are gateway nodes is not either`,
        ),
    };
}

/** Does the workload's node selector or required node affinity ask for such nodes? One that asks for nothing selects none here. */
function selectsNodes(workload: KubernetesObject, labels: Readonly<Record<string, string>>): boolean {
    const spec = fields(fields(workload.spec.template).spec);
    const selector = stringMap(spec.nodeSelector);
    const affinity = fields(fields(spec.affinity).nodeAffinity);
    const terms = fieldsList(fields(affinity.requiredDuringSchedulingIgnoredDuringExecution).nodeSelectorTerms);
    const asks = Object.keys(selector).length > 0 || terms.length > 0;
    return (
        asks &&
        Object.entries(selector).every(([key, value]) => labels[key] === value) &&
        (terms.length === 0 ||
            terms.some(term =>
                fieldsList(term.matchExpressions).every(expression => requirementHolds(expression, labels)),
            ))
    );
}

/** Node selectors know two operators more than label selectors. */
function requirementHolds({ key, operator, values }: Fields, labels: Readonly<Record<string, string>>): boolean {
    const value = labels[String(key)];
    const wanted = texts(values);
    switch (operator) {
        case "In":
            return value !== undefined && wanted.includes(value);
        case "NotIn":
            return value === undefined || !wanted.includes(value);
        case "Exists":
            return value !== undefined;
        case "DoesNotExist":
            return value === undefined;
        case "Gt":
            return value !== undefined && Number(value) > Number(wanted[0]);
        case "Lt":
            return value !== undefined && Number(value) < Number(wanted[0]);
        default:
            return false;
    }
}

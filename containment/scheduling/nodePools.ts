import { GATEWAY_NODE_IDENTITY, GATEWAY_NODE_POOL } from "../../declared/nodePool";
import { type KubernetesObject } from "../kubernetes";
import { type GatewayPool as FoundPool, pathOf } from "../world/gateway";
import { type Pool, type Taint } from "../world/pools";
import { type World } from "../world/world";
import { someProxyImage } from "./ownPods";

export { type Taint };

/** A pool whose nodes the rest of the world takes for gateway nodes. */
export interface TaintedPool {
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
    readonly pools: readonly TaintedPool[];
    readonly gatewayNamespace: string | undefined;
    /** The gateway's workloads. */
    readonly workloads: readonly KubernetesObject[];
    /** An image that passes for the mesh's proxy. */
    readonly proxyImage: string;
    readonly reasons: readonly string[];
}

/**
 * The gateway's pools, and those that have its service account or a network tag of it, or that its workload selects: firewall and
 * routes cannot tell their nodes from gateway nodes.
 */
export function gatewayNodes({ gateway, pools, resources }: World): GatewayNodes {
    const found = [...gateway.pools, ...gateway.alike];
    const expected = gateway.namespace !== undefined || resources.some(({ type }) => COMPONENTS.has(type));
    return {
        pools: found.map(gatewayPool),
        gatewayNamespace: gateway.namespace?.name,
        workloads: gateway.workloads,
        proxyImage: someProxyImage(resources),
        reasons: [
            ...gateway.reasons,
            ...pools.flatMap(notRead),
            ...(found.length === 0 && expected
                ? [
                      "no node pool carries the gateway's identity, so where the gateway runs is not shown; give the stack that creates its nodes",
                  ]
                : []),
        ],
    };
}

const COMPONENTS: ReadonlySet<string> = new Set([GATEWAY_NODE_POOL.type, GATEWAY_NODE_IDENTITY.type]);

function gatewayPool({ pool, because }: FoundPool): TaintedPool {
    const { resource, name, taints, labels, account, tags } = pool;
    return {
        urn: resource ?? pathOf(pool),
        name,
        taints,
        labels: Object.fromEntries(labels),
        serviceAccount: account.kind === "named" ? account.address : undefined,
        tags,
        because,
    };
}

function notRead(pool: Pool): string[] {
    return pool.unread.map(
        key =>
            `${pool.resource ?? pathOf(pool)}: nodeConfig.${key} is not known before up, so whether these are gateway nodes is not either`,
    );
}

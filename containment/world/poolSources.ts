import { registeredAs } from "../../declared/component";
import { GATEWAY_NODE_POOL } from "../../declared/nodePool";
import { type Resource } from "../resource";
import { type Pool } from "./pools";
import { serviceAccountAddress } from "./ruleParts";
import { type GatewayPool } from "./gateway";
import { type SourceRange } from "./nat";
import { type Subnet } from "./networks";
import { type GatewayIdentity, type Source } from "./source";

/** Sources for the nodes of a pool, and for its pods where they do not leave with their node's address. */
export function poolSources(pool: Pool, gateway: GatewayPool | undefined, mayBeGateway: boolean): Source[] {
    const { cluster } = pool;
    const path = `${cluster.name}/${pool.name}`;
    const shared = gateway?.shared;
    const node: Source = {
        id: `node:${path}`,
        name: `node of pool ${path}${shared === undefined ? "" : `, which the gateway shares: ${shared}`}`,
        kind: "node",
        ...(pool.resource === undefined ? {} : { resource: pool.resource }),
        gateway: gateway !== undefined && shared === undefined,
        network: cluster.network,
        identity: {
            account: pool.account,
            tags: pool.tags,
            ...(pool.furtherTags ? { furtherTagsExcept: [] } : {}),
            secureTags: pool.secureTags,
            ...(pool.furtherSecureTags === true ? { furtherSecureTagsExcept: [] } : {}),
        },
        subnets: pool.subnets,
        chosenBy: pool.autoProvisioned === true ? "each" : "gke",
        range: nodeRange(pool.podRange, gateway !== undefined && shared === undefined),
        externalIpv4: pool.privateNodes === undefined ? undefined : !pool.privateNodes,
        dualStack: cluster.dualStack,
        ...(pool.mayNotExist === true || mayBeGateway ? { mayNotCount: true } : {}),
        doubts: [
            ...(pool.mayNotExist === true ? ["whether there are such nodes is not known before up"] : []),
            ...(mayBeGateway ? ["whether its nodes are the gateway's is not known before up"] : []),
            ...pool.doubts,
            ...(pool.subnetLeftToGke && pool.autoProvisioned !== true
                ? ["it names no subnet, and GKE picks one by free addresses"]
                : []),
        ],
    };
    return [node, ...podSources(node, path, pool.podRange, cluster.snat), ...furtherInterfaces(node, path, pool)];
}

/** With default SNAT a pod's packets carry the node's address and are the node's; without, they carry the pod's. */
export function podSources(
    node: Source,
    path: string,
    podRange: string | undefined,
    snat: boolean | undefined,
): Source[] {
    if (snat === true) {
        return [];
    }
    return [
        {
            ...node,
            id: `pod:${path}`,
            name: node.name
                .replace(/^node/, "pod on a node")
                .replace(/^application nodes/, "pods on application nodes"),
            kind: "pod",
            range: { secondary: podRange },
            // An external address belongs to the node's own; a pod's address is not translated to it.
            externalIpv4: false,
            doubts: [
                ...node.doubts,
                ...(snat === undefined ? ["nothing says whether pods keep their own addresses"] : []),
            ],
        },
    ];
}

/**
 * What a node sends with: its own address, and as well one of its pods', whatever SNAT says: root on a node, or a masquerade agent
 * told otherwise, keeps the pod's. Nodes of the gateway run nobody else's pods.
 */
export function nodeRange(podRange: string | undefined, gateway: boolean): SourceRange {
    return gateway ? "primary" : { secondary: podRange, orPrimary: true };
}

function furtherInterfaces(node: Source, path: string, pool: Pool): Source[] {
    return pool.furtherNetworks.map(({ network, subnet }, index) => ({
        ...node,
        id: `node:${path}/nic${index + 1}`,
        name: `${node.name}, further interface in network ${network.name}`,
        gateway: false,
        network,
        subnets: subnet === undefined ? [] : [subnet],
        range: "primary",
        externalIpv4: false,
    }));
}

/**
 * The identity that the gateway's pools have in the network. A subnet that other pools use too is not the gateway's. Pools that the
 * gateway shares count as well: their nodes are sources of their own, and no stranger is assumed to run as them.
 */
export function gatewayIdentity(
    gateways: readonly GatewayPool[],
    pools: readonly Pool[],
    resources: readonly Resource[],
): GatewayIdentity {
    const own = gateways.map(({ pool }) => pool);
    const others = pools.filter(pool => !own.includes(pool));
    const subnets: Subnet[] = own.flatMap(pool => (pool.subnetLeftToGke ? [] : pool.subnets));
    return {
        serviceAccounts: [
            ...own.flatMap(({ account }) => (account.kind === "named" ? [serviceAccountAddress(account.address)] : [])),
            ...retiringAccounts(resources),
        ],
        tags: own.flatMap(({ tags }) => tags),
        secureTags: [...new Set(own.flatMap(({ secureTags }) => secureTags))],
        subnets: [...new Set(subnets)].filter(subnet =>
            others.every(pool => pool.subnetLeftToGke || !pool.subnets.includes(subnet)),
        ),
    };
}

/** Accounts of gateway nodes that a change replaces: the gateway's as long as their nodes are there. */
function retiringAccounts(resources: readonly Resource[]): string[] {
    return registeredAs(GATEWAY_NODE_POOL, resources).flatMap(pool => {
        const account = pool.read("retiringNodeAccount");
        return account.known && account.value !== undefined ? [serviceAccountAddress(account.value)] : [];
    });
}

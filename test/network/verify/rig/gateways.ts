import { serviceHost } from "../../../../base/conventions";
import { type Resource } from "../../../../containment/resource";
import { GATEWAY_PODS, NODES, type RigNode, SERVICES } from "./topology";

/** A gateway of the plan, where the rig has put it. */
export interface RigGateway {
    readonly namespace: string;
    readonly host: string;
    readonly identity: string;
    /** Address of its Service. */
    readonly address: string;
    readonly pods: typeof GATEWAY_PODS;
    readonly template: {
        readonly metadata: { readonly labels: object; readonly annotations: Readonly<Record<string, string>> };
        readonly spec: { readonly containers: readonly object[] };
    };
}

/** The gateways that are registered, in the order of their names: nodes and pods of the rig are theirs in turn. */
export function rigGateways(resources: readonly Resource[]): RigGateway[] {
    const deployments = resources
        .filter(({ name, type }) => type === "kubernetes:apps/v1:Deployment" && name.endsWith("/egress-gateway"))
        .map(
            ({ inputs }) =>
                inputs as {
                    readonly metadata: { readonly namespace: string };
                    readonly spec: { readonly template: RigGateway["template"] };
                },
        )
        .sort((a, b) => (a.metadata.namespace < b.metadata.namespace ? -1 : 1));
    return deployments.map(({ metadata: { namespace }, spec: { template } }, turn) => ({
        namespace,
        host: serviceHost("egress-gateway", namespace),
        identity: `spiffe://cluster.local/ns/${namespace}/sa/egress-gateway`,
        address: SERVICES.gateways[turn]!,
        pods: inTurn(GATEWAY_PODS, turn, deployments.length),
        template,
    }));
}

interface Pool {
    readonly nodeConfig: {
        readonly serviceAccount: string;
        readonly tags: readonly string[];
        readonly labels: Readonly<Record<string, string>>;
        readonly taints: readonly { readonly key: string; readonly value: string; readonly effect: string }[];
    };
    readonly networkConfig: { readonly subnetwork: string };
}

/** The registered pool that a node is of; undefined for a node of applications. */
export function poolsOfNodes(resources: readonly Resource[]): (node: RigNode) => Pool | undefined {
    const pools = resources
        .filter(({ type }) => type === "gcp:container/nodePool:NodePool")
        .sort((a, b) => (a.name < b.name ? -1 : 1))
        .map(({ inputs }) => inputs as unknown as Pool);
    const nodes = NODES.filter(({ gateway }) => gateway);
    return node =>
        node.gateway ? pools.find((_, turn) => inTurn(nodes, turn, pools.length).includes(node)) : undefined;
}

function inTurn<T>(all: readonly T[], turn: number, count: number): T[] {
    return all.filter((_, index) => index % count === turn);
}

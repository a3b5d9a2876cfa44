import { DEFAULT_GATEWAY } from "../../base/conventions";
import { GATEWAY, GATEWAY_NAMESPACE } from "../../declared/gateway";
import { MESH } from "../../declared/mesh";
import { GATEWAY_NODE_IDENTITY, GATEWAY_NODE_POOL } from "../../declared/nodePool";
import { GATEWAY_EXIT, PERIMETER } from "../../declared/perimeter";
import { stackUrn } from "../../base/resource";
import { type Resource, UNKNOWN } from "../resource";
import { declaredByAll } from "./declaredPorts";
import { type EgressGateway, type GatewaySaid, readGateway } from "./gateway";
import { type WorldProblem } from "./inputs";
import { type Pool } from "./pools";
import { gatewayIdentity } from "./poolSources";

/** Components that are of one gateway each: what it has in its cluster, and besides in the network, where other stacks show theirs too. */
const INSIDE: ReadonlySet<string> = new Set(
    [GATEWAY, GATEWAY_NAMESPACE, GATEWAY_NODE_POOL, GATEWAY_NODE_IDENTITY, MESH].map(({ type }) => type),
);
const OF_ONE: ReadonlySet<string> = new Set([...INSIDE, GATEWAY_EXIT.type]);

export interface Gateways {
    /** All of them as one: who may leave the network, and from where. */
    readonly gateway: EgressGateway;
    /** Each by itself, in the order of their names; with a name where there are several. */
    readonly gateways: readonly EgressGateway[];
}

/** Names of the gateways that components are of, sorted; of none where one of them is not known. */
export function gatewayNames(resources: readonly Resource[]): readonly string[] {
    const names = new Set(resources.filter(({ type }) => INSIDE.has(type)).flatMap(resource => nameOf(resource) ?? []));
    return names.has(UNKNOWN) ? [] : [...names].sort();
}

/** Whether what is registered says that traffic of some destinations has addresses of its own. */
export function hasSeveralGateways(resources: readonly Resource[]): boolean {
    return gatewayNames(resources).length > 1;
}

/** The gateway that the component is of which made the resource. */
export function makerOf(resource: Resource, byUrn: ReadonlyMap<string, Resource>): string | undefined {
    const maker = byUrn.get(resource.parent ?? "");
    return maker && gatewayOf(maker);
}

/** The gateway that a component is of; what `default` has in the network is the perimeter's own. */
export function gatewayOf(component: Resource): string | undefined {
    return component.type === PERIMETER.type ? DEFAULT_GATEWAY : nameOf(component);
}

/** Whether the stack that registers a component is one that registers the gateway: every stack has a `default`. */
export function isOfStackOf(gateway: string, { urn }: Resource, resources: readonly Resource[]): boolean {
    return resources.some(
        other => INSIDE.has(other.type) && nameOf(other) === gateway && stackUrn(other.urn) === stackUrn(urn),
    );
}

function nameOf({ type, inputs }: Resource): string | undefined {
    const given = inputs["gateway"];
    return OF_ONE.has(type) ? (given === undefined ? DEFAULT_GATEWAY : String(given)) : undefined;
}

/**
 * Finds every gateway by who makes it. What a person says names one gateway, and then there is one.
 *
 * @param resources with the objects of the gateway's cluster only
 */
export function readGateways(
    resources: readonly Resource[],
    pools: readonly Pool[],
    said: GatewaySaid,
    problems: WorldProblem[],
): Gateways {
    const names = said.pools === undefined && said.namespace === undefined ? gatewayNames(resources) : [];
    if (names.length < 2) {
        const gateway = readGateway(resources, pools, said, problems);
        return { gateway, gateways: [gateway] };
    }
    const byUrn = new Map(resources.map(resource => [resource.urn, resource]));
    const made = new Map(resources.map(resource => [resource.urn, nameOf(resource) ?? makerOf(resource, byUrn)]));
    const gateways = names.map((name): EgressGateway => {
        const isOwn = (urn: string | undefined): boolean => [name, undefined].includes(made.get(urn ?? ""));
        const found = readGateway(resources, pools, said, problems, {
            resources: resources.filter(({ urn }) => isOwn(urn)),
            pools: pools.filter(({ resource }) => isOwn(resource)),
        });
        return { ...found, name };
    });
    return { gateway: together(gateways, pools, resources), gateways };
}

function together(
    gateways: readonly EgressGateway[],
    pools: readonly Pool[],
    resources: readonly Resource[],
): EgressGateway {
    const own = gateways.flatMap(gateway => gateway.pools);
    const all = <T>(of: (gateway: EgressGateway) => readonly T[]): T[] => [...new Set(gateways.flatMap(of))];
    const isOwn = (pool: Pool): boolean => own.some(each => each.pool === pool);
    return {
        pools: own.filter((each, index) => own.findIndex(({ pool }) => pool === each.pool) === index),
        possible: all(({ possible }) => possible).filter(pool => !isOwn(pool)),
        alike: all(({ alike }) => alike).filter(({ pool }) => !isOwn(pool)),
        namespace: undefined,
        workloads: all(({ workloads }) => workloads),
        identity: gatewayIdentity(own, pools, resources),
        inDoubt: gateways.some(({ inDoubt }) => inDoubt),
        declared: declaredByAll(gateways.map(({ declared }) => declared)),
        reasons: all(({ reasons }) => reasons),
    };
}

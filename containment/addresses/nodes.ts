import { shortUrn } from "../../base/resource";
import { type Fields, fields, type KubernetesObject } from "../kubernetes";
import { type Witness } from "../verdict";
import { pathOf } from "../world/gateway";
import { podSpecOf } from "../world/gatewayWorkloads";
import { mayRunOn } from "../world/placement";
import { type Pool } from "../world/pools";
import { type Found, type NamedGateway } from "./claims";

/** Nodes that two gateways share: as one pool, by what firewall, routes and NAT know nodes by, or by a pod of one on the other's. */
export function nodesOfOthers(gateways: readonly NamedGateway[]): Found {
    const pairs = gateways.flatMap((one, index) => gateways.slice(index + 1).map(other => [one, other] as const));
    const reasons = gateways.flatMap(({ name, namespace, reasons }) =>
        namespace === undefined
            ? reasons.length > 0
                ? reasons
                : [`the namespace of gateway ${name} is not shown, so where its pods run is not either`]
            : [],
    );
    return {
        witnesses: [
            ...pairs.flatMap(([one, other]) => shared(one, other)),
            ...gateways.flatMap(gateway =>
                gateways.filter(other => other !== gateway).flatMap(other => guests(gateway, other)),
            ),
        ],
        reasons,
    };
}

function shared(one: NamedGateway, other: NamedGateway): Witness[] {
    const namespace =
        one.namespace !== undefined && one.namespace.name === other.namespace?.name ? one.namespace.name : undefined;
    return [
        ...(namespace === undefined
            ? []
            : [
                  common(
                      `both stand in namespace ${namespace}`,
                      one,
                      other,
                      undefined,
                      "give each a namespace of its own",
                  ),
              ]),
        ...one.pools.flatMap(({ pool }) =>
            other.pools.flatMap(({ pool: theirs }) =>
                piecesInCommon(pool, theirs).map(piece =>
                    common(
                        `the nodes of pool ${pathOf(pool)} and of pool ${pathOf(theirs)} have ${piece}`,
                        one,
                        other,
                        pool.resource,
                        "give the nodes of each gateway an account, a network tag and a subnet of their own",
                    ),
                ),
            ),
        ),
    ];
}

/** What a rule, a route or a NAT could be for, that both have. */
function piecesInCommon(one: Pool, other: Pool): string[] {
    const both = <T>(mine: readonly T[], theirs: readonly T[]): T[] => mine.filter(each => theirs.includes(each));
    return [
        ...(one === other ? ["one pool"] : []),
        ...(one.account.kind === "named" &&
        other.account.kind === "named" &&
        one.account.address === other.account.address
            ? [`service account ${one.account.address} in common`]
            : []),
        ...both(one.tags, other.tags).map(tag => `network tag ${tag} in common`),
        ...both(one.secureTags, other.secureTags).map(tag => `secure tag ${tag} in common`),
        ...both(one.subnets, other.subnets).map(({ name }) => `subnet ${name} in common`),
    ];
}

function common(
    what: string,
    one: NamedGateway,
    other: NamedGateway,
    resource: string | undefined,
    remedy: string,
): Witness {
    return {
        source: `gateways ${one.name} and ${other.name}`,
        hops: [{ at: "gateway", decision: what, ...(resource === undefined ? {} : { resource }), decides: true }],
        remedy,
    };
}

/** Pods of a gateway that the scheduler may place on another's nodes. */
function guests(gateway: NamedGateway, other: NamedGateway): Witness[] {
    return gateway.workloads.flatMap(workload =>
        other.pools
            .filter(({ pool }) => mayRunOn(podSpecOf(workload), pool))
            .map(({ pool }) => ({
                source: `pods of gateway ${gateway.name}`,
                hops: [
                    {
                        at: "taint",
                        decision: `${workload.kind} ${workload.namespace}/${workload.name} may run on pool ${pathOf(pool)}, whose nodes leave by the addresses of gateway ${other.name}`,
                        resource: workload.urn,
                        decides: true as const,
                    },
                ],
                remedy: `let the pods of ${shortUrn(workload.urn)} select and tolerate their own gateway's nodes alone`,
            })),
    );
}

/** The workload as it would be if it asked for no nodes. */
export function withoutNodeSelector(workload: KubernetesObject): KubernetesObject {
    const template = fields(workload.spec["template"]);
    const { nodeSelector: _, affinity: __, ...podSpec }: Fields = podSpecOf(workload);
    return { ...workload, spec: { ...workload.spec, template: { ...template, spec: podSpec } } };
}

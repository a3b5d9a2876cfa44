import { type AddressRange } from "../kernel/address";
import { GOOGLE } from "../kernel/specialAddresses";
import { type Clusters } from "./clusters";
import { type Networks } from "./networks";
import { type PlatformFacts } from "./platform";
import { refersTo } from "./references";

/** Ranges inside that a gateway node has to reach. */
export interface Need {
    readonly ranges: readonly AddressRange[];
    readonly reason: string;
}

export function neededRanges(
    clusters: Pick<Clusters, "all" | "pools">,
    platform: PlatformFacts | undefined,
    networks: Networks,
): Need[] {
    const nodes = [...clusters.pools, ...clusters.all].flatMap(({ subnets }) => subnets.map(({ primary }) => primary));
    const pods = clusters.pools.flatMap(({ podRange, subnets }) =>
        subnets.map(({ secondary }) => (podRange === undefined ? undefined : secondary.get(podRange))),
    );
    const egress = networks.subnets.filter(
        ({ reference }) => platform?.subnets.some(subnet => refersTo(subnet.reference, reference)) === true,
    );
    const present = (ranges: readonly (AddressRange | undefined)[]): AddressRange[] =>
        ranges.filter(range => range !== undefined);
    return [
        {
            reason: "nodes of the clusters",
            ranges: present([...nodes, ...egress.map(({ primary }) => primary), ...(platform?.cluster.nodes ?? [])]),
        },
        {
            reason: "pods of the clusters",
            ranges: present([
                ...clusters.all.flatMap(({ podRanges }) => podRanges),
                ...pods,
                ...egress.flatMap(({ secondary }) => [...secondary.values()]),
                ...(platform?.cluster.pods ?? []),
            ]),
        },
        {
            reason: "control planes",
            ranges: present([...clusters.all.map(({ controlPlane }) => controlPlane), platform?.cluster.controlPlane]),
        },
        { reason: "restricted.googleapis.com", ranges: GOOGLE.restricted },
    ].filter(({ ranges }) => ranges.length > 0);
}

/** Needs whose ranges are not known before `up`, or that no given resource shows. */
export function unknownNeeds({ all, pools }: Clusters): string[] {
    const subnets = new Set([...pools, ...all].flatMap(cluster => cluster.subnets));
    return [
        ...[...subnets].filter(({ primary }) => primary === undefined).map(({ name }) => `the range of subnet ${name}`),
        ...pools
            .filter(
                ({ podRange, subnets: own, podRangeNotKnown }) =>
                    podRangeNotKnown ||
                    (podRange !== undefined && own.every(({ secondary }) => secondary.get(podRange) === undefined)),
            )
            .map(({ name }) => `the pod range of pool ${name}`),
        ...all.flatMap(({ rangesNotKnown }) => rangesNotKnown),
    ];
}

import { contains, ipv4Range, overlap } from "../base/cidr";
import { type Problem } from "../base/problem";
import { type PlatformFacts } from "./platform";

export interface Range {
    readonly path: string;
    readonly cidr: string;
}

/** The ranges of a platform, with the path that each stands at. */
export function platformRanges(platform: PlatformFacts, path: string): Range[] {
    const { cluster } = platform;
    return [
        ...cluster.nodeCidrs.map((cidr, index) => ({ path: `${path}.cluster.nodeCidrs[${index}]`, cidr })),
        ...cluster.podCidrs.map((cidr, index) => ({ path: `${path}.cluster.podCidrs[${index}]`, cidr })),
        { path: `${path}.cluster.serviceCidr`, cidr: cluster.serviceCidr },
        { path: `${path}.cluster.controlPlaneCidr`, cidr: cluster.controlPlaneCidr },
        ...(platform.kind === "gke"
            ? [
                  { path: `${path}.egressSubnet.nodeCidr`, cidr: platform.egressSubnet.nodeCidr },
                  { path: `${path}.egressSubnet.podCidr`, cidr: platform.egressSubnet.podCidr },
                  ...Object.entries(platform.egressSubnets ?? {}).flatMap(([name, { nodeCidr, podCidr }]) => [
                      { path: `${path}.egressSubnets.${name}.nodeCidr`, cidr: nodeCidr },
                      { path: `${path}.egressSubnets.${name}.podCidr`, cidr: podCidr },
                  ]),
              ]
            : []),
    ];
}

/** Ranges that must not overlap; `others` are none of the platform's. */
export function rangeProblems(platform: PlatformFacts, path: string, others: readonly Range[] = []): Problem[] {
    const ranges = [...platformRanges(platform, path), ...others];
    return ranges.flatMap((later, index) =>
        ranges.slice(0, index).flatMap((earlier): Problem[] => {
            if (!overlap(ipv4Range(earlier.cidr), ipv4Range(later.cidr)) || endpointInNodeRange(earlier, later)) {
                return [];
            }
            const egressInNodes = /egressSubnets?\..*nodeCidr$/.test(later.path) && earlier.path.includes("nodeCidrs");
            return [
                {
                    path: later.path,
                    given: later.cidr,
                    expected: `a range that does not overlap ${earlier.cidr} (${earlier.path})`,
                    remedy: egressInNodes
                        ? "Gateway nodes need a subnet of their own: NAT is given to that subnet alone, and a shared one would give it to every node."
                        : "Write the ranges as the subnets and the cluster have them.",
                },
            ];
        }),
    );
}

/** A private endpoint takes its address from a node subnet (GKE documentation, Private Service Connect clusters). */
function endpointInNodeRange(earlier: { path: string; cidr: string }, later: { path: string; cidr: string }): boolean {
    return (
        later.path.endsWith("controlPlaneCidr") &&
        earlier.path.includes("nodeCidrs") &&
        contains(ipv4Range(earlier.cidr), ipv4Range(later.cidr))
    );
}

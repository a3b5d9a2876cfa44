import { type PlatformSettings } from "./settings";

/** Paths of Google resources, composed instead of awaited, so that whatever refers to them is known at preview. */
export function googleNames({ project, region, platform }: PlatformSettings) {
    const subnetwork = (name: string) => `projects/${project}/regions/${region}/subnetworks/${name}`;
    const { cluster } = platform;
    return {
        network: `projects/${project}/global/networks/${platform.network}`,
        nodeSubnet: subnetwork(`${platform.network}-nodes`),
        egressSubnet: subnetwork(platform.egressSubnet.name),
        cluster: `projects/${project}/locations/${cluster.location}/clusters/${cluster.name}`,
        nodeAccount: platform.cluster.nodeServiceAccounts[0]!,
    };
}

/** Names of the node subnet's secondary ranges. */
export const RANGES = { pods: "pods", services: "services" } as const;

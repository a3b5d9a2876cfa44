import { type GooglePlatform } from "../contract/platform";
import { type Settings } from "./settings";

/**
 * Names of Google resources, composed from settings instead of awaited, so that whatever refers to them is known at preview.
 */
export interface GoogleNames {
    readonly project: string;
    readonly region: string;
    /** Prefix of everything that this stack names in Google Cloud; two clusters of a project do not meet. */
    readonly prefix: string;
    /** `projects/…/global/networks/…` */
    readonly network: string;
    /** `projects/…/regions/…/subnetworks/…` of the gateway nodes. */
    readonly egressSubnet: string;
    /** `projects/…/locations/…/clusters/…` */
    readonly cluster: string;
    /** Address of the gateway nodes' service account. */
    readonly gatewayNodeAccount: string;
    /** Name of the default route that is for gateway nodes only. */
    readonly defaultRoute: string;
    /** Name of the classic rule behind the firewall policy. */
    belt(family: "ipv4" | "ipv6"): string;
    /** Name of the n-th NAT address, counted from 1. */
    natAddress(number: number): string;
}

export function googleNames({
    google,
    platform,
    gateway,
}: Pick<GoogleSettings, "google" | "platform" | "gateway">): GoogleNames {
    const { project, region } = google;
    const prefix = `${platform.cluster.name}-egress`;
    return {
        project,
        region,
        prefix,
        network: `projects/${project}/global/networks/${platform.network}`,
        egressSubnet: `projects/${project}/regions/${region}/subnetworks/${platform.egressSubnet.name}`,
        cluster: `projects/${project}/locations/${platform.cluster.location}/clusters/${platform.cluster.name}`,
        gatewayNodeAccount: `${gateway.nodeAccountId}@${project}.iam.gserviceaccount.com`,
        defaultRoute: `${prefix}-default`,
        belt: family => `${prefix}-belt-${family}`,
        natAddress: number => `${prefix}-nat-${number}`,
    };
}

/** The settings of a stack on GKE. */
export interface GoogleSettings extends Settings {
    readonly platform: GooglePlatform;
    readonly google: NonNullable<Settings["google"]>;
}

export function onGoogle(settings: Settings): settings is GoogleSettings {
    return settings.platform.kind === "gke" && settings.google !== undefined;
}

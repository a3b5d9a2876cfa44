import { createHash } from "node:crypto";
import { type GooglePlatform } from "../contract/platform";
import { ofGateway } from "../base/conventions";
import { gatewayViews, type OfGateways } from "./gateways";
import { type Settings } from "./settings";

/**
 * Names of Google resources, composed from settings instead of awaited, so that whatever refers to them is known at preview.
 */
export interface GoogleNames {
    readonly project: string;
    readonly region: string;
    /** Where the network is, and with it firewall, routes, routers, NAT and its addresses: the host project of a shared VPC. */
    readonly networkProject: string;
    /** Prefix of everything that this stack names in Google Cloud; two clusters of a project do not meet. */
    readonly prefix: string;
    /** `projects/…/global/networks/…` */
    readonly network: string;
    /** `projects/…/regions/…/subnetworks/…` */
    subnet(name: string): string;
    /** `projects/…/locations/…/clusters/…` */
    readonly cluster: string;
    /** Address of the gateway nodes' service account. */
    readonly gatewayNodeAccount: string;
    /** Address of the account that gateway nodes had before a change. */
    readonly retiringNodeAccount?: string;
    /** Name of the default route that is for gateway nodes only. It says its tag, so that another tag's can stand beside it. */
    readonly defaultRoute: string;
    /** Name of the firewall policy. Another where its rules are resources of their own, since both kinds cannot be one. */
    firewallPolicy(shared: boolean): string;
    /** Name of the classic rule behind the firewall policy. */
    belt(family: "ipv4" | "ipv6"): string;
    /** Name of the gateway's router and NAT. */
    readonly nat: string;
    /** Name of the n-th NAT address, counted from 1. */
    natAddress(number: number): string;
}

export function googleNames({
    google,
    platform,
    gateway,
}: Pick<GoogleSettings, "google" | "platform" | "gateway">): GoogleNames {
    const { project, region } = google;
    const networkProject = platform.networkProject ?? project;
    const prefix = prefixOf(platform);
    const retiring = gateway.retiring.nodeAccountId;
    return {
        project,
        region,
        networkProject,
        prefix,
        network: networkLink(platform, project),
        subnet: name => `projects/${networkProject}/regions/${region}/subnetworks/${name}`,
        cluster: clusterLink(platform, project),
        gatewayNodeAccount: nodeAccountAddress(gateway.nodeAccountId, project),
        ...(retiring === undefined ? {} : { retiringNodeAccount: nodeAccountAddress(retiring, project) }),
        defaultRoute: ofGoogleLength(`${prefix}-default-${gateway.networkTag}`),
        firewallPolicy: shared => (shared ? `${prefix}-shared` : prefix),
        belt: family => `${prefix}-belt-${family}`,
        nat: ofGoogleLength(ofGateway(prefix, gateway.name)),
        natAddress: ownAddress(platform, gateway.name),
    };
}

/** @param project The stack's own. */
export function networkLink({ network, networkProject }: GooglePlatform, project: string): string {
    return `projects/${networkProject ?? project}/global/networks/${network}`;
}

export function clusterLink({ cluster }: GooglePlatform, project: string): string {
    return `projects/${project}/locations/${cluster.location}/clusters/${cluster.name}`;
}

function prefixOf({ cluster }: GooglePlatform): string {
    return `${cluster.name}-egress`;
}

/** Name of the n-th NAT address that the stack reserves itself. */
export function ownAddress(platform: GooglePlatform, gateway?: string): GoogleNames["natAddress"] {
    return number => ofGoogleLength(`${ofGateway(prefixOf(platform), gateway)}-nat-${number}`);
}

/** The address that Google gives to a service account of this id. */
export function nodeAccountAddress(accountId: string, project: string): string {
    return `${accountId}@${project}.iam.gserviceaccount.com`;
}

/** The accounts of gateway nodes that the firewall lets out. */
export function nodeAccounts(settings: Pick<GoogleSettings, "google" | "platform" | "gateway">): string[] {
    const { gatewayNodeAccount, retiringNodeAccount } = googleNames(settings);
    return [gatewayNodeAccount, ...(retiringNodeAccount === undefined ? [] : [retiringNodeAccount])];
}

/** The longest name of a resource of Compute Engine. */
const LONGEST_NAME = 63;
const HASH_DIGITS = 8;

/** A name that is too long ends in a hash of all of it. */
function ofGoogleLength(name: string): string {
    const hash = createHash("sha256").update(name).digest("hex").slice(0, HASH_DIGITS);
    return name.length <= LONGEST_NAME
        ? name
        : `${name.slice(0, LONGEST_NAME - HASH_DIGITS - 1).replace(/-+$/, "")}-${hash}`;
}

/** The subnets of gateway nodes: the platform's first, then the one that a change leaves. None on any other cluster. */
export function gatewaySubnets({
    platform,
    gateway,
}: Pick<Settings, "platform" | "gateway">): readonly GooglePlatform["egressSubnet"][] {
    const { egressSubnet: retiring } = gateway.retiring;
    return platform.kind === "gke" ? [platform.egressSubnet, ...(retiring === undefined ? [] : [retiring])] : [];
}

/** The ranges of gateway nodes and of the pods on them. */
function gatewayCidrs(settings: Pick<Settings, "platform" | "gateway">): string[] {
    return [...new Set(gatewaySubnets(settings).flatMap(({ nodeCidr, podCidr }) => [nodeCidr, podCidr]))];
}

/** The same of every gateway of the stack, whoever sees it. */
export function everyGatewayCidr(settings: OfGateways & { readonly whole?: OfGateways }): string[] {
    return [...new Set(gatewayViews(settings).flatMap(gatewayCidrs))];
}

/** The settings of a stack on GKE. */
export interface GoogleSettings extends Settings {
    readonly platform: GooglePlatform;
    readonly google: NonNullable<Settings["google"]>;
}

export function onGoogle(settings: Settings): settings is GoogleSettings {
    return settings.platform.kind === "gke" && settings.google !== undefined;
}

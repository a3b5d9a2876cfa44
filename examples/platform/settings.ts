import * as pulumi from "@pulumi/pulumi";
import {
    type GooglePlatform,
    type PlatformInput,
    type PlatformOutputs,
    platformOutputs,
} from "egress-gateway-contract";
import { z } from "zod";

const namespace = z
    .string()
    .regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, "expected the name of a Kubernetes namespace");

/** What is this program's own; what the egress stack is told is checked by the contract. */
const ownSchema = z.strictObject({
    nodes: z.strictObject({ machineType: z.string(), minNodes: z.int().min(1), maxNodes: z.int().min(1) }),
    // A full version: charts and images of one release belong together.
    istioVersion: z.string().regex(/^\d+\.\d+\.\d+$/, "expected a full version such as 1.30.4"),
    meshNamespaces: z.array(namespace),
    /** Switched off, and deployed, before a destroy. */
    protect: z.boolean().default(true),
});

export interface PlatformSettings extends z.output<typeof ownSchema> {
    readonly project: string;
    readonly region: string;
    readonly platform: GooglePlatform;
    /** The stack's outputs: what the egress stack is told. The resources are made from the same facts. */
    readonly outputs: PlatformOutputs;
}

/** @throws RunError with every problem of this program's own settings, or InputError with every problem of the facts. */
export function platformSettings(): PlatformSettings {
    const google = new pulumi.Config("gcp");
    const config = new pulumi.Config();
    const project = google.require("project");

    const own = ownSchema.safeParse({
        nodes: config.getObject("nodes"),
        istioVersion: config.get("istioVersion"),
        meshNamespaces: config.getObject("meshNamespaces"),
        protect: config.getBoolean("protect"),
    });
    if (!own.success) {
        throw new pulumi.RunError(`the settings under "platform:" cannot be used\n${z.prettifyError(own.error)}`);
    }

    const facts = {
        kind: "gke",
        network: config.require("network"),
        // The network is made in this order: in the other one a classic allow rule would outrank the egress stack's deny.
        firewallOrder: "BEFORE_CLASSIC_FIREWALL",
        cluster: {
            ...config.requireObject<object>("cluster"),
            nodeServiceAccounts: [`${APPLICATION_NODES}@${project}.iam.gserviceaccount.com`],
        },
        egressSubnet: config.requireObject<object>("egressSubnet"),
        imageRepository: `projects/${project}/locations/${google.require("region")}/repositories/${IMAGE_MIRROR}`,
    } as PlatformInput;
    const outputs = platformOutputs(facts);
    const platform = outputs.platform as GooglePlatform;
    onlyOne("nodeCidrs", platform.cluster.nodeCidrs);
    onlyOne("podCidrs", platform.cluster.podCidrs);
    return { ...own.data, project, region: google.require("region"), platform, outputs };
}

/** Account id of the application nodes. */
export const APPLICATION_NODES = "app-nodes";
/** Repository through which nodes pull public images. */
export const IMAGE_MIRROR = "docker-hub";

function onlyOne(name: string, ranges: readonly string[]): void {
    if (ranges.length !== 1) {
        throw new pulumi.RunError(
            `platform:cluster.${name} has ${ranges.length} ranges; this example makes one subnet for application nodes, so it expects one`,
        );
    }
}

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

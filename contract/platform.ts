import { z } from "zod";
import { cidrCheck } from "../base/cidr";
import {
    clusterNameCheck,
    googleNameCheck,
    projectIdCheck,
    serviceAccountEmailCheck,
    stackNameCheck,
} from "../base/names";
import { text } from "../base/field";

/**
 * What has to exist before the egress stack: written under `egress-gateway:platform`, or given by the stack that owns it as
 * its outputs. Both sides are checked by this schema.
 */

const cidr = text(cidrCheck);

export const egressSubnetSchema = z.strictObject({
    name: text(googleNameCheck).describe("Name of the subnet."),
    nodeCidr: cidr.describe("Its primary range: the gateway nodes."),
    podRange: text(googleNameCheck).describe("Name of its secondary range for pods."),
    podCidr: cidr.describe("That secondary range: the pods on gateway nodes."),
});

const clusterCommon = {
    name: text(googleNameCheck).describe("Name of the cluster."),
    podCidrs: z
        .array(cidr)
        .min(1)
        .describe("Ranges of the cluster's pods, without the gateway's own (`egressSubnet.podCidr`)."),
    serviceCidr: cidr.describe("Range of the cluster's Services."),
    nodeCidrs: z.array(cidr).min(1).describe("Primary ranges of the subnets of the application nodes."),
    controlPlaneCidr: cidr.describe("Range of the control plane's endpoints, as nodes see it."),
    kubernetesVersion: z
        .string()
        .regex(/^\d+\.\d+[\w.+-]*$/, "a version such as `1.34`")
        .describe("Kubernetes version, `major.minor` or longer. The admission guard needs 1.30."),
    dns: z
        .enum(["kube-dns", "node-local-dns", "cloud-dns"])
        .default("kube-dns")
        .describe("Which resolver answers the pods: decides what network policies leave open for DNS."),
    dataplane: z
        .enum(["v2", "legacy"])
        .default("v2")
        .describe("`v2` is GKE Dataplane V2: decides at which address pods find the metadata server."),
};

export const googlePlatformSchema = z.strictObject({
    kind: z
        .literal("gke")
        .default("gke")
        .describe("`gke`, or `kubernetes` for any cluster without a Google network around it."),
    network: text(googleNameCheck).describe("VPC network of the cluster, name only."),
    networkProject: text(projectIdCheck)
        .optional()
        .describe(
            "Host project of a shared VPC: the network, its subnets, and with them the perimeter, are there. Default: `gcp:project`.",
        ),
    perimeterOwner: text(stackNameCheck)
        .optional()
        .describe(
            "The stack that owns the network's perimeter, `organization/egress-gateway/blue`, where several clusters share it: every other has to join that one. Default: nobody says it.",
        ),
    firewallOrder: z
        .enum(["BEFORE_CLASSIC_FIREWALL", "AFTER_CLASSIC_FIREWALL"])
        .describe(
            "What `networkFirewallPolicyEnforcementOrder` of the network is set to. There is no default: in Google's own default order, AFTER, " +
                "any classic allow rule outranks this stack's deny.",
        ),
    cluster: z.strictObject({
        ...clusterCommon,
        name: text(clusterNameCheck).describe("Name of the cluster."),
        location: z
            .string()
            .regex(
                /^[a-z]+-[a-z]+[0-9]+(-[a-z])?$/,
                "a region such as `europe-west1` or a zone such as `europe-west1-b`",
            )
            .describe("Region or zone of the cluster."),
        zones: z
            .array(z.string().regex(/^[a-z]+-[a-z]+[0-9]+-[a-z]$/, "a zone such as `europe-west1-b`"))
            .default([])
            .describe("Zones of the cluster's nodes; empty: left to GKE, three in a regional cluster."),
        nodeServiceAccounts: z
            .array(text(serviceAccountEmailCheck))
            .default([])
            .describe(
                "Service accounts of the application nodes. Needed for `perimeter.scope: cluster`, which denies for these only.",
            ),
        defaultSnat: z
            .boolean()
            .default(true)
            .describe(
                "`false` when the cluster has default SNAT disabled: pods keep their addresses, and NAT then serves the pod range only.",
            ),
    }),
    egressSubnet: egressSubnetSchema.describe(
        "Subnet for gateway nodes alone, registered with the cluster as an additional subnet.",
    ),
    egressSubnets: z
        .record(z.string(), egressSubnetSchema)
        .optional()
        .describe("The same for further gateways, by their names; no two share a subnet or a range."),
    imageRepository: z
        .string()
        .regex(
            /^projects\/[\w.:-]+\/locations\/[\w-]+\/repositories\/[\w-]+$/,
            "`projects/<project>/locations/<location>/repositories/<name>`",
        )
        .optional()
        .describe(
            "Artifact Registry repository that the proxy's image comes from. The gateway nodes' account is allowed to read it. " +
                "Default: nothing is granted, because the image is readable without.",
        ),
});

/** A cluster without a Google network around it: kind, k3d, or another cloud. Nothing there encloses the mesh. */
export const kubernetesPlatformSchema = z.strictObject({
    kind: z.literal("kubernetes"),
    cluster: z.strictObject(clusterCommon),
});

export type GooglePlatform = z.output<typeof googlePlatformSchema>;
export type KubernetesPlatform = z.output<typeof kubernetesPlatformSchema>;
export type PlatformFacts = GooglePlatform | KubernetesPlatform;

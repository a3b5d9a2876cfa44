import { type RuleCases, type Subject, undecided, UNKNOWN, whole } from "../case";
import {
    APP_ACCOUNT,
    nic,
    instance,
    template,
    nodeConfig,
    networkConfig,
    pool,
    cluster,
    silentPool,
    sharedCluster,
} from "./resources";

const made = (type: string, inputs: Subject["inputs"]): Subject => ({ type: `gcp:${type}`, inputs });

export const machinesCases: readonly RuleCases[] = [
    {
        rule: "external-address",
        passes: {
            "a machine without": instance(),
            "an empty list": instance({ networkInterfaces: [{ ...nic, accessConfigs: [] }] }),
            "a template without": template(),
        },
        fails: {
            "an ephemeral address": {
                resources: instance({ networkInterfaces: [{ ...nic, accessConfigs: [{}] }] }),
                messages: ["networkInterfaces[0].accessConfigs gives the machine an external address."],
            },
            "an IPv6 address in a template": {
                resources: template({
                    networkInterfaces: [{ ...nic, ipv6AccessConfigs: [{ networkTier: "PREMIUM" }] }],
                }),
                messages: ["networkInterfaces[0].ipv6AccessConfigs gives the machine an external address."],
            },
            "an address that is not known yet": {
                resources: instance({ networkInterfaces: [{ ...nic, accessConfigs: [{ natIp: UNKNOWN }] }] }),
                messages: ["networkInterfaces[0].accessConfigs gives the machine an external address."],
            },
        },
        unknown: {
            "whether there is one": {
                resources: instance({ networkInterfaces: [{ ...nic, accessConfigs: UNKNOWN }] }),
                messages: [
                    undecided("networkInterfaces[0].accessConfigs", "whether the machine has an external address"),
                ],
            },
            "the interface": {
                resources: instance({ networkInterfaces: [UNKNOWN] }),
                messages: [undecided("networkInterfaces[0]", "whether the machine has an external address")],
            },
        },
    },
    {
        rule: "service-external-address",
        passes: {
            "internal addresses, in each service's words": [
                made("dataproc/cluster:Cluster", { clusterConfig: { gceClusterConfig: { internalIpOnly: true } } }),
                made("dataflow/job:Job", { ipConfiguration: "WORKER_IP_PRIVATE" }),
                made("workbench/instance:Instance", { gceSetup: { disablePublicIp: true } }),
                made("notebooks/instance:Instance", { noPublicIp: true }),
                made("tpu/v2Vm:V2Vm", { networkConfig: {} }),
                made("workstations/workstationConfig:WorkstationConfig", {
                    host: { gceInstance: { disablePublicIpAddresses: true } },
                }),
                made("cloudrunv2/service:Service", { template: { vpcAccess: { networkInterfaces: [{}] } } }),
            ],
        },
        fails: Object.fromEntries(
            (
                [
                    ["dataproc/cluster:Cluster", { clusterConfig: { gceClusterConfig: { internalIpOnly: false } } }],
                    ["dataflow/job:Job", {}],
                    ["workbench/instance:Instance", {}],
                    ["notebooks/instance:Instance", {}],
                    ["tpu/v2Vm:V2Vm", { networkConfig: { enableExternalIps: true } }],
                    ["workstations/workstationConfig:WorkstationConfig", {}],
                ] as const
            ).map(([type, inputs]) => [
                type,
                { resources: [made(type, inputs)], messages: ["Its machines have external addresses."] },
            ]),
        ),
        unknown: {
            "what Dataproc makes of no word": {
                resources: [made("dataproc/cluster:Cluster", {})],
                messages: ["Nothing in it says that its machines have internal addresses only."],
            },
            "what a job is told": {
                resources: [made("dataflow/job:Job", { ipConfiguration: UNKNOWN })],
                messages: ["Nothing in it says that its machines have internal addresses only."],
            },
        },
    },
    {
        rule: "private-nodes",
        passes: {
            "a private pool": pool(),
            "a private cluster": cluster(),
            "a private cluster with a private inline pool": cluster({
                removeDefaultNodePool: false,
                nodePools: [{ networkConfig, nodeConfig }],
            }),
        },
        fails: {
            "a pool that does not say": {
                resources: pool({ networkConfig: { subnetwork: "acme-dev-apps" } }),
                messages: ["networkConfig.enablePrivateNodes is absent."],
            },
            "a cluster with public nodes": {
                resources: cluster({ privateClusterConfig: { enablePrivateNodes: false } }),
                messages: ["privateClusterConfig.enablePrivateNodes is false."],
            },
            "an inline pool with public nodes": {
                resources: cluster({
                    nodePools: [{ networkConfig: { ...networkConfig, enablePrivateNodes: false }, nodeConfig }],
                }),
                messages: ["nodePools[0].networkConfig.enablePrivateNodes is false."],
            },
        },
        unknown: {
            "whether they are private": {
                resources: pool({ networkConfig: { ...networkConfig, enablePrivateNodes: UNKNOWN } }),
                messages: [undecided("networkConfig.enablePrivateNodes", "whether the nodes have external addresses")],
            },
        },
    },
    {
        rule: "node-pool-subnet",
        passes: {
            "a pool that names it": [...pool(), ...sharedCluster()],
            "a pool that takes the only subnet of its cluster": [...silentPool(), ...cluster()],
            "a pool whose subnet is not known yet, but named": pool({
                networkConfig: { ...networkConfig, subnetwork: UNKNOWN },
            }),
        },
        fails: {
            "a pool that does not, beside the gateway's": {
                resources: [...silentPool(), ...sharedCluster()],
                messages: ["networkConfig.subnetwork is absent, and the cluster has the gateway's subnet."],
            },
            "a pool that does not, of a cluster that nobody shows": {
                resources: silentPool(),
                messages: [
                    "networkConfig.subnetwork is absent, and the cluster, which may have the gateway's subnet, is not among the resources.",
                ],
            },
            "a pool inside the cluster": {
                resources: sharedCluster({ nodePools: [{ networkConfig: { enablePrivateNodes: true }, nodeConfig }] }),
                messages: [
                    "nodePools[0].networkConfig.subnetwork is absent, and the cluster has the gateway's subnet.",
                ],
            },
            "pools that GKE makes": {
                resources: sharedCluster({ clusterAutoscaling: { enabled: true } }),
                messages: [
                    whole(
                        "clusterAutoscaling.enabled is true: GKE makes node pools, and the cluster has the gateway's subnet. Switch node auto-provisioning off, or give application nodes and gateway clusters of their own.",
                    ),
                ],
            },
        },
        unknown: {
            "the cluster's subnets": {
                resources: [
                    ...silentPool(),
                    ...sharedCluster({ ipAllocationPolicy: { additionalIpRangesConfigs: UNKNOWN } }),
                ],
                messages: [
                    undecided(
                        "ipAllocationPolicy.additionalIpRangesConfigs",
                        "whether the cluster has the gateway's subnet",
                    ),
                ],
            },
        },
    },
    {
        rule: "metadata-server",
        passes: {
            "a pool with it": pool(),
            "a cluster whose default pool is removed": cluster(),
            "an Autopilot cluster": cluster({ enableAutopilot: true, removeDefaultNodePool: false }),
        },
        fails: {
            "a pool without": {
                resources: pool({ nodeConfig: { serviceAccount: APP_ACCOUNT } }),
                messages: ["nodeConfig.workloadMetadataConfig.mode is absent."],
            },
            "a default pool without": {
                resources: cluster({
                    removeDefaultNodePool: false,
                    nodeConfig: { workloadMetadataConfig: { mode: "GCE_METADATA" } },
                }),
                messages: ["nodeConfig.workloadMetadataConfig.mode is GCE_METADATA."],
            },
        },
        unknown: {
            "the mode": {
                resources: pool({ nodeConfig: { ...nodeConfig, workloadMetadataConfig: { mode: UNKNOWN } } }),
                messages: [
                    undecided("nodeConfig.workloadMetadataConfig.mode", "whether pods can read the node's token"),
                ],
            },
        },
    },
    {
        rule: "node-service-account",
        passes: {
            "an account of its own": pool(),
            "an account that is not known yet, and so not the default one": pool({
                nodeConfig: { ...nodeConfig, serviceAccount: UNKNOWN },
            }),
        },
        fails: {
            none: {
                resources: pool({ nodeConfig: { workloadMetadataConfig: { mode: "GKE_METADATA" } } }),
                messages: ["nodeConfig.serviceAccount is absent: the Compute Engine default account."],
            },
            "the default one": {
                resources: pool({
                    nodeConfig: { ...nodeConfig, serviceAccount: "123456-compute@developer.gserviceaccount.com" },
                }),
                messages: [
                    "nodeConfig.serviceAccount is 123456-compute@developer.gserviceaccount.com: the Compute Engine default account.",
                ],
            },
        },
        unknown: {
            "the pools of a cluster": {
                resources: cluster({ nodePools: UNKNOWN }),
                messages: [undecided("nodePools", "what node pools the cluster has")],
            },
        },
    },
    {
        rule: "node-pool-interfaces",
        passes: {
            "one interface": pool(),
            "an empty list": pool({ networkConfig: { ...networkConfig, additionalNodeNetworkConfigs: [] } }),
        },
        fails: {
            "a second network": {
                resources: pool({
                    networkConfig: {
                        ...networkConfig,
                        additionalNodeNetworkConfigs: [{ network: "legacy", subnetwork: "legacy" }],
                    },
                }),
                messages: ["networkConfig.additionalNodeNetworkConfigs adds a network interface."],
            },
        },
        unknown: {
            "whether there is one": {
                resources: pool({ networkConfig: { ...networkConfig, additionalPodNetworkConfigs: UNKNOWN } }),
                messages: [
                    undecided(
                        "networkConfig.additionalPodNetworkConfigs",
                        "whether the nodes have a second network interface",
                    ),
                ],
            },
        },
    },
    {
        rule: "instance-interfaces",
        passes: { "one interface": instance() },
        fails: {
            "two interfaces": {
                resources: instance({ networkInterfaces: [nic, { network: "legacy" }] }),
                messages: ["networkInterfaces has 2 entries."],
            },
        },
        unknown: {
            "the interfaces": {
                resources: instance({ networkInterfaces: UNKNOWN }),
                messages: [undecided("networkInterfaces", "how many networks the machine is in")],
            },
        },
    },
    {
        rule: "ip-forwarding",
        passes: { off: instance({ canIpForward: false }), "not said": template() },
        fails: {
            on: { resources: template({ canIpForward: true }), messages: ["canIpForward is true."] },
        },
        unknown: {
            "whether it forwards": {
                resources: instance({ canIpForward: UNKNOWN }),
                messages: [undecided("canIpForward", "whether the machine forwards packets of others")],
            },
        },
    },
];

import * as container from "@pulumi/gcp/container";
import * as pulumi from "@pulumi/pulumi";
import { MAX_PODS_PER_NODE } from "../../settings/consistency";
import { GATEWAY_NODE_KEY, GATEWAY_TAINT_EFFECT_GCP, gatewayNodeValue } from "../../base/conventions";
import { GATEWAY_NODE_POOL, type GatewayNodePoolInputs } from "../../declared/nodePool";
import { gatewayNamed } from "../../settings/gateways";
import { googleNames, type GoogleSettings } from "../../settings/googleNames";
import { SURGE_NODES } from "../../settings/natCapacity";

/** Nodes for the gateway and for nothing else: own subnet, own identity, own tag, and a taint that the kubelet enforces. */
export class GatewayNodePool extends pulumi.ComponentResource {
    constructor(
        name: string,
        settings: Pick<GoogleSettings, "google" | "platform" | "gateway">,
        opts?: pulumi.ComponentResourceOptions,
    ) {
        const { platform, gateway } = settings;
        const names = googleNames(settings);
        const nodeValue = gatewayNodeValue(gateway.name);
        const inputs: GatewayNodePoolInputs = {
            nodeKey: GATEWAY_NODE_KEY,
            nodeValue,
            nodeAccount: names.gatewayNodeAccount,
            ...(names.retiringNodeAccount === undefined ? {} : { retiringNodeAccount: names.retiringNodeAccount }),
            networkTag: gateway.networkTag,
            ...gatewayNamed(settings),
        };
        super(GATEWAY_NODE_POOL.type, name, inputs, opts);

        new container.NodePool(
            name,
            {
                // No name: many changes replace a pool, and only a generated name lets the new one exist before the old one goes.
                project: names.project,
                location: platform.cluster.location,
                cluster: names.cluster,
                ...(platform.cluster.zones.length > 0 ? { nodeLocations: platform.cluster.zones } : {}),
                initialNodeCount: 1,
                autoscaling: {
                    totalMinNodeCount: gateway.minNodes,
                    totalMaxNodeCount: gateway.maxNodes,
                    locationPolicy: "BALANCED",
                },
                maxPodsPerNode: MAX_PODS_PER_NODE,
                management: { autoRepair: true, autoUpgrade: true },
                upgradeSettings: { strategy: "SURGE", maxSurge: SURGE_NODES, maxUnavailable: 0 },
                networkConfig: {
                    // Explicit: without it GKE chooses a subnet by its free addresses.
                    subnetwork: names.subnet(platform.egressSubnet.name),
                    podRange: platform.egressSubnet.podRange,
                    createPodRange: false,
                    enablePrivateNodes: true,
                },
                nodeConfig: {
                    machineType: gateway.machineType,
                    diskSizeGb: gateway.diskSizeGb,
                    diskType: gateway.diskType,
                    serviceAccount: names.gatewayNodeAccount,
                    oauthScopes: ["https://www.googleapis.com/auth/cloud-platform"],
                    tags: [gateway.networkTag],
                    labels: { [GATEWAY_NODE_KEY]: nodeValue },
                    taints: [{ key: GATEWAY_NODE_KEY, value: nodeValue, effect: GATEWAY_TAINT_EFFECT_GCP }],
                    workloadMetadataConfig: { mode: "GKE_METADATA" },
                    shieldedInstanceConfig: { enableSecureBoot: true, enableIntegrityMonitoring: true },
                    spot: false,
                },
            },
            {
                parent: this,
                // The autoscaler changes the size, and `initialNodeCount` would replace the pool.
                ignoreChanges: ["initialNodeCount", "nodeCount"],
                customTimeouts: { create: "30m", update: "60m", delete: "30m" },
            },
        );
        this.registerOutputs();
    }
}

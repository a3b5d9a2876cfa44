import { plural } from "../../base/words";

/**
 * How Pulumi names what Terraform's blocks hold. In Terraform's JSON every block is a list: Pulumi has an object where the provider
 * takes at most one, and a list with a plural name where it takes more. Holds for the types that the proof reads; a test derives it
 * from `@pulumi/gcp`.
 */

/** Lists of objects, by Pulumi's names. */
export const LISTS: ReadonlySet<string> = new Set(
    (
        "acceleratorConfigs accelerators accessConfigs additionalEndpoints additionalIpRangesConfigs " +
        "additionalNodeNetworkConfigs additionalPodNetworkConfigs advertisedIpRanges airflowMetadataRetentionConfigs " +
        "aliasIpRanges aliasIpv6Ranges allowedIpRanges allowedPorts allows applianceMappings attachedDiskConfigs " +
        "attachedDisks authorizedExternalNetworks authorizedNetworks auxiliaryNodeGroups backends boostConfigs buckets " +
        "buildInfos bundles bypassCacheOnRequestHeaders cas certificateAuthorityDomainConfigs cidrBlocks clients " +
        "computeResources connectionPoolConfigs containerImages containers customLearnedIpRanges customMetrics " +
        "customizationConfigs databaseFlags defaultKeySpecs denies deploymentConfigs deploymentOverrides " +
        "destinations directVpcNetworkInterfaces disks dnsPeeringConfigs effectiveTaints eligibleUsers envFroms envs " +
        "ephemeralDirectories eventFilters events exclusionUntilEndOfSupports exclusions externalIps fileShares files " +
        "filestores filterLabels flags generateMemoriesExamples generatedMemories gkeClusters gkeUpgradeOverrides " +
        "guestAccelerators guestOsFeatures handlers headers hosts initializationActions innerVlanToApplianceMappings " +
        "instanceSelectionLists instanceSelectionResults instanceSelections instanceSplits instances internalIps " +
        "ipv6AccessConfigs items jobs kernels labels layer4Configs localSsdRecoveryTimeouts localityLbPolicies lustres " +
        "maintenanceExclusions maintenancePolicies maintenanceWindows managedGroupConfigs matchingCriterias mediations " +
        "memoryTopics metadataFilters metrics namedPorts nat64Subnetworks negativeCachingPolicies networkConfigs " +
        "networkInterfaces networkResources networks nodeAffinities nodeDrainConfigs nodeGroups nodeImageConfigs " +
        "nodePoolTargets nodePools nodeSets nodeSpecs objectConfigs parameters partitions parts persistentDirectories " +
        "podTolerations pscAutoConnections pscAutomationConfigs pscConfigs pscInterfaceConfigs rayOperatorConfigs " +
        "readinessChecks registryHosts requestCookies requestHeaders requestHeadersToAdds requestQueryParams " +
        "requestUris resourceLimits resourceManagerTags resourcePools responseHeaders roleBindings rules schemaConfigs " +
        "scratchDisks secondaryBootDisks secondaryIpRanges secretEnvironmentVariables secretEnvs secretVolumes " +
        "serviceAccounts serviceAttachments srcSecureTags startTimes statefulDisks statefulExternalIps " +
        "statefulInternalIps steps storageConfigs storageResources structuredMemoryConfigs subjectAltNames subnetworks taints " +
        "targetMetrics targetNameServers targetSecureTags targetSizePolicies targets taskLogsRetentionConfigs " +
        "templateMetadatas templates topics traffics upgradeOptions versions volumeMounts volumes"
    ).split(" "),
);

/** Names that are one object in some types, and a list with a plural name in these. */
export const LIST_IN: Readonly<Record<string, readonly string[]>> = {
    acceleratorConfig: ["workbench/Instance"],
    accessConfig: [
        "compute/Instance",
        "compute/InstanceTemplate",
        "compute/RegionInstanceTemplate",
        "compute/InstanceFromTemplate",
        "compute/InstanceFromMachineImage",
        "backupdisasterrecovery/RestoreWorkload",
        "workbench/Instance",
    ],
    connectionPoolConfig: ["sql/DatabaseInstance"],
    container: [
        "cloudrun/Service",
        "cloudrunv2/Job",
        "cloudrunv2/Service",
        "cloudrunv2/WorkerPool",
        "gkehub/FeatureMembership",
    ],
    containerImage: ["notebooks/Runtime"],
    destination: ["eventarc/Pipeline"],
    dnsPeeringConfig: [
        "colab/Schedule",
        "vertex/AiSchedule",
        "vertex/AiPersistentResource",
        "vertex/AiReasoningEngine",
    ],
    host: ["container/Cluster", "container/NodePool"],
    localSsdRecoveryTimeout: ["compute/InstanceTemplate", "compute/RegionInstanceTemplate"],
    maintenancePolicy: ["container/NodePool"],
    maintenanceWindow: ["alloydb/Cluster"],
    network: ["hypercomputecluster/Cluster", "dns/ManagedZone", "dns/Policy"],
    networkConfig: ["managedkafka/ConnectCluster"],
    pscConfig: ["sql/DatabaseInstance"],
    pscInterfaceConfig: ["alloydb/Instance"],
    readinessCheck: ["workstations/WorkstationConfig"],
    serviceAccount: ["backupdisasterrecovery/RestoreWorkload", "workbench/Instance"],
    startTime: [],
    storageConfig: ["hypercomputecluster/Cluster"],
    template: [],
};

/** Lists of plain values whose Terraform names are singular. */
const PLAIN_LISTS = new Set(["sourceIpRangesToNats"]);

/** What Google's provider or Google fills in where the configuration says nothing, which then means Google's default. */
export const FILLED_IN: ReadonlySet<string> = new Set(
    (
        "project region zone location network subnetwork stackType ipv6AccessType privateIpGoogleAccess purpose direction sourceRanges " +
        "destinationRanges nextHopIp serviceAccount labels enablePrivateNodes podRange clusterIpv4CidrBlock clusterSecondaryRangeName " +
        // Blocks of clusters and pools. A `dynamic` block that is not known as a whole looks the same.
        "nodeConfig nodePools nodePoolAutoConfig networkConfig clusterAutoscaling autoProvisioningDefaults defaultSnatStatus " +
        "ipAllocationPolicy privateClusterConfig"
    ).split(" "),
);

function camelCase(name: string): string {
    return name.replace(/_+([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

/** What Pulumi calls a block or an attribute: its name, and another one for a list of blocks or of values. */
interface Named {
    readonly name: string;
    readonly blocks?: string;
    readonly values?: string;
}

export function named(type: string, terraformName: string): Named {
    const name = camelCase(terraformName);
    const many = plural(name);
    const types = LIST_IN[name];
    const isList =
        types === undefined ? LISTS.has(many) : types.includes(type.replace(/^gcp:(\w+)\/.*:(\w+)$/, "$1/$2"));
    return {
        name,
        ...(LISTS.has(name) ? { blocks: name } : isList ? { blocks: many } : {}),
        ...(PLAIN_LISTS.has(many) ? { values: many } : {}),
    };
}

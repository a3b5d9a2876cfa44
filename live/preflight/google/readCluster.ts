import { type Json } from "../../../containment/document";
import { last } from "../../../containment/inventory/asset";
import { fields, fieldsList, stringMap, text, texts } from "../../../containment/kubernetes";
import { kubeconfigOf } from "../../google/kubeconfig";
import { type ClusterFacts, type PoolFacts } from "./facts";

export function readCluster(cluster: Json): ClusterFacts {
    const at = (...keys: readonly string[]): unknown =>
        keys.reduce<unknown>((value, key) => fields(value)[key], cluster);
    const network = fields(cluster["networkConfig"]);
    const endpoints = fields(cluster["privateClusterConfig"]);
    const dataplaneV2 = network["datapathProvider"] === "ADVANCED_DATAPATH";
    const workloadPool = text(at("workloadIdentityConfig", "workloadPool"));
    return {
        version: text(cluster["currentMasterVersion"]) ?? "",
        network: last(network["network"]) ?? text(cluster["network"]) ?? "",
        podCidr: text(cluster["clusterIpv4Cidr"]) ?? "",
        serviceCidr: text(cluster["servicesIpv4Cidr"]) ?? "",
        controlPlaneAddresses: [
            endpoints["masterIpv4CidrBlock"],
            at("controlPlaneEndpointsConfig", "ipEndpointsConfig", "privateEndpoint") ?? endpoints["privateEndpoint"],
        ].flatMap(address => text(address) ?? []),
        kubeconfig: kubeconfigOf(cluster),
        additionalSubnets: fieldsList(at("ipAllocationPolicy", "additionalIpRangesConfigs")).map(
            ({ podIpv4RangeNames, status, subnetwork }) => ({
                name: last(subnetwork) ?? "",
                podRanges: texts(podIpv4RangeNames),
                draining: status === "DRAINING",
            }),
        ),
        privateNodes: endpoints["enablePrivateNodes"] === true || network["defaultEnablePrivateNodes"] === true,
        dataplaneV2,
        networkPoliciesEnforced: dataplaneV2 || at("networkPolicy", "enabled") === true,
        cloudDns: at("networkConfig", "dnsConfig", "clusterDns") === "CLOUD_DNS",
        nodeLocalDns: at("addonsConfig", "dnsCacheConfig", "enabled") === true,
        defaultSnat: at("networkConfig", "defaultSnatStatus", "disabled") !== true,
        ...(workloadPool === undefined ? {} : { workloadIdentityPool: workloadPool }),
        autoProvisioning: at("autoscaling", "enableNodeAutoprovisioning") === true,
        controlPlaneCallsOut: at("controlPlaneEgress", "mode") !== "NONE",
        pools: fieldsList(cluster["nodePools"]).map(poolFacts),
    };
}

function poolFacts({ config, name, networkConfig }: Json): PoolFacts {
    const { labels, serviceAccount, tags, workloadMetadataConfig } = fields(config);
    const { enablePrivateNodes, subnetwork } = fields(networkConfig);
    const subnet = last(subnetwork);
    return {
        name: text(name) ?? "",
        serviceAccount: text(serviceAccount) ?? "default",
        tags: texts(tags),
        ...(subnet === undefined ? {} : { subnet }),
        privateNodes: enablePrivateNodes === true,
        gkeMetadata: fields(workloadMetadataConfig)["mode"] === "GKE_METADATA",
        labels: stringMap(labels),
    };
}

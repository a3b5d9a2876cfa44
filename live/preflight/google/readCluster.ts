import type { protos } from "@google-cloud/container";
import { kubeconfig } from "../../../components/platform/kubeconfig";
import { type ClusterFacts, lastPart, type PoolFacts } from "./facts";

type Cluster = protos.google.container.v1.ICluster;
type NodePool = protos.google.container.v1.INodePool;

/** An enumeration comes as its number or as its name, whichever the transport carries. */
function is(value: unknown, name: string, number: number): boolean {
    return value === name || value === number;
}

/** The numbers are those of `container/v1/cluster_service.proto`. */
export function readCluster(cluster: Cluster): ClusterFacts {
    const network = cluster.networkConfig ?? {};
    const endpoints = cluster.privateClusterConfig ?? {};
    const ip = cluster.controlPlaneEndpointsConfig?.ipEndpointsConfig;
    return {
        version: cluster.currentMasterVersion ?? "",
        network: lastPart(network.network) || (cluster.network ?? ""),
        podCidr: cluster.clusterIpv4Cidr ?? "",
        serviceCidr: cluster.servicesIpv4Cidr ?? "",
        controlPlaneAddresses: [endpoints.masterIpv4CidrBlock, ip?.privateEndpoint ?? endpoints.privateEndpoint].filter(
            (address): address is string => typeof address === "string" && address !== "",
        ),
        kubeconfig: kubeconfigOf(cluster),
        additionalSubnets: (cluster.ipAllocationPolicy?.additionalIpRangesConfigs ?? []).map(
            ({ podIpv4RangeNames, status, subnetwork }) => ({
                name: lastPart(subnetwork),
                podRanges: podIpv4RangeNames ?? [],
                draining: is(status, "DRAINING", 2),
            }),
        ),
        privateNodes: endpoints.enablePrivateNodes === true || network.defaultEnablePrivateNodes === true,
        dataplaneV2: is(network.datapathProvider, "ADVANCED_DATAPATH", 2),
        networkPoliciesEnforced:
            is(network.datapathProvider, "ADVANCED_DATAPATH", 2) || cluster.networkPolicy?.enabled === true,
        cloudDns: is(network.dnsConfig?.clusterDns, "CLOUD_DNS", 2),
        nodeLocalDns: cluster.addonsConfig?.dnsCacheConfig?.enabled === true,
        defaultSnat: network.defaultSnatStatus?.disabled !== true,
        ...((cluster.workloadIdentityConfig?.workloadPool ?? "") === ""
            ? {}
            : { workloadIdentityPool: cluster.workloadIdentityConfig!.workloadPool! }),
        autoProvisioning: cluster.autoscaling?.enableNodeAutoprovisioning === true,
        controlPlaneCallsOut: !is(cluster.controlPlaneEgress?.mode, "NONE", 2),
        pools: (cluster.nodePools ?? []).map(poolFacts),
    };
}

function kubeconfigOf({ controlPlaneEndpointsConfig, endpoint, masterAuth, name }: Cluster): string {
    const dns = controlPlaneEndpointsConfig?.dnsEndpointConfig;
    return kubeconfig(name ?? "", {
        endpoint: endpoint ?? "",
        masterAuths: [{ clusterCaCertificate: masterAuth?.clusterCaCertificate ?? "" }],
        controlPlaneEndpointsConfigs: [
            {
                dnsEndpointConfigs:
                    dns === null || dns === undefined
                        ? []
                        : [
                              {
                                  endpoint: dns.endpoint ?? "",
                                  allowExternalTraffic: dns.allowExternalTraffic === true,
                              },
                          ],
            },
        ],
    });
}

function poolFacts({ config, name, networkConfig }: NodePool): PoolFacts {
    const subnet = lastPart(networkConfig?.subnetwork);
    return {
        name: name ?? "",
        serviceAccount: config?.serviceAccount ?? "default",
        tags: config?.tags ?? [],
        ...(subnet === "" ? {} : { subnet }),
        privateNodes: networkConfig?.enablePrivateNodes === true,
        gkeMetadata: is(config?.workloadMetadataConfig?.mode, "GKE_METADATA", 2),
        labels: config?.labels ?? {},
    };
}

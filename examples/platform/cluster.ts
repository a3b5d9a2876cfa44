import * as gcp from "@pulumi/gcp";
import * as pulumi from "@pulumi/pulumi";
import { googleNames, type PlatformSettings, RANGES } from "./settings";

const HARDENED = {
    oauthScopes: ["https://www.googleapis.com/auth/cloud-platform"],
    // Without it pods could take the node's own identity from the metadata server.
    workloadMetadataConfig: { mode: "GKE_METADATA" },
    shieldedInstanceConfig: { enableSecureBoot: true, enableIntegrityMonitoring: true },
    // Google's default is 100 GB a node, and a new project has 500 GB of SSD in a region for all of its nodes.
    diskSizeGb: 50,
    diskType: "pd-balanced",
};

/** A private Standard cluster with the egress subnet registered, and the nodes of the applications. */
export class Cluster extends pulumi.ComponentResource {
    /** Holds no credentials: the plugin asks for them with the caller's own. */
    public readonly kubeconfig: pulumi.Output<string>;

    constructor(name: string, settings: PlatformSettings, opts?: pulumi.ComponentResourceOptions) {
        const { project, platform } = settings;
        super("platform:cluster:Cluster", name, { cluster: platform.cluster.name }, opts);
        const names = googleNames(settings);

        const cluster = new gcp.container.Cluster(name, clusterArgs(settings), {
            parent: this,
            // The first pool is removed at once, and the cluster then shows another pool's configuration as its own.
            ignoreChanges: ["initialNodeCount", "nodeConfig"],
            customTimeouts: { create: "45m", update: "60m", delete: "45m" },
        });
        const { nodes } = settings;
        new gcp.container.NodePool(
            `${name}-applications`,
            {
                project,
                location: platform.cluster.location,
                cluster: names.cluster,
                ...(platform.cluster.zones.length > 0 ? { nodeLocations: platform.cluster.zones } : {}),
                initialNodeCount: 1,
                autoscaling: {
                    totalMinNodeCount: nodes.minNodes,
                    totalMaxNodeCount: nodes.maxNodes,
                    locationPolicy: "BALANCED",
                },
                management: { autoRepair: true, autoUpgrade: true },
                networkConfig: {
                    // Explicit: in a cluster of several subnets GKE would choose by free addresses, and NAT serves one of them.
                    subnetwork: names.nodeSubnet,
                    podRange: RANGES.pods,
                    createPodRange: false,
                    enablePrivateNodes: true,
                },
                nodeConfig: { machineType: nodes.machineType, serviceAccount: names.nodeAccount, ...HARDENED },
            },
            { parent: this, dependsOn: [cluster], ignoreChanges: ["initialNodeCount", "nodeCount"] },
        );

        this.kubeconfig = pulumi
            .all([cluster.id, cluster.endpoint, cluster.masterAuth, cluster.controlPlaneEndpointsConfig])
            .apply(([, endpoint, { clusterCaCertificate }, endpoints]) =>
                kubeconfig(
                    platform.cluster.name,
                    endpoints?.dnsEndpointConfig?.endpoint,
                    endpoint,
                    clusterCaCertificate,
                ),
            );
        this.registerOutputs();
    }
}

function clusterArgs(settings: PlatformSettings): gcp.container.ClusterArgs {
    const { project, platform } = settings;
    const { cluster, egressSubnet } = platform;
    const names = googleNames(settings);
    return {
        project,
        name: cluster.name,
        location: cluster.location,
        ...(cluster.zones.length > 0 ? { nodeLocations: cluster.zones } : {}),
        // Pulumi's `protect` guards it; a second switch would have to be found after the first.
        deletionProtection: false,
        minMasterVersion: cluster.kubernetesVersion,
        releaseChannel: { channel: "REGULAR" },
        network: names.network,
        subnetwork: names.nodeSubnet,
        networkingMode: "VPC_NATIVE",
        datapathProvider: cluster.dataplane === "v2" ? "ADVANCED_DATAPATH" : "LEGACY_DATAPATH",
        ipAllocationPolicy: {
            clusterSecondaryRangeName: RANGES.pods,
            servicesSecondaryRangeName: RANGES.services,
            stackType: "IPV4",
            // Registered now, so that the egress stack's node pool can name it.
            additionalIpRangesConfigs: [
                { subnetwork: names.egressSubnet, podIpv4RangeNames: [egressSubnet.podRange], status: "ACTIVE" },
            ],
        },
        privateClusterConfig: {
            enablePrivateNodes: true,
            enablePrivateEndpoint: true,
            masterIpv4CidrBlock: cluster.controlPlaneCidr,
        },
        // Empty, and yet needed: Google refuses a private endpoint without it. Nodes and pods are always authorized.
        masterAuthorizedNetworksConfig: {},
        // Operators and CI come by the DNS endpoint with IAM; nodes by the private address.
        controlPlaneEndpointsConfig: {
            dnsEndpointConfig: { allowExternalTraffic: true },
            ipEndpointsConfig: { enabled: true },
        },
        workloadIdentityConfig: { workloadPool: `${project}.svc.id.goog` },
        defaultSnatStatus: { disabled: !cluster.defaultSnat },
        // Auto-provisioned pools and ComputeClasses would make nodes with whatever identity they name.
        clusterAutoscaling: { enabled: false },
        // Such a Service takes over the cluster's traffic to any address it names (CVE-2020-8554).
        serviceExternalIpsConfig: { enabled: false },
        enableShieldedNodes: true,
        nodePoolDefaults: { nodeConfigDefaults: { insecureKubeletReadonlyPortEnabled: "FALSE" } },
        addonsConfig: { ...dnsCache(cluster.dns), ...networkPolicyAddon(cluster.dataplane) },
        ...(cluster.dataplane === "legacy" ? { networkPolicy: { enabled: true, provider: "CALICO" } } : {}),
        ...(cluster.dns === "cloud-dns" ? { dnsConfig: CLOUD_DNS } : {}),
        removeDefaultNodePool: true,
        initialNodeCount: 1,
        // The pool lives for minutes, but not as the default account of Compute Engine.
        nodeConfig: { serviceAccount: names.nodeAccount, ...HARDENED },
    };
}

const CLOUD_DNS = {
    clusterDns: "CLOUD_DNS",
    clusterDnsScope: "CLUSTER_SCOPE",
    clusterDnsDomain: "cluster.local",
};

function dnsCache(dns: PlatformSettings["platform"]["cluster"]["dns"]) {
    return dns === "cloud-dns" ? {} : { dnsCacheConfig: { enabled: dns === "node-local-dns" } };
}

/** Without Dataplane V2 nothing enforces network policies unless Calico is switched on, which takes the add-on as well. */
function networkPolicyAddon(dataplane: PlatformSettings["platform"]["cluster"]["dataplane"]) {
    return dataplane === "legacy" ? { networkPolicyConfig: { disabled: false } } : {};
}

/** The DNS endpoint has a public certificate; the private address has the cluster's own. */
function kubeconfig(name: string, dnsEndpoint: string | undefined, address: string, certificate: string): string {
    const cluster =
        dnsEndpoint === undefined
            ? { server: `https://${address}`, "certificate-authority-data": certificate }
            : { server: `https://${dnsEndpoint}` };
    return JSON.stringify({
        apiVersion: "v1",
        kind: "Config",
        clusters: [{ name, cluster }],
        contexts: [{ name, context: { cluster: name, user: name } }],
        "current-context": name,
        users: [
            {
                name,
                user: {
                    exec: {
                        apiVersion: "client.authentication.k8s.io/v1beta1",
                        command: "gke-gcloud-auth-plugin",
                        installHint:
                            "https://cloud.google.com/kubernetes-engine/docs/how-to/cluster-access-for-kubectl",
                        provideClusterInfo: true,
                    },
                },
            },
        ],
    });
}

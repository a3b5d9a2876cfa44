import { type Resource } from "../../../containment/resource";
import { egressSubnets, inputsOf, link, nodeSubnet, put } from "./deployedGoogle";
import { type Answer, type Project } from "./google";

/** The cluster of a stack with its pools, the machines that these make, and who may act as what. */
export function clusterIn(project: Project, planned: readonly Resource[], platform: Answer): void {
    const { region, network, cluster } = platform;
    const { id, number } = project;
    const host: string = platform["networkProject"] ?? id;
    const NETWORK = link(host, `global/networks/${network}`);
    const zone = `zones/${region}-b`;
    const container = `https://container.googleapis.com/v1/projects/${id}/locations/${cluster.location}/clusters/${cluster.name}`;
    const subnet = (name: string): string => `projects/${host}/regions/${region}/subnetworks/${name}`;
    const nodes = nodeSubnet(platform);
    const pools = poolsOf(planned, cluster.nodeServiceAccounts[0] ?? `app-nodes@${id}.iam.gserviceaccount.com`, {
        subnetwork: subnet(nodes),
        podRange: "pods-0",
    }).map(pool => ({
        ...pool,
        status: "RUNNING",
        version: "1.34.1-gke.1829001",
        etag: "0d3f",
        selfLink: `${container}/nodePools/${pool["name"]}`,
        instanceGroupUrls: [link(id, `${zone}/instanceGroupManagers/gke-${pool["name"]}-grp`)],
    }));
    for (const pool of pools) {
        machinesIn(project, zone, pool, cluster.name as string, NETWORK);
    }
    project.clusters.push({
        name: cluster.name,
        location: cluster.location,
        locations: [`${region}-b`],
        selfLink: container,
        status: "RUNNING",
        currentMasterVersion: `${cluster.kubernetesVersion}-gke.1829001`,
        endpoint: "172.16.0.2",
        network,
        subnetwork: nodes,
        networkConfig: {
            network: `projects/${host}/global/networks/${network}`,
            subnetwork: subnet(nodes),
            datapathProvider: cluster.dataplane === "v2" ? "ADVANCED_DATAPATH" : "LEGACY_DATAPATH",
            defaultSnatStatus: cluster.defaultSnat === false ? { disabled: true } : {},
            defaultEnablePrivateNodes: true,
        },
        privateClusterConfig: {
            enablePrivateNodes: true,
            masterIpv4CidrBlock: cluster.controlPlaneCidr,
            privateEndpoint: "172.16.0.2",
        },
        clusterIpv4Cidr: cluster.podCidrs[0],
        servicesIpv4Cidr: cluster.serviceCidr,
        ipAllocationPolicy: {
            clusterSecondaryRangeName: "pods-0",
            clusterIpv4CidrBlock: cluster.podCidrs[0],
            servicesIpv4CidrBlock: cluster.serviceCidr,
            useIpAliases: true,
            stackType: "IPV4",
            additionalIpRangesConfigs: egressSubnets(platform).map(({ name, podRange }) => ({
                subnetwork: subnet(name as string),
                podIpv4RangeNames: [podRange],
                status: "ACTIVE",
            })),
        },
        workloadIdentityConfig: { workloadPool: `${id}.svc.id.goog` },
        controlPlaneEgress: { mode: "NONE" },
        autoscaling: {},
        nodePools: pools,
    });
    const agent = (service: string) => `serviceAccount:service-${number}@${service}.iam.gserviceaccount.com`;
    project.policy = {
        version: 3,
        etag: "BwXhqA==",
        bindings: [
            { role: "roles/container.serviceAgent", members: [agent("container-engine-robot")] },
            { role: "roles/compute.serviceAgent", members: [agent("compute-system")] },
            { role: "roles/viewer", members: ["group:everybody@acme.example"] },
            ...inputsOf(planned, "gcp:projects/iAMMember:IAMMember").map(({ role, member }) => ({
                role,
                members: [member],
            })),
        ],
    };
    for (const { accountId, displayName } of inputsOf(planned, "gcp:serviceaccount/account:Account")) {
        const email = `${accountId}@${id}.iam.gserviceaccount.com`;
        project.accounts[email] = {
            data: {
                name: `projects/${id}/serviceAccounts/${email}`,
                projectId: id,
                uniqueId: "1097",
                email,
                displayName,
                etag: "MDEw",
                oauth2ClientId: "1097",
            },
            policy: { etag: "ACAB" },
            keys: [],
        };
    }
    project.roles.push({
        name: `projects/${id}/roles/looker`,
        title: "Looker",
        stage: "GA",
        includedPermissions: ["compute.networks.get"],
    });
}

function poolsOf(planned: readonly Resource[], serviceAccount: string, inNetwork: Answer): Answer[] {
    return [
        {
            name: "applications",
            config: { serviceAccount, tags: [], labels: {}, workloadMetadataConfig: { mode: "GKE_METADATA" } },
            networkConfig: { ...inNetwork, enablePrivateNodes: true },
        },
        ...planned
            .filter(({ type }) => type === "gcp:container/nodePool:NodePool")
            .map(({ name, inputs: pool }) => {
                const { nodeConfig, cluster: _, location: __, project: ___, ...rest } = structuredClone(pool) as Answer;
                // Pulumi names it after the resource where no name is given.
                return {
                    name: rest["name"] ?? `${name}-4f1c2d3`,
                    ...rest,
                    config: {
                        ...nodeConfig,
                        metadata: { "disable-legacy-endpoints": "true" },
                        imageType: "COS_CONTAINERD",
                        kubeletConfig: { insecureKubeletReadonlyPortEnabled: false },
                    },
                };
            }),
    ];
}

/** The group of a pool, its template and a node. */
function machinesIn(project: Project, zone: string, pool: Answer, cluster: string, network: string): void {
    const { name, config, networkConfig } = pool;
    const machine = {
        serviceAccounts: [{ email: config.serviceAccount, scopes: ["https://www.googleapis.com/auth/cloud-platform"] }],
        tags: { items: ["gke-acme-1f2e-node", ...(config.tags ?? [])], fingerprint: "x" },
        networkInterfaces: [
            {
                network,
                subnetwork: link(project.id, networkConfig.subnetwork as string),
                networkIP: "10.0.0.9",
                name: "nic0",
                stackType: "IPV4_ONLY",
            },
        ],
    };
    const instanceTemplate = link(project.id, `global/instanceTemplates/gke-${name}-1`);
    put(project, "instanceGroupManager", zone, "instanceGroupManagers", {
        name: `gke-${name}-grp`,
        instanceTemplate,
        targetSize: 1,
        versions: [{ instanceTemplate, targetSize: { calculated: 1 } }],
    });
    put(project, "instanceTemplate", "global", "instanceTemplates", { name: `gke-${name}-1`, properties: machine });
    put(project, "instance", zone, "instances", {
        name: `gke-${name}-x7k2`,
        ...machine,
        status: "RUNNING",
        zone: link(project.id, zone),
        metadata: {
            items: [
                {
                    key: "created-by",
                    value: `projects/${project.number}/${zone}/instanceGroupManagers/gke-${name}-grp`,
                },
                { key: "cluster-name", value: cluster },
            ],
        },
    });
}

import { type Json } from "../document";
import { behind, list, nameOf, object, objects } from "./asset";
import { clusterOf, privateByDefault } from "./pools";
import { present } from "./spelling";
import { placeOf, token, type Translate } from "./translate";

/** A cluster: what a pool says nothing about, and the pools that have no asset of their own. */
const cluster: Translate = (asset, data, inventory) => {
    const inNetwork = object(data["networkConfig"]);
    const scaling = object(data["autoscaling"]);
    const { tags, ...automatic } = object(object(data["nodePoolAutoConfig"])["resourceManagerTags"]);
    return [
        {
            type: token("container/Cluster"),
            inputs: present({
                ...data,
                ...placeOf(asset, inventory),
                location: behind(asset, "locations", "zones"),
                zone: undefined,
                // The short names are those of a network in the cluster's own project; these are right in a shared VPC too.
                network: inNetwork["network"] ?? data["network"],
                subnetwork: inNetwork["subnetwork"] ?? data["subnetwork"],
                defaultSnatStatus: inNetwork["defaultSnatStatus"],
                enableAutopilot: object(data["autopilot"])["enabled"],
                privateClusterConfig: present({
                    ...object(data["privateClusterConfig"]),
                    enablePrivateNodes: privateByDefault(data),
                }),
                ipAllocationPolicy: data["ipAllocationPolicy"],
                clusterAutoscaling: present({
                    ...scaling,
                    enabled: scaling["enableNodeAutoprovisioning"],
                    autoProvisioningDefaults: scaling["autoprovisioningNodePoolDefaults"],
                }),
                nodePoolAutoConfig: present({
                    ...object(data["nodePoolAutoConfig"]),
                    resourceManagerTags: tags ?? automatic,
                }),
                // A cluster shows all pools that it has: none of them is only implied.
                removeDefaultNodePool: true,
                nodePools: objects(data["nodePools"])
                    .filter(pool => !inventory.hasPool(asset, pool))
                    .map(pool => ({ ...nodes(pool), name: pool["name"] })),
            }),
        },
    ];
};

const nodePool: Translate = (asset, data, inventory) => [
    {
        type: token("container/NodePool"),
        inputs: present({
            ...nodes(data),
            ...placeOf(asset, inventory),
            name: nameOf(asset),
            location: behind(asset, "locations", "zones"),
            zone: undefined,
            cluster: clusterOf(asset).replace("/zones/", "/locations/"),
        }),
    },
];

/** What a pool says of its nodes, in Pulumi's words. */
function nodes(pool: Json): Json {
    const { config, networkConfig, ...others } = pool;
    const { resourceManagerTags, ...nodeConfig } = object(config);
    return present({
        ...others,
        networkConfig,
        nodeConfig: present({
            ...nodeConfig,
            tags: list(nodeConfig["tags"]),
            resourceManagerTags: object(resourceManagerTags)["tags"],
        }),
    });
}

/** Kubernetes Engine's assets, without `container.googleapis.com/`. */
export const CONTAINER: Readonly<Record<string, Translate>> = { Cluster: cluster, NodePool: nodePool };

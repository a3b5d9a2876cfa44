import { type Resource } from "../../containment/resource";
import { Inputs, NOT_KNOWN } from "../../containment/world/inputs";
import { Directory, type Resolution } from "../../containment/world/references";
import { type Finding, type StackRule, undecided } from "../rule";
import { type PackSettings } from "../settings";
import { isGatewaySubnet } from "./gatewayIdentity";
import { CLUSTER, elements, NODE_POOL, nodesOf } from "./machines";

const PATH = "networkConfig.subnetwork";

/**
 * In a cluster with several subnets GKE puts a pool that names none where most addresses are free (GKE documentation, "Add
 * subnets to clusters"). Only the cluster shows whether the gateway's is among them.
 */
export function nodePoolSubnet(settings: PackSettings): StackRule {
    return {
        scope: "stack",
        name: "node-pool-subnet",
        concern: "perimeter",
        severity: "high",
        enforcement: "mandatory",
        aboutGateway: "named by the stack",
        description: "Node pools name their subnet where the gateway's is one of the cluster's.",
        stops: "Application nodes in the gateway's subnet: GKE chooses by free addresses for pools that name none.",
        remedy: `Set ${PATH} to the application's subnet.`,
        judge: resources => {
            const directory = new Directory(resources);
            return [
                ...directory.ofType(NODE_POOL).flatMap(pool => {
                    const inputs = Inputs.of(pool, []);
                    return inputs.name(PATH) === undefined
                        ? poolFindings(pool, directory.resolve(pool, inputs.name("cluster"), CLUSTER), settings)
                        : [];
                }),
                ...directory.ofType(CLUSTER).flatMap(cluster => clusterFindings(cluster, settings)),
            ];
        },
    };
}

function poolFindings(pool: Resource, cluster: Resolution<Resource>, settings: PackSettings): Finding[] {
    if (cluster.kind !== "one") {
        return [
            {
                resource: pool.urn,
                found:
                    cluster.kind === "none"
                        ? `${PATH} is absent, and the cluster, which may have the gateway's subnet, is not among the resources.`
                        : `${PATH} is absent, and which cluster is meant, which may have the gateway's subnet, is not known.`,
            },
        ];
    }
    return offers(cluster.target, settings).map(offer => ({
        resource: pool.urn,
        ...(offer ?? { found: `${PATH} is absent, and the cluster has the gateway's subnet.` }),
    }));
}

/** Pools that the cluster declares inline, or has GKE make. */
function clusterFindings(cluster: Resource, settings: PackSettings): Finding[] {
    const inputs = Inputs.of(cluster, []);
    const silent = nodesOf(cluster).pools.filter(pool => !pool.isDefaultPool && pool.inputs.name(PATH) === undefined);
    const provisioning = inputs.flag("clusterAutoscaling.enabled");
    return offers(cluster, settings).flatMap(offer => [
        ...silent.map(({ at }) => ({
            resource: cluster.urn,
            ...(offer ?? { found: `${at}${PATH} is absent, and the cluster has the gateway's subnet.` }),
        })),
        ...(provisioning === true
            ? [
                  {
                      resource: cluster.urn,
                      ...(offer ?? {
                          found: "clusterAutoscaling.enabled is true: GKE makes node pools, and the cluster has the gateway's subnet.",
                          remedy: "Switch node auto-provisioning off, or give application nodes and gateway clusters of their own.",
                      }),
                  },
              ]
            : provisioning === NOT_KNOWN
              ? [
                    {
                        resource: cluster.urn,
                        ...undecided(
                            "clusterAutoscaling.enabled",
                            "whether GKE makes node pools in the gateway's subnet",
                        ),
                    },
                ]
              : []),
    ]);
}

/** Nothing where the cluster does not have the gateway's subnet; one entry where it has, which is a finding where nobody can say. */
function offers(cluster: Resource, settings: PackSettings): (Finding | undefined)[] {
    const inputs = Inputs.of(cluster, []);
    const question = "whether the cluster has the gateway's subnet";
    const { known, unclear } = elements(inputs, "ipAllocationPolicy.additionalIpRangesConfigs", question);
    const names = known.map(([path, entry]) => [`${path}.subnetwork`, entry.name("subnetwork")] as const);
    const unknown = names.find(([, name]) => typeof name !== "string");
    return names.some(([, name]) => typeof name === "string" && isGatewaySubnet(name, settings))
        ? [undefined]
        : unclear.length > 0
          ? [unclear[0]]
          : unknown === undefined
            ? []
            : [undecided(unknown[0], question)];
}

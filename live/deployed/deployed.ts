import { CLUSTER_DNS_CONFIG_MAPS, meshConfigMap } from "../../base/conventions";
import { type Reading } from "../../containment/readers";
import { type Resource } from "../../containment/resource";
import { unreadResource } from "../../containment/unread";
import { kubernetesObjects } from "../../containment/kubernetes";
import { gatewayViews } from "../../settings/gateways";
import { googleNames, type GoogleSettings, nodeAccounts, onGoogle } from "../../settings/googleNames";
import { type Settings } from "../../settings/settings";
import { type GoogleApi } from "../google/api";
import { clusterAt } from "../google/elements";
import { kubeconfigOf } from "../google/kubeconfig";
import { isUnreadable, type LiveReaders } from "../readers";
import { type NamedObject, readDeployedCluster } from "./cluster";
import { withMakers } from "./counterparts";
import { readDeployedGoogle } from "./google";

/** What there is, of one side. */
export type DeployedReading = Reading & { readonly source: string };

/**
 * Reads what is deployed, in Google Cloud and in the cluster. Reads only. What cannot be read is among the resources as such, so that no
 * verdict rests on it.
 *
 * @param declared what the stack registers: which ConfigMaps matter, it tells
 * @throws InputError without credentials, or when a kubeconfig or context does not exist
 */
export async function readDeployed(
    settings: Settings,
    declared: readonly Resource[],
    { google, cluster }: LiveReaders,
): Promise<DeployedReading[]> {
    const api = onGoogle(settings) ? await google?.() : undefined;
    const [ofGoogle, ofCluster] = await Promise.all([
        api === undefined ? undefined : googleReading(settings as GoogleSettings, api),
        cluster === undefined ? undefined : clusterReading(settings, declared, cluster, api),
    ]);
    return [ofGoogle, ofCluster].filter(reading => reading !== undefined);
}

async function googleReading(settings: GoogleSettings, api: GoogleApi): Promise<DeployedReading> {
    const { networkProject, project } = googleNames(settings);
    const { network } = settings.platform;
    const gatewayAccounts = gatewayViews(settings).flatMap(nodeAccounts);
    return {
        source: [...new Set([networkProject, project])].map(id => `project ${id}`).join(" and "),
        ...(await readDeployedGoogle(api, { project, networkProject, network, gatewayAccounts })),
    };
}

async function clusterReading(
    settings: Settings,
    declared: readonly Resource[],
    connect: NonNullable<LiveReaders["cluster"]>,
    api: GoogleApi | undefined,
): Promise<DeployedReading> {
    const source = `cluster ${settings.platform.cluster.name}`;
    try {
        const own = api === undefined ? undefined : await ownKubeconfig(settings as GoogleSettings, api);
        return { source, ...(await readDeployedCluster(connect(own), configMapsOf(settings, declared))) };
    } catch (error) {
        if (!isUnreadable(error)) {
            throw error;
        }
        return {
            source,
            spelling: "Kubernetes objects as they are",
            resources: [
                unreadResource({
                    what: `objects of ${source}`,
                    why: error.message,
                    claims: ["C2", "C3", "C4", "C6"],
                }),
            ],
            leftOut: [],
        };
    }
}

async function ownKubeconfig(settings: GoogleSettings, api: GoogleApi): Promise<string | undefined> {
    const cluster = await clusterAt(api, googleNames(settings).cluster);
    return cluster === undefined ? undefined : kubeconfigOf(cluster);
}

/** Those of the mesh and of the cluster's DNS, and those that the stack itself registers. */
function configMapsOf({ mesh }: Settings, declared: readonly Resource[]): readonly NamedObject[] {
    const named: readonly NamedObject[] = [
        { namespace: mesh.controlPlaneNamespace, name: meshConfigMap(mesh.revision) },
        ...CLUSTER_DNS_CONFIG_MAPS.map(name => ({ namespace: "kube-system", name })),
        ...kubernetesObjects(declared)
            .filter(({ kind }) => /^ConfigMap(Patch)?$/.test(kind))
            .map(({ namespace, name }) => ({ namespace, name })),
    ];
    return [...new Map(named.map(each => [`${each.namespace}/${each.name}`, each])).values()];
}

/**
 * The stack as it is deployed: what its components declare (whose destinations, whom the guard exempts) is still the stack's word; that it is
 * so, only what was read says.
 */
export function asDeployed(declared: readonly Resource[], readings: readonly Reading[]): Resource[] {
    return [
        ...declared.filter(({ type }) => type.startsWith("egress-gateway:")),
        ...withMakers(
            declared,
            readings.flatMap(({ resources }) => resources),
        ),
    ];
}

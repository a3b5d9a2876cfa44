import { accountOf } from "../../containment/account";
import { type Reading } from "../../containment/readers";
import { type Resource } from "../../containment/resource";
import { PLATFORM } from "../../declared/platform";
import { ClusterApi, ClusterError, type ClusterOptions } from "../../live/cluster/api";
import { asDeployed, readDeployed } from "../../live/deployed/deployed";
import { GoogleApi } from "../../live/google/api";
import { type LiveReaders } from "../../live/readers";
import { type Evidence, type EvidenceOptions, evidence, joined, readingsIn, resourcesOf } from "../../plan/evidence";
import { planOffline } from "../../plan/offline";
import { PROJECT_DIRECTORY } from "../../plan/project";
import { googleNames, onGoogle } from "../../settings/googleNames";
import { loadSettings, stackSettings } from "../../settings/load";
import { type Settings } from "../../settings/settings";

/** How the live platform is reached. */
export interface LiveOptions extends ClusterOptions {
    /** `--no-google` */
    readonly google: boolean;
    /** `false`: `--no-cluster`. A name says which cluster is meant, and nothing here. */
    readonly cluster?: string | boolean;
}

/** What is deployed of a stack, and what the stack says should be. */
export interface DeployedEvidence extends Evidence {
    readonly planned: readonly Resource[];
    /** What stacks register that share its network. */
    readonly others: readonly Resource[];
    /** The stack's cluster, in full where it is Google's. */
    readonly cluster: string;
}

/** @throws InputError with what is missing: credentials, a kubeconfig, a context. */
export async function deployedEvidence(
    options: EvidenceOptions & LiveOptions & { readonly stack: string },
): Promise<DeployedEvidence> {
    const { stack, from, with: others = [] } = options;
    const settings = await settingsOf(stack);
    const planned = await evidence({ stack, ...(from === undefined ? {} : { from }) });
    quiet();
    const readings = await readDeployed(settings, planned, liveReaders(settings, options));
    const added = others.flatMap(file => readingsIn("--with", file));
    const [stacks, further] = partitioned(added);
    return {
        planned,
        others: stacks,
        cluster: onGoogle(settings) ? googleNames(settings).cluster : settings.platform.cluster.name,
        resources: joined(asDeployed([...planned, ...stacks], readings), further),
        accounts: [...readings, ...added].map(reading => accountOf(reading.source, reading)),
    };
}

/** What other stacks with a gateway register, which is read as this one's is, and everything else that is given. */
function partitioned(readings: readonly Reading[]): [stacks: Resource[], further: Resource[]] {
    const isStack = ({ resources }: Reading): boolean => resources.some(({ type }) => type === PLATFORM.type);
    return [resourcesOf(readings.filter(isStack)), resourcesOf(readings.filter(reading => !isStack(reading)))];
}

export function liveReaders(settings: Settings, options: LiveOptions): LiveReaders {
    return {
        ...(options.google ? { google: () => GoogleApi.connect() } : {}),
        ...(options.cluster === false ? {} : { cluster: own => clusterOf(settings, options, own) }),
    };
}

/** Google's libraries warn about their own insides, and about machines that are not Google's. */
export function quiet(): void {
    process.removeAllListeners("warning");
}

/**
 * As the program reaches it: by the context that is named, else by the cluster's own endpoint. The kubeconfig's current context, which may
 * be another cluster's, stands in only where Google is left out or has nothing to do with it.
 */
export function clusterOf(
    { kubernetes, platform }: Settings,
    { google, kubeconfig, context = kubernetes.context }: Pick<LiveOptions, "google" | "kubeconfig" | "context">,
    own: string | undefined,
): ClusterApi {
    if (platform.kind !== "gke" || !google || kubeconfig !== undefined || context !== undefined) {
        return ClusterApi.connect({
            ...(kubeconfig === undefined ? {} : { kubeconfig }),
            ...(context === undefined ? {} : { context }),
        });
    }
    if (own === undefined) {
        throw new ClusterError("Google did not tell the cluster's endpoint, and no context is named");
    }
    return ClusterApi.byKubeconfig(own);
}

/** As the program reads them, other stacks' outputs from their files. */
export async function settingsOf(stack: string, directory = PROJECT_DIRECTORY): Promise<Settings> {
    let settings: Settings | undefined;
    await planOffline(directory, stack, async () => {
        settings = await loadSettings(stackSettings(directory));
    });
    return settings!;
}

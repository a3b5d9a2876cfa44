import { type CheckResult } from "../../live/preflight/check";
import { GoogleApi } from "../../live/google/api";
import { preflight as checkPlatform } from "../../live/preflight/preflight";
import { preflightReport } from "../preflightReport";
import { loadSettings, stackSettings } from "../../settings/load";
import { type Settings } from "../../settings/settings";
import { ClusterApi, ClusterError, type ClusterOptions } from "../../live/cluster/api";
import { EXIT, answer } from "../output";
import { planOffline } from "../../plan/offline";
import { PROJECT_DIRECTORY } from "../../plan/project";

export interface PreflightOptions extends ClusterOptions {
    readonly stack: string;
    /** `--no-google` */
    readonly google: boolean;
    /** `--no-cluster` */
    readonly cluster: boolean;
    readonly json?: boolean;
}

/** Before `up`: does the live project and cluster agree with the platform settings? */
export async function preflight(options: PreflightOptions): Promise<void> {
    const settings = await settingsOf(options.stack);
    // Google's libraries warn about their own insides, and about machines that are not Google's.
    process.removeAllListeners("warning");
    const checks = await checkPlatform(settings, {
        ...(options.google ? { google: () => GoogleApi.connect() } : {}),
        ...(options.cluster ? { cluster: own => clusterOf(settings, options, own) } : {}),
    });
    answer(options.json, { stack: options.stack, checks }, () => preflightReport(checks));
    const has = (result: CheckResult): boolean => checks.some(check => check.result === result);
    process.exitCode = has("contradicts")
        ? EXIT.doesNotHold
        : has("unreadable") || checks.length === 0
          ? EXIT.cannotTell
          : EXIT.holds;
}

/**
 * As the program reaches it: by the context that is named, else by the cluster's own endpoint. The kubeconfig's current context, which may
 * be another cluster's, stands in only where Google is left out or has nothing to do with it.
 */
export function clusterOf(
    { kubernetes, platform }: Settings,
    { google, kubeconfig, context = kubernetes.context }: Pick<PreflightOptions, "google" | "kubeconfig" | "context">,
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
async function settingsOf(stack: string): Promise<Settings> {
    let settings: Settings | undefined;
    await planOffline(PROJECT_DIRECTORY, stack, async () => {
        settings = await loadSettings(stackSettings(PROJECT_DIRECTORY));
    });
    return settings!;
}

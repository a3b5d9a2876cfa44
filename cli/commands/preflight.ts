import { type CheckResult } from "../../preflight/check";
import { readGoogle } from "../../preflight/google/read";
import { preflight as checkPlatform } from "../../preflight/preflight";
import { preflightReport } from "../preflightReport";
import { loadSettings } from "../../settings/load";
import { type Settings } from "../../settings/settings";
import { ClusterApi, type ClusterOptions } from "../../verify/cluster/api";
import { EXIT } from "../exit";
import { planOffline } from "../plan/offline";
import { PROJECT_DIRECTORY } from "../project";

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
        ...(options.google ? { google: scope => readGoogle(scope) } : {}),
        ...(options.cluster
            ? {
                  cluster: () =>
                      ClusterApi.connect({ ...options, context: options.context ?? settings.kubernetes.context }),
              }
            : {}),
    });
    console.log(
        options.json === true
            ? JSON.stringify({ stack: options.stack, checks }, undefined, 2)
            : preflightReport(checks),
    );
    const has = (result: CheckResult): boolean => checks.some(check => check.result === result);
    process.exitCode = has("contradicts")
        ? EXIT.doesNotHold
        : has("unreadable") || checks.length === 0
          ? EXIT.cannotTell
          : EXIT.holds;
}

/** As the program reads them, other stacks' outputs from their files. */
async function settingsOf(stack: string): Promise<Settings> {
    let settings: Settings | undefined;
    await planOffline(PROJECT_DIRECTORY, stack, async () => {
        settings = await loadSettings(PROJECT_DIRECTORY);
    });
    return settings!;
}

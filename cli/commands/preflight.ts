import { type CheckResult } from "../../live/preflight/check";
import { preflight as checkPlatform } from "../../live/preflight/preflight";
import { preflightReport } from "../preflightReport";
import { type LiveOptions, liveReaders, quiet, settingsOf } from "./deployed";
import { EXIT, answer } from "../output";

export interface PreflightOptions extends LiveOptions {
    readonly stack: string;
    readonly json?: boolean;
}

/** Before `up`: does the live project and cluster agree with the platform settings? */
export async function preflight(options: PreflightOptions): Promise<void> {
    const settings = await settingsOf(options.stack);
    quiet();
    const checks = await checkPlatform(settings, liveReaders(settings, options));
    answer(options.json, { stack: options.stack, checks }, () => preflightReport(checks));
    const has = (result: CheckResult): boolean => checks.some(check => check.result === result);
    process.exitCode = has("contradicts")
        ? EXIT.doesNotHold
        : has("unreadable") || checks.length === 0
          ? EXIT.cannotTell
          : EXIT.holds;
}

/** How many tests passed, failed and were skipped, as the test runner counted them. */
export interface Counts {
    readonly passed: number;
    readonly failed: number;
    readonly skipped: number;
}

export const NONE: Counts = { passed: 0, failed: 0, skipped: 0 };

export function sum(all: readonly Counts[]): Counts {
    return all.reduce(
        (total, counts) => ({
            passed: total.passed + counts.passed,
            failed: total.failed + counts.failed,
            skipped: total.skipped + counts.skipped,
        }),
        NONE,
    );
}

/** The closing line, which tools read: `12 passed, 0 failed`, with `, 3 skipped` only where something was. */
export function closingLine({ passed, failed, skipped }: Counts): string {
    return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`;
}

/** What mocha's `stats` say. A hook that failed counts among the failures. */
interface MochaStats {
    readonly passes: number;
    readonly failures: number;
    readonly pending: number;
}

export interface Outcome {
    readonly counts: Counts;
    /** Why the run failed although the runner counted no failed test. */
    readonly complaint?: string;
}

/**
 * Judges one run of mocha. A runner that ended before it could count, one that executed nothing, and one that exited with
 * an error beside passing tests (an error outside any test) all count as one failure, so that no total looks clean.
 *
 * @param stats what the runner wrote, undefined when it wrote nothing
 * @param ending exit code of the process, or the signal or reason that ended it
 */
export function judge(stats: MochaStats | undefined, ending: number | string): Outcome {
    if (stats === undefined) {
        return { counts: { ...NONE, failed: 1 }, complaint: `the test runner ended (${ending}) without counting` };
    }
    const counts = { passed: stats.passes, failed: stats.failures, skipped: stats.pending };
    if (counts.failed > 0) {
        return { counts };
    }
    if (ending !== 0) {
        return { counts: { ...counts, failed: 1 }, complaint: `the test runner ended with ${ending} outside any test` };
    }
    if (counts.passed === 0) {
        return { counts: { ...counts, failed: 1 }, complaint: "no test was executed" };
    }
    return { counts };
}

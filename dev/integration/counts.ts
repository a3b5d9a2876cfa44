import * as fs from "node:fs";

/** How many tests passed, failed and were skipped, as the test runner counted them, and what it said of each that failed. */
export interface Counts {
    readonly passed: number;
    readonly failed: number;
    readonly skipped: number;
    readonly failures: readonly string[];
}

export const NONE: Counts = { passed: 0, failed: 0, skipped: 0, failures: [] };

export function sum(all: readonly Counts[]): Counts {
    return all.reduce(
        (total, counts) => ({
            passed: total.passed + counts.passed,
            failed: total.failed + counts.failed,
            skipped: total.skipped + counts.skipped,
            failures: [...total.failures, ...counts.failures],
        }),
        NONE,
    );
}

/** What failed, told once more: the end of a long log is what is kept and read. Empty when nothing failed. */
export function failureReport({ failures }: Counts): string {
    return failures.map((failure, index) => `\n${index + 1}) ${failure}\n`).join("");
}

/** The closing line, which tools read: `12 passed, 0 failed`, with `, 3 skipped` only where something was. */
export function closingLine({ passed, failed, skipped }: Counts): string {
    return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`;
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
 * @param counts what the runner wrote, undefined when it wrote nothing; a failed hook is among the failures
 * @param ending exit code of the process, or the signal or reason that ended it
 */
export function judge(counts: Counts | undefined, ending: number | string): Outcome {
    if (counts === undefined) {
        return failedRun(NONE, `the test runner ended (${ending}) without counting`);
    }
    if (counts.failed > 0) {
        return { counts };
    }
    if (ending !== 0) {
        return failedRun(counts, `the test runner ended with ${ending} outside any test`);
    }
    if (counts.passed === 0) {
        return failedRun(counts, "no test was executed");
    }
    return { counts };
}

export function failedRun(counts: Counts, complaint: string): Outcome {
    return { counts: { ...counts, failed: 1, failures: [complaint] }, complaint };
}

/** The counts in a file that a runner should have written; undefined when it did not get that far. */
export function readCounts(file: string): Counts | undefined {
    return fs.existsSync(file) ? (JSON.parse(fs.readFileSync(file, "utf8")) as Counts) : undefined;
}

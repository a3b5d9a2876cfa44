// Mocha's `spec` reporter for people; beside it the runner's own statistics, as JSON into the file of
// `--reporter-option counts=FILE`: totals are read from there and never from printed text.
// (Mocha's `json` reporter would do, but it cannot write a failed comparison of BigInts.)
const fs = require("node:fs");
const { reporters, Runner } = require("mocha");

// Characters: enough for a message and the first frames; comparisons of whole plans are in the log above.
const LONGEST_FAILURE = 3_000;

module.exports = class SpecAndCounts extends reporters.Spec {
    constructor(runner, options) {
        super(runner, options);
        const file = options.reporterOption?.counts;
        if (typeof file !== "string") {
            throw new Error("spec-and-counts: expected --reporter-option counts=FILE");
        }
        const failures = [];
        runner.on(Runner.constants.EVENT_TEST_FAIL, (test, error) => {
            failures.push(`${test.fullTitle()}\n${String(error.stack ?? error).slice(0, LONGEST_FAILURE)}`);
        });
        runner.once(Runner.constants.EVENT_RUN_END, () => {
            const { passes: passed, failures: failed, pending: skipped } = runner.stats;
            fs.writeFileSync(file, JSON.stringify({ passed, failed, skipped, failures }));
        });
    }
};

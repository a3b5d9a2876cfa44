// Mocha's `spec` reporter for people; beside it the runner's own statistics, as JSON into the file of
// `--reporter-option counts=FILE`: totals are read from there and never from printed text.
// (Mocha's `json` reporter would do, but it cannot write a failed comparison of BigInts.)
const fs = require("node:fs");
const { reporters, Runner } = require("mocha");

module.exports = class SpecAndCounts extends reporters.Spec {
    constructor(runner, options) {
        super(runner, options);
        const file = options.reporterOption?.counts;
        if (typeof file !== "string") {
            throw new Error("spec-and-counts: expected --reporter-option counts=FILE");
        }
        runner.once(Runner.constants.EVENT_RUN_END, () => {
            const { passes, failures, pending } = runner.stats;
            fs.writeFileSync(file, JSON.stringify({ passed: passes, failed: failures, skipped: pending }));
        });
    }
};

import assert from "node:assert/strict";
import { closingLine, judge, sum } from "../../dev/integration/counts";

describe("counting a test run", () => {
    const stats = (passed: number, failed: number, skipped = 0) => ({ passed, failed, skipped });

    it("takes the runner's own numbers", () => {
        assert.deepEqual(judge(stats(7, 0, 2), 0), { counts: { passed: 7, failed: 0, skipped: 2 } });
        assert.deepEqual(judge(stats(7, 3), 3), { counts: { passed: 7, failed: 3, skipped: 0 } });
    });

    it("fails a run in which no test was executed, even when the runner is content", () => {
        const { counts, complaint } = judge(stats(0, 0, 4), 0);
        assert.deepEqual(counts, { passed: 0, failed: 1, skipped: 4 });
        assert.equal(complaint, "no test was executed");
    });

    it("fails a run whose runner ended with an error beside passing tests", () => {
        const { counts, complaint } = judge(stats(5, 0), 7);
        assert.deepEqual(counts, { passed: 5, failed: 1, skipped: 0 });
        assert.equal(complaint, "the test runner ended with 7 outside any test");
    });

    it("fails a run that never counted, and says how it ended", () => {
        const { counts, complaint } = judge(undefined, "SIGKILL");
        assert.deepEqual(counts, { passed: 0, failed: 1, skipped: 0 });
        assert.equal(complaint, "the test runner ended (SIGKILL) without counting");
    });

    it("sums runs, and an empty list is nothing at all", () => {
        const runs = [
            { passed: 1, failed: 2, skipped: 3 },
            { passed: 10, failed: 20, skipped: 30 },
        ];
        assert.deepEqual(sum(runs), { passed: 11, failed: 22, skipped: 33 });
        assert.deepEqual(sum([]), { passed: 0, failed: 0, skipped: 0 });
    });

    it("mentions skipped tests in the closing line only where there are some", () => {
        assert.equal(closingLine({ passed: 12, failed: 0, skipped: 0 }), "12 passed, 0 failed");
        assert.equal(closingLine({ passed: 12, failed: 1, skipped: 3 }), "12 passed, 1 failed, 3 skipped");
    });
});

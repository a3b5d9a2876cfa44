import assert from "node:assert/strict";
import { closingLine, failureReport, judge, sum } from "../../dev/integration/counts";

describe("counting a test run", () => {
    const stats = (passed: number, failed: number, skipped = 0, failures: string[] = []) => ({
        ...{ passed, failed, skipped },
        failures,
    });

    it("takes the runner's own numbers", () => {
        assert.deepEqual(judge(stats(7, 0, 2), 0), { counts: stats(7, 0, 2) });
        assert.deepEqual(judge(stats(7, 3, 0, ["a", "b", "c"]), 3), { counts: stats(7, 3, 0, ["a", "b", "c"]) });
    });

    it("fails a run in which no test was executed, even when the runner is content", () => {
        const { counts, complaint } = judge(stats(0, 0, 4), 0);
        assert.deepEqual(counts, stats(0, 1, 4, ["no test was executed"]));
        assert.equal(complaint, "no test was executed");
    });

    it("fails a run whose runner ended with an error beside passing tests", () => {
        const { counts, complaint } = judge(stats(5, 0), 7);
        assert.deepEqual(counts, stats(5, 1, 0, [complaint!]));
        assert.equal(complaint, "the test runner ended with 7 outside any test");
    });

    it("fails a run that never counted, and says how it ended", () => {
        const { counts, complaint } = judge(undefined, "SIGKILL");
        assert.deepEqual(counts, stats(0, 1, 0, [complaint!]));
        assert.equal(complaint, "the test runner ended (SIGKILL) without counting");
    });

    it("sums runs, and an empty list is nothing at all", () => {
        const runs = [stats(1, 2, 3, ["one"]), stats(10, 20, 30, ["two"])];
        assert.deepEqual(sum(runs), stats(11, 22, 33, ["one", "two"]));
        assert.deepEqual(sum([]), stats(0, 0));
    });

    it("tells once more what failed, and nothing where nothing did", () => {
        assert.equal(failureReport(stats(0, 2, 0, ["one", "two"])), "\n1) one\n\n2) two\n");
        assert.equal(failureReport(stats(3, 0)), "");
    });

    it("mentions skipped tests in the closing line only where there are some", () => {
        assert.equal(closingLine(stats(12, 0)), "12 passed, 0 failed");
        assert.equal(closingLine(stats(12, 1, 3)), "12 passed, 1 failed, 3 skipped");
    });
});

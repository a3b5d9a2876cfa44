import { closingLine, failureReport, judge, readCounts, sum } from "./integration/counts";

/**
 * `closing-line.ts FILE EXIT-CODE [FILE EXIT-CODE ...]`: what failed in several test runs and one closing line for them,
 * from the counts that each wrote and the code with which it ended.
 */
const args = process.argv.slice(2);
const outcomes = args.flatMap((file, index) =>
    index % 2 === 0 ? [judge(readCounts(file), Number(args[index + 1]))] : [],
);
const total = sum(outcomes.map(({ counts }) => counts));
console.log(failureReport(total));
console.log(closingLine(total));
process.exitCode = total.failed === 0 ? 0 : 1;

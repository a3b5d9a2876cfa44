// `npm test` runs everything that needs Node alone; `npm test -- test/settings/*.test.ts` those files only. All else is mocha's.
const { spawnSync } = require("node:child_process");

const EVERYTHING = ["test/**/*.test.ts", "--ignore", "test/{browser,engine,cluster,network}/**"];

const args = process.argv.slice(2);
const files = args.some(arg => arg.endsWith(".test.ts"));
const { status } = spawnSync(
    process.execPath,
    [require.resolve("mocha/bin/mocha.js"), ...(files ? [] : EVERYTHING), ...args],
    { stdio: "inherit" },
);
process.exitCode = status ?? 1;

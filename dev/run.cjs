// Runs a TypeScript file of this repository: node dev/run.cjs dev/tools.ts [arguments]
// Types are not checked here; `npm run check` does that.
const path = require("node:path");

// Sucrase starts in half of ts-node's time, and the engine tier starts hundreds of processes.
require("sucrase/register/ts");

const [script, ...rest] = process.argv.slice(2);
if (script === undefined) {
    process.stderr.write("run.cjs: which script? For example: node dev/run.cjs dev/tools.ts\n");
    process.exit(2);
}
const file = path.resolve(script);
process.argv = [process.argv[0], file, ...rest];
require(file);

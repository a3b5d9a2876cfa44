// Runs a TypeScript file of this repository: node dev/run.cjs dev/tools.ts [arguments]
// Types are not checked here; `npm run check` does that.
const { Buffer } = require("node:buffer");
const { createHash } = require("node:crypto");
const fs = require("node:fs");
const path = require("node:path");
const { addHook } = require("pirates");

// What was transpiled is kept: it takes a third of a short command's time, and the engine tier starts hundreds of processes.
const ROOT = path.join(__dirname, "..");
const KEPT = path.join(ROOT, "node_modules/.cache/transpiled");
const OPTIONS = { transforms: ["imports", "typescript"], disableESTransforms: true };
const MADE_WITH = JSON.stringify([require("sucrase/package.json").version, OPTIONS]);

addHook(
    (code, filePath) => {
        const name = createHash("sha256").update(path.relative(ROOT, filePath)).digest("hex");
        const made = `//# made of ${createHash("sha256").update(MADE_WITH).update(code).digest("hex")}\n`;
        const file = path.join(KEPT, name);
        const kept = read(file);
        if (kept?.startsWith(made)) {
            return kept.slice(made.length);
        }
        const transpiled = transpile(code, filePath);
        keep(file, made + transpiled);
        return transpiled;
    },
    { exts: [".ts"] },
);

function transpile(code, filePath) {
    const { code: script, sourceMap } = require("sucrase").transform(code, {
        ...OPTIONS,
        filePath,
        sourceMapOptions: { compiledFilename: filePath },
    });
    const map = Buffer.from(JSON.stringify(sourceMap)).toString("base64");
    return `${script}\n//# sourceMappingURL=data:application/json;charset=utf-8;base64,${map}`;
}

function read(file) {
    try {
        return fs.readFileSync(file, "utf8");
    } catch {
        return undefined;
    }
}

/** Others may be writing the same file; where nothing can be written, nothing is kept. */
function keep(file, text) {
    try {
        fs.mkdirSync(KEPT, { recursive: true });
        fs.writeFileSync(`${file}.${process.pid}`, text);
        fs.renameSync(`${file}.${process.pid}`, file);
    } catch {
        // The next process transpiles again.
    }
}

const [script, ...rest] = process.argv.slice(2);
if (script === undefined) {
    process.stderr.write("run.cjs: which script? For example: node dev/run.cjs dev/tools.ts\n");
    process.exit(2);
}
const file = path.resolve(script);
process.argv = [process.argv[0], file, ...rest];
require(file);

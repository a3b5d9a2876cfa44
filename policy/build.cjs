// Bundles the pack into one file. The SDK stays outside: the runner that starts the pack has loaded it already.
const path = require("node:path");

const esbuild = optional("esbuild");
if (esbuild !== undefined) {
    esbuild.buildSync({
        entryPoints: [path.join(__dirname, "index.ts")],
        outfile: path.join(__dirname, "bin", "index.js"),
        bundle: true,
        platform: "node",
        target: "node20",
        external: ["@pulumi/pulumi", "@pulumi/policy"],
        legalComments: "none",
        logLevel: "warning",
        tsconfig: path.join(__dirname, "..", "tsconfig.json"),
    });
}

/** An installation without development dependencies has no bundler, and must not fail for it. */
function optional(name) {
    try {
        return require(name);
    } catch (error) {
        if (error.code !== "MODULE_NOT_FOUND") {
            throw error;
        }
        const message = `policy: ${name} is not installed, so policy/bin is not built; run npm ci with development dependencies`;
        if (process.env.npm_lifecycle_event !== "prepare") {
            throw new Error(message, { cause: error });
        }
        console.warn(message);
        return undefined;
    }
}

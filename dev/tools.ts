import * as fs from "node:fs";
import * as path from "node:path";
import { cacheKey, type Tool, TOOL_NAMES, type ToolName, TOOLS } from "./tools/catalogue";
import { installOnce } from "./tools/install";
import { cachedFile, cacheFolder, findTool, type ToolLocation } from "./tools/lookup";
import { ToolUnavailableError, installDebianPackage, obtain } from "./tools/obtain";
import { stderrProgress, whileTelling } from "./tools/progress";

export { TOOL_NAMES, type ToolLocation, type ToolName, ToolUnavailableError };

/**
 * Where a real part is: on PATH (for etcd and kube-apiserver, first in `KUBEBUILDER_ASSETS`), else in the cache folder
 * (`.cache/tools`, or `$EGRESS_GATEWAY_CACHE/tools`), else it is built or fetched into that folder, which can take
 * minutes and says so on stderr.
 *
 * @throws ToolUnavailableError with what is missing on this machine and how to get it
 */
export async function ensureTool(name: ToolName): Promise<ToolLocation> {
    const tool: Tool = TOOLS[name];
    const folder = cacheFolder();
    const found = findTool(tool, folder);
    if (found !== undefined) {
        return found;
    }
    if (tool.kind === "debian") {
        await whileTelling(stderrProgress, announce(tool), () => installDebianPackage(tool));
        const installed = findTool(tool, folder);
        if (installed === undefined) {
            throw new ToolUnavailableError(name, `${tool.package} was installed, but ${tool.file} is not on PATH`, [
                "add /usr/sbin to PATH",
            ]);
        }
        return { ...installed, source: "obtained" };
    }
    const outcome = await installOnce(path.join(folder, cacheKey(tool)), tool.file, workplace =>
        whileTelling(stderrProgress, announce(tool), () => obtain(tool, workplace)),
    );
    return { name, path: cachedFile(tool, folder), source: outcome === "built" ? "obtained" : "cache" };
}

function announce(tool: Tool): string {
    const minutes = tool.usualMinutes < 1 ? "less than 1 min" : `about ${tool.usualMinutes} min on two cores`;
    const version = tool.kind === "debian" ? "" : ` ${tool.version.replace(/^v/, "")}`;
    const line = `obtaining ${tool.name}${version}`;
    stderrProgress.say(`${line} (${tool.purpose}); it is not on PATH and not in the cache; this takes ${minutes}`);
    return line;
}

/** `node dev/run.cjs dev/tools.ts [names]`: obtains the named tools, or all, and prints where each is. */
async function main(names: readonly string[]): Promise<number> {
    const unknown = names.filter(name => !(TOOL_NAMES as readonly string[]).includes(name));
    if (unknown.length > 0) {
        process.stderr.write(`tools: got ${unknown.join(", ")}; expected some of: ${TOOL_NAMES.join(", ")}\n`);
        return 2;
    }
    let failures = 0;
    for (const name of names.length > 0 ? (names as readonly ToolName[]) : TOOL_NAMES) {
        try {
            const location = await ensureTool(name);
            const bytes = fs.statSync(location.path).size;
            console.log(`${name}\t${location.path}\t${location.source}\t${(bytes / 1e6).toFixed(1)} MB`);
        } catch (error) {
            failures += 1;
            process.stderr.write(`tools: ${error instanceof ToolUnavailableError ? error.message : String(error)}\n`);
        }
    }
    return failures === 0 ? 0 : 1;
}

if (process.argv[1] === __filename) {
    main(process.argv.slice(2)).then(
        code => (process.exitCode = code),
        error => {
            console.error(error);
            process.exitCode = 2;
        },
    );
}

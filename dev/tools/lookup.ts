import * as fs from "node:fs";
import * as path from "node:path";
import { cacheKey, type Tool } from "./catalogue";

export interface ToolLocation {
    readonly name: string;
    /** Absolute path of the executable or file. */
    readonly path: string;
    /** `path`: PATH or the tool's own folder variable; `cache`: built or fetched earlier; `obtained`: built or fetched just now. */
    readonly source: "path" | "cache" | "obtained";
}

/** Where Debian puts administrators' commands; often missing from the PATH of an ordinary user. */
const ADMINISTRATION_FOLDERS = ["/usr/local/sbin", "/usr/sbin", "/sbin"];

/** The repository's own folder, unless `EGRESS_GATEWAY_CACHE` names another that several checkouts can share. */
export function cacheFolder(environment: NodeJS.ProcessEnv = process.env): string {
    return path.resolve(environment.EGRESS_GATEWAY_CACHE || path.join(__dirname, "..", "..", ".cache"), "tools");
}

/** Absolute path of a tool in the cache, whether it is there or not. */
export function cachedFile(tool: Exclude<Tool, { kind: "debian" }>, folder: string): string {
    return path.join(folder, cacheKey(tool), tool.file);
}

/** The tool that is there already: what the user provides comes first, then the cache. Undefined when it has to be obtained. */
export function findTool(
    tool: Tool,
    folder: string,
    environment: NodeJS.ProcessEnv = process.env,
): ToolLocation | undefined {
    const provided = providedFolders(tool, environment)
        .map(directory => path.join(directory, tool.file))
        .find(isExecutable);
    if (provided !== undefined) {
        return { name: tool.name, path: provided, source: "path" };
    }
    if (tool.kind === "debian") {
        return undefined;
    }
    const cached = cachedFile(tool, folder);
    return fs.existsSync(cached) ? { name: tool.name, path: cached, source: "cache" } : undefined;
}

function providedFolders(tool: Tool, environment: NodeJS.ProcessEnv): readonly string[] {
    if (tool.kind === "go-module-file") {
        return [];
    }
    const own = tool.kind === "go-command" && tool.folderVariable ? environment[tool.folderVariable] : undefined;
    return [
        ...(own ? [own] : []),
        ...(environment.PATH ?? "").split(path.delimiter).filter(directory => directory !== ""),
        ...(tool.kind === "debian" ? ADMINISTRATION_FOLDERS : []),
    ];
}

function isExecutable(file: string): boolean {
    try {
        fs.accessSync(file, fs.constants.X_OK);
        return fs.statSync(file).isFile();
    } catch {
        return false;
    }
}

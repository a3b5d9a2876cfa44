import { existsSync, readFileSync } from "node:fs";
import * as path from "node:path";
import { globSync } from "tinyglobby";

/** A line of a file, counted from 1. */
export interface Line {
    readonly file: string;
    readonly line: number;
}

/**
 * The block of a resource in Terraform's files: `module.a["x"].google_compute_route.b[0]` is `resource "google_compute_route" "b"` in the
 * folder of module `a`. Of a module that is not in a folder here, the block that calls it.
 *
 * @param roots Folders in which the root module may be; the first that has any file of Terraform's is.
 */
export function terraformBlock(address: string, roots: readonly string[]): Line | undefined {
    const root = roots.find(folder => filesIn(folder).length > 0);
    return root === undefined ? undefined : blockIn(root, address);
}

function blockIn(folder: string, address: string): Line | undefined {
    const called = /^module\.([\w-]+)(?:\[(?:"(?:[^"\\]|\\.)*"|\d+)\])?\./.exec(address);
    if (called === null) {
        const [, data, type, name] = /^(data\.)?([\w-]+)\.([\w-]+)/.exec(address) ?? [];
        return type === undefined
            ? undefined
            : headed(folder, `${data === undefined ? "resource" : "data"}\\s+"${type}"\\s+"${name}"`)?.place;
    }
    const call = headed(folder, `module\\s+"${called[1]!}"`);
    const source = /^\s*source\s*=\s*"(\.[^"]*)"/m.exec(call?.rest ?? "")?.[1];
    const inside =
        source === undefined ? undefined : blockIn(path.join(folder, source), address.slice(called[0].length));
    return inside ?? call?.place;
}

/** The block with this head, and what stands behind it. */
function headed(folder: string, head: string): { readonly place: Line; readonly rest: string } | undefined {
    for (const file of filesIn(folder)) {
        const text = readFileSync(file, "utf8");
        const found = new RegExp(`^[ \\t]*${head}`, "m").exec(text);
        if (found !== null) {
            const line = text.slice(0, found.index).split("\n").length;
            const rest = text.slice(found.index).split(/\n}/)[0]!;
            return { place: { file, line }, rest };
        }
    }
    return undefined;
}

function filesIn(folder: string): string[] {
    return existsSync(folder) ? globSync("*.tf", { cwd: folder, absolute: true, onlyFiles: true }).sort() : [];
}

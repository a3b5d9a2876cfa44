import * as path from "node:path";
import type { PulumiFn } from "@pulumi/pulumi/automation";

const ROOT = path.resolve(__dirname, "..", "..");

/** Folders of the repository whose modules are not part of any program. */
const NOT_THE_PROGRAM = ["node_modules", "test", "dev"].map(folder => path.join(ROOT, folder) + path.sep);

/**
 * The program in `folder`, as the Node runtime would run it: its entry module is loaded afresh for every operation, and
 * its exports, or what an exported function answers, are the stack's outputs.
 */
export function programIn(folder: string): PulumiFn {
    return async () => {
        const before = process.cwd();
        process.chdir(folder);
        try {
            forgetProgramModules();
            const entry: unknown = require(path.join(folder, "index.ts"));
            const exported = hasOnlyDefault(entry) ? entry.default : entry;
            return (typeof exported === "function" ? await exported() : exported) as Record<string, unknown>;
        } finally {
            process.chdir(before);
        }
    };
}

/** Inline programs share this process, so what a module did while it was loaded has to be done again. */
function forgetProgramModules(): void {
    for (const file of Object.keys(require.cache)) {
        if (file.startsWith(ROOT + path.sep) && !NOT_THE_PROGRAM.some(folder => file.startsWith(folder))) {
            delete require.cache[file];
        }
    }
}

function hasOnlyDefault(entry: unknown): entry is { readonly default: unknown } {
    const keys = Object.keys(entry as object).filter(key => key !== "__esModule");
    return keys.length === 1 && keys[0] === "default";
}

import { existsSync, readFileSync } from "node:fs";
import * as path from "node:path";

/** Where GitHub looks for it, in this order (GitHub documentation, "About code owners"). */
const PLACES = [".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS"];

/**
 * Who is asked about a file, as the repository's CODEOWNERS says it.
 *
 * @param directory The project's folder, in the repository or at its top.
 * @param file Seen from that folder.
 */
export function codeOwnersOf(directory: string, file: string): readonly string[] {
    const top = topOf(directory);
    const place = PLACES.map(one => path.join(top, one)).find(one => existsSync(one));
    return place === undefined
        ? []
        : ownersIn(readFileSync(place, "utf8"), path.relative(top, path.join(directory, file)).replaceAll("\\", "/"));
}

/** The folder with `.git`, above or here; without one the project is taken for the repository. */
function topOf(directory: string): string {
    for (let folder = path.resolve(directory); ; folder = path.dirname(folder)) {
        if (existsSync(path.join(folder, ".git"))) {
            return folder;
        }
        if (folder === path.dirname(folder)) {
            return directory;
        }
    }
}

/** The last line that fits decides, and one without owners says that there are none. */
export function ownersIn(text: string, file: string): readonly string[] {
    const lines = text.split("\n").map(line => line.replace(/(^|\s)#.*$/, "").trim());
    const [, ...owners] =
        lines
            .filter(line => line !== "" && fits(line.split(/\s+/)[0]!, file))
            .at(-1)
            ?.split(/\s+/) ?? [];
    return owners;
}

/** Patterns as in `.gitignore`, without `!` and `[…]`, which CODEOWNERS does not have. */
function fits(pattern: string, file: string): boolean {
    const anchored = pattern.replace(/\/$/, "").includes("/");
    const body = pattern
        .replace(/^\//, "")
        .replace(/\/$/, "")
        .split(/(\*\*\/|\*\*|\*|\?)/)
        .map(
            part =>
                ({ "**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]" })[part] ??
                part.replace(/[.+^${}()|[\]\\]/g, "\\$&"),
        )
        .join("");
    // What ends in `/*` is for the files of that folder alone; a folder is for everything below.
    const below = pattern.endsWith("/*") ? "" : pattern.endsWith("/") ? "/.*" : "(?:/.*)?";
    return new RegExp(`^${anchored ? "" : "(?:.*/)?"}${body}${below}$`).test(file);
}

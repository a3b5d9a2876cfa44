import * as assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import * as path from "node:path";
import { globSync } from "tinyglobby";

const ROOT = path.join(__dirname, "../..");

function page(file: string): string {
    return readFileSync(path.join(ROOT, file), "utf8");
}

/** Paths in backquotes. */
function filesIn(text: string): string[] {
    return [...text.matchAll(/`([\w.-]+(?:\/[\w.-]+)+\.\w+)`/g)].map(([, file]) => file!);
}

describe("pages for those who work on it", () => {
    for (const file of ["docs/extending.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md"]) {
        it(`${file} names files, links and commands that exist`, () => {
            const text = page(file);
            const links = [...text.matchAll(/\]\((?!https?:)([^)#]+)[^)]*\)/g)].map(([, target]) =>
                path.join(path.dirname(file), target!),
            );
            assert.deepEqual(
                [...filesIn(text), ...links].filter(named => !existsSync(path.join(ROOT, named))),
                [],
            );
            const { scripts } = JSON.parse(page("package.json")) as { readonly scripts: Record<string, string> };
            const commands = [...text.matchAll(/npm run ([\w:]+)/g)].map(([, name]) => name!);
            assert.deepEqual(
                commands.filter(name => scripts[name] === undefined),
                [],
            );
        });
    }

    it("list every file that tells one protocol of destinations from another", () => {
        const listed = filesIn(/<!-- protocols[^]*<!-- end -->/.exec(page("docs/extending.md"))![0]);
        const rooms = "{adopt,base,settings,contract,declared,components,containment,policy,plan,suggest,live,cli,dev}";
        const telling = globSync(`${rooms}/**/*.ts`, { cwd: ROOT }).filter(file => page(file).includes('"originate"'));
        assert.deepEqual(listed.sort(), telling.sort());
    });

    it("say what each dependency that is not the newest is held back by, with the version that is installed", () => {
        const { dependencies, devDependencies } = JSON.parse(page("package.json")) as Record<
            "dependencies" | "devDependencies",
            Record<string, string>
        >;
        const rows = [...page("CONTRIBUTING.md").matchAll(/^\| `(@?[\w/-]+)` \| ([\d.]+) \|/gm)];
        assert.ok(rows.length >= 5);
        for (const [, name, version] of rows) {
            assert.equal({ ...dependencies, ...devDependencies }[name!], version, name);
        }
    });
});

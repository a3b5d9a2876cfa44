import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { PROJECT_DIRECTORY } from "../../plan/project";

const cli = (...args: string[]): string =>
    spawnSync(process.execPath, ["dev/run.cjs", "cli/main.ts", ...args], { cwd: PROJECT_DIRECTORY, encoding: "utf8" })
        .stdout;

describe("completion", function () {
    this.timeout(60_000);
    let script: string;
    let directory: string;
    before(() => {
        script = cli("completion", "bash");
        directory = mkdtempSync(path.join(tmpdir(), "completion-"));
    });
    after(() => rmSync(directory, { recursive: true }));

    /** What bash offers for the last of these words, by its own machinery: the words that it splits a line into. */
    const offered = (words: readonly string[], before = ""): string[] => {
        const ask = `${before}\n${script}\nCOMP_WORDS=("$@"); COMP_CWORD=$(( $# - 1 )); _egress_gateway; printf '%s\\n' "\${COMPREPLY[@]}"`;
        const { stdout, stderr } = spawnSync("bash", ["--norc", "-c", ask, "bash", ...words], { encoding: "utf8" });
        assert.equal(stderr, "");
        return stdout.split("\n").filter(word => word !== "");
    };
    const npm = (...words: string[]) => offered(["npm", ...words]);

    it("offers every option that a command's help names, and no other", () => {
        const commands = npm("run", "");
        const { scripts } = JSON.parse(readFileSync(path.join(PROJECT_DIRECTORY, "package.json"), "utf8")) as {
            scripts: Record<string, string>;
        };
        assert.ok(commands.length > 10);
        for (const command of commands) {
            assert.match(scripts[command] ?? "", new RegExp(`cli/main\\.ts ${command}$`));
            const named = [...cli(command, "--help").matchAll(/^ {2}(?:-\w, )?(--[\w-]+)/gm)].map(
                ([, option]) => option!,
            );
            assert.deepEqual(
                npm("run", command, "--", "--").sort(),
                named.filter(option => option !== "--version").sort(),
                command,
            );
        }
    });

    it("offers stacks, choices and commands where they stand", () => {
        const stacks = readdirSync(PROJECT_DIRECTORY).flatMap(name => /^Pulumi\.(.+)\.yaml$/.exec(name)?.[1] ?? []);
        assert.deepEqual(npm("run", "-s", "plan", "--", "--stack", "").sort(), stacks.sort());
        assert.deepEqual(npm("run", "prove", "--", "--json", "-s", "pr"), ["prod"]);
        assert.deepEqual(npm("run", "add", "--", "a.example:25", "--protocol", "t"), ["tls", "tcp"]);
        assert.deepEqual(npm("run", "completion", "--", "f"), ["fish"]);
        assert.deepEqual(npm("run", "prov"), ["prove"]);
        // npm would take an option that stands before it for its own.
        assert.deepEqual(npm("run", "prove", ""), ["--"]);
        // Files are what the shell completes by itself.
        assert.deepEqual(npm("run", "prove", "--", "--from", "pack"), []);
    });

    it("leaves everything else to what completed npm before", () => {
        const before = "_npm() { COMPREPLY=(theirs); }\ncomplete -F _npm npm";
        assert.deepEqual(offered(["npm", "inst"], before), ["theirs"]);
        assert.deepEqual(offered(["npm", "run", "prov"], before), ["prove"]);
    });

    it("is a script that zsh and fish can read, where they are there", () => {
        for (const shell of ["zsh", "fish"]) {
            const file = path.join(directory, shell);
            writeFileSync(file, cli("completion", shell));
            const { error, stderr } = spawnSync(shell, ["-n", file], { encoding: "utf8" });
            assert.ok(error !== undefined || stderr === "", `${shell}: ${stderr}`);
        }
    });
});

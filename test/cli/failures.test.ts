import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { copyFileSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { InputError, UserError } from "../../base/problem";
import { planOffline } from "../../plan/offline";
import { PROJECT_DIRECTORY } from "../../plan/project";
import { run } from "./ran";

describe("failures that a person can mend", function () {
    this.timeout(120_000);

    const oneSentence = ({ status, err }: ReturnType<typeof run>, message: RegExp): void => {
        assert.equal(status, 2, err);
        assert.match(err, message);
        assert.doesNotMatch(err, /^\s+at /m);
    };

    it("have one class", () => {
        assert.ok(new InputError("x", []) instanceof UserError);
        assert.equal(new InputError("x", []).name, "InputError");
    });

    it("are told of a revision that is an option, or none", () => {
        for (const revision of ["--orphan", "-h", "no-such-revision"]) {
            oneSentence(run(["diff", `--against=${revision}`]), /cannot be planned/);
        }
    });

    it("are told of a folder for temporary files that is not there", () => {
        oneSentence(run(["diff", "--against", "HEAD"], { TMPDIR: "/nowhere" }), /TMPDIR/);
    });

    for (const [command, option] of [
        ["plan", "stack"],
        ["explain", "from"],
        ["init", "node-cidrs"],
        ["verify", "attempts"],
    ] as const) {
        it(`are told of --${option}, which npm took for itself where \`--\` was forgotten`, () => {
            const env = { [`npm_config_${option.replace("-", "_")}`]: "true", npm_lifecycle_event: command };
            oneSentence(run([command, "value"], env), new RegExp(`as in \`npm run ${command} -- --${option} …\``));
        });
    }

    it("are told of a disk that is full", () => {
        oneSentence(run(["plan", "--json"], {}, openSync("/dev/full", "w")), /could not be written: ENOSPC/);
    });

    it("do not stop whoever stops reading", () => {
        const script = `node dev/run.cjs cli/main.ts plan --json | head -c 10`;
        const { stderr } = spawnSync("bash", ["-c", script], { cwd: PROJECT_DIRECTORY, encoding: "utf8" });
        assert.equal(stderr, "");
    });

    it("are told of a folder with settings and no program, as an installed tool may be called in", async () => {
        const directory = mkdtempSync(path.join(tmpdir(), "elsewhere-"));
        try {
            for (const file of ["Pulumi.yaml", "Pulumi.dev.yaml"]) {
                copyFileSync(path.join(PROJECT_DIRECTORY, file), path.join(directory, file));
            }
            await assert.rejects(planOffline(directory, "dev"), {
                name: "UserError",
                message: /has no index\.ts.*--from/,
            });
        } finally {
            rmSync(directory, { recursive: true });
        }
    });

    it("leave the list of work trees as it was", () => {
        const list = () => spawnSync("git", ["worktree", "list"], { cwd: PROJECT_DIRECTORY, encoding: "utf8" }).stdout;
        const before = list();
        run(["diff", "--against", "no-such-revision"]);
        assert.equal(list(), before);
        assert.ok(readFileSync(path.join(PROJECT_DIRECTORY, "Pulumi.yaml")).length > 0);
    });
});

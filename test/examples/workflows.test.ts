import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { parse } from "yaml";
import { type GoCommand, TOOLS } from "../../dev/tools/catalogue";

const ROOT = path.resolve(__dirname, "..", "..");
const FOLDER = path.join(ROOT, ".github", "workflows");

interface Step {
    readonly name?: string;
    readonly uses?: string;
    readonly run?: string;
    readonly with?: Readonly<Record<string, unknown>>;
}

interface Workflow {
    readonly permissions: Readonly<Record<string, string>>;
    readonly env?: Readonly<Record<string, string>>;
    readonly defaults?: { readonly run: { readonly shell: string } };
    readonly jobs: Readonly<
        Record<
            string,
            {
                readonly if?: string;
                readonly strategy?: { readonly matrix: { readonly stack: readonly string[] } };
                readonly permissions?: Readonly<Record<string, string>>;
                readonly steps: readonly Step[];
            }
        >
    >;
}

function workflow(file: string): Workflow {
    return parse(fs.readFileSync(path.join(FOLDER, file), "utf8")) as Workflow;
}

function stepsOf({ jobs }: Workflow): readonly Step[] {
    return Object.values(jobs).flatMap(({ steps }) => steps);
}

describe("the workflow files", () => {
    const deploy = workflow("deploy.yaml");

    for (const file of fs.readdirSync(FOLDER)) {
        it(`name every action of ${file} by its full version`, () => {
            const used = stepsOf(workflow(file)).flatMap(({ uses }) => uses ?? []);
            assert.ok(used.length > 0);
            for (const action of used) {
                assert.match(action, /^[\w-]+\/[\w-]+@(v\d+\.\d+\.\d+|[0-9a-f]{40})$/);
            }
        });

        it(`run only commands in ${file} that this project has, in a shell that accepts them`, () => {
            const { scripts } = JSON.parse(fs.readFileSync(path.join(ROOT, "package.json"), "utf8")) as {
                scripts: Record<string, string>;
            };
            for (const { run } of stepsOf(workflow(file)).filter(step => step.run !== undefined)) {
                const syntax = spawnSync("bash", ["-n"], { input: run, encoding: "utf8" });
                assert.equal(syntax.stderr, "");
                for (const [, script] of run?.matchAll(/npm run (?:--silent )?([\w:-]+)/g) ?? []) {
                    assert.ok(script !== undefined && script in scripts, script);
                }
            }
        });

        it(`store no key in ${file}, and keep no credentials in the checkout`, () => {
            assert.doesNotMatch(
                fs.readFileSync(path.join(FOLDER, file), "utf8"),
                /secrets\.|credentials_json|PASSPHRASE/,
            );
            for (const step of stepsOf(workflow(file)).filter(({ uses }) => uses?.startsWith("actions/checkout@"))) {
                assert.equal(step.with?.["persist-credentials"], false);
            }
        });
    }

    /** What the settings can do, to be read and planned. */
    const EXAMPLES = ["blue", "green", "teams"];

    it("deploy every environment on Google that has a stack file", () => {
        const stacks = fs
            .readdirSync(ROOT)
            .flatMap(name => /^Pulumi\.(.+)\.yaml$/.exec(name)?.[1] ?? [])
            .filter(stack => !EXAMPLES.includes(stack))
            .filter(stack => fs.readFileSync(path.join(ROOT, `Pulumi.${stack}.yaml`), "utf8").includes("gcp:project"));
        for (const [name, { strategy }] of Object.entries(deploy.jobs)) {
            assert.deepEqual([...(strategy?.matrix.stack ?? [])].sort(), stacks.sort(), name);
        }
    });

    it("preview and deploy with the policies, and prove before and after", () => {
        const scripts = (job: string) => (deploy.jobs[job]?.steps ?? []).flatMap(({ run }) => run ?? []).join("\n");
        assert.match(scripts("review"), /pulumi preview --policy-pack policy/);
        assert.match(scripts("review"), /prove -- --stack "\$STACK" --from preview\.json/);
        assert.match(scripts("review"), /diff -- --stack "\$STACK" --against/);
        assert.match(scripts("deploy"), /pulumi up --yes --policy-pack policy/);
        assert.match(scripts("deploy"), /prove -- --stack "\$STACK" --from state\.json/);
    });

    it("use the engine that the engine tier runs", () => {
        const { version } = TOOLS.pulumi as GoCommand;
        assert.equal(`v${deploy.env?.["PULUMI_VERSION"]}`, version);
    });

    it("let a pipe fail with its first command, so that a failed proof fails the job", () => {
        assert.equal(deploy.defaults?.run.shell, "bash");
    });

    it("give a pull request nothing that can change anything, and a fork nothing at all", () => {
        assert.deepEqual(deploy.permissions, {});
        assert.deepEqual(deploy.jobs["review"]?.permissions, {
            contents: "read",
            "id-token": "write",
            "pull-requests": "write",
        });
        assert.match(deploy.jobs["review"]?.if ?? "", /head\.repo\.full_name == github\.repository/);
        assert.match(deploy.jobs["deploy"]?.if ?? "", /github\.event_name == 'push'/);
    });

    describe("comment on the pull request", () => {
        const script = deploy.jobs["review"]?.steps.find(({ name }) => name === "Comment")?.run ?? "";

        /** Runs the step's own script, with a `gh` that keeps what it is given. */
        function commented(existing: string): { readonly calls: string; readonly body: string } {
            const folder = fs.mkdtempSync(path.join(os.tmpdir(), "egress-gateway-comment-"));
            try {
                const gh = `#!/bin/bash\necho "$@" >> calls.txt\ncase "$*" in *--paginate*) printf '%s' "${existing}";; esac\n`;
                fs.writeFileSync(path.join(folder, "gh"), gh, { mode: 0o755 });
                // As npm does it: the project's script, and where the person stands in INIT_CWD.
                const npm = `#!/bin/bash\nexec /usr/bin/env INIT_CWD="$PWD" PATH="${process.env["PATH"]}" npm --prefix "${ROOT}" "$@"\n`;
                fs.writeFileSync(path.join(folder, "npm"), npm, { mode: 0o755 });
                fs.writeFileSync(path.join(folder, "diff.txt"), "+ payments/api istio.io:443");
                fs.writeFileSync(path.join(folder, "prove.txt"), "contained");
                const { status, stderr } = spawnSync(
                    "bash",
                    ["--noprofile", "--norc", "-eo", "pipefail", "-c", script],
                    {
                        cwd: folder,
                        encoding: "utf8",
                        env: {
                            PATH: `${folder}:${process.env["PATH"]}`,
                            STACK: "dev",
                            PROVE: "success",
                            PREVIEW: "skipped",
                            NUMBER: "7",
                            GITHUB_REPOSITORY: "acme/egress",
                        },
                    },
                );
                assert.equal(status, 0, stderr);
                const read = (name: string) => fs.readFileSync(path.join(folder, name), "utf8");
                return { calls: read("calls.txt"), body: read("comment.md") };
            } finally {
                fs.rmSync(folder, { recursive: true, force: true });
            }
        }

        it("is written once, with difference, proof and whether the preview ran", () => {
            const { calls, body } = commented("");
            assert.match(calls, /\napi repos\/acme\/egress\/issues\/7\/comments --field body=@comment\.md/);
            assert.match(
                body,
                /^<!-- egress gateway, dev -->\n\n### Egress gateway, `dev`: proof success, preview skipped\n/,
            );
            assert.match(body, /```text\n\+ payments\/api istio\.io:443\n```/);
            assert.match(body, /```text\ncontained\n```/);
            assert.match(body, /\(not run\)/);
        });

        it("is renewed when there is one", () => {
            assert.match(
                commented("42").calls,
                /api --method PATCH repos\/acme\/egress\/issues\/comments\/42 --field body=@comment\.md/,
            );
        });
    });
});

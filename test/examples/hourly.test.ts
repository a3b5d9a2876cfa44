import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { parse, parseAllDocuments } from "yaml";
import { sarifOf } from "../../cli/evidence/sarif";
import { prove } from "../../containment/prove";
import { type Resource } from "../../containment/resource";
import { provenanceOf } from "../../plan/provenance";
import { worldOf } from "../containment/worlds/folder";
import { planned } from "../program/planned";

const FOLDER = path.join(__dirname, "../../examples/hourly");

interface Workflow {
    readonly jobs: {
        readonly judge: {
            readonly steps: readonly { readonly name?: string; readonly uses?: string; readonly run?: string }[];
        };
    };
}

// Keeps issues in files, and finds them as GitHub's search does.
const GH = `#!/bin/bash
case "$1 $2" in
    "issue list") grep -l -e "\${6%% *}" issues/* 2>/dev/null | wc -l ;;
    "issue create") cat "$6" > "issues/$(ls issues | wc -l)"; printf '%s\\n' "$4" >> titles ;;
    *) echo "gh $*" >&2; exit 1 ;;
esac
`;

describe("the hourly run", function () {
    this.timeout(120_000);

    const { steps } = (parse(fs.readFileSync(path.join(FOLDER, "workflow.yaml"), "utf8")) as Workflow).jobs.judge;
    const script = steps.find(({ name }) => name === "Open issues")!.run!;
    let folder: string;
    before(() => {
        folder = fs.mkdtempSync(path.join(os.tmpdir(), "egress-gateway-hourly-"));
        fs.mkdirSync(path.join(folder, "issues"));
        fs.writeFileSync(path.join(folder, "gh"), GH, { mode: 0o755 });
    });
    after(() => fs.rmSync(folder, { recursive: true, force: true }));

    /** The step's own script on a verdict; returns how many issues it has opened. */
    function opened(resources: readonly Resource[]): number {
        const log = sarifOf(resources, prove(resources), provenanceOf({}, resources), () => ({ file: "state.json" }));
        fs.writeFileSync(path.join(folder, "prove.sarif"), JSON.stringify(log));
        const count = () => fs.readdirSync(path.join(folder, "issues")).length;
        const before = count();
        const { status, stderr } = spawnSync("bash", ["--noprofile", "--norc", "-eo", "pipefail", "-c", script], {
            cwd: folder,
            encoding: "utf8",
            env: { PATH: `${folder}:${process.env["PATH"]}`, STACK: "dev" },
        });
        assert.equal(status, 0, stderr);
        return count() - before;
    }

    it("opens one issue for each new hole, once, and none where all holds", async () => {
        const dev = (await planned("dev")).resources;
        assert.equal(opened(worldOf("dev-stack", dev)), 0);
        const first = worldOf("dev-node-pool-with-the-gateway-account", dev);
        assert.equal(opened(first), 4);
        assert.equal(opened(first), 0);
        assert.equal(opened(worldOf("dev-everybody-may-use-http", dev)), 3);
        assert.equal(opened(first), 0);
        const [title] = fs.readFileSync(path.join(folder, "titles"), "utf8").split("\n");
        assert.equal(title, "Egress, dev: C1 is violated: node of pool acme-dev/batch → 1.1.1.1:443/tcp.");
        assert.match(
            fs.readFileSync(path.join(folder, "issues", "0"), "utf8"),
            /^ {4}C1 is violated[^]*hole `[0-9a-f]{32}`/,
        );
    });

    it("makes nothing of a name but text", async () => {
        const evil = "`$(touch gone)`\n---\n@everybody";
        const dev = worldOf("dev-node-pool-with-the-gateway-account", (await planned("dev")).resources);
        opened(dev.map(one => (one.name === "batch" ? { ...one, inputs: { ...one.inputs, name: evil } } : one)));
        assert.ok(!fs.existsSync(path.join(folder, "gone")));
        const bodies = fs
            .readdirSync(path.join(folder, "issues"))
            .map(file => fs.readFileSync(path.join(folder, "issues", file), "utf8"));
        assert.ok(bodies.some(body => body.includes("touch gone")));
        assert.ok(
            bodies.every(body =>
                body.split("\n").every(line => !/touch gone|everybody/.test(line) || line.startsWith("    ")),
            ),
        );
    });

    it("is given in a cluster the packages of this program, and the role that the reading takes", () => {
        const text = fs.readFileSync(path.join(FOLDER, "cronjob.yaml"), "utf8");
        const { dependencies } = JSON.parse(fs.readFileSync(path.join(FOLDER, "../../package.json"), "utf8")) as {
            readonly dependencies: Readonly<Record<string, string>>;
        };
        const install = /RUN npm install (.*)/.exec(text)![1]!.split(" ").slice(1);
        assert.equal(install.length, 3);
        for (const each of install) {
            const [, name, version] = /^(@?[^@]+)@(.+)$/.exec(each)!;
            assert.equal(version, dependencies[name!], name);
        }
        const role = /kind: ClusterRole\n {2}name: (\S+)/.exec(text)![1]!;
        const roles = fs.readFileSync(path.join(FOLDER, "../../live/roles.yaml"), "utf8");
        assert.match(roles, new RegExp(`kind: ClusterRole\nmetadata:\n {2}name: ${role}\n`));
    });

    it("has scripts that a shell accepts, and actions by their full version", () => {
        const [cron] = parseAllDocuments(fs.readFileSync(path.join(FOLDER, "cronjob.yaml"), "utf8"))
            .map(
                document =>
                    document.toJS() as { readonly kind: string; readonly spec: { readonly jobTemplate: unknown } },
            )
            .filter(({ kind }) => kind === "CronJob");
        const inside = /args:\n\s+- \|\n([^]*?)\n\s+volumeMounts/.exec(
            fs.readFileSync(path.join(FOLDER, "cronjob.yaml"), "utf8"),
        )![1]!;
        assert.ok(cron);
        for (const run of [inside, ...steps.flatMap(step => step.run ?? [])]) {
            assert.equal(spawnSync("bash", ["-n"], { input: run, encoding: "utf8" }).stderr, "");
        }
        assert.ok(steps.every(({ uses }) => uses === undefined || /@v\d+\.\d+\.\d+$/.test(uses)));
    });
});

import assert from "node:assert/strict";
import { execFile, execFileSync, spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { Ajv } from "ajv";
import { parse } from "yaml";
import { packProgram } from "../../dev/packages/program";
import { ROOT } from "../../dev/packages/pack";
import { Rig, stackOf } from "../live/deployed/rig";
import { planned } from "./planned";

interface SarifLog {
    readonly runs: readonly [{ readonly results: readonly { readonly ruleId: string; readonly level: string }[] }];
}

interface Action {
    readonly inputs: Readonly<Record<string, { readonly default?: string }>>;
    readonly runs: {
        readonly steps: readonly {
            readonly run?: string;
            readonly uses?: string;
            readonly env?: Readonly<Record<string, string>>;
        }[];
    };
}

/** The settings of the dev stack, as another repository's program would write them. */
function settings(): Record<string, unknown> {
    const { config } = parse(fs.readFileSync(path.join(ROOT, "Pulumi.dev.yaml"), "utf8")) as {
        config: Record<string, unknown>;
    };
    return Object.fromEntries(
        Object.entries(config).flatMap(([key, value]) =>
            key.startsWith("egress-gateway:") ? [[key.slice("egress-gateway:".length), value]] : [],
        ),
    );
}

const PROGRAM = `
import egressGateway = require("egress-gateway");
import settings = require("./settings.json");
export = () => egressGateway({ settings, google: { project: "acme-dev", region: "europe-west1" }, directory: __dirname });
`;

const RUN = `
const pulumi = require("@pulumi/pulumi");
const seen = [];
pulumi.runtime.setMocks({
    newResource: ({ type, name, inputs }) => { seen.push(type + " " + name); return { id: name, state: { ...inputs, email: "a@b.iam.gserviceaccount.com", address: "203.0.113.1" } }; },
    call: () => ({ endpoint: "x", masterAuths: [{ clusterCaCertificate: "" }], controlPlaneEndpointsConfigs: [] }),
}, "stranger", "dev", false, "organization");
const { getStore } = require("@pulumi/pulumi/runtime/state");
getStore().callbacks = { registerResourceHook: async () => {}, awaitStackRegistrations: async () => {}, shutdown() {} };
require("./program.js")().then(async outputs => { await pulumi.runtime.disconnect(); console.log(JSON.stringify({ seen: seen.sort(), outputs: Object.keys(outputs) })); });
`;

describe("the packed program", () => {
    let project: string;
    let tarball: string;

    before(async function () {
        this.timeout(180_000);
        project = fs.mkdtempSync(path.join(os.tmpdir(), "egress-gateway-package-"));
        fs.writeFileSync(path.join(project, "package.json"), JSON.stringify({ name: "stranger", private: true }));
        // What npm would fetch is packed from this checkout's own dependencies, so that the test needs no network.
        const zod = npm(["pack", path.join(ROOT, "node_modules", "zod"), "--silent"]).trim();
        tarball = await packProgram(project);
        npm(["install", "--offline", "--legacy-peer-deps", "--no-audit", "--no-fund", `./${zod}`, tarball]);
    });

    after(() => fs.rmSync(project, { recursive: true, force: true }));

    function npm(args: readonly string[]): string {
        return execFileSync("npm", [...args], { cwd: project, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
    }

    function tool(...args: readonly string[]) {
        return spawnSync(
            process.execPath,
            [path.join(project, "node_modules", "egress-gateway", "lib", "main.js"), ...args],
            { cwd: project, encoding: "utf8", env: { ...process.env, INIT_CWD: project } },
        );
    }

    it("judges files without any SDK, and says which package a command needs", async function () {
        this.timeout(180_000);
        assert.deepEqual(
            fs.readdirSync(path.join(project, "node_modules")).filter(name => !name.startsWith(".")),
            ["egress-gateway", "zod"],
        );
        const { resources } = await planned("dev");
        fs.writeFileSync(path.join(project, "plan.json"), JSON.stringify({ stack: "dev", resources }));
        const contained = tool("prove", "--from", "plan.json");
        assert.equal(contained.status, 0, contained.stderr);
        assert.match(contained.stdout, /^Verdict: contained\n/);
        const open = resources.filter(({ type }) => !type.endsWith(":ValidatingAdmissionPolicyBinding"));
        fs.writeFileSync(path.join(project, "open.json"), JSON.stringify({ stack: "dev", resources: open }));
        assert.equal(tool("prove", "--from", "open.json", "--sarif", "open.sarif").status, 1);
        const log = JSON.parse(fs.readFileSync(path.join(project, "open.sarif"), "utf8")) as SarifLog;
        assert.ok(log.runs[0].results.some(({ ruleId, level }) => ruleId === "C2" && level === "error"));
        const json = tool("prove", "--from", "open.json", "--json").stdout;
        const schema = path.join(project, "node_modules", "egress-gateway", "schemas", "verdict.json");
        assert.ok(new Ajv().compile(JSON.parse(fs.readFileSync(schema, "utf8")) as object)(JSON.parse(json)));
        const planning = tool("plan");
        assert.equal(planning.status, 2);
        assert.match(planning.stderr, /Pulumi\.yaml|@pulumi\/pulumi/);
        assert.doesNotMatch(planning.stderr, /\n {4}at /);
    });

    describe("in an action of GitHub's", () => {
        const { inputs, runs } = parse(fs.readFileSync(path.join(ROOT, "action.yml"), "utf8")) as Action;

        const GITHUB: Readonly<Record<string, string>> = {
            "github.action_ref": "v0.1.0",
            "github.action_repository": "acme/egress-gateway",
        };

        /** Runs every script of the action as a runner does, up to the one that fails. */
        function ran(given: Readonly<Record<string, string>>, search = process.env["PATH"]) {
            const temporary = fs.mkdtempSync(path.join(project, "runner-"));
            const file = (name: string): string => path.join(temporary, name);
            const outputs = (): Record<string, string> =>
                Object.fromEntries(
                    (fs.existsSync(file("output")) ? fs.readFileSync(file("output"), "utf8") : "")
                        .split("\n")
                        .filter(line => line !== "")
                        .map(line => line.split(/=(.*)/s).slice(0, 2) as [string, string]),
                );
            const values = (text: string): string =>
                text.replaceAll(/\$\{\{ ([\w.-]+) \}\}/g, (_, name: string) =>
                    name.startsWith("inputs.")
                        ? (given[name.slice(7)] ?? inputs[name.slice(7)]?.default ?? "")
                        : name.startsWith("steps.prove.outputs.")
                          ? (outputs()[name.slice(20)] ?? "")
                          : (GITHUB[name] ?? ""),
                );
            let code = 0;
            for (const { run, env = {} } of runs.steps.filter(step => step.run !== undefined)) {
                assert.doesNotMatch(run!, /\$\{\{/, "what others wrote stands in no script");
                ({ status: code } = spawnSync("bash", ["--noprofile", "--norc", "-eo", "pipefail", "-c", run!], {
                    cwd: project,
                    encoding: "utf8",
                    env: {
                        PATH: search,
                        RUNNER_TEMP: temporary,
                        GITHUB_OUTPUT: file("output"),
                        GITHUB_STEP_SUMMARY: file("summary"),
                        ...Object.fromEntries(Object.entries(env).map(([name, value]) => [name, values(value)])),
                    },
                }) as { status: number });
                if (code !== 0) {
                    break;
                }
            }
            return { code, outputs: outputs(), summary: fs.readFileSync(file("summary"), "utf8") };
        }

        it("takes the tool of its own release where none is given", function () {
            this.timeout(120_000);
            // In GitHub's place: it writes the release's file to where it is told to.
            const bin = fs.mkdtempSync(path.join(project, "bin-"));
            const asked = path.join(bin, "asked");
            fs.writeFileSync(
                path.join(bin, "gh"),
                `#!/bin/bash\nprintf '%s\\n' "$@" > '${asked}'\nwhile [ "$1" != --output ]; do shift; done\ncp '${tarball}' "$2"\n`,
                { mode: 0o755 },
            );
            const { code, outputs } = ran({ from: "plan.json" }, `${bin}:${process.env["PATH"]!}`);
            assert.deepEqual([code, outputs["status"]], [0, "contained"]);
            const words = fs.readFileSync(asked, "utf8").trim().split("\n");
            assert.deepEqual(words.slice(0, 5), ["release", "download", "v0.1.0", "--repo", "acme/egress-gateway"]);
            assert.equal(words[words.indexOf("--pattern") + 1], "egress-gateway-[0-9]*.tgz");
            assert.match(path.basename(tarball), /^egress-gateway-[0-9].*\.tgz$/);
        });

        it("says what the tool says, in outputs, summary and exit code", function () {
            this.timeout(120_000);
            const contained = ran({ package: tarball, from: "plan.json\n" });
            assert.deepEqual([contained.code, contained.outputs["status"]], [0, "contained"]);
            assert.match(contained.summary, /^### Egress containment: contained\n\n {4}Verdict: contained\n/);
            const violated = ran({ package: tarball, from: "open.json", options: "--claims\nC2,C4" });
            assert.deepEqual([violated.code, violated.outputs["status"]], [1, "violated"]);
            assert.ok(fs.existsSync(violated.outputs["sarif"]!));
            assert.match(violated.summary, /of C2, C4 alone/);
            const unreadable = ran({ package: tarball, from: "open.json\n\nmissing; echo `id`.json" });
            assert.deepEqual(
                [unreadable.code, unreadable.outputs],
                [2, { status: "error", "exit-code": "2", sarif: "" }],
            );
            assert.match(unreadable.summary, /^ {4}.*missing; echo `id`\.json cannot be judged/m);
        });

        it("names other actions by their full version", () => {
            for (const { uses } of runs.steps.filter(step => step.uses !== undefined)) {
                assert.match(uses!, /@v\d+\.\d+\.\d+$/);
            }
        });
    });

    function link(...names: readonly string[]): void {
        for (const name of names) {
            const place = path.join(project, "node_modules", name);
            fs.mkdirSync(path.dirname(place), { recursive: true });
            if (!fs.existsSync(place)) {
                fs.symlinkSync(path.join(ROOT, "node_modules", name), place);
            }
        }
    }

    it("proves what is deployed with the SDK and the clients beside it, as examples/hourly has it", async function () {
        this.timeout(120_000);
        link("@pulumi/pulumi", "@kubernetes/client-node", "google-auth-library");
        for (const file of ["Pulumi.yaml", "Pulumi.dev.yaml"]) {
            fs.copyFileSync(path.join(ROOT, file), path.join(project, file));
        }
        const rig = await Rig.start();
        rig.deploy(await stackOf("dev"));
        fs.writeFileSync(path.join(project, "kubeconfig.json"), rig.cluster.kubeconfig());
        const words = "prove --live --stack dev --from plan.json --no-google --kubeconfig kubeconfig.json --json".split(
            " ",
        );
        const program = path.join("node_modules", "egress-gateway", "lib", "main.js");
        try {
            const told = await new Promise<string>(resolve =>
                execFile(
                    process.execPath,
                    [program, ...words],
                    { cwd: project, env: { ...process.env, INIT_CWD: project } },
                    (_, stdout, stderr) => resolve(stdout === "" ? stderr : stdout),
                ),
            );
            const { claims } = JSON.parse(told) as {
                readonly claims: readonly { readonly id: string; readonly result: string }[];
            };
            assert.equal(claims.find(({ id }) => id === "C4")?.result, "holds");
        } finally {
            rig.stop();
        }
    });

    it("is three lines of another repository's program, and registers what this one does", async function () {
        this.timeout(120_000);
        link("@pulumi/pulumi", "@pulumi/gcp", "@pulumi/kubernetes");
        fs.writeFileSync(path.join(project, "settings.json"), JSON.stringify(settings()));
        fs.writeFileSync(path.join(project, "program.ts"), PROGRAM);
        fs.writeFileSync(path.join(project, "run.js"), RUN);
        const compilerOptions = {
            strict: true,
            module: "nodenext",
            target: "ES2022",
            types: ["node"],
            typeRoots: [path.join(ROOT, "node_modules", "@types")],
            skipLibCheck: true,
            resolveJsonModule: true,
            rootDir: ".",
        };
        fs.writeFileSync(
            path.join(project, "tsconfig.json"),
            JSON.stringify({ compilerOptions, files: ["program.ts"] }),
        );
        const tsc = spawnSync(
            process.execPath,
            [path.join(ROOT, "node_modules", "typescript", "bin", "tsc"), "-p", "."],
            { cwd: project, encoding: "utf8" },
        );
        assert.equal(tsc.status, 0, tsc.stdout);
        const { seen, outputs } = JSON.parse(
            execFileSync(process.execPath, ["run.js"], { cwd: project, encoding: "utf8" }),
        ) as { seen: readonly string[]; outputs: readonly string[] };
        const { resources, outputs: own } = await planned("dev");
        assert.deepEqual(seen, resources.map(({ type, name }) => `${type.split("$").at(-1)!} ${name}`).sort());
        assert.deepEqual(outputs, Object.keys(own));
    });
});

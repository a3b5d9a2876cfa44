import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { type Verdict } from "../../containment/verdict";
import { type Provenance } from "../../plan/provenance";
import { version } from "../../plan/project";
import { type Plan } from "../../plan/offline";
import { PROJECT_DIRECTORY } from "../../plan/project";

type Ran = { code: number | null; out: string; err: string };

function run(...args: string[]): Ran {
    return runFrom(PROJECT_DIRECTORY, ...args);
}

/** As npm runs a script: in the project's folder, and with the folder where the person stands in INIT_CWD. */
function runFrom(standing: string, ...args: string[]): Ran {
    const result = spawnSync(process.execPath, ["dev/run.cjs", "cli/main.ts", ...args], {
        cwd: PROJECT_DIRECTORY,
        encoding: "utf8",
        env: { ...process.env, INIT_CWD: standing },
    });
    return { code: result.status, out: result.stdout, err: result.stderr };
}

describe("the command line", function () {
    this.timeout(60_000);
    let directory: string;
    let planFile: string;
    let plan: Plan & { verdict: Verdict };

    before(() => {
        directory = mkdtempSync(path.join(tmpdir(), "commands-"));
        planFile = path.join(directory, "plan.json");
        const { code, out } = run("plan", "--json");
        assert.equal(code, 0);
        writeFileSync(planFile, out);
        plan = JSON.parse(out) as typeof plan;
    });
    after(() => rmSync(directory, { recursive: true }));

    const changed = (name: string, change: (resources: Record<string, never>[]) => unknown): string => {
        const copy = JSON.parse(readFileSync(planFile, "utf8")) as { resources: Record<string, never>[] };
        const file = path.join(directory, name);
        writeFileSync(file, JSON.stringify({ ...copy, resources: change(copy.resources) }));
        return file;
    };
    const without = (type: string) => (resources: Record<string, never>[]) =>
        resources.filter(resource => resource["type"] !== type);

    it("plans as JSON with resources, outputs and the verdict", () => {
        assert.equal(plan.stack, "dev");
        assert.ok(plan.resources.length > 100);
        assert.equal(plan.verdict.verdict, "contained");
        assert.equal((plan.outputs["destinations"] as unknown[]).length, 6);
    });

    it("proves a saved plan as it proves the stack, and exits with 0", () => {
        const { code, out } = run("prove", "--from", planFile, "--json");
        assert.equal(code, 0);
        const { provenance, ...verdict } = JSON.parse(out) as { provenance: Provenance };
        assert.deepEqual(verdict, plan.verdict);
        assert.deepEqual(provenance.stacks, ["dev"]);
        assert.deepEqual(provenance.sources, [planFile]);
        assert.equal(provenance.resources, plan.resources.length);
        assert.match(provenance.commit ?? "", /^[0-9a-f]{40}(-dirty)?$/);
        assert.match(provenance.time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    });

    it("says which pools and namespace it took for the gateway, and why", () => {
        const { out } = run("prove", "--from", planFile, "--claims", "C1");
        assert.match(out, /pool acme-dev\/gateway-pool: component gateway-pool made it/);
        assert.match(out, /namespace istio-egress: component \S+ registers it/);
    });

    it("judges the claims asked for, exits by them alone, and refuses others", () => {
        const open = changed(
            "open.json",
            without("kubernetes:admissionregistration.k8s.io/v1:ValidatingAdmissionPolicyBinding"),
        );
        const { code, out } = run("prove", "--from", open, "--claims", "C1,c3");
        assert.equal(code, 0);
        assert.match(out, /of C1, C3 alone/);
        assert.doesNotMatch(out, /C2|C4|C5/);
        const { code: refused, err } = run("prove", "--from", open, "--claims", "C1,C8");
        assert.equal(refused, 2);
        assert.match(err, /C8 is none of them/);
    });

    it("refuses a pool, namespace or cluster that nothing has", () => {
        for (const [flag, message] of [
            ["--gateway-pool", /expected one of acme-dev\/gateway-pool/],
            ["--gateway-namespace", /the stack registers istio-egress/],
            ["--cluster", /expected one of acme-dev/],
        ] as const) {
            const { code, err } = run("prove", "--from", planFile, "--claims", "C1", flag, "wrong");
            assert.equal(code, 2);
            assert.match(err, message);
        }
    });

    it("takes files as seen from where the person stands", () => {
        const { code, out } = runFrom(directory, "prove", "--from", "plan.json", "--out", "verdict.txt");
        assert.equal(code, 0);
        assert.equal(out, "");
        assert.match(
            readFileSync(path.join(directory, "verdict.txt"), "utf8"),
            /^Verdict: contained\nStack dev: \d+ resources/,
        );
        assert.equal(run("prove", "--from", planFile, "--out", "/nowhere/verdict.txt").code, 2);
        assert.equal(run("prove", "--from", planFile, "--out", directory).code, 2);
        // What failed leaves the last answer as it was.
        const before = readFileSync(path.join(directory, "verdict.txt"), "utf8");
        assert.equal(runFrom(directory, "prove", "--from", "missing.json", "--out", "verdict.txt").code, 2);
        assert.equal(readFileSync(path.join(directory, "verdict.txt"), "utf8"), before);
        assert.equal(runFrom(directory, "diff", "--from", "plan.json", "--against", "./plan.json").code, 0);
    });

    it("exits with 1 when it does not hold, and shows the packet and the remedy", () => {
        const nodes = changed(
            "no-guard.json",
            without("kubernetes:admissionregistration.k8s.io/v1:ValidatingAdmissionPolicyBinding"),
        );
        const { code, out } = run("prove", "--from", nodes);
        assert.equal(code, 1);
        assert.match(out, /C2\s+violated/);
        assert.match(out, /remedy/);
    });

    it("exits with 2 for what is no plan, and says what is wrong with it", () => {
        const cut = path.join(directory, "cut.json");
        writeFileSync(cut, readFileSync(planFile, "utf8").slice(0, 5000));
        const foreign = path.join(directory, "foreign.json");
        writeFileSync(foreign, '{"name": "something else"}');
        const empty = changed("empty.json", () => []);
        for (const [file, message] of [
            [cut, /cut off/],
            [foreign, /with the keys name/],
            [empty, /no resources/],
            [path.join(directory, "missing.json"), /no such file/],
        ] as const) {
            const { code, err, out } = run("prove", "--from", file);
            assert.equal(code, 2, file);
            assert.match(err, message);
            assert.equal(out, "");
        }
    });

    it("refuses a file of another stack than was asked for", () => {
        const { code, err } = run("prove", "--from", planFile, "--stack", "prod");
        assert.equal(code, 2);
        assert.match(err, /the stack of the file, which is dev/);
    });

    it("tells who gained and who lost a destination, and exits by the new verdict", () => {
        const fewer = changed("fewer.json", resources =>
            resources.map(resource => {
                const inputs = resource["inputs"] as { destinations?: { host: string }[] };
                return inputs.destinations === undefined
                    ? resource
                    : {
                          ...resource,
                          inputs: {
                              ...inputs,
                              destinations: inputs.destinations.filter(({ host }) => host !== "api.stripe.com"),
                          },
                      };
            }),
        );
        const { out } = run("diff", "--from", planFile, "--against", fewer, "--json");
        assert.deepEqual((JSON.parse(out) as { grants: unknown }).grants, [
            { workload: "payments/api", destination: "api.stripe.com:443", change: "gained" },
        ]);
    });

    it("tells its version", () => {
        const { code, out } = run("--version");
        assert.equal(code, 0);
        assert.equal(out, `${version()}\n`);
    });

    it("finds no difference between a plan and itself", () => {
        const { code, out } = run("diff", "--from", planFile, "--against", planFile);
        assert.equal(code, 0);
        assert.equal(out.match(/no change/g)?.length, 2);
    });

    it("prints Kubernetes objects that are all there and all named", () => {
        const { out } = run("render", "--json");
        const objects = JSON.parse(out) as { kind: string; metadata: { name: string } }[];
        assert.equal(objects.length, plan.resources.filter(({ type }) => type.startsWith("kubernetes:")).length);
        assert.equal(objects[0]?.kind, "Namespace");
    });

    for (const args of [["paln"], ["plan", "--stakc", "dev"], ["diff"], ["plan", "--stack", "nope"]]) {
        it(`exits with 2 and no stack trace for \`${args.join(" ")}\``, () => {
            const { code, err } = run(...args);
            assert.equal(code, 2);
            assert.doesNotMatch(err, /\n\s+at /);
        });
    }
});

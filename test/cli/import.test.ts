import assert from "node:assert/strict";
import { readFileSync, rmSync } from "node:fs";
import * as path from "node:path";
import { PROJECT_DIRECTORY } from "../../plan/project";
import { copyOfProject, runCommandIn } from "./ran";

const TUTORIAL = path.join(PROJECT_DIRECTORY, "test", "adopt", "fixtures", "tutorial-2019.yaml");

describe("import", function () {
    this.timeout(120_000);
    let copy: string;

    before(() => (copy = copyOfProject()));
    after(() => rmSync(copy, { recursive: true }));

    const run = (...args: string[]) => runCommandIn(copy, args);

    it("tells the destinations, what has changed and what is lost, and ends with 1 for what is lost", () => {
        const { err, out, status } = run("import", TUTORIAL, "--for", "default/sleep");
        assert.equal(status, 1, err);
        assert.match(
            out,
            /- host: istio\.io\n {4}ports: \[\{ number: 80, protocol: http \}, \{ number: 443, protocol: tls \}\]/,
        );
        assert.match(
            out,
            /Not carried over\n {2}DestinationRule default\/egressgateway-for-istio-io\n {4}spec\.subsets\[0\]\.trafficPolicy\.loadBalancer\.simple/,
        );
        assert.match(run("import", TUTORIAL).out, /Nobody is allowed by any object/);
    });

    it("writes what can be planned, and is contained", () => {
        const file = path.join(copy, "Pulumi.dev.yaml");
        const before = readFileSync(file, "utf8");
        const written = run("import", TUTORIAL, "--for", "default/sleep", "--write");
        assert.match(written.err, /Pulumi\.dev\.yaml: changed/);
        const after = readFileSync(file, "utf8");
        assert.notEqual(after, before);
        assert.match(after, /istio\.io[^]*\{ namespace: default, serviceAccount: sleep \}/);
        const plan = run("plan", "--json");
        assert.equal(plan.status, 0, plan.err);
        const { outputs, verdict } = JSON.parse(plan.out) as {
            outputs: { destinations: { host: string; ports: { protocol: string; number: number }[] }[] };
            verdict: { verdict: string };
        };
        assert.equal(verdict.verdict, "contained");
        assert.deepEqual(
            outputs.destinations
                .find(({ host }) => host === "istio.io")!
                .ports.map(({ number, protocol }) => `${protocol} ${number}`),
            ["tls 443", "http 80"],
        );
    });

    it("ends with 2 for what it cannot read", () => {
        assert.equal(run("import").status, 2);
        assert.equal(run("import", "nothing.yaml").status, 2);
        assert.equal(run("import", TUTORIAL, "--for", "sleep").status, 2);
        assert.equal(run("import", "README.md").status, 2);
    });
});

import assert from "node:assert/strict";
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { parse } from "yaml";
import { asked } from "../../cli/commands/initAsk";
import { draft } from "../../cli/commands/initDraft";
import { type Answers, optionOf, QUESTIONS } from "../../cli/commands/initQuestions";
import { withMatrixEntry } from "../../plan/newStack";
import { PROJECT_DIRECTORY } from "../../plan/project";
import { copyOfProject, runCommandIn, runIn } from "./ran";

const ANSWERS: Answers = {
    project: "acme-new",
    region: "europe-west1",
    firewallOrder: "BEFORE_CLASSIC_FIREWALL",
    nodeCidrs: "10.0.0.0/22",
    podCidrs: "10.4.0.0/14",
    serviceCidr: "10.8.0.0/20",
    controlPlaneCidr: "172.16.0.0/28",
    kubernetesVersion: "1.34",
    egressNodeCidr: "10.0.8.0/27",
    egressPodCidr: "10.3.0.0/22",
    for: "payments/api,orders/web",
    deployer: "deployer@acme-new.iam.gserviceaccount.com",
};

const optionsOf = (answers: Answers): string[] =>
    QUESTIONS.flatMap(question => {
        const answer = answers[question.name];
        return answer === undefined ? [] : [optionOf(question), answer];
    });

describe("init", function () {
    this.timeout(300_000);
    let copy: string;

    beforeEach(() => (copy = copyOfProject()));
    afterEach(() => rmSync(copy, { recursive: true }));

    const node = (...args: string[]) => runIn(copy, args);
    const run = (...args: string[]) => runCommandIn(copy, args);
    const read = (...file: string[]): string => readFileSync(path.join(copy, ...file), "utf8");
    const everything = (): string[] => readdirSync(copy, { recursive: true }).map(String).sort();

    it("makes a stack that can be planned and is contained, and everything that has to follow", () => {
        const { status, out, err } = run("init", "acme", ...optionsOf(ANSWERS));
        assert.equal(status, 0, err);
        assert.match(out, /contained: C1 holds, C2 holds, C3 holds, C4 holds, C5 holds/);
        assert.match(out, /Nobody said --network acme-new, --cluster acme-new/);
        assert.match(out, /pulumi stack init acme/);

        const plan = run("plan", "--stack", "acme");
        assert.equal(plan.status, 0, plan.err);
        assert.match(plan.out, /stack acme: \d+ resources/);
        assert.equal(run("prove", "--stack", "acme").status, 0);

        // What the project's own tests ask of every stack.
        const tests = ["test/examples/workflows.test.ts", "test/settings/jsonSchema.test.ts"];
        const tested = node("dev/test.cjs", ...tests);
        assert.equal(tested.status, 0, tested.out);
        assert.match(tested.out, /take Pulumi\.acme\.yaml/);
        const written = ["policy/config/acme.json", ".github/workflows/deploy.yaml"];
        const formatted = node(require.resolve("prettier/bin/prettier.cjs"), "--check", ...written);
        assert.equal(formatted.status, 0, formatted.err);

        const added = run("add", "example.com:443", "--for", "orders/web", "--stack", "acme");
        assert.equal(added.status, 0, added.err);
    });

    it("overwrites nothing, and leaves nothing behind that it refuses", () => {
        const before = everything();
        const { status, err } = run("init", "dev", "--project", "X", "--for", "payments", "--to", "istio.io");
        assert.equal(status, 2);
        for (const named of [
            "Pulumi.dev.yaml",
            "--project",
            "--region",
            "--node-cidrs",
            "--for",
            "--to",
            "--deployer",
        ]) {
            assert.match(err, new RegExp(`^  ${named}`, "m"));
        }
        assert.equal(run("init", "../dev", ...optionsOf(ANSWERS)).status, 2);
        assert.deepEqual(everything(), before);
        assert.equal(read("Pulumi.dev.yaml"), readFileSync(path.join(PROJECT_DIRECTORY, "Pulumi.dev.yaml"), "utf8"));
    });

    it("shows and writes nothing when asked to, in text and as JSON", () => {
        const before = everything();
        const { status, out } = run("init", "acme", ...optionsOf(ANSWERS), "--dry-run");
        assert.equal(status, 0);
        assert.match(out, /nothing is written/);
        assert.match(out, /nodeCidrs: \[10\.0\.0\.0\/22\]/);
        const json = JSON.parse(run("init", "acme", ...optionsOf(ANSWERS), "--dry-run", "--json").out) as {
            files: { path: string; change: string }[];
            verdict: { verdict: string };
        };
        assert.deepEqual(
            json.files.map(({ path: file, change }) => [file, change]),
            [
                ["Pulumi.acme.yaml", "new"],
                ["policy/config/acme.json", "new"],
                [".github/workflows/deploy.yaml", "changed"],
            ],
        );
        assert.equal(json.verdict.verdict, "contained");
        assert.deepEqual(everything(), before);
    });

    it("takes the platform from another stack's outputs, and keeps them where plans look", () => {
        const given = path.join(copy, "..", `${path.basename(copy)}.json`);
        cpSync(path.join(copy, "stack-outputs", "platform.prod.json"), given);
        try {
            const { project, region, for: workloads, deployer } = ANSWERS;
            const options = optionsOf({ project: project!, region: region!, for: workloads!, deployer: deployer! });
            const { status, err } = run("init", "acme", ...options, "--platform-outputs", given);
            assert.equal(status, 0, err);
            assert.match(read("Pulumi.acme.yaml"), /platform: { stack: organization\/platform\/acme }/);
            assert.equal(read("stack-outputs", "platform.acme.json"), readFileSync(given, "utf8"));
            assert.equal(run("prove", "--stack", "acme").status, 0);

            writeFileSync(given, "{}");
            const refused = run("init", "other", ...options, "--platform-outputs", given);
            assert.equal(refused.status, 2);
            assert.match(refused.err, /never deployed, or was destroyed/);
            assert.ok(!existsSync(path.join(copy, "Pulumi.other.yaml")));
        } finally {
            rmSync(given);
        }
    });
});

describe("the questions of init", () => {
    it("are asked where no option answers, with what is usual, and again where an answer cannot be used", async () => {
        const { region, ...given } = ANSWERS;
        const asking: string[] = [];
        const told: string[] = [];
        const { answers } = await asked(
            QUESTIONS,
            given,
            all => draft(QUESTIONS, all, undefined),
            ({ name }, suggestion) => {
                asking.push(name);
                return Promise.resolve(
                    name === "region" && asking.filter(one => one === "region").length === 1
                        ? `${region}-b`
                        : (suggestion ?? region),
                );
            },
            text => told.push(text),
        );
        assert.equal(answers["region"], region);
        assert.match(told.join(), /--region \(gcp:region\)\n.*europe-west1-b/);
        assert.equal(answers["network"], given["project"]);
        assert.equal(answers["egressSubnet"], `${given["project"]}-egress`);
        assert.equal(asking.filter(name => name === "region").length, 2);
        assert.ok(!asking.includes("project"));
    });
});

describe("the matrix of the deployment", () => {
    const stacks = (text: string): unknown[] =>
        Object.values(
            (parse(text) as { jobs: Record<string, { strategy?: { matrix: { stack: unknown } } }> }).jobs,
        ).map(({ strategy }) => strategy?.matrix.stack);

    it("has a new stack once, last, in every job that has one, however the list is written", () => {
        const text =
            "jobs:\n  a:\n    strategy:\n      matrix:\n        stack: [dev] # all\n  b:\n    strategy:\n      matrix:\n        stack:\n          - dev\n          - prod\n  c: {}\n";
        const once = withMatrixEntry(text, "acme");
        assert.deepEqual(stacks(once), [["dev", "acme"], ["dev", "prod", "acme"], undefined]);
        assert.match(once, /\[dev, acme\] # all/);
        assert.equal(withMatrixEntry(once, "acme"), once);
    });

    it("keeps a name that reads like something else a name", () => {
        const text = "jobs:\n  a:\n    strategy:\n      matrix:\n        stack: [dev]\n";
        assert.deepEqual(stacks(withMatrixEntry(text, "2027")), [["dev", "2027"]]);
    });
});

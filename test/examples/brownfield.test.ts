import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { stripVTControlCharacters } from "node:util";
import { OBSERVED_PREFIX } from "../../components/perimeter/firewallRules";
import { prove } from "../../containment/prove";
import { type FirewallRule } from "../../components/perimeter/firewallRules";
import { planReport } from "../../cli/planReport";
import { run } from "../cli/ran";
import { brownfieldTable } from "./brownfield";
import { plannedIn } from "./planned";

const PAGE = path.resolve(__dirname, "..", "..", "docs", "brownfield.md");
const TABLE = /(<!-- verdicts: [^\n]* -->\n)[^]*?(<!-- end of verdicts -->)/;

describe("docs/brownfield.md", () => {
    const page = fs.readFileSync(PAGE, "utf8");

    it("has the verdicts that the proof gives today; WRITE_DOCS=1 writes them anew", async function () {
        this.timeout(120_000);
        const table = await brownfieldTable();
        const renewed = page.replace(TABLE, (_, begin: string, end: string) => `${begin}\n${table}\n\n${end}`);
        if (process.env["WRITE_DOCS"] === "1") {
            fs.writeFileSync(PAGE, renewed);
        }
        assert.match(page, TABLE);
        assert.equal(fs.readFileSync(PAGE, "utf8"), renewed);
    });

    it("shows how a shared subnet is refused, in the program's own words", async () => {
        const refused = plannedIn({
            folder: ".",
            configure: config => {
                config["egress-gateway:platform"].egressSubnet.nodeCidr = "10.0.0.0/27";
            },
        });
        await assert.rejects(refused, (error: Error) => {
            assert.ok(page.includes(error.message), error.message);
            return true;
        });
    });
});

describe("observing", () => {
    // eslint-disable-next-line @typescript-eslint/no-explicit-any
    const observe = (config: Record<string, any>) => {
        config["egress-gateway:perimeter"] = { mode: "observe" };
    };

    it("denies nothing and logs what it would deny, under the priorities that the documented query asks for", async () => {
        const rulesOf = async (configure?: typeof observe) => {
            const { resources } = await plannedIn({ folder: ".", configure });
            const policy = resources.find(({ type }) => type.endsWith(":NetworkFirewallPolicyWithRules"));
            return policy?.inputs["rules"] as FirewallRule[];
        };
        const enforced = await rulesOf();
        const observed = await rulesOf(observe);
        const denying = enforced.filter(({ action }) => action === "deny").map(({ priority }) => priority);
        const would = observed.filter(({ ruleName }) => ruleName.startsWith(OBSERVED_PREFIX));
        assert.deepEqual(
            observed.filter(({ action }) => action === "deny"),
            [],
        );
        assert.deepEqual(
            would.map(({ priority }) => priority),
            denying,
        );
        assert.ok(would.every(({ enableLogging }) => enableLogging));

        const asked = /rule_details\.priority=\(([^)]*)\)/.exec(fs.readFileSync(PAGE, "utf8"))?.[1];
        assert.deepEqual(asked?.split(" OR ").map(Number), denying);
    });

    it("is the first of the steps that the page shows, as the plan prints them", async () => {
        const stepsOfPlan = async (configure?: typeof observe): Promise<string> => {
            const plan = await plannedIn({ folder: ".", configure });
            const report = stripVTControlCharacters(planReport(plan, prove(plan.resources)));
            return /On the way to only this gateway.*\n((?: {2}.*\n)+)/.exec(report)?.[1] ?? "";
        };
        const shown = /`npm run plan` says where a stack is:\n\n```text\n([^]*?)```/;
        const observing = await stepsOfPlan(observe);
        if (process.env["WRITE_DOCS"] === "1") {
            const page = fs.readFileSync(PAGE, "utf8");
            fs.writeFileSync(
                PAGE,
                page.replace(shown, block =>
                    block.replace(/```text\n[^]*?```/, () => `\`\`\`text\n${observing}\`\`\``),
                ),
            );
        }
        assert.equal(shown.exec(fs.readFileSync(PAGE, "utf8"))?.[1], observing);
        const inCluster = await stepsOfPlan(config => {
            config["egress-gateway:perimeter"] = { scope: "cluster" };
            config["egress-gateway:platform"].cluster.nodeServiceAccounts = ["nodes@acme-dev.iam.gserviceaccount.com"];
        });
        assert.match(inCluster, /^ {2}done {2}observe[^]*^ {2}now {3}enforce[^]*^ {2}next {2}enclose/m);
        assert.equal(await stepsOfPlan(), "");
    });

    it("is what `suggest` reads, as the page shows it", () => {
        const shown = /\$ npm run suggest -- observed\.log --pods pods\.json\n([^]*?)\n```/.exec(
            fs.readFileSync(PAGE, "utf8"),
        )![1]!;
        const logs = path.resolve(__dirname, "..", "suggest", "fixtures");
        const { out, status } = run([
            "suggest",
            path.join(logs, "observed.log"),
            "--pods",
            path.join(logs, "pods.json"),
        ]);
        assert.deepEqual([status, out.trimEnd()], [1, shown]);
    });

    it("is no containment, and the plan says so", async () => {
        const { resources, warnings } = await plannedIn({ folder: ".", configure: observe });
        assert.notEqual(prove(resources).verdict, "contained");
        assert.ok(warnings.some(warning => /nothing is denied yet/.test(warning)));
    });
});

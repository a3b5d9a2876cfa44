import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { parse, stringify } from "yaml";
import { type Plan, planOffline } from "../../cli/plan/offline";
import { PROJECT_DIRECTORY } from "../../cli/project";
import { prove } from "../../containment/prove";
import { type ClaimId, type Result, type Verdict } from "../../containment/verdict";
import { COMPONENTS } from "../../settings/schema";
import { LOST_WITHOUT } from "../../settings/warnings";

/** The dev stack with some settings changed. */
async function variant(changes: Record<string, unknown>): Promise<{ plan: Plan; verdict: Verdict }> {
    const directory = mkdtempSync(path.join(tmpdir(), "variant-"));
    try {
        const read = (file: string) => readFileSync(path.join(PROJECT_DIRECTORY, file), "utf8");
        const { config } = parse(read("Pulumi.dev.yaml")) as { config: Record<string, unknown> };
        const changed = Object.entries(changes).map(([key, value]) => [`egress-gateway:${key}`, value] as const);
        writeFileSync(path.join(directory, "Pulumi.yaml"), read("Pulumi.yaml"));
        writeFileSync(
            path.join(directory, "Pulumi.variant.yaml"),
            stringify({ config: { ...config, ...Object.fromEntries(changed) } }),
        );
        const plan = await planOffline(directory, "variant", () => {
            const entry = require.resolve("../../index");
            delete require.cache[entry];
            return require(entry) as unknown;
        });
        return { plan, verdict: prove(plan.resources) };
    } finally {
        rmSync(directory, { recursive: true });
    }
}

function result({ claims }: Verdict, id: ClaimId): Result | undefined {
    return claims.find(claim => claim.id === id)?.result;
}

describe("the dev stack", () => {
    /** What is no longer said to hold when a group is switched off. */
    const BREAKS: Readonly<Partial<Record<(typeof COMPONENTS)[number], ClaimId>>> = {
        perimeter: "C1",
        "node-pool": "C2",
        gateway: "C4",
        // Nothing declares the ports any more.
        mesh: "C3",
        guard: "C2",
    };

    for (const component of COMPONENTS) {
        it(`without ${component} says what is lost, and claims no more than what is left`, async () => {
            const { plan, verdict } = await variant({ disabledComponents: [component] });
            assert.ok(plan.warnings.some(warning => warning.includes(LOST_WITHOUT[component])));
            const broken = BREAKS[component];
            if (broken === undefined) {
                // No claim rests on network policies.
                assert.equal(verdict.verdict, "contained");
            } else {
                assert.notEqual(result(verdict, broken), "holds");
                assert.notEqual(verdict.verdict, "contained");
            }
        });
    }

    it("that observes denies nothing, and its verdict says that nothing is enclosed", async () => {
        const { plan, verdict } = await variant({ perimeter: { mode: "observe" } });
        assert.equal(verdict.verdict, "violated");
        const rules = plan.resources.flatMap(({ type, inputs }) =>
            type.endsWith(":NetworkFirewallPolicyWithRules") ? (inputs["rules"] as { action: string }[]) : [],
        );
        assert.deepEqual([...new Set(rules.map(({ action }) => action))], ["allow"]);
        assert.ok(!plan.resources.some(({ type }) => type === "gcp:compute/firewall:Firewall"));
        assert.ok(!plan.resources.some(({ type }) => type.endsWith(":NetworkPolicy")));
        const actions = plan.resources.flatMap(({ type, inputs }) =>
            type.endsWith(":ValidatingAdmissionPolicyBinding")
                ? (inputs["spec"] as { validationActions: string[] }).validationActions
                : [],
        );
        assert.ok(actions.length > 0 && !actions.includes("Deny"), actions.join(", "));
        const modes = plan.resources.flatMap(({ type, inputs }) =>
            type.endsWith(":Sidecar")
                ? [(inputs["spec"] as { outboundTrafficPolicy: { mode: string } }).outboundTrafficPolicy.mode]
                : [],
        );
        assert.deepEqual([...new Set(modes)], ["ALLOW_ANY"]);
    });

    it("in a shared network denies for the cluster's own nodes, and the verdict names what lies outside", async () => {
        const { config } = parse(readFileSync(path.join(PROJECT_DIRECTORY, "Pulumi.dev.yaml"), "utf8")) as {
            config: Record<string, { cluster: object }>;
        };
        const platform = config["egress-gateway:platform"]!;
        const nodeServiceAccounts = ["app-nodes@acme-dev.iam.gserviceaccount.com"];
        const { plan, verdict } = await variant({
            perimeter: { scope: "cluster" },
            platform: { ...platform, cluster: { ...platform.cluster, nodeServiceAccounts } },
        });
        assert.ok(plan.warnings.some(warning => warning.includes("perimeter.scope is `cluster`")));
        const said = [
            ...verdict.assumptions,
            ...verdict.residualRisks,
            ...verdict.claims.flatMap(({ reasons }) => reasons),
        ].join("\n");
        assert.match(said, /other|shared|nobody else/i);
    });

    it("without mutual TLS plans, warns, and is not said to check identities", async () => {
        const { config } = parse(readFileSync(path.join(PROJECT_DIRECTORY, "Pulumi.dev.yaml"), "utf8")) as {
            config: Record<string, { ports?: { protocol: string; number?: number }[] }[]>;
        };
        const carriable = config["egress-gateway:destinations"]!.filter(
            ({ ports = [] }) =>
                !ports.some(({ protocol, number }) => protocol === "tcp" || (protocol === "tls" && number !== 443)),
        );
        const { plan, verdict } = await variant({ mesh: { mutualTls: false }, destinations: carriable });
        assert.ok(plan.warnings.some(warning => warning.startsWith("mesh.mutualTls is false")));
        assert.equal(result(verdict, "C4"), "violated");
        assert.equal(result(verdict, "C1"), "holds");
    });

    it("in a network that asks classic rules first has no belt, and warns", async () => {
        const { config } = parse(readFileSync(path.join(PROJECT_DIRECTORY, "Pulumi.dev.yaml"), "utf8")) as {
            config: Record<string, object>;
        };
        const { plan } = await variant({
            platform: { ...config["egress-gateway:platform"], firewallOrder: "AFTER_CLASSIC_FIREWALL" },
        });
        assert.ok(!plan.resources.some(({ type }) => type === "gcp:compute/firewall:Firewall"));
        assert.ok(plan.warnings.some(warning => warning.includes("evaluates classic rules first")));
    });
});

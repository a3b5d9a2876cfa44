import assert from "node:assert/strict";
import { prove } from "../../containment/prove";
import { type ClaimId, type Result, type Verdict } from "../../containment/verdict";
import { COMPONENTS } from "../../settings/schema";
import { LOST_WITHOUT } from "../../settings/warnings";
import { devSetting, variant } from "./variant";

function result({ claims }: Verdict, id: ClaimId): Result | undefined {
    return claims.find(claim => claim.id === id)?.result;
}

describe("the dev stack", () => {
    it("knows the mesh's root namespace where istiod runs elsewhere: what stands there applies to the gateway", async () => {
        const { plan, verdict } = await variant({ mesh: { controlPlaneNamespace: "istio-control" } });
        assert.equal(verdict.verdict, "contained");
        const type = "kubernetes:security.istio.io/v1:AuthorizationPolicy";
        const opened = (namespace: string) =>
            prove([
                ...plan.resources,
                {
                    urn: `urn:pulumi:dev::egress-gateway::${type}::${namespace}/everybody`,
                    type,
                    name: `${namespace}/everybody`,
                    inputs: {
                        apiVersion: "security.istio.io/v1",
                        kind: "AuthorizationPolicy",
                        metadata: { name: "everybody", namespace },
                        spec: { action: "ALLOW", rules: [{}] },
                    },
                    dependsOn: [],
                },
            ]);
        assert.equal(result(opened("istio-control"), "C4"), "violated");
        assert.equal(result(opened("istio-system"), "C4"), "holds");
    });

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

    for (const [collector, kinds] of [
        ["google-managed-prometheus", ["PodMonitoring", "Rules"]],
        ["prometheus-operator", ["PodMonitor", "PrometheusRule"]],
    ] as const) {
        it(`that is monitored by ${collector} is contained, by the same claims and locks`, async () => {
            const without = await variant({});
            const { plan, verdict } = await variant({ monitoring: { collector } });
            assert.deepEqual(
                plan.resources
                    .flatMap(({ type }) => (/monitoring\.[a-z.]+\/v1:/.test(type) ? [type.split(":")[2]] : []))
                    .sort(),
                kinds,
            );
            assert.equal(plan.resources.filter(({ type }) => type.endsWith(":AlertPolicy")).length, 3);
            assert.equal(verdict.verdict, "contained");
            assert.deepEqual(verdict.claims, without.verdict.claims);
            assert.deepEqual(verdict.locks, without.verdict.locks);
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
        const platform = devSetting<{ cluster: object }>("platform");
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
        const destinations = devSetting<{ ports?: { protocol: string; number?: number }[] }[]>("destinations");
        const carriable = destinations.filter(
            ({ ports = [] }) =>
                !ports.some(({ protocol, number }) => protocol === "tcp" || (protocol === "tls" && number !== 443)),
        );
        const { plan, verdict } = await variant({ mesh: { mutualTls: false }, destinations: carriable });
        assert.ok(plan.warnings.some(warning => warning.startsWith("mesh.mutualTls is false")));
        assert.equal(result(verdict, "C4"), "violated");
        assert.equal(result(verdict, "C1"), "holds");
    });

    it("in a network that asks classic rules first has no belt, and warns", async () => {
        const { plan } = await variant({
            platform: { ...devSetting<object>("platform"), firewallOrder: "AFTER_CLASSIC_FIREWALL" },
        });
        assert.ok(!plan.resources.some(({ type }) => type === "gcp:compute/firewall:Firewall"));
        assert.ok(plan.warnings.some(warning => warning.includes("evaluates classic rules first")));
    });
});

import assert from "node:assert/strict";
import { devSetting, variant } from "./variant";
import { UNKNOWN } from "../../base/resource";
import { planReport } from "../../cli/planReport";
import { the } from "./planned";

const SUBNET = { name: "acme-dev-egress", nodeCidr: "10.0.8.0/27", podRange: "egress-pods", podCidr: "10.3.0.0/22" };
const ADDRESS = "projects/acme-dev/regions/europe-west1/addresses/acme-dev-egress-nat";
const NAT = "gcp:compute/routerNat:RouterNat";
const FIREWALL = "gcp:compute/networkFirewallPolicyWithRules:NetworkFirewallPolicyWithRules";

interface Rule {
    readonly ruleName: string;
    readonly targetServiceAccounts?: readonly string[];
    readonly match: { readonly destIpRanges: readonly string[]; readonly srcIpRanges?: readonly string[] };
}

describe("a stack in the middle of a change of its way out", () => {
    it("lets both accounts out, binds both alike, and holds all its claims", async () => {
        const { plan, verdict } = await variant({
            gateway: { nodeAccountId: "new-gateway-nodes", retiring: { nodeAccountId: "egress-gateway-nodes" } },
        });
        const both = ["new-gateway-nodes", "egress-gateway-nodes"].map(id => `${id}@acme-dev.iam.gserviceaccount.com`);
        const rules = the(plan.resources, FIREWALL).inputs["rules"] as readonly Rule[];
        const targeted = rules.filter(({ targetServiceAccounts }) => targetServiceAccounts !== undefined);
        assert.deepEqual(
            targeted.map(({ ruleName }) => ruleName),
            ["deny-gateway-private", "allow-gateway-public"],
        );
        targeted.forEach(({ targetServiceAccounts }) => assert.deepEqual(targetServiceAccounts, both));
        const of = (type: string, key: string) =>
            plan.resources.filter(resource => resource.type === type).map(({ inputs }) => inputs[key]);
        assert.deepEqual(of("gcp:serviceaccount/account:Account", "accountId").sort(), [
            "egress-gateway-nodes",
            "new-gateway-nodes",
        ]);
        assert.deepEqual(
            of("gcp:projects/iAMMember:IAMMember", "member").sort(),
            both.map(account => `serviceAccount:${account}`).sort(),
        );
        const computeClass = plan.resources.find(({ name }) => name === "egress-gateway.gateway-node-compute-class");
        both.forEach(account => assert.ok(JSON.stringify(computeClass?.inputs).includes(account)));
        assert.equal(verdict.verdict, "contained");
        assert.deepEqual(
            verdict.claims.filter(({ result }) => result !== "holds"),
            [],
        );
    });

    for (const [what, retiring] of [
        ["range for pods", { ...SUBNET, podRange: "old-pods", podCidr: "10.2.0.0/22" }],
        ["subnet", { name: "old-egress", nodeCidr: "10.0.9.0/27", podRange: "old-pods", podCidr: "10.2.0.0/22" }],
    ] as const) {
        it(`serves the old ${what} as well in NAT and in every rule about the gateway's ranges, and is contained`, async () => {
            const { plan, verdict } = await variant({ gateway: { retiring: { egressSubnet: retiring } } });
            const { subnetworks } = the(plan.resources, NAT).inputs as { subnetworks: { name: string }[] };
            const names = subnetworks.map(({ name }) => name.split("/").at(-1));
            assert.deepEqual(names, [...new Set([SUBNET.name, retiring.name])]);
            const rules = the(plan.resources, FIREWALL).inputs["rules"] as readonly Rule[];
            const ranges = (name: string, side: "destIpRanges" | "srcIpRanges") =>
                rules.find(({ ruleName }) => ruleName === name)!.match[side] ?? [];
            for (const found of [
                ranges("allow-cluster", "destIpRanges"),
                ranges("allow-gateway-to-cluster", "srcIpRanges"),
                ranges("allow-cluster-to-gateway", "destIpRanges"),
            ]) {
                for (const range of [SUBNET.nodeCidr, SUBNET.podCidr, retiring.nodeCidr, retiring.podCidr]) {
                    assert.equal(found.filter(other => other === range).length, 1, `${range} in ${found.join(", ")}`);
                }
            }
            assert.equal(verdict.verdict, "contained");
        });
    }

    it("serves both ranges for pods by NAT where pods keep their addresses", async () => {
        const platform = devSetting<{ cluster: object }>("platform");
        const { plan } = await variant({
            platform: { ...platform, cluster: { ...platform.cluster, defaultSnat: false } },
            gateway: { retiring: { egressSubnet: { ...SUBNET, podRange: "old-pods", podCidr: "10.2.0.0/22" } } },
        });
        const [subnet] = the(plan.resources, NAT).inputs["subnetworks"] as { secondaryIpRangeNames: string[] }[];
        assert.deepEqual(subnet?.secondaryIpRangeNames, ["egress-pods", "old-pods"]);
    });

    it("lets addresses finish their connections, and no longer protects those alone", async () => {
        const { plan, verdict } = await variant({ nat: { addresses: 2, drainingAddresses: 1 } });
        const { natIps, drainNatIps } = the(plan.resources, NAT).inputs;
        assert.deepEqual([natIps, drainNatIps], [[`${ADDRESS}-1`, `${ADDRESS}-2`], [`${ADDRESS}-3`]]);
        const addresses = plan.resources.filter(({ type }) => type === "gcp:compute/address:Address");
        assert.deepEqual(
            addresses.map(({ name, protect }) => [name, protect]),
            [
                ["perimeter-nat-1", true],
                ["perimeter-nat-2", true],
                ["perimeter-nat-3", undefined],
            ],
        );
        assert.equal(verdict.verdict, "contained");
    });
});

describe("addresses that were reserved before the stack", () => {
    const reserved = (name: string) => `projects/acme-dev/regions/europe-west1/addresses/${name}`;

    it("are used beside new ones, which keep their names, and are no resource of the stack", async () => {
        const { plan, verdict } = await variant({
            nat: {
                addresses: [{ name: "partner-ip-1" }, { new: 2 }],
                drainingAddresses: [{ name: "partner-ip-2" }, { new: 1 }],
            },
        });
        const { natIps, drainNatIps } = the(plan.resources, NAT).inputs;
        assert.deepEqual(natIps, [`${ADDRESS}-1`, `${ADDRESS}-2`, reserved("partner-ip-1")]);
        assert.deepEqual(drainNatIps, [`${ADDRESS}-3`, reserved("partner-ip-2")]);
        const addresses = plan.resources.filter(({ type }) => type === "gcp:compute/address:Address");
        assert.deepEqual(
            addresses.map(({ name }) => name),
            ["perimeter-nat-1", "perimeter-nat-2", "perimeter-nat-3"],
        );
        assert.equal(verdict.verdict, "contained");
        // Nobody knows offline what they are.
        assert.equal(plan.outputs["natAddresses"], UNKNOWN);
        assert.match(planReport(plan, verdict), /3 \(partner-ip-1 reserved before\), known after/);
    });

    it("may be all that there is", async () => {
        const { plan, verdict } = await variant({ nat: { addresses: [{ name: "a" }, { name: "b" }] } });
        assert.deepEqual(the(plan.resources, NAT).inputs["natIps"], [reserved("a"), reserved("b")]);
        assert.ok(!plan.resources.some(({ type }) => type === "gcp:compute/address:Address"));
        assert.equal(plan.outputs["natAddresses"], UNKNOWN);
        assert.equal(verdict.verdict, "contained");
    });
});

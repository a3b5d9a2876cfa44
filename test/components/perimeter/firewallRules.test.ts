import assert from "node:assert/strict";
import { type FirewallRule, firewallRules } from "../../../components/perimeter/firewallRules";
import { publicPorts } from "../../../settings/reach";
import { onGoogle } from "../../../settings/googleNames";
import { destination, platform, settings } from "../../settings/build";

const GATEWAY = "egress-gateway-nodes@acme-dev.iam.gserviceaccount.com";

function rules(values: Record<string, unknown> = {}, cluster: Record<string, unknown> = {}): FirewallRule[] {
    const read = settings(values, { platform: { path: "egress-gateway:platform", value: platform({}, cluster) } });
    assert.ok(onGoogle(read));
    return firewallRules(read, () => [GATEWAY]);
}

function named(name: string, from: readonly FirewallRule[]): FirewallRule {
    const rule = from.find(({ ruleName }) => ruleName === name);
    assert.ok(rule, `no rule ${name} among ${from.map(({ ruleName }) => ruleName).join(", ")}`);
    return rule;
}

describe("firewallRules", () => {
    it("denies everything for everybody, on IPv4 and IPv6, logged, behind every other rule", () => {
        const [last6, last4] = [...rules()].sort((a, b) => b.priority - a.priority);
        assert.deepEqual(
            [last4, last6].map(rule => [
                rule?.action,
                rule?.targetServiceAccounts,
                rule?.enableLogging,
                rule?.match.destIpRanges[0],
                rule?.match.layer4Configs[0]?.ipProtocol,
            ]),
            [
                ["deny", undefined, true, "0.0.0.0/0", "all"],
                ["deny", undefined, true, "::/0", "all"],
            ],
        );
    });

    it("lets nobody to public addresses but the gateway nodes' identity, on declared ports only", () => {
        const open = rules({
            destinations: [
                destination("a.example.com", { ports: [{ number: 8443, protocol: "tls" }] }),
                destination("b.example.com", { ports: [{ protocol: "originate", number: 9443, plainPort: 8080 }] }),
            ],
        }).filter(({ action, match }) => action === "allow" && match.destIpRanges.includes("0.0.0.0/0"));
        assert.equal(open.length, 1);
        assert.deepEqual(open[0]?.targetServiceAccounts, [GATEWAY]);
        assert.deepEqual(open[0].match.layer4Configs, [{ ipProtocol: "tcp", ports: ["8443", "9443"] }]);
    });

    it("opens exactly the declared addresses and their ports, and no port to everywhere for them", () => {
        const workload = { allow: [{ namespace: "payments", serviceAccount: "api" }] };
        const sftp = { ports: [{ number: 22, protocol: "tcp" }], ...workload };
        const opened = (...destinations: object[]) =>
            rules({ destinations })
                .filter(
                    ({ ruleName }) => ruleName.startsWith("allow-gateway-") && ruleName !== "allow-gateway-to-cluster",
                )
                .map(({ priority, targetServiceAccounts, match }) => [
                    priority,
                    targetServiceAccounts,
                    match.destIpRanges,
                    match.layer4Configs,
                ]);
        const tcp = (...ports: string[]) => [{ ipProtocol: "tcp", ports }];
        const fixed = [
            { ...sftp, addresses: ["203.0.113.6/31"] },
            { ports: [{ number: 500, protocol: "tcp" }, ...sftp.ports], ...workload, addresses: ["198.51.100.1"] },
        ];
        const both = [
            [401, [GATEWAY], ["203.0.113.6/32", "203.0.113.7/32"], tcp("22")],
            [402, [GATEWAY], ["198.51.100.1/32"], tcp("22", "500")],
        ];
        assert.deepEqual(opened(...fixed), both);
        assert.deepEqual(opened(destination("a.example.com"), ...fixed), [
            [400, [GATEWAY], ["0.0.0.0/0"], tcp("443")],
            ...both,
        ]);
    });

    it("opens the cluster to the gateway's ranges for istiod and DNS, and the gateway to the cluster for its ports", () => {
        const opened = (name: string) => {
            const { direction, action, match, targetServiceAccounts } = named(name, rules());
            return { direction, action, match, targetServiceAccounts };
        };
        const { cluster, egressSubnet } = platform() as {
            cluster: { nodeCidrs: string[]; podCidrs: string[] };
            egressSubnet: { nodeCidr: string; podCidr: string };
        };
        const applications = [...cluster.nodeCidrs, ...cluster.podCidrs];
        const gateway = [egressSubnet.nodeCidr, egressSubnet.podCidr];
        const common = { direction: "INGRESS", action: "allow", targetServiceAccounts: undefined };
        assert.deepEqual(opened("allow-gateway-to-cluster"), {
            ...common,
            match: {
                srcIpRanges: gateway,
                destIpRanges: applications,
                layer4Configs: [
                    { ipProtocol: "tcp", ports: ["53", "15012"] },
                    { ipProtocol: "udp", ports: ["53"] },
                ],
            },
        });
        assert.deepEqual(opened("allow-cluster-to-gateway"), {
            ...common,
            match: {
                srcIpRanges: applications,
                destIpRanges: gateway,
                layer4Configs: [{ ipProtocol: "tcp", ports: ["8080", "8443", "15090"] }],
            },
        });
    });

    it("keeps the gateway from private addresses before it lets it to public ones", () => {
        const all = rules();
        const forbidden = named("deny-gateway-private", all);
        const publicRule = named("allow-gateway-public", all);
        assert.ok(forbidden.priority < publicRule.priority);
        assert.deepEqual(forbidden.targetServiceAccounts, publicRule.targetServiceAccounts);
    });

    it("opens a private destination for application nodes, behind the rule that keeps the gateway from it", () => {
        const clients = {
            privateDestinations: [
                { name: "ledger", cidrs: ["10.20.0.0/28"], ports: [{ number: 5432 }], namespaces: ["payments"] },
            ],
        };
        const all = rules({ clients });
        const ledger = named("allow-private-ledger", all);
        assert.ok(ledger.priority > named("deny-gateway-private", all).priority);
        assert.deepEqual(ledger.match, {
            destIpRanges: ["10.20.0.0/28"],
            layer4Configs: [{ ipProtocol: "tcp", ports: ["5432"] }],
        });
    });

    it("opens the restricted Google range on 443 alone, and nothing with `none`", () => {
        assert.deepEqual(named("allow-restricted-google-apis", rules()).match, {
            destIpRanges: ["199.36.153.4/30"],
            layer4Configs: [{ ipProtocol: "tcp", ports: ["443"] }],
        });
        assert.ok(!rules({ googleApis: "none" }).some(({ match }) => match.destIpRanges.includes("199.36.153.4/30")));
    });

    it("denies for the cluster's identities alone where the network is shared", () => {
        const app = "app-nodes@acme-dev.iam.gserviceaccount.com";
        const all = rules({ perimeter: { scope: "cluster" } }, { nodeServiceAccounts: [app] });
        assert.deepEqual(named("deny-ipv4", all).targetServiceAccounts, [app, GATEWAY]);
        assert.deepEqual(named("deny-ipv6", all).targetServiceAccounts, [app, GATEWAY]);
    });

    it("denies nothing in observe mode, and logs what it would deny under a name of its own", () => {
        const observed = rules({ perimeter: { mode: "observe" } });
        assert.deepEqual([...new Set(observed.map(({ action }) => action))], ["allow"]);
        assert.deepEqual(
            observed
                .filter(({ ruleName }) => ruleName.startsWith("would-"))
                .map(({ ruleName, enableLogging }) => [ruleName, enableLogging]),
            [
                ["would-deny-gateway-private", true],
                ["would-deny-ipv4", true],
                ["would-deny-ipv6", true],
            ],
        );
    });

    it("has each priority and each name once", () => {
        const all = rules();
        assert.equal(new Set(all.map(({ priority }) => priority)).size, all.length);
        assert.equal(new Set(all.map(({ ruleName }) => ruleName)).size, all.length);
    });
});

describe("publicPorts", () => {
    it("are those of the far side, whatever the application dials, each once and in order", () => {
        const read = settings({
            destinations: [
                destination("a.example.com", { ports: [{ protocol: "originate", number: 443, plainPort: 80 }] }),
                destination("b.example.com", { ports: [{ number: 22, protocol: "tcp" }] }),
                destination("c.example.com"),
            ],
        });
        assert.deepEqual(publicPorts(read.destinations), [22, 443]);
    });
});

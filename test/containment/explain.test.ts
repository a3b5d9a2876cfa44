import * as assert from "node:assert/strict";
import { explain, explainPacket, sourcesOf, UnknownSourceError } from "../../containment/explain";
import { type Packet } from "../../containment/verdict";
import { readWorld } from "../../containment/world/world";
import { all } from "./worlds/build";
import { B1, B3, MUTATIONS, SWITCHES } from "./worlds/threeLocks";

function told(
    world: typeof B3,
    source: string,
    destination: string,
    protocol: Packet["protocol"] = "tcp",
    port: number | null = 443,
): string[] {
    return explainPacket(world, source, { protocol, destination, ...(port === null ? {} : { port }) }).map(
        ({ at, decision }) => `${at}: ${decision}`,
    );
}

describe("explaining one packet", () => {
    it("follows the gateway's packet to the internet, naming who decides", () => {
        assert.deepEqual(told(B3, "gateway", "1.1.1.1"), [
            "source: node of pool fl/gateway, runs as fl-exit-nodes@fl-prod.iam.gserviceaccount.com, network tag fl-exit, in subnet fl-exit",
            "firewall: network policy fl-egress: rule r400 (priority 400, for fl-exit-nodes@fl-prod.iam.gserviceaccount.com) allows it",
            "route: fl-default-exit: 0.0.0.0/0 to the default internet gateway",
            "NAT: NAT fl-nat translates subnet fl-exit",
        ]);
        assert.ok(
            explainPacket(B3, "gateway", { protocol: "tcp", destination: "1.1.1.1", port: 443 }).every(({ resource }) =>
                resource?.startsWith("urn:pulumi:live::"),
            ),
        );
    });

    it("says where another's packet dies, and what else would stop it", () => {
        assert.deepEqual(told(B3, "node:fl/apps", "1.1.1.1").slice(1), [
            "firewall: network policy fl-egress: rule r60000 (priority 60000, for every machine) denies it",
            "route: no route leads to 1.1.1.1; fl-default-exit exists for network tag fl-exit only",
        ]);
        assert.deepEqual(told(SWITCHES.route(B3), "node:fl/apps", "1.1.1.1").slice(2), [
            "route: default-all: 0.0.0.0/0 to the default internet gateway",
            "NAT: it has no external address, and no NAT serves its subnet; but Private Google Access carries packets to the public addresses of Google's own services, and the list of those changes",
        ]);
    });

    it("tells every layer that was passed, and the implied rule behind them", () => {
        assert.deepEqual(told(MUTATIONS.c2(B1), "node:fl/system", "1.1.1.1", "udp", 53).slice(1), [
            "firewall: network policy fl-egress: no rule matches",
            "firewall: no rule decides, and the implied rule allows egress",
            "route: default-all: 0.0.0.0/0 to the default internet gateway",
            "NAT: NAT fl-nat translates subnet fl-apps",
        ]);
    });

    it("knows the destinations that are no public address", () => {
        assert.match(told(B3, "gateway", "10.99.0.1")[1]!, /rule r390 .* denies it/);
        assert.match(
            told(B3, "node:fl/apps", "10.20.1.1").join("\n"),
            /rule r100 .* allows it\nroute: subnet fl-apps of the network itself/,
        );
        assert.match(
            told(B3, "node:fl/apps", "10.30.0.2").join("\n"),
            /rule r200 .* allows it\nroute: inside the network: control planes/,
        );
        assert.match(
            told(B3, "node:fl/apps", "169.254.169.254", "tcp", 80).join("\n"),
            /never filters the metadata server\nroute: the metadata server answers/,
        );
        assert.match(
            told(B3, "node:fl/apps", "199.36.153.4").join("\n"),
            /rule r300 .* allows it\nroute: fl-restricted: .*\nPrivate Google Access: /,
        );
        assert.match(
            told(B3, "node:fl/apps", "198.51.100.7").join("\n"),
            /r60000 .* denies it\nroute: no given subnet or route holds 198\.51\.100\.7/,
        );
    });

    it("has an answer for other protocols and for IPv6", () => {
        assert.match(told(B3, "gateway", "1.1.1.1", "icmp", null)[1]!, /rule r60000 .* denies it/);
        assert.match(told(B3, "gateway", "1.1.1.1", "ip-47", null)[1]!, /rule r60000 .* denies it/);
        assert.match(
            told(B3, "node:fl/apps", "2606:4700:4700::1111").join("\n"),
            /rule r60001 .* denies it\nroute: no route leads to 2606:4700:4700::1111/,
        );
        const open = all(MUTATIONS.c3, SWITCHES.stack)(B3);
        assert.match(
            told(open, "node:fl/apps", "2606:4700:4700::1111").join("\n"),
            /generated for subnet fl-apps: ::\/0 to the default internet gateway\nexternal IPv6 address: its external IPv6 address needs no NAT/,
        );
    });

    it("ends in a fate that fits the hops", () => {
        const fate = (world: typeof B3, source: string, destination: string): string =>
            explain(readWorld(world), source, { protocol: "tcp", destination, port: 443 }).fate;
        assert.equal(fate(B3, "gateway", "1.1.1.1"), "leaves");
        assert.equal(fate(B3, "node:fl/apps", "1.1.1.1"), "dropped");
        assert.equal(fate(B3, "node:fl/apps", "10.20.1.1"), "stays inside");
        assert.equal(fate(SWITCHES.route(B3), "gateway", "1.1.1.1"), "leaves");
        const doubtful = {
            urn: "urn:r",
            type: "gcp:compute/networkFirewallPolicyRule:NetworkFirewallPolicyRule",
            name: "r",
            dependsOn: [],
            inputs: {
                firewallPolicy: "fl-egress",
                priority: 7,
                direction: "EGRESS",
                action: "allow",
                match: { destFqdns: ["x"], layer4Configs: [{ ipProtocol: "tcp" }] },
            },
        };
        assert.equal(fate([...B1, doubtful], "node:fl/apps", "1.1.1.1"), "not known");
        assert.match(
            told([...B1, doubtful], "node:fl/apps", "1.1.1.1")[1]!,
            /rule priority 7 may match, which is not known: it matches destinations by names/,
        );
    });

    it("takes a part of a name that fits one source, and lists the sources where it fits none or several", () => {
        assert.deepEqual(
            sourcesOf(B3).map(({ id }) => id),
            ["node:fl/apps", "node:fl/system", "node:fl/gateway", "any-vm:fl-vpc"],
        );
        assert.equal(told(B3, "system", "1.1.1.1")[0]!.split(",")[0], "source: node of pool fl/system");
        for (const [wanted, because] of [
            ["payments", /which no source is called; expected one of\n- node:fl\/apps: node of pool fl\/apps/],
            ["fl/", /which fits 3 sources/],
        ] as const) {
            assert.throws(
                () => told(B3, wanted, "1.1.1.1"),
                (error: unknown) => error instanceof UnknownSourceError && because.test(error.message),
            );
        }
    });

    it("refuses packets that cannot be", () => {
        assert.throws(() => told(B3, "gateway", "1.1.1.1/32"), /expected one address/);
        assert.throws(() => told(B3, "gateway", "istio.io"), /got "istio\.io", expected one address/);
        assert.throws(() => told(B3, "gateway", "1.1.1.1", "tcp", 70_000), /got port 70000/);
        assert.throws(() => told(B3, "gateway", "1.1.1.1", "tcp", null), /tcp without a port/);
    });
});

import * as assert from "node:assert/strict";
import { diffReachability } from "../../containment/diff";
import { type Resource } from "../../containment/resource";
import { changed, compute, removed, resource } from "./worlds/build";
import { B1, B3, MUTATIONS, PROJECT, SWITCHES } from "./worlds/threeLocks";

function told(before: readonly Resource[], after: readonly Resource[]): string[] {
    return diffReachability(before, after).flatMap(({ source, presence, opened, closed }) => [
        ...opened.map(
            ({ extent, certain }) =>
                `+ ${source}${presence === "both" ? "" : ` (${presence})`}: ${extent}${certain ? "" : " (perhaps)"}`,
        ),
        ...closed.map(
            ({ extent, certain }) =>
                `- ${source}${presence === "both" ? "" : ` (${presence})`}: ${extent}${certain ? "" : " (perhaps)"}`,
        ),
    ]);
}

describe("what became reachable", () => {
    it("is nothing where the rules are written in another way", () => {
        const split = changed(B3, "rule-60000", inputs => ({
            ...inputs,
            match: { destIpRanges: ["128.0.0.0/1", "0.0.0.0/1"], layer4Configs: [{ ipProtocol: "all" }] },
        }));
        const embedded = [
            ...removed(B3, ...B3.filter(({ name }) => name.startsWith("rule-")).map(({ name }) => name), "policy"),
            resource(compute("NetworkFirewallPolicyWithRules"), "policy-2", {
                name: "fl-egress",
                project: PROJECT,
                rules: B3.filter(({ name }) => name.startsWith("rule-")).map(({ inputs }) => inputs),
            }),
        ];
        assert.deepEqual(told(B3, split), []);
        assert.deepEqual(told(B3, embedded), []);
    });

    it("names source, ports and destinations, both ways", () => {
        const wide = changed(B3, "rule-400", inputs => ({
            ...inputs,
            match: { destIpRanges: ["0.0.0.0/0"], layer4Configs: [{ ipProtocol: "tcp", ports: ["443", "8443"] }] },
        }));
        const expected = [
            "the public IPv4 internet",
            "private.googleapis.com, which also serves *.run.app",
            "Google's direct connectivity range",
            "restricted.googleapis.com",
        ];
        assert.deepEqual(
            told(B3, wide),
            expected.map(
                name =>
                    `+ node of pool fl/gateway: tcp 8443 to ${name.startsWith("restricted") ? "199.36.153.4-199.36.153.7 of " : "all of "}${name}`,
            ),
        );
        assert.deepEqual(
            told(wide, B3),
            told(B3, wide).map(line => line.replace("+", "-")),
        );
    });

    it("is told for whom a dropped lock opens the way, and for nobody while another holds", () => {
        assert.deepEqual(told(B3, removed(B3, "belt")), []);
        const opened = diffReachability(B1, MUTATIONS.c2(B1)).map(({ id }) => id);
        assert.deepEqual(opened, ["node:fl/system", "node:fl/gateway", "any-vm:fl-vpc"]);
    });

    it("tells new and gone sources with all that they reach", () => {
        const lines = told(removed(B3, "pool-system"), B3);
        assert.ok(lines.length > 0 && lines.every(line => line.startsWith("+ node of pool fl/system (new): ")));
        assert.deepEqual(
            told(B3, removed(B3, "pool-system")),
            lines.map(line => line.replace("+", "-").replace("(new)", "(gone)")),
        );
    });

    it("says perhaps where one side cannot be decided", () => {
        const doubtful = resource(compute("NetworkFirewallPolicyRule"), "fqdn", {
            firewallPolicy: "fl-egress",
            project: PROJECT,
            priority: 500,
            direction: "EGRESS",
            action: "allow",
            match: { destFqdns: ["api.example.com"], layer4Configs: [{ ipProtocol: "tcp", ports: ["8443"] }] },
        });
        const lines = told(B1, [...B1, doubtful]);
        assert.ok(
            lines.includes("+ node of pool fl/apps: tcp 8443 to all of the public IPv4 internet (perhaps)"),
            lines.join("\n"),
        );
        assert.ok(
            lines.every(line => line.endsWith("(perhaps)")),
            lines.join("\n"),
        );
    });

    it("gives a packet as an example of each change", () => {
        const [change] = diffReachability(B3, SWITCHES.belt(MUTATIONS.c3c(SWITCHES.nat(SWITCHES.route(B3))))).find(
            ({ id }) => id === "node:fl/apps",
        )!.opened;
        assert.deepEqual(change!.example, { protocol: "tcp", destination: "1.1.1.1", port: 8002 });
    });
});

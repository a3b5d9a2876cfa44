import assert from "node:assert/strict";
import { goalOf, originOf } from "../../cli/endpoints";

describe("goalOf", () => {
    const GOALS = {
        "istio.io:443": { kind: "host", host: "istio.io", port: 443 },
        "ISTIO.io:443": { kind: "host", host: "istio.io", port: 443 },
        "1.1.1.1:443": { kind: "packet", packet: { protocol: "tcp", destination: "1.1.1.1", port: 443 } },
        "1.1.1.1:53/udp": { kind: "packet", packet: { protocol: "udp", destination: "1.1.1.1", port: 53 } },
        "[2606:4700:4700::1111]:443": {
            kind: "packet",
            packet: { protocol: "tcp", destination: "2606:4700:4700::1111", port: 443 },
        },
        "1.1.1.1:53/UDP": { kind: "packet", packet: { protocol: "udp", destination: "1.1.1.1", port: 53 } },
        "1.1.1.1/icmp": { kind: "packet", packet: { protocol: "icmp", destination: "1.1.1.1" } },
        "1.1.1.1/47": { kind: "packet", packet: { protocol: "ip-47", destination: "1.1.1.1" } },
    };
    for (const [text, goal] of Object.entries(GOALS)) {
        it(`reads ${text}`, () => assert.deepEqual(goalOf(text), goal));
    }

    for (const text of [
        "istio.io",
        "1.1.1.1",
        "1.1.1.1:0",
        "1.1.1.1:70000",
        "1.1.1.1:80/icmp",
        "1.1.1.1/300",
        "https://istio.io",
        "999.1.1.1:443",
        "1.1:443",
        "0x7f.1.1.0x1:443",
        "a b:443",
        "[istio.io]:443",
        "",
        ":443",
    ]) {
        it(`refuses ${JSON.stringify(text)} and shows how it is written`, () => {
            assert.throws(() => goalOf(text), /For example istio\.io:443/);
        });
    }
});

describe("a wildcard", () => {
    it("is no place that a connection goes to, and the answer says what is", () => {
        assert.throws(() => goalOf("*.my.salesforce.com:443"), /below it, for example www\.my\.salesforce\.com:443/);
    });
});

describe("originOf", () => {
    it("takes a pair for a workload and anything else for a machine", () => {
        assert.deepEqual(originOf("payments/api"), { kind: "workload", namespace: "payments", serviceAccount: "api" });
        assert.deepEqual(originOf("gateway"), { kind: "machine", name: "gateway" });
        assert.deepEqual(originOf("node:acme-dev/gateway-pool"), {
            kind: "machine",
            name: "node:acme-dev/gateway-pool",
        });
    });
});

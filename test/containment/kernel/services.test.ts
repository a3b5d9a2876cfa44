import * as assert from "node:assert/strict";
import { subtract } from "../../../containment/kernel/intervals";
import {
    describeServices,
    EVERY_SERVICE,
    packetOf,
    parseServices,
    serviceOf,
} from "../../../containment/kernel/services";

describe("services", () => {
    for (const [protocol, ports, because] of [
        ["tcpp", [], /got protocol "tcpp", expected all, icmp/],
        ["256", [], /a number from 0 to 255/],
        ["tcp", ["65536"], /got port "65536"/],
        ["tcp", ["90-80"], /got port "90-80"/],
        ["tcp", ["http"], /got port "http"/],
        ["tcp", ["1-2-3"], /got port "1-2-3"/],
        ["all", ["80"], /expected ports with tcp, udp or sctp only/],
        ["icmp", ["8"], /expected ports with tcp, udp or sctp only/],
    ] as const) {
        it(`refuse ${protocol} ${ports.join(",")}`, () => {
            assert.throws(() => parseServices(protocol, ports), because);
        });
    }

    it("without ports mean every port", () => {
        assert.deepEqual(parseServices("tcp"), parseServices("6", ["0-65535"]));
        assert.deepEqual(parseServices("all"), EVERY_SERVICE);
    });

    it("read back as the packet they stand for", () => {
        for (const packet of [
            { protocol: "tcp", destination: "1.1.1.1", port: 443 },
            { protocol: "udp", destination: "1.1.1.1", port: 0 },
            { protocol: "sctp", destination: "1.1.1.1", port: 65535 },
            { protocol: "icmp", destination: "1.1.1.1" },
            { protocol: "icmp", destination: "2606:4700:4700::1111" },
            { protocol: "ip-47", destination: "1.1.1.1" },
            { protocol: "ip-58", destination: "1.1.1.1" },
            // Found by the packet walk: protocol 1 towards IPv6 is not ICMP's number there.
            { protocol: "ip-1", destination: "2606:4700:4700::1111" },
        ] as const) {
            assert.deepEqual(packetOf(serviceOf(packet), packet.destination), packet);
        }
    });

    it("of ICMP over IPv6 is protocol 58, which a rule for icmp does not match", () => {
        const service = serviceOf({ protocol: "icmp", destination: "2606:4700:4700::1111" });
        assert.deepEqual(parseServices("58").slice(0, 1), [service]);
    });

    it("refuse a port where there is none, and its absence where there is one", () => {
        assert.throws(() => serviceOf({ protocol: "tcp", destination: "1.1.1.1" }), /without a port/);
        assert.throws(() => serviceOf({ protocol: "icmp", destination: "1.1.1.1", port: 1 }), /with a port/);
    });

    it("are described in a person's words", () => {
        assert.equal(describeServices(EVERY_SERVICE), "every protocol and port");
        assert.equal(describeServices(parseServices("tcp", ["443", "8002-8003", "80"])), "tcp 80, 443, 8002-8003");
        assert.equal(describeServices(parseServices("udp")), "udp");
        assert.equal(
            describeServices(subtract(EVERY_SERVICE, parseServices("tcp", ["443"]))),
            "everything but tcp 443",
        );
    });
});

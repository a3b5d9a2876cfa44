import * as assert from "node:assert/strict";
import * as fc from "fast-check";
import {
    type AddressRange,
    covers,
    formatAddress,
    includes,
    parseAddress,
    parseRange,
    prefixLength,
    toCidrs,
} from "../../../containment/kernel/address";
import { GOOGLE, outside, PRIVATE, PUBLIC } from "../../../containment/kernel/specialAddresses";

describe("addresses and ranges", () => {
    for (const [text, because] of [
        ["10.0.0.0/33", /expected a range in CIDR form/],
        ["010.0.0.0/8", /expected a range in CIDR form/],
        ["10.0.0/8", /expected a range in CIDR form/],
        ["0x0a.0.0.0/8", /expected a range in CIDR form/],
        [" 10.0.0.0/8", /expected a range in CIDR form/],
        ["10.0.0.0/08", /expected a range in CIDR form/],
        ["fe80::%eth0/64", /expected a range in CIDR form/],
        ["2001:db8::/129", /expected a range in CIDR form/],
        ["", /expected a range in CIDR form/],
        ["default", /expected a range in CIDR form/],
        ["10.1.2.3/8", /write "10\.0\.0\.0\/8", or "10\.1\.2\.3\/32" for the one address/],
        ["2001:db8::1/32", /write "2001:db8::\/32", or "2001:db8::1\/128" for the one address/],
    ] as const) {
        it(`refuses ${JSON.stringify(text)} and says what to write`, () => {
            assert.throws(() => parseRange(text), because);
        });
    }

    it("takes ranges and single addresses of both families", () => {
        assert.deepEqual(parseRange("10.0.0.0/8"), { family: 4, first: 0x0a000000n, last: 0x0affffffn });
        assert.deepEqual(parseRange("1.1.1.1"), { family: 4, first: 0x01010101n, last: 0x01010101n });
        assert.deepEqual(parseRange("0.0.0.0/0"), { family: 4, first: 0n, last: 0xffffffffn });
        assert.deepEqual(parseRange("2001:db8::/32").last, (0x20010db8n << 96n) + (1n << 96n) - 1n);
        assert.deepEqual(parseAddress("2606:4700:4700::1111"), {
            family: 6,
            value: 0x26064700470000000000000000001111n,
        });
    });

    it("refuses a range where one address is expected", () => {
        assert.throws(() => parseAddress("10.0.0.0/8"), /expected one address/);
    });

    const someRange = fc
        .tuple(
            fc.constantFrom(4 as const, 6 as const),
            fc.bigInt(0n, (1n << 32n) - 1n),
            fc.bigInt(0n, (1n << 32n) - 1n),
        )
        .map(([family, a, b]): AddressRange => ({ family, first: a < b ? a : b, last: a < b ? b : a }));

    it("writes any range as the fewest CIDR ranges, which read back as the same addresses", () => {
        fc.assert(
            fc.property(someRange, range => {
                const cidrs = toCidrs(range).map(parseRange);
                assert.equal(cidrs[0]!.first, range.first);
                assert.equal(cidrs[cidrs.length - 1]!.last, range.last);
                cidrs.slice(1).forEach((cidr, index) => assert.equal(cidr.first, cidrs[index]!.last + 1n));
                cidrs.slice(1).forEach((cidr, index) => {
                    const merged = { ...cidrs[index]!, last: cidr.last };
                    const size = merged.last - merged.first + 1n;
                    assert.ok(
                        (size & (size - 1n)) !== 0n || merged.first % size !== 0n,
                        "two neighbours could have been one",
                    );
                });
            }),
        );
    });

    it("knows the prefix length of what it parsed", () => {
        for (const [text, length] of [
            ["0.0.0.0/0", 0],
            ["10.0.0.0/8", 8],
            ["1.1.1.1/32", 32],
            ["::/0", 0],
            ["2001:db8::/32", 32],
        ] as const) {
            assert.equal(prefixLength(parseRange(text)), length);
        }
    });

    it("writes addresses in their canonical form", () => {
        assert.equal(formatAddress(parseAddress("2606:4700:4700:0:0:0:0:1111")), "2606:4700:4700::1111");
    });
});

describe("public addresses", () => {
    const isPublic = (text: string): boolean => PUBLIC.some(range => includes(range, parseAddress(text)));

    for (const text of [
        "1.1.1.1",
        "8.8.8.8",
        "199.36.153.8",
        "34.126.0.1",
        "192.0.0.9",
        "192.31.196.1",
        "2606:4700:4700::1111",
        "2001:4860:8040::1",
        "64:ff9b::101:101",
        "2002::1",
    ]) {
        it(`${text} is public`, () => assert.ok(isPublic(text)));
    }
    for (const text of [
        "10.0.0.1",
        "100.64.0.1",
        "127.0.0.1",
        "169.254.169.254",
        "172.31.255.255",
        "192.168.0.1",
        "192.0.2.1",
        "198.18.0.1",
        "198.51.100.1",
        "203.0.113.1",
        "224.0.0.1",
        "255.255.255.255",
        "0.0.0.0",
        "::1",
        "::ffff:1.1.1.1",
        "2001:db8::1",
        "fd20:ce::254",
        "fe80::1",
        "ff02::1",
        "3fff::1",
        "5f00::1",
        "2001:2::1",
    ]) {
        it(`${text} is not`, () => assert.ok(!isPublic(text)));
    }

    it("and private ones share no address, and Google's ranges are public", () => {
        assert.deepEqual(outside(PRIVATE, PUBLIC), [...PRIVATE]);
        for (const range of Object.values(GOOGLE).flat()) {
            assert.ok(PUBLIC.some(outer => covers(outer, range)));
        }
    });
});

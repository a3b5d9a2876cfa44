import assert from "node:assert/strict";
import { grantOf } from "../../cli/grant";
import { type InputError } from "../../base/problem";

describe("what may be added", () => {
    const place = (where: string, protocol?: string) => {
        const {
            host,
            port,
            protocol: spoken,
        } = grantOf({
            where,
            workload: "payments/api",
            ...(protocol === undefined ? {} : { protocol }),
        });
        return [host, port, spoken];
    };

    for (const [where, expected] of [
        ["istio.io:443", ["istio.io", 443, "tls"]],
        ["istio.io:80", ["istio.io", 80, "http"]],
        ["*.my.salesforce.com:443", ["*.my.salesforce.com", 443, "tls"]],
        ["203.0.113.10:2222", ["203.0.113.10", 2222, "tcp"]],
    ] as const) {
        it(`is ${where}`, () => assert.deepEqual(place(where), expected));
    }

    it("takes the protocol that is given", () => {
        assert.deepEqual(place("istio.io:443", "originate"), ["istio.io", 443, "originate"]);
    });

    it("is refused with everything that is wrong with it", () => {
        const refused = (where: string, workload: string) => {
            try {
                grantOf({ where, workload });
            } catch (error) {
                return (error as InputError).problems.map(({ path }) => path);
            }
            return [];
        };
        assert.deepEqual(refused("istio.io", "payments"), ["destination", "--for"]);
        assert.deepEqual(refused("db.example.com:5432", "payments"), ["--protocol", "--for"]);
        for (const where of ["1.1.1.1/icmp", "1.1.1.1:53/udp", "*.10.0.0.1:443", "*:443"]) {
            assert.deepEqual(refused(where, "payments/api"), ["destination"], where);
        }
    });
});

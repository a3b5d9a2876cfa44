import { strict as assert } from "node:assert";
import { observation, observed, readReport } from "../../../live/verify/observation";
import { type Attempt } from "../../../live/verify/probe";

const HTTPS: Attempt = { action: "https", host: "istio.io", port: 443 };
const HTTP: Attempt = { action: "http", host: "istio.io", port: 80 };
const DNS: Attempt = { action: "dns", transport: "udp", name: "example.net", type: "A" };
const UDP: Attempt = { action: "udp", address: "8.8.8.8", port: 53, hex: "00" };

describe("a try that a pod reports", () => {
    const cases: readonly (readonly [string, Attempt, string, string])[] = [
        ["an established TLS connection is an answer, even when HTTP then fails", HTTPS, "52,000,1,reset", "answer"],
        ["a certificate that is not trusted is told apart", HTTPS, "60,000,0,certificate", "untrusted-certificate"],
        ["a TLS alert comes from somebody", HTTPS, "35,000,0,alert", "answer"],
        ["a handshake that is cut off is a reset", HTTPS, "35,000,0,reset", "reset"],
        ["an HTTP status is an answer, whatever it says", HTTP, "0,503,0,upstream connect err", "answer"],
        ["nothing in time is silence", HTTP, "28,000,0,", "silence"],
        ["a refused connection is not silence", HTTP, "7,000,0,refused", "refused"],
        ["a missing route is told apart", HTTP, "7,000,0,unreachable", "unreachable"],
        ["a name that does not resolve was never tried", HTTP, "6,000,0,", "unresolved"],
        ["an ICMP error for a datagram came from somewhere", UDP, "0,000,0,closed", "refused"],
        ["a missing tool says nothing about the network", UDP, "127,000,0,no nc or bash in the image", "nothing"],
        ["a resolver's answer with records is one", DNS, "0,000,0,abcd81800001000200000000", "records"],
        ["an answer without records is told apart", DNS, "0,000,0,abcd81800001000000010000", "no-records"],
        ["NXDOMAIN says that there is no such name", DNS, "0,000,0,abcd81830001000000010000", "no-such-name"],
        ["SERVFAIL denies nothing", DNS, "0,000,0,abcd81820001000000000000", "resolver-error"],
        ["REFUSED denies nothing", DNS, "0,000,0,abcd81850001000000000000", "resolver-error"],
        ["an answer cut to nothing denies nothing", DNS, "0,000,0,abcd83800001000000000000", "resolver-error"],
        ["an answer to another query is none", DNS, "0,000,0,1234818300010000000000000", "nothing"],
        ["no answer from a resolver is silence", DNS, "0,000,0,timeout", "silence"],
        ["a sidecar that closes a query over TCP is a reset", { ...DNS, transport: "tcp" }, "0,000,0,reset", "reset"],
        ["a connection failure that curl does not explain says nothing", HTTP, "7,000,0,", "nothing"],
    ];
    for (const [sentence, attempt, result, saw] of cases) {
        it(sentence, () => assert.equal(observation(attempt, result).saw, saw));
    }

    it("keeps the words of an answer", () => {
        assert.deepEqual(observation(HTTP, "0,403,0,RBAC: access denied"), {
            saw: "answer",
            http: 403,
            body: "RBAC: access denied",
        });
        assert.equal(
            observed([observation(HTTP, "0,403,0,RBAC: access denied")]),
            'an answer (HTTP 403 "RBAC: access denied")',
        );
    });
});

describe("a pod's termination message", () => {
    it("is read back in the order of the attempts", () => {
        const report = readReport(
            `{"began":5,"sidecar":"ready","results":[["0,200,1,"],["28,000,0,","7,000,0,refused"]]}\n`,
            [HTTPS, HTTP],
        );
        assert.deepEqual(report, {
            beganEpochSeconds: 5,
            sidecar: "ready",
            observations: [[{ saw: "answer", http: 200 }], [{ saw: "silence" }, { saw: "refused" }]],
        });
    });

    for (const [what, text, complaint] of [
        ["is missing", "", /left no message/],
        ["is another program's", "sh: curl: not found", /not the probe's: sh: curl: not found/],
        ["was cut off", `{"began":5,"sidecar":"ready","results":[["0,200`, /not the probe's/],
        [
            "has fewer results than attempts",
            `{"began":5,"sidecar":"ready","results":[["0,200,1,"]]}`,
            /not the probe's/,
        ],
    ] as const) {
        it(`that ${what} is said to be so, not taken for a denial`, () => {
            const report = readReport(text, [HTTPS, HTTP]);
            assert.ok(typeof report === "string");
            assert.match(report, complaint);
        });
    }
});

import assert from "node:assert/strict";
import { settingsWarnings } from "../../settings/warnings";
import { destination, platform, problems, settings } from "./build";

function warnings(values: Record<string, unknown>, cluster: Record<string, unknown> = {}): string[] {
    return settingsWarnings(
        settings(
            { nat: { addresses: 4 }, gateway: { minNodes: 3, maxNodes: 6 }, ...values },
            { platform: { path: "egress-gateway:platform", value: platform({}, cluster) } },
        ),
    );
}

const onPort = (port: Record<string, unknown>, host = "far.example.com") =>
    warnings({ destinations: [destination(host, { ports: [port] })] });

describe("settingsWarnings", () => {
    it("has nothing to say about a plain destination", () => {
        assert.deepEqual(onPort({ number: 443, protocol: "tls" }), []);
    });

    for (const [number, spoken] of [
        [21, "FTP"],
        [22, "SSH"],
        [110, "POP3"],
        [143, "IMAP"],
        [389, "LDAP"],
        [587, "SMTP submission"],
        [1433, "SQL Server"],
        [3306, "MySQL"],
        [5432, "PostgreSQL"],
    ] as const) {
        it(`says that ${spoken} does not begin with TLS when ${number} is \`tls\`, and nothing when it is \`tcp\``, () => {
            const [found, ...others] = onPort({ number, protocol: "tls" });
            assert.match(found ?? "", new RegExp(`port ${number}: ${spoken} does not begin with TLS.*\`tcp\``));
            assert.deepEqual(others, []);
            assert.deepEqual(onPort({ number, protocol: "tcp" }), []);
        });
    }

    it("says that Google drops port 25", () => {
        assert.match(onPort({ number: 25, protocol: "tcp" }).join(), /port 25: Google Cloud drops/);
        assert.deepEqual(onPort({ number: 465, protocol: "tls" }), []);
    });

    it("says that plain HTTP leaves unencrypted, unless that is meant", () => {
        const port = { number: 80, protocol: "http" };
        assert.match(onPort(port).join(), /http:\/\/far\.example\.com leaves unencrypted/);
        assert.deepEqual(onPort({ ...port, unencrypted: "accepted" }), []);
    });

    it("names hosts that the restricted Google range serves past the gateway", () => {
        const google = [destination("storage.googleapis.com"), destination("accounts.google.com")];
        const found = warnings({ destinations: google });
        assert.equal(found.length, 1);
        assert.match(found[0]!, /^storage\.googleapis\.com: .* without the gateway/);
        assert.deepEqual(warnings({ destinations: google, googleApis: "none" }), []);
    });

    it("says when a node keeps up no new connection a second", () => {
        const rate = (minPortsPerNode: number) =>
            warnings({ nat: { addresses: 9, minPortsPerNode, maxPortsPerNode: 65536 } }).filter(warning =>
                warning.includes("less than one new connection a second"),
            ).length;
        assert.deepEqual([rate(64), rate(128)], [1, 0]);
    });

    it("says when the gateway's pods fit no node, when there is one of them, and when a zone has no node", () => {
        const gateway = (values: Record<string, unknown>) =>
            warnings({ gateway: { minNodes: 3, maxNodes: 6, ...values } }).map(warning => warning.split(" is ")[0]);
        assert.deepEqual(gateway({ machineType: "e2-standard-4", cpuRequestMillicores: 4000 }), [
            "gateway.cpuRequestMillicores",
        ]);
        assert.deepEqual(gateway({ machineType: "e2-standard-8", cpuRequestMillicores: 4000 }), []);
        assert.deepEqual(gateway({ minReplicas: 1 }), ["gateway.minReplicas"]);
        assert.deepEqual(gateway({ minNodes: 2 }), ["gateway.minNodes"]);
    });
});

describe("advice for what cannot be reached", () => {
    const remedy = (value: Record<string, unknown>) =>
        problems({ destinations: [value] })
            .map(({ remedy }) => remedy)
            .join();

    for (const [what, host, expected] of [
        ["an SRV connection string", "mongodb+srv://cluster0.ab1cd.mongodb.net", /dig SRV _mongodb\._tcp\.<name>/],
        ["a service record", "_sip._tcp.example.com", /service record and no host/],
        ["a short form of an address", "127.1", /name behind the address/],
        ["an address in hexadecimal", "0x7f000001", /name behind the address/],
        ["an address as one number", "2130706433", /name behind the address/],
        ["a name that ends in a number", "api.example.0x1", /name behind the address/],
    ] as const) {
        it(`is given for ${what}`, () => assert.match(remedy(destination(host)), expected));
    }

    it("is given for UDP", () => {
        assert.match(
            remedy(destination("time.example.com", { ports: [{ number: 123, protocol: "udp" }] })),
            /TCP only.*metadata server/,
        );
    });

    it("is given for another proxy in front", () => {
        const proxied = destination("api.example.com", { proxy: { host: "proxy.corp.example", port: 3128 } });
        assert.match(remedy(proxied), /no other proxy: .*Declare the proxy itself/);
        const onPort = { number: 443, protocol: "tls", proxy: "proxy.corp.example:3128" };
        assert.match(remedy(destination("api.example.com", { ports: [onPort] })), /no other proxy/);
    });

    it("is given for every workload of a namespace at once", () => {
        assert.match(
            remedy({ host: "api.example.com", allow: [{ namespace: "orders", serviceAccount: "*" }] }),
            /List each workload/,
        );
    });
});

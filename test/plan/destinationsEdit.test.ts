import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import * as path from "node:path";
import { parse } from "yaml";
import { type NewGrant, withGrant } from "../../plan/destinationsEdit";
import { PROJECT_DIRECTORY } from "../../plan/project";

const GRANT: NewGrant = {
    host: "new.example.com",
    port: 443,
    protocol: "tls",
    namespace: "payments",
    serviceAccount: "api",
};

interface Entry {
    readonly host?: string;
    readonly addresses?: readonly string[];
    readonly ports?: readonly object[];
    readonly allow: readonly object[];
}

const STACK = `# What is here stays.
config:
  gcp:project: acme-dev # as well
  egress-gateway:destinations:
    # The tutorial's own.
    - host: istio.io
      ports: [{ number: 443, protocol: tls }] # both
      allow:
        - { namespace: orders, serviceAccount: web }
    - host: api.stripe.com
      allow: [{ namespace: payments, serviceAccount: api }]
`;

const listOf = (text: string): Entry[] =>
    (parse(text) as { config: { "egress-gateway:destinations": Entry[] } }).config["egress-gateway:destinations"];

/** Lines of one text that the other does not have. */
const lines = (text: string, other: string): string[] =>
    text.split("\n").filter(line => !other.split("\n").includes(line));

describe("adding a destination", () => {
    it("appends a new host, and changes no other line", () => {
        const text = withGrant(STACK, "stack", { ...GRANT, owner: "payments", reason: "why" }, true)!;
        assert.deepEqual(lines(STACK, text), []);
        assert.deepEqual(listOf(text).at(-1), {
            host: "new.example.com",
            allow: [{ namespace: "payments", serviceAccount: "api" }],
            owner: "payments",
            reason: "why",
        });
    });

    it("adds a workload, a port, or both to a host that is there", () => {
        const text = withGrant(STACK, "stack", { ...GRANT, host: "istio.io", port: 80, protocol: "http" }, false)!;
        assert.deepEqual(listOf(text)[0]!.ports, [
            { number: 443, protocol: "tls" },
            { number: 80, protocol: "http" },
        ]);
        assert.equal(listOf(text)[0]!.allow.length, 2);
        assert.match(text, /# both/);
        const stripe = withGrant(STACK, "stack", { ...GRANT, host: "api.stripe.com", port: 8443 }, false)!;
        // The port that was not written was 443.
        assert.deepEqual(listOf(stripe)[1]!.ports, [
            { number: 443, protocol: "tls" },
            { number: 8443, protocol: "tls" },
        ]);
    });

    it("changes nothing where it is there already, and adds no host that it is not told to", () => {
        assert.equal(withGrant(STACK, "stack", { ...GRANT, host: "api.stripe.com" }, false), STACK);
        assert.equal(withGrant(STACK, "stack", GRANT, false), undefined);
        assert.equal(withGrant("a: 1\n", "list", GRANT, true), undefined);
    });

    it("writes a wildcard so that YAML takes it for a text, and an address as what it is", () => {
        const wildcard = withGrant(STACK, "stack", { ...GRANT, host: "*.my.salesforce.com" }, true)!;
        assert.equal(listOf(wildcard).at(-1)!.host, "*.my.salesforce.com");
        const address = { ...GRANT, host: "203.0.113.10", port: 2222, protocol: "tcp" };
        const text = withGrant(STACK, "stack", address, true)!;
        const { host, addresses, ports } = listOf(text).at(-1)!;
        assert.deepEqual([host, addresses, ports], [undefined, ["203.0.113.10"], [{ number: 2222, protocol: "tcp" }]]);
        const more = withGrant(text, "stack", { ...address, namespace: "orders" }, false)!;
        assert.equal(listOf(more).at(-1)!.allow.length, 2);
        // A workload more in an entry of two addresses would be given both.
        const two = text.replace("[203.0.113.10]", "[203.0.113.10, 203.0.113.11]");
        assert.equal(withGrant(two, "stack", { ...address, namespace: "orders" }, false), undefined);
    });

    it("puts a name in quotes that the engine would take for something else", () => {
        const text = withGrant(STACK, "stack", { ...GRANT, namespace: "0x10", serviceAccount: "1_0" }, true)!;
        assert.match(text, /{ namespace: "0x10", serviceAccount: "1_0" }/);
    });

    it("begins a list where the stack has none", () => {
        assert.equal(listOf(withGrant("config:\n  gcp:project: acme\n", "stack", GRANT, true)!).length, 1);
    });

    for (const file of [
        "Pulumi.dev.yaml",
        ...readdirSync(path.join(PROJECT_DIRECTORY, "destinations")).map(name => `destinations/${name}`),
    ]) {
        it(`leaves every line of ${file} as it is`, () => {
            const before = readFileSync(path.join(PROJECT_DIRECTORY, file), "utf8");
            const text = withGrant(before, file.startsWith("Pulumi") ? "stack" : "list", GRANT, true)!;
            assert.deepEqual(lines(before, text), []);
            assert.equal(text.split("\n").length, before.split("\n").length + 2);
        });
    }
});

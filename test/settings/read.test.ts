import assert from "node:assert/strict";
import { destination, platform, problems, raw, settings } from "./build";
import { readSettings } from "../../settings/read";

const HOSTS: readonly (readonly [string, string, string])[] = [
    ["a scheme", "https://api.example.com/v1", 'write "api.example.com"'],
    ["a path", "api.example.com/v1", 'write "api.example.com"'],
    ["a port", "api.example.com:8443", "name the port in `ports`"],
    ["upper case", "API.example.com", '"api.example.com"'],
    ["a trailing dot", "api.example.com.", 'write "api.example.com"'],
    ["a wildcard", "*.example.com", "cannot resolve a wildcard"],
    ["an IPv4 address", "1.1.1.1", "Use the name behind the address"],
    ["an IPv6 address", "2606:4700::1111", "Use the name behind the address"],
    ["a single label", "payments", "fully qualified"],
    ["a name of the cluster", "api.payments.svc.cluster.local", "never use the gateway"],
    ["a Service's short name", "api.payments.svc", "never use the gateway"],
    ["the metadata server's name", "metadata.google.internal", "never use the gateway"],
    ["an empty label", "api..example.com", "Each part between dots"],
    ["a label with a hyphen at its end", "api-.example.com", "Each part between dots"],
];

const CIDRS: readonly (readonly [string, string, string])[] = [
    ["a prefix of 33", "10.0.0.0/33", "a prefix from 0 to 32"],
    ["a leading zero", "010.0.0.0/8", "without leading zeros"],
    ["host bits set", "10.0.0.1/22", 'Write "10.0.0.0/22"'],
    ["no prefix", "10.0.0.0", 'Write "10.0.0.0/32"'],
    ["an octet of 256", "10.0.256.0/24", "from 0 to 255"],
    ["three octets", "10.0.0/24", "four decimal numbers"],
    ["hexadecimal", "0x0a.0.0.0/8", "four decimal numbers"],
    ["a blank", " 10.0.0.0/8", "four decimal numbers"],
    ["IPv6", "fd00::/8", "IPv4 only"],
];

describe("readSettings", () => {
    it("takes good settings and fills in the defaults", () => {
        const read = settings();
        assert.deepEqual(read.destinations[0]?.ports, [{ number: 443, protocol: "tls" }]);
        assert.equal(read.mesh.trustDomain, "cluster.local");
        assert.equal(read.perimeter.mode, "enforce");
        assert.deepEqual(read.clientNamespaces, ["payments"]);
    });

    it("sorts destinations by host, wherever they are written", () => {
        const read = settings(
            { destinations: [destination("z.example.com")] },
            { files: [{ path: "destinations/a.yaml", content: [destination("a.example.com")] }] },
        );
        assert.deepEqual(
            read.destinations.map(({ host, source }) => [host, source]),
            [
                ["a.example.com", "destinations/a.yaml[0]"],
                ["z.example.com", "egress-gateway:destinations[0]"],
            ],
        );
    });

    it("tells all problems at once, each with its path", () => {
        const found = problems(
            { destinations: [destination("https://a.example.com")], nat: { addresses: 0 }, googelApis: "none" },
            { platform: { path: "egress-gateway:platform", value: platform({ firewallOrder: "before" }) } },
        );
        assert.deepEqual(found.map(({ path }) => path).sort(), [
            "egress-gateway:destinations[0].host",
            "egress-gateway:googelApis",
            "egress-gateway:nat.addresses",
            "egress-gateway:platform.firewallOrder",
        ]);
    });

    for (const [what, host, remedy] of HOSTS) {
        it(`refuses a host with ${what}`, () => {
            const [problem, ...others] = problems({ destinations: [destination(host)] });
            assert.equal(others.length, 0);
            assert.equal(problem?.path, "egress-gateway:destinations[0].host");
            assert.equal(problem.given, host);
            assert.ok(problem.remedy.includes(remedy), problem.remedy);
        });
    }

    for (const [what, cidr, remedy] of CIDRS) {
        it(`refuses a range with ${what}`, () => {
            const value = platform({}, { podCidrs: [cidr] });
            const [problem, ...others] = problems({}, { platform: { path: "egress-gateway:platform", value } });
            assert.equal(others.length, 0);
            assert.equal(problem?.path, "egress-gateway:platform.cluster.podCidrs[0]");
            assert.ok(problem.remedy.includes(remedy), problem.remedy);
        });
    }

    it("names the nearest key that it knows", () => {
        const [problem] = problems({ destinations: [destination("a.example.com", { resaon: "typing" })] });
        assert.equal(problem?.path, "egress-gateway:destinations[0].resaon");
        assert.equal(problem.remedy, "Did you mean `reason`?");
    });

    it("names the nearest key inside a port, whose keys depend on the protocol", () => {
        const ports = [{ protocol: "originate", plainport: 8080 }];
        const [problem] = problems({ destinations: [destination("a.example.com", { ports })] });
        assert.equal(problem?.remedy, "Did you mean `plainPort`?");
    });

    it("refuses ports out of range, and a protocol that does not exist", () => {
        const found = problems({
            destinations: [
                destination("a.example.com", {
                    ports: [
                        { number: 70000, protocol: "tls" },
                        { number: 0, protocol: "tcp" },
                        { number: 1, protocol: "https" },
                    ],
                }),
            ],
        });
        assert.deepEqual(
            found.map(({ path }) => path),
            [
                "egress-gateway:destinations[0].ports[0].number",
                "egress-gateway:destinations[0].ports[1].number",
                "egress-gateway:destinations[0].ports[2].protocol",
            ],
        );
        // One letter away is `http`, which is not what is meant.
        assert.equal(found[2]!.remedy, "Did you mean `tls`?");
    });

    it("refuses one port twice", () => {
        const ports = [
            { number: 443, protocol: "tls" },
            { number: 443, protocol: "originate" },
        ];
        const [problem] = problems({ destinations: [destination("a.example.com", { ports })] });
        assert.ok(problem?.expected.includes("that ports[0] (tls) does not have"));
    });

    it("refuses two protocols that meet on one client port", () => {
        const ports = [{ number: 80, protocol: "http" }, { protocol: "originate" }];
        const [problem] = problems({ destinations: [destination("a.example.com", { ports })] });
        assert.ok(problem?.expected.includes("another client port than 80"));
        assert.deepEqual(
            problems({
                destinations: [
                    destination("a.example.com", { ports: [ports[0], { protocol: "originate", plainPort: 8080 }] }),
                ],
            }),
            [],
        );
    });

    it("refuses a host twice and names both places", () => {
        const [problem] = problems(
            { destinations: [destination("a.example.com")] },
            { files: [{ path: "destinations/team.yaml", content: [destination("a.example.com")] }] },
        );
        assert.equal(problem?.path, "destinations/team.yaml[0].host");
        assert.ok(problem.expected.includes("egress-gateway:destinations[0]"));
    });

    it("refuses a host that has the synthetic name of another's port", () => {
        const [problem] = problems({
            destinations: [
                destination("db.example.com", { ports: [{ number: 5432, protocol: "tcp" }] }),
                destination("p5432.db.example.com"),
            ],
        });
        assert.ok(problem?.expected.includes("port 5432 of db.example.com"));
    });

    it("refuses an allow entry without service account, and an empty list", () => {
        const [missing] = problems({
            destinations: [destination("a.example.com", { allow: [{ namespace: "payments" }] })],
        });
        assert.equal(missing?.path, "egress-gateway:destinations[0].allow[0].serviceAccount");
        assert.equal(missing.remedy, "It has no default: write it.");
        const [empty] = problems({ destinations: [destination("a.example.com", { allow: [] })] });
        assert.equal(empty?.expected, "at least one entry");
    });

    it("refuses names that Kubernetes would refuse", () => {
        const allow = [{ namespace: "Payments", serviceAccount: "api_1" }];
        const found = problems({
            destinations: [destination("a.example.com", { allow })],
            mesh: { trustDomain: "spiffe://Acme" },
            gateway: { namespace: "-x" },
        });
        assert.deepEqual(found.map(({ path }) => path).sort(), [
            "egress-gateway:destinations[0].allow[0].namespace",
            "egress-gateway:destinations[0].allow[0].serviceAccount",
            "egress-gateway:gateway.namespace",
            "egress-gateway:mesh.trustDomain",
        ]);
    });

    it("refuses overlapping ranges and says why the egress subnet must be apart", () => {
        const egressSubnet = { name: "egress", nodeCidr: "10.0.1.0/27", podRange: "pods", podCidr: "10.4.0.0/22" };
        const found = problems(
            {},
            { platform: { path: "egress-gateway:platform", value: platform({ egressSubnet }) } },
        );
        assert.deepEqual(
            found.map(({ path }) => path),
            ["egress-gateway:platform.egressSubnet.nodeCidr", "egress-gateway:platform.egressSubnet.podCidr"],
        );
        assert.match(found[0]?.remedy ?? "", /a subnet of their own/);
    });

    it("takes a control plane endpoint inside a node range, as private endpoints have it", () => {
        const value = platform({}, { controlPlaneCidr: "10.0.3.240/32" });
        assert.deepEqual(problems({}, { platform: { path: "egress-gateway:platform", value } }), []);
    });

    it("refuses a private destination with a public address in it", () => {
        const clients = (cidr: string) => ({
            privateDestinations: [
                { name: "ledger", cidrs: [cidr], ports: [{ number: 5432 }], namespaces: ["payments"] },
            ],
        });
        assert.match(problems({ clients: clients("8.8.8.0/24") })[0]?.remedy ?? "", /reached through the gateway only/);
        assert.match(problems({ clients: clients("8.0.0.0/6") })[0]?.remedy ?? "", /reached through the gateway only/);
        assert.deepEqual(problems({ clients: clients("10.20.0.0/28") }), []);
    });

    it("refuses a private destination for a namespace that is no client", () => {
        const clients = {
            privateDestinations: [
                { name: "ledger", cidrs: ["10.20.0.0/28"], ports: [{ number: 5432 }], namespaces: ["orders"] },
            ],
        };
        assert.match(problems({ clients })[0]?.expected ?? "", /a client namespace/);
    });

    it("refuses fewer addresses than the ports need, and names the number that would do", () => {
        const [problem] = problems({ nat: { addresses: 1, minPortsPerNode: 32768, maxPortsPerNode: 65536 } });
        assert.equal(problem?.path, "egress-gateway:nat.addresses");
        // 7 nodes with 32,768 ports each are 229,376; an address has 64,512.
        assert.match(problem.expected, /^at least 4: 7 nodes/);
        assert.deepEqual(problems({ nat: { addresses: 4, minPortsPerNode: 32768, maxPortsPerNode: 65536 } }), []);
    });

    it("refuses an egress subnet without room for the gateway's greatest size", () => {
        const found = problems({ gateway: { maxNodes: 28 } });
        assert.deepEqual(
            found.map(({ path }) => path),
            ["egress-gateway:platform.egressSubnet.nodeCidr", "egress-gateway:platform.egressSubnet.podCidr"],
        );
        assert.match(found[0]?.expected ?? "", /room for 29 nodes .* it has room for 28/);
    });

    it("refuses a minimum above its maximum", () => {
        assert.deepEqual(
            problems({ gateway: { minNodes: 7 } }).map(({ path, expected }) => [path, expected]),
            [["egress-gateway:gateway.minNodes", "at most maxNodes, which is 6"]],
        );
    });

    it("asks for the node accounts when only this cluster is to be denied", () => {
        assert.equal(
            problems({ perimeter: { scope: "cluster" } })[0]?.path,
            "egress-gateway:platform.cluster.nodeServiceAccounts",
        );
    });

    it("refuses application nodes that run as the gateway's account", () => {
        const value = platform({}, { nodeServiceAccounts: ["egress-gateway-nodes@acme-dev.iam.gserviceaccount.com"] });
        assert.match(
            problems({}, { platform: { path: "egress-gateway:platform", value } })[0]?.remedy ?? "",
            /would have its way out/,
        );
    });

    it("refuses the gateway's and the control plane's namespaces as clients", () => {
        const allow = [
            { namespace: "istio-egress", serviceAccount: "x" },
            { namespace: "istio-system", serviceAccount: "y" },
        ];
        assert.equal(problems({ destinations: [destination("a.example.com", { allow })] }).length, 2);
    });

    it("refuses what the tutorial's passthrough variant cannot carry", () => {
        const tcp = destination("db.example.com", { ports: [{ number: 5432, protocol: "tcp" }] });
        assert.match(
            problems({ mesh: { mutualTls: false }, destinations: [tcp] })[0]?.expected ?? "",
            /because mesh.mutualTls is false/,
        );
        assert.deepEqual(problems({ mesh: { mutualTls: false } }), []);
    });

    it("asks for a version in quotes where YAML made a number of it", () => {
        assert.equal(problems({ mesh: { version: 1.3 } })[0]?.remedy, 'Put it in quotes: "1.3".');
    });

    it("names the stack and the output when a platform stack's facts are incomplete", () => {
        const { egressSubnet: _, ...incomplete } = platform();
        const found = problems(
            {},
            { platform: { path: "outputs of stack organization/platform/prod", value: incomplete } },
        );
        assert.equal(found[0]?.path, "outputs of stack organization/platform/prod.egressSubnet");
    });

    it("asks for a project and a region on Google, and for neither elsewhere", () => {
        assert.deepEqual(
            problems({}, { google: {} }).map(({ path }) => path),
            ["gcp:project", "gcp:region"],
        );
        const { egressSubnet: _e, network: _n, firewallOrder: _f, ...local } = platform({ kind: "kubernetes" });
        const { location: _l, ...cluster } = local["cluster"] as Record<string, unknown>;
        const others = {
            google: {},
            platform: { path: "egress-gateway:platform", value: { kind: "kubernetes", cluster } },
        };
        assert.equal(readSettings(raw({ kubernetes: { context: "kind-egress" } }, others)).google, undefined);
        assert.deepEqual(
            problems({}, others).map(({ path }) => path),
            ["egress-gateway:kubernetes.context"],
        );
    });

    it("says so when there is no destination at all", () => {
        assert.equal(problems({ destinations: undefined })[0]?.path, "egress-gateway:destinations");
    });
});

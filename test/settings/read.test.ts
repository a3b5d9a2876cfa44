import assert from "node:assert/strict";
import { destination, platform, problems, raw, settings } from "./build";
import { readSettings } from "../../settings/read";

const HOSTS: readonly (readonly [string, string, string])[] = [
    ["a scheme", "https://api.example.com/v1", 'write "api.example.com"'],
    ["a path", "api.example.com/v1", 'write "api.example.com"'],
    ["a port", "api.example.com:8443", "name the port in `ports`"],
    ["upper case", "API.example.com", '"api.example.com"'],
    ["a trailing dot", "api.example.com.", 'write "api.example.com"'],
    ["a star for everything", "*", "one star in front"],
    ["a star inside", "api.*.example.com", "one star in front"],
    ["two stars", "*.*.example.com", "one star in front"],
    ["a part of a label as a star", "*api.example.com", "one star in front"],
    ["a wildcard of a public suffix", "*.co.uk", "Everybody can have a name below co.uk"],
    ["a wildcard where everybody can have a page", "*.github.io", "Everybody can have a name below github.io"],
    ["a wildcard of a top-level domain", "*.com", "single label"],
    ["a wildcard of Google's APIs", "*.googleapis.com", "Names below googleapis.com are everybody's"],
    ["a wildcard of everybody's buckets", "*.storage.googleapis.com", "Names below googleapis.com are everybody's"],
    ["a wildcard of registries", "*.pkg.dev", "Names below pkg.dev are everybody's"],
    ["a wildcard inside the cluster", "*.payments.svc", "never use the gateway"],
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

    describe("a wildcard", () => {
        const wildcard = (others: object = {}) => destination("*.my.salesforce.com", { ...others });

        it("is taken with `tls`, on any port", () => {
            const ports = [443, 8443].map(number => ({ number, protocol: "tls" }));
            assert.deepEqual(settings({ destinations: [wildcard({ ports })] }).destinations[0]?.ports, ports);
        });

        for (const protocol of ["http", "originate", "tcp"]) {
            it(`is not taken with ${protocol}`, () => {
                const [problem, ...others] = problems({
                    destinations: [wildcard({ ports: [{ number: 8443, protocol }] })],
                });
                assert.equal(others.length, 0);
                assert.equal(problem?.path, "egress-gateway:destinations[0].ports[0].protocol");
            });
        }

        it("is not taken beside a host below it, nor below another", () => {
            for (const host of ["acme.my.salesforce.com", "*.acme.my.salesforce.com"]) {
                const [problem, ...others] = problems({ destinations: [wildcard(), destination(host)] });
                assert.equal(others.length, 0);
                assert.equal(problem?.given, host);
                assert.match(problem.expected, /not below \*\.my\.salesforce\.com/);
            }
            assert.equal(problems({ destinations: [wildcard(), destination("my.salesforce.com")] }).length, 0);
        });

        it("is not taken without mutual TLS", () => {
            assert.equal(problems({ destinations: [wildcard()], mesh: { mutualTls: false } }).length, 1);
        });

        it("is not taken under the name by which another rides the gateway", () => {
            const [problem] = problems({ destinations: [wildcard(), destination("any.p443.my.salesforce.com")] });
            assert.ok(problem);
        });
    });

    describe("addresses instead of a host", () => {
        const tcp = {
            ports: [{ number: 22, protocol: "tcp" }],
            allow: [{ namespace: "payments", serviceAccount: "api" }],
        };

        it("are destinations of their own, one for each address of a range", () => {
            const { destinations } = settings({
                destinations: [{ ...tcp, addresses: ["203.0.113.7", "203.0.113.6/31"] }],
            });
            assert.deepEqual(
                destinations.map(({ host, source }) => [host, source]),
                [
                    ["203.0.113.6", "egress-gateway:destinations[0]"],
                    ["203.0.113.7", "egress-gateway:destinations[0]"],
                ],
            );
        });

        for (const [what, address, remedy] of [
            ["a private address", "10.0.0.1", "clients.privateDestinations"],
            ["a range with private addresses", "192.167.255.224/27", undefined],
            ["the metadata server", "169.254.169.254", "169.254.0.0/16"],
            ["a reserved address", "241.0.0.1", "240.0.0.0/4"],
            ["loopback", "127.0.0.1", "127.0.0.0/8"],
            ["multicast", "224.0.0.1", "224.0.0.0/4"],
            ["IPv6", "2606:4700::1111", "IPv4 alone"],
            ["a name", "sftp.example.com", "under `host`"],
            ["a leading zero", "203.0.113.07", "leading zeros"],
            ["more than 32 addresses", "198.51.100.0/26", "It has 64 addresses"],
            ["the whole internet", "0.0.0.0/0", "private"],
        ] as const) {
            it(remedy === undefined ? `take a range beside ${what}` : `are not ${what}`, () => {
                const [problem, ...others] = problems({ destinations: [{ ...tcp, addresses: [address] }] });
                assert.equal(others.length, 0);
                assert.equal(
                    problem?.path,
                    remedy === undefined ? undefined : "egress-gateway:destinations[0].addresses[0]",
                );
                assert.ok(problem?.remedy.includes(remedy ?? "") ?? true, problem?.remedy);
            });
        }

        it("are either there or a host is", () => {
            const paths = (entry: object): string[] => problems({ destinations: [entry] }).map(({ path }) => path);
            assert.deepEqual(paths(tcp), ["egress-gateway:destinations[0].host"]);
            assert.deepEqual(paths({ ...tcp, host: "a.example.com", addresses: ["203.0.113.7"] }), [
                "egress-gateway:destinations[0].addresses",
            ]);
        });

        it("have `tcp` ports, told once for all addresses, and no virtual address", () => {
            const found = problems({
                destinations: [
                    { ...destination("x"), host: undefined, addresses: ["203.0.113.6/31"] },
                    {
                        ...tcp,
                        addresses: ["8.8.8.8"],
                        ports: [{ number: 22, protocol: "tcp", virtualAddress: "241.0.0.1" }],
                    },
                ],
            });
            assert.deepEqual(found.map(({ path }) => path).sort(), [
                "egress-gateway:destinations[0].ports[0].protocol",
                "egress-gateway:destinations[1].ports[0].virtualAddress",
            ]);
        });

        it("are listed once, and are not the cluster's own", () => {
            const entry = (address: string) => ({ ...tcp, addresses: [address] });
            const own = { path: "egress-gateway:platform", value: platform({}, { podCidrs: ["198.51.100.0/24"] }) };
            assert.deepEqual(
                problems({ destinations: [entry("203.0.113.7"), entry("203.0.113.7")] }).map(
                    ({ expected }) => expected,
                ),
                ["an address that is not listed already at egress-gateway:destinations[0]"],
            );
            assert.match(
                problems({ destinations: [entry("198.51.100.7")] }, { platform: own })[0]!.expected,
                /198\.51\.100\.0\/24 is one of them/,
            );
        });
    });

    for (const [what, cidr, remedy] of CIDRS) {
        it(`refuses a range with ${what}`, () => {
            const value = platform({}, { podCidrs: [cidr] });
            const [problem, ...others] = problems({}, { platform: { path: "egress-gateway:platform", value } });
            assert.equal(others.length, 0);
            assert.equal(problem?.path, "egress-gateway:platform.cluster.podCidrs[0]");
            assert.ok(problem.remedy.includes(remedy), problem.remedy);
        });
    }

    it("refuses what acts on the reader's eye wherever text is free, all at once", () => {
        const evil = "a\u001b[2J\u202e\n# approved";
        const found = problems({
            destinations: [destination("a.example.com", { owner: evil, reason: evil })],
            mesh: { version: `1.30${evil}` },
            guard: {
                exemptUsers: [evil],
                exemptGroups: [evil],
                proxyImages: [evil],
                placers: [evil],
                uninjectedUsers: [evil],
                operatorGroups: [evil],
                injectedAnnotations: { [evil]: "x", y: evil },
                breakGlassGroup: evil,
            },
            kubernetes: { context: evil },
        });
        assert.deepEqual(found.map(({ path }) => path.replace(/[^\w.:[\]-]/g, "")).sort(), [
            "egress-gateway:destinations[0].owner",
            "egress-gateway:destinations[0].reason",
            "egress-gateway:guard.breakGlassGroup",
            "egress-gateway:guard.exemptGroups[0]",
            "egress-gateway:guard.exemptUsers[0]",
            "egress-gateway:guard.injectedAnnotations.a[2Japproved",
            "egress-gateway:guard.injectedAnnotations.y",
            "egress-gateway:guard.operatorGroups[0]",
            "egress-gateway:guard.placers[0]",
            "egress-gateway:guard.proxyImages[0]",
            "egress-gateway:guard.uninjectedUsers[0]",
            "egress-gateway:kubernetes.context",
            "egress-gateway:mesh.version",
        ]);
        const owner = found.find(({ path }) => path.endsWith(".owner"));
        assert.match(owner!.remedy, /Write it on one line .* Remove U\+001B, U\+202E, U\+000A\.$/);
    });

    it("refuses a zone where a region belongs, and a list without destinations", () => {
        const [zone] = problems({}, { google: { project: "acme-dev", region: "europe-west1-b" } });
        assert.equal(zone?.path, "gcp:region");
        assert.match(zone.remedy, /write "europe-west1"/);
        const [empty] = problems({ destinations: [] });
        assert.equal(empty?.path, "egress-gateway:destinations");
        assert.match(empty.expected, /at least one destination/);
    });

    it("takes one line of any script", () => {
        const text = "Zürich, ルート, דואר: \u200d fine";
        assert.equal(
            settings({ destinations: [destination("a.example.com", { reason: text })] }).destinations[0]?.reason,
            text,
        );
    });

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

    describe("monitoring", () => {
        const found = (monitoring: Record<string, unknown>, others: Parameters<typeof problems>[1] = {}) =>
            problems({ monitoring, kubernetes: { context: "kind-dev" } }, others).map(({ path }) => path);
        const channel = "projects/acme-dev/notificationChannels/1";
        const { egressSubnet: _, ...gke } = platform();
        const { location: __, ...cluster } = gke["cluster"] as Record<string, unknown>;
        const elsewhere = { platform: { path: "egress-gateway:platform", value: { kind: "kubernetes", cluster } } };

        it("takes what its collector reads", () => {
            for (const monitoring of [
                {},
                { collector: "google-managed-prometheus", notificationChannels: [channel] },
                {
                    collector: "prometheus-operator",
                    labels: { release: "prometheus" },
                    notificationChannels: [channel],
                },
            ]) {
                assert.deepEqual(found(monitoring), []);
            }
            assert.deepEqual(found({ collector: "prometheus-operator" }, elsewhere), []);
        });

        it("refuses Google's collectors and channels where there is no Google, and what nobody would read", () => {
            const [collector, channels, labels] = ["collector", "notificationChannels", "labels"].map(
                key => `egress-gateway:monitoring.${key}`,
            );
            assert.deepEqual(found({ collector: "google-managed-prometheus" }, elsewhere), [collector]);
            assert.deepEqual(found({ collector: "prometheus-operator", notificationChannels: [channel] }, elsewhere), [
                channels,
            ]);
            assert.deepEqual(found({ notificationChannels: [channel], labels: { release: "x" } }), [channels, labels]);
            assert.deepEqual(found({ collector: "google-managed-prometheus", notificationChannels: ["on-call"] }), [
                `${channels}[0]`,
            ]);
        });
    });

    describe("where the sidecar listens itself", () => {
        const found = (port: Record<string, unknown>) =>
            problems({ destinations: [destination("a.example.com", { ports: [port] })] });

        for (const number of [15001, 15006, 15021, 15090]) {
            it(`refuses ${number} as the port that applications dial`, () => {
                for (const port of [
                    { protocol: "tls", number },
                    { protocol: "http", number },
                    { protocol: "originate", plainPort: number },
                ]) {
                    const [problem] = found(port);
                    assert.ok(
                        problem?.expected.includes("on which every sidecar listens itself"),
                        JSON.stringify(port),
                    );
                    assert.equal(problem.given, number);
                }
            });

            it(`accepts ${number} at the far side, and with an address of its own`, () => {
                assert.deepEqual(found({ protocol: "tcp", number }), []);
                assert.deepEqual(found({ protocol: "originate", number }), []);
            });

            it(`refuses ${number} for a private destination`, () => {
                const privateDestinations = [
                    { name: "db", cidrs: ["10.20.0.0/28"], ports: [{ number }], namespaces: ["payments"] },
                ];
                const [problem] = problems({ clients: { privateDestinations } });
                assert.equal(problem?.path, "egress-gateway:clients.privateDestinations[0].ports[0].number");
            });
        }
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

    describe("while gateway nodes change", () => {
        const subnet = {
            name: "acme-dev-egress",
            nodeCidr: "10.0.8.0/27",
            podRange: "egress-pods",
            podCidr: "10.3.0.0/22",
        };
        const retiring = (what: Record<string, unknown>) =>
            problems({ gateway: { retiring: what } }).map(({ path, expected }) => [path, expected]);

        it("takes another account, another subnet, and another range of the same subnet for the pods", () => {
            assert.deepEqual(retiring({ nodeAccountId: "old-gateway-nodes" }), []);
            assert.deepEqual(
                retiring({ egressSubnet: { ...subnet, podRange: "old-pods", podCidr: "10.2.0.0/22" } }),
                [],
            );
            const other = { name: "old", nodeCidr: "10.0.9.0/27", podRange: "old-pods", podCidr: "10.2.0.0/22" };
            assert.deepEqual(retiring({ egressSubnet: other }), []);
        });

        it("refuses what has not changed", () => {
            assert.deepEqual(retiring({ nodeAccountId: "egress-gateway-nodes", egressSubnet: subnet }), [
                [
                    "egress-gateway:gateway.retiring.nodeAccountId",
                    "what egress-gateway:gateway.nodeAccountId was before, and not what it is",
                ],
                [
                    "egress-gateway:gateway.retiring.egressSubnet",
                    "what egress-gateway:platform.egressSubnet was before, and not what it is",
                ],
            ]);
        });

        it("refuses ranges that others have, and the account of application nodes", () => {
            const taken = { name: "old", nodeCidr: "10.0.0.0/24", podRange: "old-pods", podCidr: "10.3.1.0/24" };
            assert.deepEqual(
                retiring({ egressSubnet: taken }).map(([path]) => path),
                [
                    "egress-gateway:gateway.retiring.egressSubnet.nodeCidr",
                    "egress-gateway:gateway.retiring.egressSubnet.podCidr",
                ],
            );
            const accounts = ["old-gateway-nodes@acme-dev.iam.gserviceaccount.com"];
            const found = problems(
                { gateway: { retiring: { nodeAccountId: "old-gateway-nodes" } } },
                {
                    platform: {
                        path: "egress-gateway:platform",
                        value: platform({}, { nodeServiceAccounts: accounts }),
                    },
                },
            );
            assert.deepEqual(
                found.map(({ path }) => path),
                ["egress-gateway:platform.cluster.nodeServiceAccounts[0]"],
            );
        });

        it("wants NAT addresses for the old pool and the new one", () => {
            const nat = { addresses: 4, minPortsPerNode: 32768, maxPortsPerNode: 65536 };
            const [problem] = problems({ nat, gateway: { retiring: { nodeAccountId: "old-gateway-nodes" } } });
            assert.match(problem?.expected ?? "", /^at least 7: 13 nodes \(the old pool's and the new one's maxNodes/);
        });
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

    it("refuses as many NAT ports at most as at least, which Google's dynamic allocation does not take", () => {
        const ports = (minPortsPerNode: number, maxPortsPerNode: number) =>
            problems({ nat: { addresses: 2, minPortsPerNode, maxPortsPerNode } }).map(({ path, expected }) => [
                path,
                expected,
            ]);
        assert.deepEqual(ports(4096, 4096), [
            ["egress-gateway:nat.minPortsPerNode", "less than maxPortsPerNode, which is 4096"],
        ]);
        assert.deepEqual(ports(4096, 8192), []);
    });

    it("refuses connections that NAT forgets before the proxies do", () => {
        const idle = (mesh: object, establishedIdleSeconds: number) =>
            problems({ mesh, nat: { establishedIdleSeconds } }).map(({ path, expected }) => [path, expected]);
        const expected = "less than nat.establishedIdleSeconds, which is 300";
        assert.deepEqual(idle({ keepAliveSeconds: 300, httpIdleSeconds: 300 }, 300), [
            ["egress-gateway:mesh.keepAliveSeconds", expected],
            ["egress-gateway:mesh.httpIdleSeconds", expected],
        ]);
        assert.deepEqual(idle({ keepAliveSeconds: 299, httpIdleSeconds: 299 }, 300), []);
    });

    it("refuses fewer nodes than zones, since a pool begins with a node in each", () => {
        const nodes = (maxNodes: number, cluster: Record<string, unknown>) =>
            problems(
                { gateway: { minNodes: 1, maxNodes } },
                { platform: { path: "egress-gateway:platform", value: platform({}, cluster) } },
            ).map(({ path }) => path);
        const tooFew = ["egress-gateway:gateway.maxNodes"];
        assert.deepEqual(nodes(2, { location: "europe-west1" }), tooFew);
        assert.deepEqual(nodes(3, { location: "europe-west1" }), []);
        const two = ["europe-west1-b", "europe-west1-c"];
        assert.deepEqual(nodes(1, { location: "europe-west1", zones: two }), tooFew);
        assert.deepEqual(nodes(2, { location: "europe-west1", zones: two }), []);
        assert.deepEqual(nodes(1, { location: "europe-west1-b" }), []);
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
        const http2 = destination("grpc.example.com", {
            ports: [{ number: 443, protocol: "originate", upstreamProtocol: "h2" }],
        });
        assert.deepEqual(
            problems({ mesh: { mutualTls: false }, destinations: [http2] }).map(({ path }) => path),
            ["egress-gateway:destinations[0].ports[0].upstreamProtocol"],
        );
        assert.deepEqual(problems({ destinations: [http2] }), []);
        assert.deepEqual(problems({ mesh: { mutualTls: false } }), []);
    });

    it("takes one client certificate, one for each namespace, or a private authority, and no two of them", () => {
        const found = (port: object, mesh: object = {}) =>
            problems({
                mesh,
                destinations: [
                    destination("bank.example.com", {
                        ports: [{ protocol: "originate", ...port }],
                        allow: [
                            { namespace: "payments", serviceAccount: "api" },
                            { namespace: "orders", serviceAccount: "web" },
                        ],
                    }),
                ],
            }).map(
                ({ path, expected }) => `${path.replace("egress-gateway:destinations[0].ports[0].", "")}: ${expected}`,
            );
        const one = { secret: "bank" };
        const payments = { namespace: "payments", secret: "bank-payments" };
        const orders = { namespace: "orders", secret: "bank-orders" };
        assert.deepEqual(found({ caCertificate: one }), []);
        assert.deepEqual(found({ clientCertificate: one }), []);
        assert.deepEqual(found({ clientCertificates: [payments, orders] }), []);
        assert.deepEqual(found({ caCertificate: one, clientCertificates: [payments, orders] }), [
            "caCertificate: none beside a client certificate",
        ]);
        assert.deepEqual(found({ clientCertificate: one, clientCertificates: [payments, orders] }), [
            "clientCertificates: none beside `clientCertificate`",
        ]);
        assert.deepEqual(found({ clientCertificates: [payments] }), [
            "clientCertificates: one for each namespace of `allow`; there is none for orders",
        ]);
        assert.deepEqual(found({ clientCertificates: [payments, orders, payments, { ...one, namespace: "web" }] }), [
            "clientCertificates[2].namespace: a namespace of `allow` (payments, orders), each once",
            "clientCertificates[3].namespace: a namespace of `allow` (payments, orders), each once",
        ]);
        assert.deepEqual(found({ clientCertificates: [payments, orders] }, { mutualTls: false }), [
            "clientCertificates: none, because mesh.mutualTls is false",
        ]);
    });

    it("takes innerName for `tls` of an exact host, where the mesh carries it", () => {
        const found = (host: string, port: object, mesh: object = {}) =>
            problems({ mesh, destinations: [destination(host, { ports: [port] })] }).map(({ expected }) => expected);
        const checked = { number: 443, protocol: "tls", innerName: "checked" };
        assert.deepEqual(found("istio.io", checked), []);
        assert.deepEqual(found("*.my.salesforce.com", checked), ["none, because the destination is a wildcard"]);
        assert.deepEqual(found("istio.io", checked, { mutualTls: false }), ["none, because mesh.mutualTls is false"]);
        assert.equal(found("istio.io", { ...checked, protocol: "tcp" }).length, 1);
        const long = `${"a".repeat(60)}.${"b".repeat(60)}.${"c".repeat(60)}.${"d".repeat(40)}.example`;
        assert.deepEqual(found(long, checked), ["a host at least 8 characters shorter"]);
    });

    it("refuses a host that is too long to be told apart for each namespace", () => {
        const host = `${"a".repeat(60)}.${"b".repeat(60)}.${"c".repeat(60)}.${"d".repeat(30)}.example`;
        const ports = [
            { protocol: "originate", clientCertificates: [{ namespace: "payments", secret: "bank-payments" }] },
        ];
        assert.match(
            problems({ destinations: [destination(host, { ports })] })[0]?.expected ?? "",
            /a host at least \d+ characters shorter/,
        );
    });

    it("refuses a mesh that does not serve the objects", () => {
        const [problem] = problems({ mesh: { version: "1.21.6" } });
        assert.ok(problem?.expected.includes("1.22 or later"));
        assert.deepEqual(problems({ mesh: { version: "1.22" } }), []);
        assert.deepEqual(problems({ mesh: { version: "2.0" } }), []);
        assert.equal(problems({ mesh: { version: "newest" } })[0]?.expected, "a version such as `1.30`");
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

describe("an expiry date", () => {
    for (const written of ["2027-01-31", "2027-01-31 00:00:00 +0000 UTC"]) {
        it(`is taken as a person writes it and as the engine rewrites it: ${written}`, () => {
            const { destinations } = settings({ destinations: [destination("api.example.com", { expires: written })] });
            assert.equal(destinations[0]?.expires, "2027-01-31");
        });
    }

    it("is no moment of a day", () => {
        const expires = "2027-01-31 10:00:00 +0000 UTC";
        const found = problems({ destinations: [destination("api.example.com", { expires })] });
        assert.match(JSON.stringify(found), /a date such as/);
    });
});

import assert from "node:assert/strict";
import { clientPolicies, type ClientPolicySettings } from "../../../components/network-policies/clientPolicies";
import { gatewayPolicies, type GatewayPolicySettings } from "../../../components/network-policies/gatewayPolicies";
import { destination, platform, settings } from "../../settings/build";
import { type Connection, passes, type Pod } from "./reach";

const CLIENT: Pod = { namespace: "payments", labels: { app: "api" } };
const OTHER_CLIENT: Pod = { namespace: "orders", labels: { app: "web" } };
const STRANGER: Pod = { namespace: "inventory", labels: { app: "stock" } };
const GATEWAY: Pod = { namespace: "istio-egress", labels: { app: "egress-gateway", istio: "egressgateway" } };
const ISTIOD: Pod = { namespace: "istio-system", labels: { app: "istiod" } };
const KUBE_DNS: Pod = { namespace: "kube-system", labels: { "k8s-app": "kube-dns" } };

const allow = (...namespaces: string[]) => ({
    allow: namespaces.map(namespace => ({ namespace, serviceAccount: "api" })),
});

/** Both sides, which the program registers one after the other. */
function bothSides(settings: GatewayPolicySettings & ClientPolicySettings) {
    return [...gatewayPolicies(settings), ...clientPolicies(settings)];
}

function policies(values: Record<string, unknown> = {}, cluster: Record<string, unknown> = {}, others = {}) {
    return bothSides(
        settings(
            {
                destinations: [
                    destination("istio.io", {
                        ...allow("payments", "orders"),
                        ports: [{ number: 443, protocol: "tls" }],
                    }),
                    destination("db.example.com", { ...allow("orders"), ports: [{ number: 5432, protocol: "tcp" }] }),
                ],
                clients: {
                    privateDestinations: [
                        {
                            name: "ledger",
                            cidrs: ["10.20.0.0/28"],
                            ports: [{ number: 5432 }],
                            namespaces: ["payments"],
                        },
                    ],
                },
                ...values,
            },
            { platform: { path: "egress-gateway:platform", value: platform(others, cluster) } },
        ),
    );
}

type Case = readonly [string, Connection];

function allows(cases: readonly Case[], made = policies()): void {
    for (const [sentence, connection] of cases) {
        it(`let ${sentence}`, () => assert.ok(passes(made, connection)));
    }
}

function refuses(cases: readonly Case[], made = policies()): void {
    for (const [sentence, connection] of cases) {
        it(`do not let ${sentence}`, () => assert.ok(!passes(made, connection)));
    }
}

describe("the policies of client namespaces", () => {
    allows([
        ["a client reach the gateway's HTTP listener", { from: CLIENT, to: GATEWAY, port: 8080 }],
        ["a client reach the gateway's TLS listener", { from: CLIENT, to: GATEWAY, port: 8443 }],
        ["a client reach the control plane", { from: CLIENT, to: ISTIOD, port: 15012 }],
        ["a client ask for names over UDP", { from: CLIENT, to: KUBE_DNS, port: 53, protocol: "UDP" }],
        ["a client ask for names over TCP", { from: CLIENT, to: KUBE_DNS, port: 53 }],
        ["a client reach pods of its own namespace", { from: CLIENT, to: CLIENT, port: 9000 }],
        ["a client reach pods of another client", { from: CLIENT, to: OTHER_CLIENT, port: 8080 }],
        [
            "a client reach pods of a namespace that is no client",
            { from: CLIENT, to: STRANGER, port: 8080, protocol: "UDP" },
        ],
        ["a client reach the Kubernetes API", { from: CLIENT, to: { address: "172.16.0.2" }, port: 443 }],
        ["a client reach the metadata server", { from: CLIENT, to: { address: "169.254.169.254" }, port: 80 }],
        ["a client reach the restricted Google range", { from: CLIENT, to: { address: "199.36.153.4" }, port: 443 }],
        ["a client reach its private destination", { from: CLIENT, to: { address: "10.20.0.8" }, port: 5432 }],
        [
            "a pod that is no client reach whatever it wants",
            { from: STRANGER, to: { address: "203.0.113.9" }, port: 443 },
        ],
        ["somebody else reach a client, which is its own affair", { from: STRANGER, to: CLIENT, port: 8080 }],
    ]);
    refuses([
        ["a client reach a public address", { from: CLIENT, to: { address: "203.0.113.9" }, port: 443 }],
        ["a client ask a public resolver", { from: CLIENT, to: { address: "8.8.8.8" }, port: 53, protocol: "UDP" }],
        ["a client reach the gateway's counters", { from: CLIENT, to: GATEWAY, port: 15090 }],
        ["a client reach the gateway's administration", { from: CLIENT, to: GATEWAY, port: 15000 }],
        [
            "a client reach the other Google range, which also serves run.app",
            { from: CLIENT, to: { address: "199.36.153.8" }, port: 443 },
        ],
        [
            "a client reach the restricted range on another port",
            { from: CLIENT, to: { address: "199.36.153.4" }, port: 80 },
        ],
        [
            "a client reach an address beside its private destination",
            { from: CLIENT, to: { address: "10.20.0.16" }, port: 5432 },
        ],
        [
            "a client reach its private destination on another port",
            { from: CLIENT, to: { address: "10.20.0.8" }, port: 22 },
        ],
        [
            "another client reach that private destination",
            { from: OTHER_CLIENT, to: { address: "10.20.0.8" }, port: 5432 },
        ],
        [
            "a client reach the metadata server's resolver",
            { from: CLIENT, to: { address: "169.254.169.254" }, port: 53, protocol: "UDP" },
        ],
    ]);
});

describe("the policies of client namespaces alone, should the gateway's be gone", () => {
    const alone = policies().filter(({ metadata }) => metadata.namespace !== GATEWAY.namespace);
    allows([["a client reach the gateway's listener", { from: CLIENT, to: GATEWAY, port: 8443 }]], alone);
    refuses(
        [
            ["a client reach the gateway's administration", { from: CLIENT, to: GATEWAY, port: 15000 }],
            [
                "a client reach another pod beside the gateway",
                { from: CLIENT, to: { namespace: "istio-egress" }, port: 8443 },
            ],
        ],
        alone,
    );
});

describe("the policies of the gateway's namespace", () => {
    allows([
        [
            "the gateway reach a public address on a declared port",
            { from: GATEWAY, to: { address: "203.0.113.9" }, port: 443 },
        ],
        [
            "the gateway reach a public address on another declared port",
            { from: GATEWAY, to: { address: "203.0.113.9" }, port: 5432 },
        ],
        ["the gateway reach the control plane", { from: GATEWAY, to: ISTIOD, port: 15012 }],
        ["the gateway ask for names", { from: GATEWAY, to: KUBE_DNS, port: 53, protocol: "UDP" }],
        ["the API server read the counters", { from: { address: "172.16.0.2" }, to: GATEWAY, port: 15090 }],
        [
            "the API server's tunnel read the counters",
            {
                from: { namespace: "kube-system", labels: { "k8s-app": "konnectivity-agent" } },
                to: GATEWAY,
                port: 15090,
            },
        ],
    ]);
    refuses([
        [
            "the gateway reach a public address on an undeclared port",
            { from: GATEWAY, to: { address: "203.0.113.9" }, port: 22 },
        ],
        [
            "the gateway reach a public address over UDP",
            { from: GATEWAY, to: { address: "203.0.113.9" }, port: 443, protocol: "UDP" },
        ],
        ["the gateway reach a private address", { from: GATEWAY, to: { address: "10.20.0.8" }, port: 443 }],
        [
            "the gateway reach a private destination of a client",
            { from: GATEWAY, to: { address: "10.20.0.8" }, port: 5432 },
        ],
        ["the gateway reach 172.16.0.0/12", { from: GATEWAY, to: { address: "172.31.255.255" }, port: 443 }],
        ["the gateway reach 192.168.0.0/16", { from: GATEWAY, to: { address: "192.168.1.1" }, port: 443 }],
        ["the gateway reach shared address space", { from: GATEWAY, to: { address: "100.64.0.1" }, port: 443 }],
        ["the gateway reach the metadata server", { from: GATEWAY, to: { address: "169.254.169.254" }, port: 80 }],
        [
            "the gateway reach the metadata server on a declared port",
            { from: GATEWAY, to: { address: "169.254.169.254" }, port: 443 },
        ],
        ["the gateway reach the Kubernetes API", { from: GATEWAY, to: { address: "172.16.0.2" }, port: 443 }],
        ["the gateway reach a client's pods", { from: GATEWAY, to: CLIENT, port: 443 }],
        ["a pod that is no client reach the gateway", { from: STRANGER, to: GATEWAY, port: 8443 }],
        ["an address outside reach the gateway", { from: { address: "10.0.0.9" }, to: GATEWAY, port: 8443 }],
        ["somebody in the API server's namespace pose as a client", { from: KUBE_DNS, to: GATEWAY, port: 8443 }],
    ]);

    it("also keep the gateway from public addresses that the cluster uses privately", () => {
        const ends = { from: GATEWAY, to: { address: "34.118.224.9" }, port: 443 };
        assert.ok(passes(policies(), ends));
        assert.ok(!passes(policies({}, { serviceCidr: "34.118.224.0/20" }), ends));
    });

    it("open no port at all when nothing is declared", () => {
        const public443 = { from: GATEWAY, to: { address: "203.0.113.9" }, port: 443 };
        const made = bothSides({ ...settings(), destinations: [], clientNamespaces: [] });
        assert.ok(!passes(made, public443));
        assert.ok(passes(policies(), public443));
    });

    it("open the port that the gateway dials, not the one that the application dials", () => {
        const originate = { protocol: "originate", number: 8443, plainPort: 8080 };
        const made = policies({ destinations: [destination("a.example.com", { ports: [originate] })], clients: {} });
        const at = (port: number) => passes(made, { from: GATEWAY, to: { address: "203.0.113.9" }, port });
        assert.deepEqual([at(8443), at(8080)], [true, false]);
    });
});

describe("the gateway's counters", () => {
    const reads = (namespace: string, monitoring = {}) =>
        passes(policies({ monitoring }), { from: { namespace, labels: {} }, to: GATEWAY, port: 15090 });

    it("are read by Google's collectors, in whichever of their namespaces", () => {
        assert.deepEqual(
            ["gmp-system", "gke-gmp-system"].map(namespace => reads(namespace)),
            [true, true],
        );
    });

    it("are read by another Prometheus where the settings name it, and by nobody else", () => {
        const monitoring = { collector: "prometheus-operator", collectorNamespace: "observability" };
        assert.deepEqual(
            [reads("observability"), reads("observability", monitoring), reads("monitoring", monitoring)],
            [false, true, false],
        );
    });
});

describe("DNS and metadata server by the kind of cluster", () => {
    const cache = { address: "169.254.20.10" };
    const dnsService = { address: "10.8.0.10" };
    const google = { address: "169.254.169.254" };
    const kinds = [
        // GKE puts the cache in front of kube-dns by itself.
        ["kube-dns", { kubeDns: true, cache: true, service: true, google: false }],
        ["node-local-dns", { kubeDns: true, cache: true, service: true, google: false }],
        ["cloud-dns", { kubeDns: false, cache: false, service: false, google: true }],
    ] as const;
    for (const [dns, expected] of kinds) {
        it(`let the gateway ask ${dns}, and no other resolver`, () => {
            const made = policies({}, { dns });
            const ask = (to: Connection["to"]) => passes(made, { from: GATEWAY, to, port: 53, protocol: "UDP" });
            assert.deepEqual(
                { kubeDns: ask(KUBE_DNS), cache: ask(cache), service: ask(dnsService), google: ask(google) },
                expected,
            );
        });

        it(`let clients ask ${dns}, and no other resolver outside the cluster's pods`, () => {
            const made = policies({}, { dns });
            const ask = (to: Connection["to"]) => passes(made, { from: CLIENT, to, port: 53, protocol: "UDP" });
            const { kubeDns: _, ...outside } = expected;
            assert.deepEqual({ cache: ask(cache), service: ask(dnsService), google: ask(google) }, outside);
        });
    }

    it("find the metadata server where the data plane has it, and nowhere else", () => {
        const at = (dataplane: string) => {
            const made = policies({}, { dataplane });
            return [
                passes(made, { from: CLIENT, to: { address: "169.254.169.254" }, port: 80 }),
                passes(made, { from: CLIENT, to: { address: "169.254.169.252" }, port: 988 }),
            ];
        };
        assert.deepEqual(at("v2"), [true, false]);
        assert.deepEqual(at("legacy"), [false, true]);
    });

    it("open no metadata server where there is none, and the Kubernetes API at its other port", () => {
        const { egressSubnet: _, ...gke } = platform();
        const cluster = gke["cluster"] as Record<string, unknown>;
        const { location: __, name: ___, ...common } = cluster;
        const made = bothSides(
            settings(
                { kubernetes: { context: "kind-dev" } },
                {
                    platform: {
                        path: "egress-gateway:platform",
                        value: { kind: "kubernetes", cluster: { name: "dev", ...common } },
                    },
                },
            ),
        );
        assert.ok(!passes(made, { from: CLIENT, to: { address: "169.254.169.254" }, port: 80 }));
        assert.ok(passes(made, { from: CLIENT, to: { address: "172.16.0.2" }, port: 6443 }));
    });

    it("open the Google range only when the settings do", () => {
        const google = { from: CLIENT, to: { address: "199.36.153.4" }, port: 443 };
        assert.ok(passes(policies({ googleApis: "restricted" }), google));
        assert.ok(!passes(policies({ googleApis: "none" }), google));
    });
});

describe("network policies as objects", () => {
    it("have legal names, each once in its namespace", () => {
        const names = policies().map(({ metadata }) => `${metadata.namespace}/${metadata.name}`);
        assert.equal(new Set(names).size, names.length);
        for (const name of names) {
            assert.match(name, /^[a-z0-9-]{1,63}\/[a-z0-9](?:[a-z0-9-]{0,251}[a-z0-9])?$/);
        }
    });

    it("stay as they are when a client namespace is added", () => {
        const identity = ({ metadata }: { metadata: { namespace: string; name: string } }) =>
            `${metadata.namespace}/${metadata.name}`;
        const before = policies();
        const more = destination("new.example.com", allow("reports"));
        const list = [...["payments", "orders"].map(n => destination(`${n}.example.com`, allow(n))), more];
        const ports = [
            { number: 443, protocol: "tls" },
            { number: 5432, protocol: "tcp" },
        ];
        const after = new Map(policies({ destinations: list.map(d => ({ ...d, ports })) }).map(p => [identity(p), p]));
        for (const policy of before) {
            assert.deepEqual(after.get(identity(policy)), policy);
        }
        assert.ok(after.size > before.length);
    });
});

import assert from "node:assert/strict";
import fc from "fast-check";
import { compileGuard } from "../../../components/guard/compile";
import { hasHeader } from "../../../containment/kernel/headers";
import { DestinationLine } from "../../../containment/kernel/line";
import { parseAddress } from "../../../containment/kernel/address";
import { serviceOf } from "../../../containment/kernel/services";
import { type KubernetesObject, kubernetesObjects } from "../../../containment/kubernetes";
import {
    type AddressClass,
    networkPolicyClaims,
    networkPolicyFacts,
} from "../../../containment/network-policies/facts";
import { policyOf, readPolicies } from "../../../containment/network-policies/policy";
import { rangesIn, reachableAddresses } from "../../../containment/network-policies/reachable";
import { type Resource, UNKNOWN } from "../../../containment/resource";
import { catalogueSettings } from "../../../attacks";
import { type KubernetesManifest, declaration, resourceOf, SURROUNDINGS } from "../mesh/fixture";
import { truth } from "./truthTable";
import { readWorld } from "../../../containment/world/world";

type Spec = Record<string, unknown>;

const RESTRICTED = { to: [{ ipBlock: { cidr: "199.36.153.4/30" } }], ports: [{ protocol: "TCP", port: 443 }] };
const PUBLIC_ONLY = {
    to: [
        {
            ipBlock: {
                cidr: "0.0.0.0/0",
                except: ["10.0.0.0/8", "100.64.0.0/10", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16"],
            },
        },
    ],
    ports: [{ port: 443 }],
};

const world = (...policies: readonly Resource[]): Resource[] => [
    declaration("mutual-tls", [
        {
            host: "istio.io",
            ports: [{ number: 443, protocol: "tls" }],
            allow: [{ namespace: "payments", serviceAccount: "api" }],
        },
    ]),
    ...SURROUNDINGS.map(resourceOf),
    ...policies,
];

const closed = (namespace: string): Resource =>
    policy(namespace, "default-deny", { podSelector: {}, policyTypes: ["Ingress", "Egress"] });
const opened = (namespace: string, ...egress: readonly unknown[]): Resource =>
    policy(namespace, "open", { podSelector: {}, policyTypes: ["Egress"], egress });

describe("networkPolicyFacts", () => {
    it("tells the namespaces of the declaration, the gateway's first", () => {
        assert.deepEqual(
            networkPolicyFacts(readWorld(world())).namespaces.map(({ namespace, role }) => [namespace, role]),
            [
                ["istio-egress", "gateway"],
                ["payments", "client"],
            ],
        );
    });

    it("finds everything open where nothing isolates the pods", () => {
        assert.deepEqual(extents(world(), "payments"), {
            public: "all",
            "restricted Google": "all",
            private: "all",
            "link-local": "all",
            "metadata server": "all",
        });
    });

    it("finds nothing open behind a default deny", () => {
        const { isolated, reaches } = factsOf(world(closed("payments")), "payments");

        assert.equal(isolated, true);
        assert.ok(reaches.every(({ extent, witness }) => extent === "none" && witness === undefined));
    });

    it("tells the restricted Google range from the internet", () => {
        assert.deepEqual(extents(world(closed("payments"), opened("payments", RESTRICTED)), "payments"), {
            public: "none",
            "restricted Google": "some",
            private: "none",
            "link-local": "none",
            "metadata server": "none",
        });
    });

    it("describes what is open, with a packet as witness", () => {
        const [reached] = factsOf(
            world(closed("istio-egress"), opened("istio-egress", PUBLIC_ONLY)),
            "istio-egress",
        ).reaches;

        assert.deepEqual(reached, {
            addresses: "public",
            extent: "some",
            services: "tcp 443",
            witness: { protocol: "tcp", destination: "1.1.1.1", port: 443 },
        });
    });

    it("keeps gateway pods from private, link-local and metadata addresses by the holes of the block", () => {
        const { public: internet, ...inside } = extents(
            world(closed("istio-egress"), opened("istio-egress", PUBLIC_ONLY)),
            "istio-egress",
        );

        assert.deepEqual(
            [
                internet,
                Object.entries(inside).filter(([name, extent]) => name !== "restricted Google" && extent !== "none"),
            ],
            ["some", []],
        );
    });

    it("adds up what two halves of the address space open", () => {
        const halves = {
            to: [
                { ipBlock: { cidr: "0.0.0.0/1" } },
                { ipBlock: { cidr: "128.0.0.0/1" } },
                { ipBlock: { cidr: "::/0" } },
            ],
        };

        assert.equal(extents(world(closed("payments"), opened("payments", halves)), "payments").public, "all");
    });

    it("takes a client pod to choose its labels: policies for some pods isolate nobody surely", () => {
        const some = policy("payments", "some", {
            podSelector: { matchLabels: { app: "api" } },
            policyTypes: ["Egress"],
        });

        assert.equal(factsOf(world(some), "payments").isolated, false);
        assert.equal(extents(world(some), "payments").public, "all");
    });

    it("and one that opens for some pods opens for whoever takes that label", () => {
        const some = policy("payments", "some", {
            podSelector: { matchLabels: { app: "api" } },
            policyTypes: ["Egress"],
            egress: [PUBLIC_ONLY],
        });

        assert.equal(extents(world(closed("payments"), some), "payments").public, "some");
    });

    it("knows the labels of the gateway's own pods", () => {
        const others = policy("istio-egress", "others", {
            podSelector: { matchLabels: { app: "other" } },
            policyTypes: ["Egress"],
            egress: [PUBLIC_ONLY],
        });

        assert.equal(extents(world(closed("istio-egress"), others), "istio-egress").public, "none");
    });

    it("ignores selectors and named ports: no address outside is a pod or has a named port", () => {
        const inside = [
            { to: [{ namespaceSelector: {} }] },
            { to: [{ ipBlock: { cidr: "0.0.0.0/0" } }], ports: [{ port: "https" }] },
        ];

        assert.deepEqual(extents(world(closed("payments"), opened("payments", ...inside)), "payments").public, "none");
    });

    it("names the entry that Kubernetes would refuse, and its place", () => {
        const block = (cidr: unknown, ...except: unknown[]) => ({ to: [{ ipBlock: { cidr, except } }] });
        const port = (entry: object) => ({ ports: [entry] });
        const cases: readonly (readonly [object, RegExp])[] = [
            [
                block("999.1.1.1/8"),
                /spec\.egress\[0\]\.to\[0\]\.ipBlock\.cidr: got "999\.1\.1\.1\/8", expected a range/,
            ],
            [block("10.0.0.0"), /ipBlock\.cidr: got "10\.0\.0\.0"/],
            [block("10.0.0.0/8/8"), /ipBlock\.cidr: got/],
            [block(7), /ipBlock\.cidr: got 7/],
            [
                block("10.0.0.0/8", "11.0.0.0/16"),
                /except\[0\]: got "11\.0\.0\.0\/16", expected a range inside 10\.0\.0\.0\/8/,
            ],
            [block("10.0.0.0/8", "10.0.0.0/8"), /except\[0\]: got/],
            [block("10.0.0.0/8", "fd00::/16"), /except\[0\]: got/],
            [block("10.0.0.0/8", "10.1.0.0/16", "x"), /except\[1\]: got "x"/],
            [
                { to: [{ ipBlock: { cidr: "10.0.0.0/8" }, podSelector: {} }] },
                /to\[0\]: got .*, expected ipBlock, or selectors/,
            ],
            [port({ port: 443, endPort: 80 }), /ports\[0\]\.endPort: got 80, expected a number from 443 to 65535/],
            [port({ port: 443, endPort: "444" }), /endPort: got "444"/],
            [port({ port: "https", endPort: 444 }), /endPort: got 444, expected none beside a port's name/],
            [port({ endPort: 444 }), /ports\[0\]\.port: got nothing/],
            [port({ port: 0 }), /ports\[0\]\.port: got 0/],
            [port({ port: 65536 }), /ports\[0\]\.port: got 65536/],
            [port({ port: "443" }), /ports\[0\]\.port: got "443"/],
            [port({ port: 443, protocol: "tcp" }), /ports\[0\]\.protocol: got "tcp", expected TCP, UDP or SCTP/],
        ];
        for (const [rule, expected] of cases) {
            assert.throws(() => policyOf(objectOf({ policyTypes: ["Egress"], egress: [rule] })), expected);
        }
        assert.throws(() => policyOf(objectOf({ policyTypes: ["egress"] })), /policyTypes\[0\]: got "egress"/);
        policyOf(
            objectOf({
                egress: [block("10.0.0.5/8", "10.1.0.0/16"), port({ port: "https" }), port({ protocol: "UDP" })],
            }),
        );
    });

    it("says what it cannot read: unknown values, unreadable ranges, other kinds of policy", () => {
        const reasons = factsOf(
            world(
                closed("payments"),
                policy("payments", "later", {
                    podSelector: {},
                    policyTypes: ["Egress"],
                    egress: [{ to: [{ ipBlock: { cidr: UNKNOWN } }] }],
                }),
                policy("payments", "typo", {
                    podSelector: {},
                    policyTypes: ["Egress"],
                    egress: [{ to: [{ ipBlock: { cidr: "10.0.0.0/33" } }] }],
                }),
                resourceOf({
                    apiVersion: "cilium.io/v2",
                    kind: "CiliumNetworkPolicy",
                    metadata: { name: "fqdn", namespace: "payments" },
                    spec: {},
                }),
                resourceOf({
                    apiVersion: "cilium.io/v2",
                    kind: "CiliumNetworkPolicy",
                    metadata: { name: "fqdn", namespace: "elsewhere" },
                    spec: {},
                }),
            ),
            "payments",
        ).reasons;

        assert.equal(reasons.length, 3);
        assert.match(
            reasons.join("; "),
            /later has values that are not known before up.*typo: spec\.egress\[0\]\.to\[0\]\.ipBlock\.cidr: got "10\.0\.0\.0\/33".*fqdn: CiliumNetworkPolicy is not modelled/,
        );
    });

    it("finds exactly the packets that the truth table allows", () => {
        const cidr = fc.constantFrom(
            "0.0.0.0/0",
            "0.0.0.0/1",
            "128.0.0.0/2",
            "10.0.0.0/8",
            "10.1.0.0/16",
            "1.1.1.1/32",
            "::/0",
            "2001:db8::/32",
        );
        const within: Readonly<Record<string, readonly string[]>> = {
            "0.0.0.0/0": ["10.0.0.0/8", "1.1.1.1/32"],
            "0.0.0.0/1": ["10.1.0.0/16"],
            "10.0.0.0/8": ["10.1.0.0/16"],
            "::/0": ["2001:db8::/32"],
        };
        const block = cidr.chain(outer =>
            fc.subarray([...(within[outer] ?? [])]).map(except => ({ ipBlock: { cidr: outer, except } })),
        );
        const port = fc.constantFrom<Spec>(
            { port: 443 },
            { port: 80, endPort: 90 },
            { protocol: "UDP" },
            { protocol: "UDP", port: 53 },
            { port: "https" },
        );
        const rule = fc.record(
            { to: fc.array(block, { maxLength: 2 }), ports: fc.array(port, { maxLength: 2 }) },
            { requiredKeys: [] },
        );
        const edges = [
            "0.0.0.0",
            "1.1.1.0",
            "1.1.1.1",
            "1.1.1.2",
            "9.255.255.255",
            "10.0.255.255",
            "10.1.0.0",
            "10.1.255.255",
            "10.2.0.0",
            "11.0.0.0",
            "127.255.255.255",
            "128.0.0.0",
            "192.0.0.0",
            "255.255.255.255",
            "::",
            "2001:db7:ffff:ffff:ffff:ffff:ffff:ffff",
            "2001:db8::",
            "2001:db9::",
        ];
        const services = [79, 80, 90, 91, 443]
            .map(number => ["TCP", number] as const)
            .concat([53, 54].map(number => ["UDP", number] as never));
        fc.assert(
            fc.property(fc.array(rule, { maxLength: 3 }), egress => {
                const spec = { podSelector: {}, policyTypes: ["Egress"], egress: egress as never };
                const { policies } = readPolicies(kubernetesObjects([policy("x", "p", spec)]));
                const line = new DestinationLine(rangesIn(policies));
                const reached = reachableAddresses(policies, line);
                for (const destination of edges) {
                    for (const [protocol, number] of services) {
                        const expected = truth([{ namespace: "x", spec }], new Map(), {
                            from: { pod: { namespace: "x", labels: {} } },
                            to: { address: destination },
                            protocol,
                            port: number,
                        });
                        const service = serviceOf({
                            protocol: protocol === "TCP" ? "tcp" : "udp",
                            destination,
                            port: number,
                        });
                        assert.equal(
                            hasHeader(reached, service, line.cellOf(parseAddress(destination))),
                            expected,
                            `${protocol} ${destination}:${number}`,
                        );
                    }
                }
            }),
            { numRuns: 500 },
        );
    });
});

describe("networkPolicyClaims", () => {
    it("puts the policies into the matrix as one lock, and decides no claim by them", () => {
        const { claims, locks } = networkPolicyClaims(readWorld(world(closed("payments"), closed("istio-egress"))));

        assert.deepEqual(
            [claims, locks.map(({ lock, resources }) => [lock, resources.length])],
            [[], [["network policies", 2]]],
        );
        assert.equal(
            locks[0]!.description,
            "gateway pods in istio-egress reach no address outside the cluster's pods; pods of payments reach no address outside the cluster's pods",
        );
    });

    it("says so where pods are not isolated", () => {
        assert.match(
            networkPolicyClaims(readWorld(world(closed("istio-egress")))).locks[0]!.description,
            /pods of payments are not isolated/,
        );
    });

    it("tells where nothing keeps pods from the host network, which no policy covers", () => {
        const guard = (compileGuard(catalogueSettings) as unknown as readonly KubernetesManifest[]).map(resourceOf);

        assert.match(
            networkPolicyClaims(readWorld(world())).residualRisks.join(),
            /nothing refuses such pods in payments/,
        );
        assert.match(
            networkPolicyClaims(readWorld(world(...guard))).residualRisks.join(),
            /the guard refuses such pods in the client namespaces/,
        );
    });

    it("has nothing to say without a declaration", () => {
        assert.deepEqual(networkPolicyClaims(readWorld([closed("payments")])).locks, []);
    });
});

function policy(namespace: string, name: string, spec: Spec): Resource {
    return resourceOf({
        apiVersion: "networking.k8s.io/v1",
        kind: "NetworkPolicy",
        metadata: { name, namespace },
        spec,
    });
}

function factsOf(
    resources: readonly Resource[],
    namespace: string,
): ReturnType<typeof networkPolicyFacts>["namespaces"][number] {
    const facts = networkPolicyFacts(readWorld(resources)).namespaces.find(each => each.namespace === namespace);
    assert.ok(facts);
    return facts;
}

function extents(resources: readonly Resource[], namespace: string): Record<AddressClass, string> {
    return Object.fromEntries(
        factsOf(resources, namespace).reaches.map(({ addresses, extent }) => [addresses, extent]),
    ) as Record<AddressClass, string>;
}

function objectOf(spec: object): KubernetesObject {
    const [object] = kubernetesObjects([
        resourceOf({
            apiVersion: "networking.k8s.io/v1",
            kind: "NetworkPolicy",
            metadata: { name: "policy", namespace: "payments" },
            spec: { podSelector: {}, ...spec },
        }),
    ]);
    return object!;
}

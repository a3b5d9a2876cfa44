import assert from "node:assert/strict";
import fc from "fast-check";
import { kubernetesObjects } from "../../../containment/kubernetes";
import {
    type Connection,
    decide,
    type Endpoint,
    type NamespaceLabels,
    type Pod,
} from "../../../containment/network-policies/evaluate";
import { type Protocol, readPolicies } from "../../../containment/network-policies/policy";
import { resourceOf } from "../mesh/fixture";
import {
    type Expression,
    type Manifest,
    type PeerManifest,
    type PortManifest,
    type Selector,
    truth,
} from "./truthTable";

/** Three namespaces with three pods each and two addresses outside, as in Cyclonus and the Kubernetes end-to-end tests. */
const NAMESPACES: NamespaceLabels = new Map(
    ["x", "y", "z"].map(name => [name, { ns: name, ...(name === "x" ? {} : { team: "blue" }) }]),
);
const PODS: readonly Pod[] = ["x", "y", "z"].flatMap((namespace, row) =>
    ["a", "b", "c"].map((pod, column) => ({
        namespace,
        labels: { pod, ...(pod === "c" ? {} : { tier: "web" }) },
        addresses: [`10.0.${row}.${column + 1}`, `2001:db8:${row}::${column + 1}`],
        namedPorts: [
            { name: "serve-80-tcp", protocol: "TCP" as const, port: 80 },
            { name: "serve-81-udp", protocol: "UDP" as const, port: 81 },
        ],
    })),
);
const ENDPOINTS: readonly Endpoint[] = [
    ...PODS.map(pod => ({ pod })),
    { address: "1.1.1.1" },
    { address: "2606:4700::1111" },
];
const SERVICES: readonly (readonly [Protocol, number])[] = [
    ["TCP", 80],
    ["TCP", 81],
    ["UDP", 80],
    ["UDP", 81],
    ["SCTP", 80],
];

const key = fc.constantFrom("pod", "tier", "ns", "team", "kubernetes.io/metadata.name");
const value = fc.constantFrom("a", "b", "web", "x", "y", "blue");
const expression: fc.Arbitrary<Expression> = fc.oneof(
    fc.record({
        key,
        operator: fc.constantFrom("In" as const, "NotIn" as const),
        values: fc.array(value, { minLength: 1, maxLength: 2 }),
    }),
    fc.record({ key, operator: fc.constantFrom("Exists" as const, "DoesNotExist" as const) }),
);
const selector: fc.Arbitrary<Selector> = fc.record(
    {
        matchLabels: fc.dictionary(key, value, { maxKeys: 2 }),
        matchExpressions: fc.array(expression, { maxLength: 2 }),
    },
    { requiredKeys: [] },
);
const block = fc.oneof(
    fc.constant({ cidr: "0.0.0.0/0" }),
    fc.constant({ cidr: "0.0.0.0/0", except: ["10.0.0.0/16", "1.1.1.0/24"] }),
    fc.constant({ cidr: "10.0.1.0/24", except: ["10.0.1.2/32"] }),
    fc.constant({ cidr: "10.0.1.7/24" }),
    fc.constant({ cidr: "::/0", except: ["2001:db8::/32"] }),
    fc.constant({ cidr: "2001:db8:2::/48" }),
);
const peer: fc.Arbitrary<PeerManifest> = fc.oneof(
    fc.record({ ipBlock: block }),
    fc.record({ podSelector: selector }),
    fc.record({ namespaceSelector: selector }),
    fc.record({ podSelector: selector, namespaceSelector: selector }),
);
const port: fc.Arbitrary<PortManifest> = fc.oneof(
    fc.constant({}),
    fc.record({ protocol: fc.constantFrom("TCP" as const, "UDP" as const, "SCTP" as const) }),
    fc.record({
        port: fc.constantFrom<number | string>(80, 81, "serve-80-tcp", "serve-81-udp"),
        protocol: fc.constantFrom("TCP" as const, "UDP" as const),
    }),
    fc.constant({ protocol: "TCP" as const, port: 79, endPort: 80 }),
);
const rule = (direction: "from" | "to"): fc.Arbitrary<Record<string, unknown>> =>
    fc.record(
        { [direction]: fc.array(peer, { maxLength: 2 }), ports: fc.array(port, { maxLength: 2 }) },
        { requiredKeys: [] },
    );
const policy: fc.Arbitrary<Manifest> = fc
    .record(
        {
            namespace: fc.constantFrom("x", "y", "z"),
            podSelector: selector,
            policyTypes: fc.constantFrom(["Ingress"], ["Egress"], ["Ingress", "Egress"]),
            ingress: fc.array(rule("from"), { maxLength: 2 }),
            egress: fc.array(rule("to"), { maxLength: 2 }),
        },
        { requiredKeys: ["namespace", "podSelector"] },
    )
    .map(({ namespace, ...spec }) => ({ namespace, spec }));

describe("decide", () => {
    it("fills the truth table that the API reference describes", () => {
        fc.assert(
            fc.property(fc.array(policy, { maxLength: 4 }), manifests => {
                const read = policiesOf(manifests);
                for (const from of ENDPOINTS) {
                    for (const to of ENDPOINTS) {
                        for (const [protocol, number] of SERVICES) {
                            const connection: Connection = { from, to, protocol, port: number };
                            const expected = truth(manifests, NAMESPACES, connection);
                            assert.equal(
                                decide(read, NAMESPACES, connection).allowed,
                                expected,
                                JSON.stringify({ connection, manifests }),
                            );
                        }
                    }
                }
            }),
            { numRuns: 120 },
        );
    }).timeout(120_000);

    const denyAll: Manifest = { namespace: "x", spec: { podSelector: {}, policyTypes: ["Ingress", "Egress"] } };
    const [a, b] = PODS as readonly [Pod, Pod];

    it("names the policies that isolate, or those that allow", () => {
        const read = policiesOf([
            denyAll,
            { namespace: "x", spec: { podSelector: {}, policyTypes: ["Egress"], egress: [{ ports: [{ port: 80 }] }] } },
        ]);
        const to = { address: "1.1.1.1" };

        assert.deepEqual(
            [80, 81]
                .map(port => decide(read, NAMESPACES, { from: { pod: a }, to, protocol: "TCP", port }))
                .map(({ allowed, direction, policies }) => [allowed, direction, policies.length]),
            [
                [true, "egress", 1],
                [false, "egress", 2],
            ],
        );
    });

    it("takes policies for absent on the host network, at either end", () => {
        const read = policiesOf([denyAll]);
        const onHost = { pod: { ...a, hostNetwork: true } };

        assert.equal(
            decide(read, NAMESPACES, { from: onHost, to: { address: "1.1.1.1" }, protocol: "TCP", port: 443 }).allowed,
            true,
        );
        assert.equal(
            decide(read, NAMESPACES, { from: { pod: a }, to: { address: "1.1.1.1" }, protocol: "TCP", port: 443 })
                .allowed,
            false,
        );
    });

    it("does not take a pod on the host network for one that a selector matches", () => {
        const read = policiesOf([
            {
                namespace: "x",
                spec: {
                    podSelector: { matchLabels: { pod: "a" } },
                    policyTypes: ["Egress"],
                    egress: [{ to: [{ podSelector: {} }] }],
                },
            },
        ]);
        const towards = (pod: Pod): boolean =>
            decide(read, NAMESPACES, { from: { pod: a }, to: { pod }, protocol: "TCP", port: 80 }).allowed;

        assert.deepEqual([towards(b), towards({ ...b, hostNetwork: true })], [true, false]);
    });
});

function policiesOf(manifests: readonly Manifest[]): ReturnType<typeof readPolicies>["policies"] {
    const { policies, reasons } = readPolicies(
        kubernetesObjects(
            manifests.map(({ namespace, spec }, index) =>
                resourceOf({
                    apiVersion: "networking.k8s.io/v1",
                    kind: "NetworkPolicy",
                    metadata: { name: `p${index}`, namespace },
                    spec,
                }),
            ),
        ),
    );
    assert.deepEqual(reasons, []);
    return policies;
}

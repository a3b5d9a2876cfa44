import assert from "node:assert/strict";
import { InputError } from "../../base/problem";
import { sections } from "../../settings/schema";
import { devSetting, variant } from "./variant";

type Change = Readonly<Record<string, unknown>>;

const platform = (more: Change, cluster: Change = {}): Change => {
    const own = devSetting<Readonly<Record<string, unknown>> & { readonly cluster: object }>("platform");
    return { platform: { ...own, ...more, cluster: { ...own.cluster, ...cluster } } };
};
const guard = (more: Change): Change => ({ guard: { ...devSetting<object>("guard"), ...more } });
const GITOPS = "system:serviceaccount:flux-system:*";

/** Other legal values of what decides something, by section. Destinations have a law of their own. */
const ACCEPTED: Readonly<Record<string, readonly Change[]>> = {
    mesh: [
        { trustDomain: "prod.acme.example" },
        { revision: "1-30-3" },
        { version: "1.22" },
        { controlPlaneNamespace: "istio-control" },
        { keepAliveSeconds: 10, httpIdleSeconds: 1 },
        { sessionKeys: 1 },
        { sessionKeys: 1024 },
    ].map(mesh => ({ mesh })),
    gateway: [
        { namespace: "my-egress" },
        { networkTag: "exit" },
        { nodeAccountId: "exit-nodes" },
        { nodeAccountId: "exit-nodes", retiring: { nodeAccountId: "egress-gateway-nodes" } },
        {
            retiring: {
                egressSubnet: {
                    name: "old-egress",
                    nodeCidr: "10.0.9.0/27",
                    podRange: "egress-pods",
                    podCidr: "10.3.4.0/22",
                },
            },
        },
        { minNodes: 3, maxNodes: 3, minReplicas: 1, maxReplicas: 1 },
    ].map(gateway => ({ gateway })),
    nat: [{ addresses: 1 }, { addresses: 1, drainingAddresses: 2 }, { establishedIdleSeconds: 7200 }].map(nat => ({
        nat,
    })),
    perimeter: [
        {
            perimeter: { scope: "cluster" },
            ...platform({}, { nodeServiceAccounts: ["nodes@acme-dev.iam.gserviceaccount.com"] }),
        },
    ],
    gateways: [
        {
            gateways: { exit: { minReplicas: 2, nat: { addresses: 1 } } },
            ...platform({
                egressSubnets: {
                    exit: {
                        name: "acme-dev-egress-exit",
                        nodeCidr: "10.0.8.32/27",
                        podRange: "egress-pods",
                        podCidr: "10.3.4.0/22",
                    },
                },
            }),
            destinations: [
                ...devSetting<object[]>("destinations"),
                {
                    host: "exit.example.com",
                    gateway: "exit",
                    allow: [{ namespace: "payments", serviceAccount: "api" }],
                },
            ],
        },
    ],
    googleApis: [{ googleApis: "none" }],
    expiry: [
        { expiry: "refuse" },
        {
            expiry: "remove",
            destinations: [
                ...devSetting<object[]>("destinations"),
                {
                    host: "over.example.com",
                    allow: [{ namespace: "payments", serviceAccount: "api" }],
                    expires: "2020-01-01",
                },
            ],
        },
    ],
    clients: [
        { clients: { outboundTraffic: "allow-any" } },
        {
            clients: {
                privateDestinations: [
                    {
                        name: "inside",
                        cidrs: ["10.0.0.0/8"],
                        ports: [{ number: 443, protocol: "tls" }],
                        namespaces: ["payments"],
                    },
                ],
            },
        },
    ],
    guard: [
        { exemptNamespaces: ["datadog"] },
        { exemptUsers: ["deployer@acme-dev.iam.gserviceaccount.com", GITOPS] },
        { exemptGroups: ["platform-admins"] },
        { proxyImages: ["eu.gcr.io/acme/proxyv2"], withoutDefaults: ["*/proxyv2"] },
        { withoutDefaults: ["kube-system", "gke-managed-*"] },
        { placers: ["system:serviceaccount:batch-system:batch-scheduler"] },
        { uninjectedUsers: ["system:serviceaccount:cert-manager:cert-manager"] },
        { operatorGroups: ["operators"] },
        { injectedAnnotations: { "traffic.sidecar.istio.io/excludeOutboundIPRanges": "10.8.0.0/20" } },
        { breakGlassGroup: "on-call" },
    ].map(guard),
    monitoring: ["google-managed-prometheus", "prometheus-operator"].map(collector => ({ monitoring: { collector } })),
    dns: [
        { lock: "observe" },
        { lock: "enforce" },
        { lock: "enforce", zones: [{ name: "corp.example.com", nameservers: ["10.20.0.53"] }] },
        { lock: "enforce", zones: [{ name: "corp", types: ["A", "SRV", "TXT"] }, { name: "sub.corp" }] },
        { lock: "enforce", upstreams: ["10.20.0.53"], namespace: "names", address: "10.8.0.99", replicas: 2 },
    ].map(dns => ({ dns })),
    platform: [
        platform({ firewallOrder: "AFTER_CLASSIC_FIREWALL" }),
        platform({}, { dns: "node-local-dns" }),
        platform({}, { dns: "cloud-dns" }),
        platform({}, { dataplane: "legacy" }),
        platform({}, { kubernetesVersion: "1.30" }),
        platform({}, { defaultSnat: false }),
    ],
};

/** Sections whose every other value takes something away on purpose, or says where to write. */
const TELLS_ITSELF = ["kubernetes", "disabledComponents"];

const REFUSED: readonly Change[] = [
    { exemptNamespaces: ["payments"] },
    { exemptNamespaces: ["istio-egress"] },
    { exemptUsers: ["*"] },
    { exemptUsers: ["system:serviceaccount:*"] },
    { exemptUsers: ["system:serviceaccount:payments:api"] },
    { exemptGroups: ["system:authenticated"] },
    { exemptGroups: ["system:serviceaccounts:payments"] },
    { placers: ["system:serviceaccount:*"] },
    { operatorGroups: ["system:authenticated"] },
    { breakGlassGroup: "system:authenticated" },
].map(guard);

/** Only what differs from the dev stack's settings, which the title of a test has room for. */
function titleOf(change: Change): string {
    const differing = (given: unknown, own: unknown): unknown =>
        typeof given !== "object" || given === null || Array.isArray(given)
            ? given
            : Object.fromEntries(
                  Object.entries(given)
                      .map(([key, value]) => [key, value, (own as Change | undefined)?.[key]] as const)
                      .filter(([, value, before]) => JSON.stringify(value) !== JSON.stringify(before))
                      .map(([key, value, before]) => [key, differing(value, before)]),
              );
    const dev = Object.fromEntries(Object.keys(change).map(key => [key, devSetting(key)]));
    return JSON.stringify(differing(change, dev));
}

describe("what the settings accept is contained", function () {
    this.timeout(120_000);

    it("in every section that decides something", () => {
        assert.deepEqual(
            Object.keys(ACCEPTED)
                .filter(section => section !== "platform")
                .sort(),
            Object.keys(sections)
                .filter(section => !TELLS_ITSELF.includes(section))
                .sort(),
        );
    });

    for (const change of Object.values(ACCEPTED).flat()) {
        it(titleOf(change), async () => {
            const { verdict } = await variant(change);
            assert.equal(verdict.verdict, "contained", JSON.stringify(verdict.claims, undefined, 1));
        });
    }

    for (const change of REFUSED) {
        it(`or refused: ${titleOf(change)}`, () => assert.rejects(variant(change), InputError));
    }

    it("and what the guard exempts is among the assumptions, by name", async () => {
        const { verdict } = await variant(guard({ exemptNamespaces: ["datadog"], exemptGroups: ["platform-admins"] }));
        const [exempt] = verdict.assumptions.filter(text => /^The identities that the guard exempts/.test(text));
        assert.match(exempt!, /group platform-admins, whoever runs pods in namespace datadog\.$/);
    });
});

import assert from "node:assert/strict";
import { HOSTILE } from "../../base/printable";
import { InputError, type Problem } from "../../base/problem";
import { EDITOR_SCHEMAS } from "../../settings/jsonSchema";
import { readSettings } from "../../settings/read";
import { platform, raw } from "./build";

const EVIL = "\u001b[2J\u202e\u009b\r\u2028\ncontained";
const WORKLOAD = { namespace: "payments", serviceAccount: "api" };

/** Everything that a person may write as text, once. */
const WRITTEN = {
    google: { project: "acme-dev", region: "europe-west1" },
    platform: platform(
        {
            kind: "gke",
            networkProject: "acme-host",
            perimeterOwner: "organization/egress-gateway/blue",
            imageRepository: "projects/acme-dev/locations/europe-west1/repositories/docker-hub",
            egressSubnets: {
                partners: {
                    name: "partners",
                    nodeCidr: "10.0.9.0/27",
                    podRange: "partner-pods",
                    podCidr: "10.2.0.0/22",
                },
            },
        },
        {
            zones: ["europe-west1-b"],
            nodeServiceAccounts: ["app-nodes@acme-dev.iam.gserviceaccount.com"],
            dns: "kube-dns",
            dataplane: "v2",
        },
    ),
    values: {
        mesh: {
            version: "1.30",
            revision: "default",
            trustDomain: "cluster.local",
            controlPlaneNamespace: "istio-system",
        },
        gateway: {
            namespace: "istio-egress",
            machineType: "e2-standard-4",
            diskType: "pd-balanced",
            networkTag: "egress-gateway",
            nodeAccountId: "egress-gateway-nodes",
            retiring: {
                nodeAccountId: "egress-gateway-old",
                egressSubnet: { name: "old", nodeCidr: "10.9.0.0/27", podRange: "old-pods", podCidr: "10.9.4.0/22" },
            },
        },
        gateways: {
            partners: {
                namespace: "istio-egress-partners",
                machineType: "e2-standard-4",
                diskType: "pd-balanced",
                networkTag: "partners",
                nat: { addresses: [{ name: "partner-ip-3" }], drainingAddresses: [{ name: "partner-ip-4" }] },
                nodeAccountId: "egress-partners",
                retiring: {
                    nodeAccountId: "egress-partners-old",
                    egressSubnet: {
                        name: "older",
                        nodeCidr: "10.9.8.0/27",
                        podRange: "old-pods",
                        podCidr: "10.9.12.0/22",
                    },
                },
            },
        },
        perimeter: { scope: "network", mode: "enforce" },
        googleApis: "restricted",
        expiry: "warn",
        clients: {
            outboundTraffic: "registry-only",
            privateDestinations: [
                {
                    name: "db",
                    cidrs: ["10.20.0.0/28"],
                    ports: [{ number: 5432, protocol: "tcp" }],
                    namespaces: ["payments"],
                },
            ],
        },
        nat: { addresses: [{ name: "partner-ip-1" }, { new: 2 }], drainingAddresses: [{ name: "partner-ip-2" }] },
        guard: {
            exemptNamespaces: ["storage"],
            exemptUsers: ["deployer@acme-dev.iam.gserviceaccount.com"],
            exemptGroups: ["platform"],
            proxyImages: ["registry.example.com/proxyv2"],
            withoutDefaults: ["gke-managed-system"],
            placers: ["system:serviceaccount:batch-system:batch-scheduler"],
            uninjectedUsers: ["system:serviceaccount:cert-manager:cert-manager"],
            operatorGroups: ["operators"],
            injectedAnnotations: { "example.com/inject": "yes" },
            breakGlassGroup: "egress-gateway-break-glass",
        },
        monitoring: {
            collector: "prometheus-operator",
            collectorNamespace: "monitoring",
            labels: { release: "kube-prometheus-stack" },
            notificationChannels: ["projects/acme-dev/notificationChannels/1"],
        },
        dns: {
            lock: "enforce",
            zones: [{ name: "corp.example.com", types: ["A", "SRV"], nameservers: ["10.20.0.53"] }],
            upstreams: ["169.254.169.254"],
            namespace: "istio-egress-dns",
            address: "10.8.0.99",
            image: "registry.example.com/coredns",
        },
        kubernetes: { context: "kind-dev" },
        disabledComponents: ["guard"],
        destinations: [
            {
                host: "*.my.salesforce.com",
                allow: [WORKLOAD],
                owner: "payments",
                reason: "because",
                expires: "2099-01-01",
            },
            { addresses: ["8.8.4.10"], ports: [{ protocol: "tcp", number: 22 }], allow: [WORKLOAD] },
            {
                host: "api.example.com",
                gateway: "partners",
                allow: [WORKLOAD],
                ports: [
                    { protocol: "tls", number: 443, innerName: "checked" },
                    { protocol: "http", number: 80, unencrypted: "accepted", upstreamProtocol: "h2c" },
                    {
                        protocol: "originate",
                        number: 8443,
                        plainPort: 8080,
                        upstreamProtocol: "h2",
                        caCertificate: { secret: "ca" },
                        clientCertificate: { secret: "client" },
                        clientCertificates: [{ secret: "client", namespace: "payments" }],
                    },
                    { protocol: "tcp", number: 25, virtualAddress: "241.0.0.1" },
                ],
            },
        ],
    },
};

interface Leaf {
    readonly path: readonly (string | number)[];
    readonly text: string;
}

function leavesOf(value: unknown, path: Leaf["path"] = []): Leaf[] {
    if (typeof value === "string") {
        return [{ path, text: value }];
    }
    return Array.isArray(value)
        ? value.flatMap((item, index) => leavesOf(item, [...path, index]))
        : typeof value === "object" && value !== null
          ? Object.entries(value).flatMap(([key, inner]) => leavesOf(inner, [...path, key]))
          : [];
}

function replaced(value: unknown, [first, ...rest]: Leaf["path"], text: string): unknown {
    if (first === undefined) {
        return text;
    }
    return Array.isArray(value)
        ? value.map((item, index) => (index === first ? replaced(item, rest, text) : item))
        : Object.fromEntries(
              Object.entries(value as object).map(([key, inner]) => [
                  key,
                  key === first ? replaced(inner, rest, text) : inner,
              ]),
          );
}

/** Names of keys that hold text, `guard.exemptUsers`, out of a JSON schema. */
function textsIn(schema: unknown, path: readonly string[] = []): string[] {
    const { type, properties, items, additionalProperties, anyOf, oneOf, allOf, ...own } = schema as Record<
        string,
        unknown
    >;
    const inner = [anyOf, oneOf, allOf].flatMap(all =>
        Array.isArray(all) ? all.flatMap(one => textsIn(one, path)) : [],
    );
    return [
        ...inner,
        ...(type === "string" || typeof own["const"] === "string" ? [path.join(".")] : []),
        ...(typeof items === "object" ? textsIn(items, path) : []),
        ...(typeof additionalProperties === "object" ? textsIn(additionalProperties, [...path, "*"]) : []),
        ...Object.entries((properties ?? {}) as object).flatMap(([key, one]) => textsIn(one, [...path, key])),
    ];
}

/** The same name of a leaf. */
const nameOf = ({ path }: Leaf): string => path.filter(part => typeof part === "string").join(".");

function problemsOf({ google, platform: written, values }: typeof WRITTEN): {
    found: readonly Problem[];
    message: string;
} {
    try {
        readSettings(raw(values, { google, platform: { path: "egress-gateway:platform", value: written } }));
        return { found: [], message: "" };
    } catch (error) {
        assert.ok(error instanceof InputError, String(error));
        return { found: error.problems, message: error.message };
    }
}

const LEAVES = leavesOf(WRITTEN);

describe("hostile text in settings", () => {
    it("is tried at every key that takes text", () => {
        const { config } = (EDITOR_SCHEMAS["settings.json"]!() as { properties: { config: object } }).properties;
        const keys = textsIn(config)
            .filter(key => key.startsWith("egress-gateway:"))
            .map(key => key.replace("egress-gateway:", ""))
            // The name of another stack, and names of files, are looked up and never shown as they are.
            .filter(key => !["platform.stack", "perimeter.stack", "destinationFiles"].includes(key));
        const tried = new Set(
            LEAVES.map(nameOf).map(name =>
                name
                    .replace(/^values\./, "")
                    .replace(/(labels|injectedAnnotations)\..*/, "$1.*")
                    .replace(/(gateways|egressSubnets)\.\w+/, "$1.*"),
            ),
        );
        assert.deepEqual(
            [...new Set(keys)].filter(key => !tried.has(key)),
            [],
        );
        assert.ok(tried.size > 60);
    });

    for (const leaf of LEAVES) {
        it(`is refused in ${nameOf(leaf)}, in words that act on nothing`, () => {
            const before = problemsOf(WRITTEN).found.map(({ path, expected }) => path + expected);
            const { found, message } = problemsOf(
                replaced(WRITTEN, leaf.path, `${leaf.text}${EVIL}`) as typeof WRITTEN,
            );
            assert.ok(
                found.some(({ path, expected }) => !before.includes(path + expected)),
                message,
            );
            assert.deepEqual(
                (message.match(HOSTILE) ?? []).filter(character => character !== "\n"),
                [],
            );
            assert.doesNotMatch(message, /^contained/m);
        });
    }
});

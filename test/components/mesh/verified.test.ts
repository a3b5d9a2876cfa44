import assert from "node:assert/strict";
import { compileMesh } from "../../../components/mesh/compile";
import { type VirtualServiceSpec } from "../../../components/mesh/istioObject";
import { verifiedObjects, verifiedSettings } from "./catalogue";

interface Comparable {
    readonly apiVersion: string;
    readonly spec: object;
    readonly kind: string;
    readonly metadata: { readonly namespace: string; readonly name: string };
}

/** Lists whose order Istio gives no meaning to; the order of routes has one. */
const UNORDERED = new Set([
    "exportTo",
    "hosts",
    "ports",
    "principals",
    "subjectAltNames",
    "subsets",
    "portLevelSettings",
]);

/** In the reserved class E: theirs are in 240.241.0.0/16, the compiler's in 241.0.0.0/8. */
const VIRTUAL = /^24[01]\.\d+\.\d+\.\d+$/;

/** What was tried on real proxies and the simulation does not look at: what is written into a request or taken out, and how long connections live. */
const NOT_SIMULATED = new Set(["headers", "rewrite", "connectionPool"]);

/** Sorted where order means nothing, and each virtual address under the name of the object that has it. */
function normalised(value: unknown, key = ""): unknown {
    if (Array.isArray(value)) {
        const items = value.map(item => normalised(item));
        return UNORDERED.has(key) ? items.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)) : items;
    }
    if (typeof value === "object" && value !== null) {
        const entries = Object.entries(value)
            .filter(([name]) => !NOT_SIMULATED.has(name))
            .map(([name, inner]) => [name, normalised(inner, name)] as const);
        return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
    }
    return typeof value === "string" && VIRTUAL.test(value) ? "a virtual address" : value;
}

const rule = (namespace: string, name: string, spec: object): Comparable => ({
    apiVersion: "networking.istio.io/v1",
    kind: "DestinationRule",
    metadata: { name, namespace },
    spec: { ...spec, exportTo: ["."] },
});

const sessionKeys = (namespace: string): Comparable => ({
    apiVersion: "networking.istio.io/v1alpha3",
    kind: "EnvoyFilter",
    metadata: { name: "egress-gateway-session-keys", namespace },
    spec: {
        configPatches: [
            {
                applyTo: "CLUSTER",
                match: {
                    context: "SIDECAR_OUTBOUND",
                    cluster: { service: "egress-gateway.istio-egress.svc.cluster.local" },
                },
                patch: {
                    operation: "MERGE",
                    value: {
                        transport_socket: {
                            name: "envoy.transport_sockets.tls",
                            typed_config: {
                                "@type":
                                    "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext",
                                max_session_keys: 64,
                            },
                        },
                    },
                },
            },
        ],
    },
});

/**
 * What the verified objects lack: how long connections live, sessions that are resumed (verified by themselves), the gateway's
 * access log, and GKE's metadata server, of which their settings say nothing.
 */
const additions = (mutualTls: boolean): readonly Comparable[] => [
    rule("istio-egress", "connections", { host: "*", trafficPolicy: {} }),
    ...["orders", "payments"].map(namespace =>
        mutualTls
            ? sessionKeys(namespace)
            : rule(namespace, "egress-gateway", {
                  host: "egress-gateway.istio-egress.svc.cluster.local",
                  trafficPolicy: { loadBalancer: { simple: "LEAST_REQUEST" } },
              }),
    ),
    {
        apiVersion: "telemetry.istio.io/v1",
        kind: "Telemetry",
        metadata: { name: "access-log", namespace: "istio-egress" },
        spec: {
            accessLogging: [{ providers: [{ name: "envoy" }] }],
            tracing: [{ disableContextPropagation: true }],
        },
    },
    {
        apiVersion: "networking.istio.io/v1",
        kind: "ServiceEntry",
        metadata: { name: "metadata-server", namespace: "istio-egress" },
        spec: {
            hosts: ["metadata.google.internal"],
            addresses: ["169.254.169.254"],
            location: "MESH_EXTERNAL",
            resolution: "NONE",
            ports: [{ number: 80, name: "tcp-80", protocol: "TCP" }],
            exportTo: ["orders", "payments"],
        },
    },
];

function byIdentity(objects: readonly Comparable[]): Record<string, unknown> {
    return Object.fromEntries(
        objects.map(object => [
            `${object.kind} ${object.metadata.namespace}/${object.metadata.name}`,
            normalised(object),
        ]),
    );
}

describe("the objects that were checked with Istio's own routing simulation", () => {
    for (const [mutualTls, file] of [
        [true, "mutual-tls.yaml"],
        [false, "no-mutual-tls.yaml"],
    ] as const) {
        it(`are what the compiler makes of the same settings with mutualTls ${mutualTls}, with some additions`, () => {
            const compiled = byIdentity(compileMesh(verifiedSettings(mutualTls)));
            const verified = byIdentity(verifiedObjects(file));
            const added = byIdentity(additions(mutualTls));
            assert.deepEqual(compiled, { ...verified, ...added });
            assert.deepEqual(
                Object.keys(verified).filter(identity => added[identity] !== undefined),
                [],
            );
        });
    }

    it("tell virtual addresses apart as the compiler does", () => {
        const addresses = (objects: readonly object[]) =>
            objects
                .flatMap(object => (object as { spec: { addresses?: string[] } }).spec.addresses ?? [])
                .filter(address => VIRTUAL.test(address));
        const compiled = addresses(compileMesh(verifiedSettings(true)));
        const verified = addresses(verifiedObjects("mutual-tls.yaml"));
        assert.equal(compiled.length, verified.length);
        assert.equal(new Set(compiled).size, new Set(verified).size);
    });

    it("take the mesh's own headers out of every request that leaves as HTTP, which routing does not depend on", () => {
        const leaving = compileMesh(verifiedSettings(true)).flatMap(({ kind, metadata, spec }) =>
            kind === "VirtualService" && metadata.name.endsWith("-http")
                ? ((spec as VirtualServiceSpec).http ?? [])
                : [],
        );
        assert.ok(leaving.length > 0);
        for (const route of leaving) {
            const removed = route.headers?.request.remove ?? [];
            assert.ok(removed.includes("x-envoy-peer-metadata"));
            assert.ok(removed.includes("x-forwarded-for"));
        }
    });
});

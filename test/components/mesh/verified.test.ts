import assert from "node:assert/strict";
import { compileMesh } from "../../../components/mesh/compile";
import { type VirtualServiceSpec } from "../../../components/mesh/istioObject";
import { verifiedObjects, verifiedSettings } from "./catalogue";

interface Comparable {
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

/** Sorted where order means nothing, and each virtual address under the name of the object that has it. */
function normalised(value: unknown, key = ""): unknown {
    if (Array.isArray(value)) {
        const items = value.map(item => normalised(item));
        return UNORDERED.has(key) ? items.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)) : items;
    }
    if (typeof value === "object" && value !== null) {
        const entries = Object.entries(value)
            // What is taken out of a request does not change where it goes.
            .filter(([name]) => name !== "headers")
            .map(([name, inner]) => [name, normalised(inner, name)] as const);
        return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
    }
    return typeof value === "string" && VIRTUAL.test(value) ? "a virtual address" : value;
}

/** What the verified objects lack: the gateway's access log, and GKE's metadata server, of which their settings say nothing. */
const ADDITIONS = [
    {
        apiVersion: "telemetry.istio.io/v1",
        kind: "Telemetry",
        metadata: { name: "access-log", namespace: "istio-egress" },
        spec: { accessLogging: [{ providers: [{ name: "envoy" }] }] },
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
        it(`are what the compiler makes of the same settings with mutualTls ${mutualTls}, with two additions`, () => {
            const compiled = byIdentity(compileMesh(verifiedSettings(mutualTls)));
            const verified = byIdentity(verifiedObjects(file));
            assert.deepEqual(compiled, { ...verified, ...byIdentity(ADDITIONS) });
            assert.deepEqual(
                Object.keys(verified).filter(identity => byIdentity(ADDITIONS)[identity] !== undefined),
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

import * as fc from "fast-check";
import { type Sketch, someSketch } from "../oracles/sketch";

/** A world as plain data, which each spelling writes in its own words: a sketch, with what stands beside the network. */
export interface Settlement {
    readonly sketch: Sketch;
    /** A machine beside the pools. */
    readonly machine?: { readonly account: string; readonly tags: readonly string[]; readonly external: boolean };
    /** Grants on the project. */
    readonly grants: readonly { readonly role: string; readonly member: string }[];
    /** Kubernetes objects as manifests. */
    readonly objects: readonly Manifest[];
}

interface Manifest {
    readonly apiVersion: string;
    readonly kind: string;
    readonly metadata: { readonly name: string; readonly namespace?: string };
    readonly [key: string]: unknown;
}

/** The mark of the pool that the gateway runs on, which is pool `two`. */
export const LABELS = { "exit/gateway": "yes" };
export const TAINTS = [{ key: "exit/gateway", value: "yes", effect: "NO_EXECUTE" }];

const GATEWAY: Manifest = {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "istio-egressgateway", namespace: "exit" },
    spec: {
        template: {
            metadata: { labels: { istio: "egressgateway", app: "istio-egressgateway" } },
            spec: { nodeSelector: LABELS, tolerations: [{ key: "exit/gateway", operator: "Exists" }] },
        },
    },
};
const NAMESPACE: Manifest = { apiVersion: "v1", kind: "Namespace", metadata: { name: "exit" } };
const DECLARED: Manifest = {
    apiVersion: "networking.istio.io/v1",
    kind: "ServiceEntry",
    metadata: { name: "shop", namespace: "exit" },
    spec: {
        hosts: ["shop.example.com"],
        location: "MESH_EXTERNAL",
        ports: [{ number: 443, name: "tls", protocol: "TLS" }],
        resolution: "DNS",
    },
};
const STRANGER: Manifest = {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "stranger", namespace: "shop" },
    spec: { nodeSelector: LABELS, tolerations: [{ operator: "Exists" }], containers: [{ name: "a", image: "a" }] },
};

export const someSettlement: fc.Arbitrary<Settlement> = fc
    .record({
        sketch: someSketch,
        machine: fc.option(
            fc.record({
                account: fc.constantFrom("a@p.iam.gserviceaccount.com", "c@p.iam.gserviceaccount.com"),
                tags: fc.uniqueArray(fc.constantFrom("red", "blue"), { maxLength: 2 }),
                external: fc.boolean(),
            }),
            { nil: undefined },
        ),
        grants: fc.array(
            fc.record({
                role: fc.constantFrom("roles/viewer", "roles/editor", "roles/iam.serviceAccountUser"),
                member: fc.constantFrom("user:dev@example.com", "group:all@example.com"),
            }),
            { maxLength: 2 },
        ),
        objects: fc.subarray([NAMESPACE, GATEWAY, DECLARED, STRANGER]),
    })
    .map(({ machine, ...rest }) => ({ ...rest, ...(machine === undefined ? {} : { machine }) }));

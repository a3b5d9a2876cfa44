import assert from "node:assert/strict";
import * as http from "node:http";
import { type AddressInfo } from "node:net";
import { MESH_HEADERS } from "../../../components/mesh/virtualServices";
import { envoyOrSkip, freePort, type RunningEnvoy, startEnvoy } from "../envoy";
import { endpoints, extension, socket } from "../verify/rig/envoy";

/** What a person who calls a third party means to send. */
const MEANT: Readonly<Record<string, string>> = {
    accept: "application/json",
    authorization: "Bearer secret",
    "content-type": "application/json",
    "idempotency-key": "4711",
    "user-agent": "billing/7",
};

/** What a sidecar in front of the gateway writes, and a caller could. */
const OF_A_SIDECAR: Readonly<Record<string, string>> = {
    baggage: "k8s.namespace.name=payments",
    traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    tracestate: "istio=1",
    "x-b3-sampled": "1",
    "x-b3-spanid": "b7ad6b7169203331",
    "x-b3-traceid": "0af7651916cd43dd8448eb211c80319c",
    "x-envoy-attempt-count": "1",
    "x-envoy-decorator-operation": "api.payments.svc.cluster.local:80/*",
    "x-envoy-expected-rq-timeout-ms": "15000",
    "x-envoy-peer-metadata": "payments/api",
    "x-envoy-peer-metadata-id": "sidecar~10.8.0.7~api.payments",
    "x-forwarded-for": "10.8.0.7",
    "x-forwarded-host": "inside.payments",
    "x-forwarded-proto": "http",
    "x-request-id": "6b8b4567-327b-23c6-643c-986966334873",
};

/**
 * The gateway's connection manager as Istio sets it up: the caller's address is used and told on, requests are numbered and, where
 * the mesh traces, traced.
 */
function gateway(port: number, farSide: number, removed: readonly string[], spansLeave: boolean): object {
    const cluster = (name: string): object => ({
        name,
        type: "STATIC",
        ...endpoints(name, [{ address: "127.0.0.1", port: farSide }]),
    });
    const tracing = {
        random_sampling: { value: 100 },
        no_context_propagation: !spansLeave,
        provider: extension("zipkin", "config.trace.v3.ZipkinConfig", {
            collector_cluster: "collector",
            collector_endpoint: "/api/v2/spans",
            collector_endpoint_version: "HTTP_JSON",
        }),
    };
    const destination = {
        name: "destination",
        domains: ["*"],
        include_request_attempt_count: true,
        routes: [
            {
                match: { prefix: "/" },
                decorator: { operation: "destination.example:443/*" },
                route: { cluster: "far-side", host_rewrite_literal: "destination.example" },
                request_headers_to_remove: removed,
            },
        ],
    };
    const manager = extension("http", "extensions.filters.network.http_connection_manager.v3.HttpConnectionManager", {
        stat_prefix: "http",
        use_remote_address: true,
        // Since Envoy 1.33 private addresses are not internal of themselves.
        internal_address_config: {},
        tracing,
        route_config: { virtual_hosts: [destination] },
        http_filters: [
            // As Istio writes `proxyHeaders.envoyDebugHeaders: {disabled: true}`.
            extension("router", "extensions.filters.http.router.v3.Router", { suppress_envoy_headers: true }),
        ],
    });
    return {
        static_resources: {
            clusters: [cluster("far-side"), cluster("collector")],
            listeners: [{ address: socket("127.0.0.1", port), filter_chains: [{ filters: [manager] }] }],
        },
    };
}

describe("the headers that leave, at a real Envoy", function () {
    this.timeout(60_000);
    let farSide: http.Server;
    let executable = "";
    let received: http.IncomingHttpHeaders = {};

    before(async function () {
        executable = await envoyOrSkip(this);
        farSide = http.createServer((request, response) => {
            if (!request.url!.startsWith("/api/v2/spans")) {
                received = request.headers;
            }
            response.end();
        });
        await new Promise<void>(resolve => farSide.listen(0, "127.0.0.1", resolve));
    });
    after(() => farSide?.close());

    const leaving = async (removed: readonly string[], spansLeave: boolean): Promise<http.IncomingHttpHeaders> => {
        const port = await freePort();
        const { port: farSidePort } = farSide.address() as AddressInfo;
        const envoy: RunningEnvoy = await startEnvoy(executable, gateway(port, farSidePort, removed, spansLeave), port);
        try {
            await new Promise<void>((resolve, reject) => {
                http.get(
                    { host: "127.0.0.1", port, path: "/", headers: { ...MEANT, ...OF_A_SIDECAR }, agent: false },
                    response => response.resume().on("end", resolve),
                ).on("error", reject);
            });
        } finally {
            envoy.stop();
        }
        return received;
    };

    it("are what the application meant and nothing of the mesh", async () => {
        assert.deepEqual(await leaving(MESH_HEADERS, false), { ...MEANT, host: "destination.example" });
    });

    it("would be the mesh's as well without the list", async () => {
        const names = Object.keys(await leaving([], false));
        for (const header of ["x-forwarded-for", "x-request-id", "x-envoy-external-address", "traceparent"]) {
            assert.ok(names.includes(header), `${header} is not there: the test would see no leak`);
        }
    });

    it("would be a trace's as well where the gateway wrote its own", async () => {
        assert.ok("x-b3-traceid" in (await leaving(MESH_HEADERS, true)));
    });
});

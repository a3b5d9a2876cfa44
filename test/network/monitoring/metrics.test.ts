import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as http from "node:http";
import * as os from "node:os";
import * as path from "node:path";
import * as tls from "node:tls";
import { KEPT_COUNTERS } from "../../../components/gateway/proxyConfig";
import { alerts } from "../../../components/monitoring/alerts";
import { dashboard } from "../../../components/monitoring/dashboard";
import { settings } from "../../settings/build";
import { envoyOrSkip, freePort, type RunningEnvoy, startEnvoy } from "../envoy";
import { authority } from "../verify/rig/certificates";
import {
    endpoints,
    extension,
    httpConnectionManager,
    mutualServer,
    type Pair,
    socket,
    statistics,
    tcpProxy,
} from "../verify/rig/envoy";

const ALLOWED = "spiffe://cluster.local/ns/payments/sa/api";
const SERVER_NAME = "api.example.com";
const REACHED = "outbound|443||api.example.com";
const FAILING = "outbound|443||down.example.com";
const WITHOUT_ADDRESS = "outbound|443||gone.invalid";

interface Ports {
    readonly admin: number;
    readonly tls: number;
    readonly plain: number;
    readonly failing: number;
    readonly gone: number;
    /** Nobody listens. */
    readonly dead: number;
}

/** The gateway's listeners in small, with the counters that Istio keeps of itself and those that the Deployment asks for. */
function gateway(ports: Ports, own: Pair, meshAuthority: string): object {
    const cluster = (name: string, type: string, address: string, port: number): object => ({
        name,
        alt_stat_name: `${name};`,
        type,
        connect_timeout: "2s",
        ...endpoints(name, [{ address, port }]),
    });
    const nobody = extension("envoy.filters.http.rbac", "extensions.filters.http.rbac.v3.RBAC", {
        rules: { action: "ALLOW", policies: {} },
    });
    return {
        admin: { address: socket("127.0.0.1", ports.admin) },
        ...statistics(KEPT_COUNTERS),
        static_resources: {
            clusters: [
                // The proxy connects before the handshake is over, so somebody has to take it: the administration does.
                cluster(REACHED, "STATIC", "127.0.0.1", ports.admin),
                cluster(FAILING, "STATIC", "127.0.0.1", ports.dead),
                cluster(WITHOUT_ADDRESS, "STRICT_DNS", "gone.invalid", 443),
            ],
            listeners: [
                {
                    name: "tls",
                    address: socket("127.0.0.1", ports.tls),
                    listener_filters: [
                        extension(
                            "envoy.filters.listener.tls_inspector",
                            "extensions.filters.listener.tls_inspector.v3.TlsInspector",
                        ),
                    ],
                    filter_chains: [
                        {
                            filter_chain_match: { server_names: [SERVER_NAME] },
                            transport_socket: mutualServer(own, meshAuthority, [ALLOWED]),
                            filters: [tcpProxy(REACHED)],
                        },
                    ],
                },
                {
                    name: "plain",
                    address: socket("127.0.0.1", ports.plain),
                    filter_chains: [
                        { filters: [httpConnectionManager(`outbound_0.0.0.0_${ports.plain};`, [], [nobody])] },
                    ],
                },
                ...(
                    [
                        ["failing", FAILING],
                        ["gone", WITHOUT_ADDRESS],
                    ] as const
                ).map(([name, destination]) => ({
                    name,
                    address: socket("127.0.0.1", ports[name]),
                    filter_chains: [{ filters: [tcpProxy(destination)] }],
                })),
            ],
        },
    };
}

interface Sample {
    readonly name: string;
    readonly labels: string;
    readonly value: number;
}

describe("the counters that alerts and dashboard ask for, at a real Envoy", function () {
    this.timeout(60_000);
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "monitoring-"));
    let envoy: RunningEnvoy | undefined;
    let ports: Ports;
    let samples: readonly Sample[];

    before(async function () {
        const executable = await envoyOrSkip(this);
        const mesh = authority(folder, "mesh");
        const own = mesh.issue("gateway", ["URI:spiffe://cluster.local/ns/istio-egress/sa/egress-gateway"]);
        const names = ["admin", "tls", "plain", "failing", "gone", "dead"] as const;
        const free = new Set<number>();
        while (free.size < names.length) {
            free.add(await freePort());
        }
        ports = Object.fromEntries(names.map((name, index) => [name, [...free][index]])) as unknown as Ports;
        envoy = await startEnvoy(executable, gateway(ports, own, mesh.certificate), ports.tls);

        const api = mesh.issue("api", [`URI:${ALLOWED}`]);
        await handshake(ports.tls, SERVER_NAME, api);
        await handshake(ports.tls, SERVER_NAME, mesh.issue("web", ["URI:spiffe://cluster.local/ns/orders/sa/web"]));
        await handshake(ports.tls, SERVER_NAME);
        await handshake(ports.tls, SERVER_NAME, authority(folder, "other").issue("api", [`URI:${ALLOWED}`]));
        await handshake(ports.tls, "undeclared.example.com", api);
        assert.equal(await statusOf(ports.plain), 403);
        await assert.rejects(statusOf(ports.failing));
        await assert.rejects(statusOf(ports.gone));
        samples = parsed(await text(ports.admin, "/stats/prometheus"));
    });
    after(() => {
        envoy?.stop();
        fs.rmSync(folder, { recursive: true, force: true });
    });

    const value = (name: string, label = ""): number =>
        samples
            .filter(sample => sample.name === name && sample.labels.includes(label))
            .reduce((sum, sample) => sum + sample.value, 0);

    it("are all published, under these names", () => {
        const { panels } = dashboard("istio-egress") as { panels: { targets: { expr: string }[] }[] };
        const asked = [
            ...alerts(settings()).map(({ expr }) => expr),
            ...panels.flatMap(({ targets }) => targets.map(({ expr }) => expr)),
        ].flatMap(expr => expr.match(/envoy_\w+/g) ?? []);
        assert.ok(asked.length > 20);
        const published = new Set(samples.map(({ name }) => name));
        assert.deepEqual(
            [...new Set(asked)].filter(name => !published.has(name)),
            [],
        );
    });

    it("tell a pod that is live", () => assert.equal(value("envoy_server_state"), 0));

    it("tell refused identities apart: another one, none, another mesh's, and over HTTP", () => {
        assert.deepEqual(
            [
                value("envoy_listener_ssl_fail_verify_san"),
                value("envoy_listener_ssl_fail_verify_no_cert"),
                value("envoy_listener_ssl_fail_verify_error"),
                value("envoy_http_rbac", 'authz_enforce_result="denied"'),
                value("envoy_listener_no_filter_chain_match"),
            ],
            [1, 1, 1, 1, 1],
        );
    });

    it("name the destination that cannot be reached, or has no address", () => {
        assert.equal(value("envoy_cluster_upstream_cx_connect_fail", `cluster_name="${FAILING}"`), 1);
        assert.equal(value("envoy_cluster_upstream_cx_total", `cluster_name="${FAILING}"`), 1);
        assert.equal(value("envoy_cluster_upstream_cx_none_healthy", `cluster_name="${WITHOUT_ADDRESS}"`), 1);
    });
});

/** Over, whatever comes of it: the counters tell. A request is sent, since TLS 1.3 refuses a certificate after the handshake. */
function handshake(port: number, servername: string, pair?: Pair): Promise<void> {
    return new Promise(resolve => {
        const client = tls.connect({
            port,
            servername,
            rejectUnauthorized: false,
            ...(pair === undefined ? {} : { cert: fs.readFileSync(pair.certificate), key: fs.readFileSync(pair.key) }),
        });
        client.on("secureConnect", () => client.write("GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"));
        client.on("error", () => client.destroy());
        client.on("data", () => undefined);
        client.on("close", () => resolve());
    });
}

function statusOf(port: number): Promise<number> {
    return new Promise((resolve, reject) => {
        http.get({ port, agent: false }, response => {
            response.resume();
            resolve(response.statusCode!);
        }).on("error", reject);
    });
}

function text(port: number, file: string): Promise<string> {
    return new Promise((resolve, reject) => {
        http.get({ port, path: file, agent: false }, response => {
            let body = "";
            response.on("data", data => (body += String(data)));
            response.on("end", () => resolve(body));
        }).on("error", reject);
    });
}

function parsed(exposition: string): Sample[] {
    return exposition.split("\n").flatMap(line => {
        const [, name, labels = "", number] = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
        return name === undefined ? [] : [{ name, labels, value: Number(number) }];
    });
}

import assert from "node:assert/strict";
import * as net from "node:net";
import { authoritiesOf, authorityTexts } from "../../../containment/mesh/authorities";
import { kubernetesObjects, type KubernetesObject } from "../../../containment/kubernetes";
import { httpRoutes } from "../../../containment/mesh/routes";
import { resourceOf } from "../../containment/mesh/fixture";
import { envoyOrSkip, freePort, type RunningEnvoy, startEnvoy } from "../envoy";

/** `authority` of the routes of one virtual host, in their order; a last one takes what they leave. */
const TABLES: readonly (readonly object[])[] = [
    [{ exact: "HOST" }],
    [{ exact: "HOST:9999" }],
    [{ exact: "HOST:8080" }, { exact: "HOST" }],
    [{ exact: "UPPER" }],
    [{ prefix: "HOST" }],
    [{ prefix: "HOST:" }],
    [{ prefix: "HOST:80" }, { prefix: "HOST:8" }],
    [{ prefix: "t" }, { exact: "UPPER:65535" }],
    [{ regex: ".*" }],
    [{ regex: "HOST(:80)?" }],
];

const hostOf = (table: number): string => `table-${table}.example`;
const written = (table: number): readonly object[] =>
    TABLES[table]!.map(
        match =>
            JSON.parse(
                JSON.stringify(match).replace("HOST", hostOf(table)).replace("UPPER", hostOf(table).toUpperCase()),
            ) as object,
    );

/** Istio's own translation of `authority` is a header match (`translateHeaderMatch`); it lets virtual hosts ignore the port. */
function envoyConfiguration(port: number): object {
    const headers = ({ regex, ...match }: Record<string, string>): object[] => [
        { name: ":authority", string_match: regex === undefined ? match : { safe_regex: { regex } } },
    ];
    const route = (body: number, match: object): object => ({
        match: { prefix: "/", ...match },
        direct_response: { status: 200, body: { inline_string: String(body) } },
    });
    return {
        static_resources: {
            listeners: [
                {
                    address: { socket_address: { address: "127.0.0.1", port_value: port } },
                    filter_chains: [
                        {
                            filters: [
                                {
                                    name: "http",
                                    typed_config: {
                                        "@type":
                                            "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
                                        stat_prefix: "http",
                                        delayed_close_timeout: "0s",
                                        route_config: {
                                            ignore_port_in_host_matching: true,
                                            virtual_hosts: TABLES.map((_, table) => ({
                                                name: hostOf(table),
                                                domains: [hostOf(table)],
                                                routes: [
                                                    ...written(table).map((match, index) =>
                                                        route(index, {
                                                            headers: headers(match as Record<string, string>),
                                                        }),
                                                    ),
                                                    route(written(table).length, {}),
                                                ],
                                            })),
                                        },
                                        http_filters: [
                                            {
                                                name: "router",
                                                typed_config: {
                                                    "@type":
                                                        "type.googleapis.com/envoy.extensions.filters.http.router.v3.Router",
                                                },
                                            },
                                        ],
                                    },
                                },
                            ],
                        },
                    ],
                },
            ],
        },
    };
}

/** The same routes as a VirtualService; each leads to a port of its own. */
function virtualService(table: number): KubernetesObject {
    const to = (index: number): object => ({
        route: [{ destination: { host: hostOf(table), port: { number: index + 1 } } }],
    });
    const matches = written(table);
    const [object] = kubernetesObjects([
        resourceOf({
            apiVersion: "networking.istio.io/v1",
            kind: "VirtualService",
            metadata: { name: "routes", namespace: "istio-egress" },
            spec: {
                hosts: [hostOf(table)],
                http: [
                    ...matches.map((authority, index) => ({ match: [{ authority }], ...to(index) })),
                    to(matches.length),
                ],
            },
        }),
    ]);
    return object!;
}

describe("the Host header of a request, at a real Envoy", function () {
    this.timeout(60_000);
    let envoy: RunningEnvoy | undefined;
    let port = 0;

    before(async function () {
        const executable = await envoyOrSkip(this);
        port = await freePort();
        envoy = await startEnvoy(executable, envoyConfiguration(port), port);
    });
    after(() => envoy?.stop());

    for (const [table, matches] of TABLES.entries()) {
        it(`takes the route that the model says, behind ${JSON.stringify(matches)}`, async () => {
            const routes = virtualService(table);
            for (const authority of authoritiesOf(hostOf(table), authorityTexts([routes], []))) {
                const context = { gateway: "mesh", port: 80, namespace: "istio-egress", authority };
                const chosen = httpRoutes(routes, context, () => undefined).routes.map(route => route.port - 1);
                const { status, body } = await ask(port, authority);

                if (authority.endsWith(".")) {
                    // Envoy finds no virtual host for that spelling; the model takes it for one of the host's, which opens no less.
                    assert.ok(status === 404 || chosen.includes(Number(body)), authority);
                    continue;
                }
                assert.equal(status, 200, authority);
                assert.ok(
                    chosen.includes(Number(body)),
                    `${authority}: route ${body}, the model says ${chosen.join()}`,
                );
                if (!("regex" in matches[0]!)) {
                    assert.equal(chosen.length, 1, authority);
                }
            }
        });
    }
});

/** By hand: a client library would write the Host header itself. */
function ask(port: number, authority: string): Promise<{ readonly status: number; readonly body: string }> {
    return new Promise((resolve, reject) => {
        const socket = net.connect(port, "127.0.0.1");
        let answer = "";
        socket.on("data", data => (answer += data.toString()));
        socket.on("error", reject);
        socket.on("close", () => {
            const status = /^HTTP\/1\.1 (\d+)/.exec(answer);
            return status === null
                ? reject(new Error(`no answer: ${answer}`))
                : resolve({ status: Number(status[1]), body: answer.split("\r\n\r\n")[1] ?? "" });
        });
        socket.write(`GET / HTTP/1.1\r\nHost: ${authority}\r\nConnection: close\r\n\r\n`);
    });
}

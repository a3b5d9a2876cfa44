import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import * as net from "node:net";
import * as os from "node:os";
import * as path from "node:path";
import { GATEWAY_POD_LABELS, innerNameHost } from "../../base/conventions";
import { innerNameFilterSpec } from "../../declared/innerName";
import { type RunningEnvoy, startEnvoy } from "../../test/network/envoy";
import { ensureTool } from "../tools";
import { cpuSecondsOf } from "./cpuSeconds";

export interface Variant {
    readonly outer: Outer;
    /** The gateway's own rendering of `innerName: checked`, but that it takes every name: `openssl s_time` sends none. */
    readonly checksInnerName?: true;
}

/** The TLS between the two proxies: none, or mutual with so many sessions kept. */
type Outer = "none" | number;

export interface Rig {
    /** Of the sidecar, one for each variant. */
    readonly ports: readonly number[];
    /** What sidecar and gateway have used so far. */
    readonly cpuSeconds: () => number;
    readonly stop: () => void;
}

/** Sidecar, gateway and far side, with a port of the sidecar for each variant. */
export async function startRig(variants: readonly Variant[]): Promise<Rig> {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "connections-"));
    const envoys: RunningEnvoy[] = [];
    const stop = (): void => {
        envoys.forEach(envoy => envoy.stop());
        fs.rmSync(folder, { recursive: true, force: true });
    };
    try {
        const envoy = (await ensureTool("envoy")).path;
        // Istio's own certificates are RSA with 2,048 bits; what a far side has is mostly ECDSA by now.
        const mesh = selfSigned(folder, "mesh", "rsa:2048");
        const outside = selfSigned(folder, "outside", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1");
        const [farSide = 0, ...others] = await freePorts(1 + 2 * variants.length);
        const run = async (configuration: object, port: number): Promise<void> => {
            envoys.push(await startEnvoy(envoy, configuration, port));
        };
        await run(proxy([{ port: farSide, server: server(outside) }]), farSide);
        const ports = variants.map(({ outer, checksInnerName }, index) => ({
            outer,
            checksInnerName,
            sidecar: others[2 * index]!,
            gateway: others[2 * index + 1]!,
        }));
        await run(
            proxy(
                ports.map(({ outer, checksInnerName, gateway }) => ({
                    port: gateway,
                    to: { port: farSide, ...(checksInnerName === undefined ? {} : { checksInnerName }) },
                    ...(outer === "none" ? {} : { server: server(mesh, true) }),
                })),
            ),
            ports[0]!.gateway,
        );
        await run(
            proxy(
                ports.map(({ outer, sidecar, gateway }) => ({
                    port: sidecar,
                    to: { port: gateway, ...(outer === "none" ? {} : { client: client(mesh, outer) }) },
                })),
            ),
            ports[0]!.sidecar,
        );
        const [, ...proxies] = envoys;
        return {
            ports: ports.map(({ sidecar }) => sidecar),
            cpuSeconds: () => proxies.reduce((sum, { pid }) => sum + cpuSecondsOf(pid), 0),
            stop,
        };
    } catch (error) {
        stop();
        throw error;
    }
}

interface Pair {
    readonly certificate: string;
    readonly key: string;
}

function selfSigned(folder: string, name: string, ...algorithm: readonly string[]): Pair {
    const pair = { certificate: path.join(folder, `${name}.crt`), key: path.join(folder, `${name}.key`) };
    const [type = "", ...options] = algorithm;
    execFileSync(
        "openssl",
        [
            ...["req", "-x509", "-nodes", "-newkey", type, ...options, "-days", "2", "-subj", `/CN=${name}`],
            ...["-addext", "subjectAltName=URI:spiffe://cluster.local/ns/payments/sa/api"],
            ...["-keyout", pair.key, "-out", pair.certificate],
        ],
        { stdio: "ignore" },
    );
    return pair;
}

const TLS = "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3";

const common = ({ certificate, key }: Pair, checked: boolean): object => ({
    tls_certificates: [{ certificate_chain: { filename: certificate }, private_key: { filename: key } }],
    ...(checked ? { validation_context: { trusted_ca: { filename: certificate } } } : {}),
});

function server(pair: Pair, mutual = false): object {
    return {
        name: "tls",
        typed_config: {
            "@type": `${TLS}.DownstreamTlsContext`,
            require_client_certificate: mutual,
            common_tls_context: common(pair, mutual),
        },
    };
}

function client(pair: Pair, sessionKeys: number): object {
    return {
        name: "tls",
        typed_config: {
            "@type": `${TLS}.UpstreamTlsContext`,
            sni: "destination.example",
            common_tls_context: common(pair, true),
            max_session_keys: sessionKeys,
        },
    };
}

interface Leg {
    readonly port: number;
    readonly server?: object;
    /** Absent: the end of the way. */
    readonly to?: { readonly port: number; readonly client?: object; readonly checksInnerName?: true };
}

function proxy(legs: readonly Leg[]): object {
    const socket = (port: number): object => ({ socket_address: { address: "127.0.0.1", port_value: port } });
    const filter = (name: string, type: string, config: object): object => ({
        name,
        typed_config: { "@type": `type.googleapis.com/envoy.extensions.filters.network.${type}`, ...config },
    });
    const checked = legs.flatMap(({ to }) => (to?.checksInnerName === true ? [innerName(to.port)] : []));
    return {
        bootstrap_extensions: [
            {
                name: "envoy.bootstrap.internal_listener",
                typed_config: {
                    "@type": "type.googleapis.com/envoy.extensions.bootstrap.internal_listener.v3.InternalListener",
                },
            },
        ],
        static_resources: {
            listeners: [
                ...legs.map(({ port, server: transportSocket, to }) => ({
                    address: socket(port),
                    filter_chains: [
                        {
                            ...(transportSocket === undefined ? {} : { transport_socket: transportSocket }),
                            filters: [
                                to === undefined
                                    ? filter("echo", "echo.v3.Echo", {})
                                    : filter("tcp", "tcp_proxy.v3.TcpProxy", {
                                          stat_prefix: "tcp",
                                          cluster: to.checksInnerName === true ? entranceTo(to.port) : `to-${port}`,
                                      }),
                            ],
                        },
                    ],
                })),
                ...checked.flatMap(({ listeners }) => listeners),
            ],
            clusters: [
                ...legs.flatMap(({ port, to }) =>
                    to === undefined
                        ? []
                        : [
                              {
                                  name: `to-${port}`,
                                  type: "STATIC",
                                  load_assignment: {
                                      cluster_name: `to-${port}`,
                                      endpoints: [{ lb_endpoints: [{ endpoint: { address: socket(to.port) } }] }],
                                  },
                                  ...(to.client === undefined ? {} : { transport_socket: to.client }),
                              },
                          ],
                ),
                ...checked.flatMap(({ clusters }) => clusters),
            ],
        },
    };
}

const HOST = "localhost";
const entranceTo = (port: number): string => `outbound|${port}||${innerNameHost(HOST)}`;

/** What the filter adds to the gateway, with a chain for whatever is TLS. */
function innerName(port: number): { readonly listeners: readonly object[]; readonly clusters: readonly object[] } {
    const { configPatches } = innerNameFilterSpec({
        host: HOST,
        port,
        keepAliveSeconds: 300,
        podLabels: GATEWAY_POD_LABELS,
    });
    const added = (kind: string): object[] =>
        configPatches.flatMap(({ applyTo, patch }) =>
            applyTo === kind && "value" in patch ? [patch.value as object] : [],
        );
    const listeners = added("LISTENER") as { filter_chains: { filter_chain_match: object }[] }[];
    for (const chain of listeners.flatMap(({ filter_chains: chains }) => chains)) {
        chain.filter_chain_match = { transport_protocol: "tls" };
    }
    return { listeners, clusters: added("CLUSTER") };
}

/** Taken together, so that no two are the same. */
async function freePorts(count: number): Promise<readonly number[]> {
    const servers = await Promise.all(
        Array.from(
            { length: count },
            () =>
                new Promise<net.Server>(resolve => {
                    const taken = net.createServer().listen(0, "127.0.0.1", () => resolve(taken));
                }),
        ),
    );
    const ports = servers.map(taken => (taken.address() as net.AddressInfo).port);
    await Promise.all(servers.map(taken => new Promise(resolve => taken.close(resolve))));
    return ports;
}

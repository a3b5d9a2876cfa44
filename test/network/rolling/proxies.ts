import * as path from "node:path";
import {
    endpoints,
    httpConnectionManager,
    mutualServer,
    type Pair,
    socket,
    tcpProxy,
    tlsClient,
} from "../verify/rig/envoy";

/** As in the gateway's pods. */
export const TLS_PORT = 8443;
const HTTP_PORT = 8080;
export const ADMIN_PORT = 15000;
/** Of the sidecar, where the application's connections are taken. */
export const OUTBOUND_TLS_PORT = 15001;
export const OUTBOUND_HTTP_PORT = 15002;

const GATEWAY_IDENTITY = "spiffe://cluster.local/ns/istio-egress/sa/egress-gateway";
const CLIENT_IDENTITY = "spiffe://cluster.local/ns/payments/sa/api";
const SERVER_NAME = "outbound_.443_.destination";

export const IDENTITIES = { gateway: GATEWAY_IDENTITY, client: CLIENT_IDENTITY } as const;

/** Where the gateway leads: a far side that echoes, and one that answers HTTP. */
export interface FarSide {
    readonly echo: number;
    readonly http: number;
}

/** The gateway's two listeners, each behind its handshake. */
export function gatewayProxy(address: string, farSide: FarSide, own: Pair, authority: string): object {
    const cluster = (name: string, port: number): object => ({
        name,
        type: "STATIC",
        ...endpoints(name, [{ address: "127.0.0.1", port }]),
    });
    const server = mutualServer(own, authority, [CLIENT_IDENTITY]);
    return {
        admin: { address: socket(address, ADMIN_PORT) },
        static_resources: {
            clusters: [cluster("echo", farSide.echo), cluster("far-side", farSide.http)],
            listeners: [
                {
                    name: "tls",
                    address: socket(address, TLS_PORT),
                    filter_chains: [{ transport_socket: server, filters: [tcpProxy("echo")] }],
                },
                {
                    name: "http",
                    address: socket(address, HTTP_PORT),
                    filter_chains: [{ transport_socket: server, filters: [http("far-side")] }],
                },
            ],
        },
    };
}

/** A client's sidecar, with endpoints that change: a file stands for istiod. */
export function sidecarProxy(address: string, own: Pair, authority: string, folder: string): object {
    const cluster = (name: string): object => ({
        name,
        type: "EDS",
        eds_cluster_config: {
            eds_config: {
                resource_api_version: "V3",
                path_config_source: {
                    path: path.join(folder, endpointFile(name)),
                    watched_directory: { path: folder },
                },
            },
        },
        transport_socket: tlsClient({
            own,
            authority,
            sni: SERVER_NAME,
            names: [GATEWAY_IDENTITY],
            nameType: "URI",
        }),
    });
    return {
        node: { id: "sidecar", cluster: "api.payments" },
        static_resources: {
            clusters: [cluster("tls"), cluster("http")],
            listeners: [
                {
                    name: "tls",
                    address: socket(address, OUTBOUND_TLS_PORT),
                    filter_chains: [{ filters: [tcpProxy("tls")] }],
                },
                {
                    name: "http",
                    address: socket(address, OUTBOUND_HTTP_PORT),
                    filter_chains: [{ filters: [http("http")] }],
                },
            ],
        },
    };
}

function http(cluster: string): object {
    return httpConnectionManager(cluster, [{ name: "destination", domains: ["*"], cluster }]);
}

/** Which pods are ready, as istiod's EDS tells it: a file for each of their ports, by name. */
export function endpointFiles(version: number, addresses: readonly string[]): readonly (readonly [string, object])[] {
    return (
        [
            ["tls", TLS_PORT],
            ["http", HTTP_PORT],
        ] as const
    ).map(([cluster_name, port]) => [
        endpointFile(cluster_name),
        {
            version_info: String(version),
            resources: [
                {
                    "@type": "type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment",
                    cluster_name,
                    endpoints: [
                        {
                            lb_endpoints: addresses.map(address => ({ endpoint: { address: socket(address, port) } })),
                        },
                    ],
                },
            ],
        },
    ]);
}

function endpointFile(cluster: string): string {
    return `endpoints-${cluster}.json`;
}

import { endpoints, extension, httpConnectionManager, socket, tcpProxy } from "../verify/rig/envoy";
import { accessLog, type Encoding, logging } from "./accessLogs";

/** One of a sidecar's two listeners: what begins with a server name, and plain HTTP. */
export interface Observing {
    readonly tlsPort: number;
    readonly httpPort: number;
    readonly encoding: Encoding;
    readonly log: string;
}

const PASSTHROUGH = "PassthroughCluster";

/**
 * What istiod gives a sidecar that lets undeclared traffic through, as far as its access log goes. Where the traffic was redirected from,
 * which iptables would tell, it reads from a PROXY header.
 */
export function observingSidecar(all: readonly Observing[], farSide: number): object {
    const listener = (port: number, inspectors: readonly object[], filter: object, log: object): object =>
        logging(
            {
                address: socket("127.0.0.1", port),
                listener_filters: [PROXY_HEADER, ...inspectors],
                filter_chains: [{ filters: [filter] }],
            },
            log,
        );
    return {
        static_resources: {
            listeners: all.flatMap(({ encoding, httpPort, log, tlsPort }) => [
                listener(tlsPort, [TLS_INSPECTOR], tcpProxy(PASSTHROUGH), accessLog(log, encoding)),
                listener(
                    httpPort,
                    [],
                    httpConnectionManager("http", [{ name: "allow_any", domains: ["*"], cluster: PASSTHROUGH }]),
                    accessLog(log, encoding),
                ),
            ]),
            clusters: [
                {
                    name: PASSTHROUGH,
                    type: "STATIC",
                    ...endpoints(PASSTHROUGH, [{ address: "127.0.0.1", port: farSide }]),
                },
            ],
        },
    };
}

const PROXY_HEADER = extension(
    "envoy.filters.listener.proxy_protocol",
    "extensions.filters.listener.proxy_protocol.v3.ProxyProtocol",
);
const TLS_INSPECTOR = extension(
    "envoy.filters.listener.tls_inspector",
    "extensions.filters.listener.tls_inspector.v3.TlsInspector",
);

import { type Settings } from "../../settings/settings";

/** Istio's `ProxyConfig` as far as the gateway sets it (`mesh/v1alpha1/proxy.proto`). */
interface ProxyConfig {
    readonly terminationDrainDuration: string;
    readonly proxyMetadata: Readonly<Record<string, string>>;
    readonly gatewayTopology: { readonly forwardClientCertDetails: "SANITIZE" };
    readonly proxyHeaders: {
        readonly attemptCount: { readonly disabled: true };
        readonly envoyDebugHeaders: { readonly disabled: true };
    };
    readonly proxyStatsMatcher: { readonly inclusionRegexps: readonly string[] };
}

/**
 * Counters that tell which way a connection went and who was refused; Istio keeps none of them by default. The names of
 * clusters may end in `;`, and an expression has to match a whole name. The counters of authorization (`rbac.denied`) and of
 * open connections are among those that Istio keeps anyway.
 */
export const KEPT_COUNTERS = [
    String.raw`cluster\.outbound\|.*\.upstream_(cx_total|cx_active|cx_connect_fail|cx_connect_timeout|cx_none_healthy|cx_rx_bytes_total|cx_tx_bytes_total|rq_total)`,
    String.raw`listener\..*\.(no_filter_chain_match|downstream_cx_total|downstream_global_cx_overflow|ssl\.(connection_error|fail_verify_error|fail_verify_no_cert|fail_verify_san|handshake))`,
] as const;

/** The proxy's settings, as the text of the annotation `proxy.istio.io/config`. */
export function proxyConfig({ maxDownstreamConnections, drainSeconds }: Settings["gateway"]): string {
    const config: ProxyConfig = {
        // Takes over should somebody switch off the wait for open connections.
        terminationDrainDuration: `${drainSeconds}s`,
        proxyMetadata: {
            // Istio reads this limit from here only; as a variable of the container it would do nothing.
            ISTIO_META_GLOBAL_DOWNSTREAM_MAX_CONNECTIONS: String(maxDownstreamConnections),
        },
        // A gateway forwards its caller's certificate by default: the mesh identity would be told to third parties.
        gatewayTopology: { forwardClientCertDetails: "SANITIZE" },
        // Headers that are of no use outside the mesh. The mesh's metadata headers stay as they are: were they switched off
        // for destinations outside, the caller's own would pass through unchanged instead of being replaced by the gateway's.
        proxyHeaders: { attemptCount: { disabled: true }, envoyDebugHeaders: { disabled: true } },
        proxyStatsMatcher: { inclusionRegexps: KEPT_COUNTERS },
    };
    return JSON.stringify(config, null, 2);
}

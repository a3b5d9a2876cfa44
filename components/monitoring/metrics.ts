/**
 * What the gateway's proxies publish to Prometheus and alerts and dashboard ask for, under the names that Istio's bootstrap gives them
 * (istio/istio, `tools/packaging/common/envoy_bootstrap.json`). A test holds the names to a real Envoy. They are whole names, since
 * Managed Service for Prometheus matches no other (its documentation, "PromQL compatibility").
 */
export const METRICS = {
    /** 0: live; anything else: still without configuration, or draining. */
    state: "envoy_server_state",
    connections: "envoy_listener_downstream_cx_active",
    connectionsTotal: "envoy_listener_downstream_cx_total",
    overflow: "envoy_listener_downstream_global_cx_overflow",
    refusedIdentity: "envoy_listener_ssl_fail_verify_san",
    noCertificate: "envoy_listener_ssl_fail_verify_no_cert",
    foreignCertificate: "envoy_listener_ssl_fail_verify_error",
    unknownServerName: "envoy_listener_no_filter_chain_match",
    /** By `authz_enforce_result`. */
    authorization: "envoy_http_rbac",
    upstreamConnections: "envoy_cluster_upstream_cx_total",
    upstreamFailures: "envoy_cluster_upstream_cx_connect_fail",
    upstreamWithoutAddress: "envoy_cluster_upstream_cx_none_healthy",
    bytesSent: "envoy_cluster_upstream_cx_tx_bytes_total",
    bytesReceived: "envoy_cluster_upstream_cx_rx_bytes_total",
} as const;

/** The clusters of destinations; the proxy has others, for its control plane. */
export const OUTBOUND = 'cluster_name=~"outbound.*"';

/** The calls that the HTTP leg refuses. */
export const DENIED = 'authz_enforce_result="denied"';

import { strict as assert } from "node:assert";
import { clusterCounter, gatewayCounters, LISTENER_COUNTERS, rise, sumCounters } from "../../../live/verify/counters";

const ISTIO_IO = clusterCounter({ host: "istio.io", port: 443 }, "upstream_cx_total");

describe("the gateway's counters", () => {
    const forms: Readonly<Record<string, string>> = {
        "Istio 1.23 and later": `envoy_cluster_upstream_cx_total{cluster_name="outbound|443||istio.io"} 7`,
        "Istio with the semicolon in the label": `envoy_cluster_upstream_cx_total{cluster_name="outbound|443||istio.io;"} 7`,
        "Envoy's own label, cut at the first dot": `envoy_cluster_io__upstream_cx_total{envoy_cluster_name="outbound|443||istio"} 7`,
        "Istio's older expression, cut at the first dot": `envoy_cluster_io_upstream_cx_total{cluster_name="outbound|443||istio"} 7`,
    };
    for (const [form, line] of Object.entries(forms)) {
        it(`are found under the name that is used by ${form}`, () => {
            assert.equal(gatewayCounters(`# TYPE x counter\n${line}\n`).get(ISTIO_IO), 7);
        });
    }

    it("keep hosts apart whose names begin alike", () => {
        const counters = gatewayCounters(
            [
                `envoy_cluster_example_com__upstream_cx_total{envoy_cluster_name="outbound|443||api"} 1`,
                `envoy_cluster_upstream_cx_total{cluster_name="outbound|443||api.example.org"} 2`,
                `envoy_cluster_upstream_cx_total{cluster_name="outbound|8443||api.example.com"} 4`,
            ].join("\n"),
        );
        assert.equal(counters.get(clusterCounter({ host: "api.example.com", port: 443 }, "upstream_cx_total")), 1);
        assert.equal(counters.get(clusterCounter({ host: "api.example.org", port: 443 }, "upstream_cx_total")), 2);
        assert.equal(counters.get(clusterCounter({ host: "api.example.com", port: 8443 }, "upstream_cx_total")), 4);
    });

    it("are not taken from Istio's own control connection or from inbound clusters", () => {
        const text = `envoy_cluster_upstream_cx_total{cluster_name="xds-grpc"} 9\nenvoy_cluster_upstream_cx_total{cluster_name="inbound|80||"} 9`;
        assert.equal(gatewayCounters(text).size, 0);
    });

    it("add up the refusals of all listeners, whichever way authorization is labelled, and leave dry runs out", () => {
        const counters = gatewayCounters(
            [
                `envoy_listener_ssl_fail_verify_san{listener_address="0.0.0.0_8443"} 3`,
                `envoy_listener_ssl_fail_verify_san{listener_address="0.0.0.0_8080"} 1`,
                `envoy_listener_no_filter_chain_match{listener_address="0.0.0.0_8443"} 2`,
                `envoy_http_rbac{authz_enforce_result="denied",http_conn_manager_prefix="outbound_0.0.0.0_8080"} 4`,
                `envoy_http_rbac{authz_enforce_result="allowed",http_conn_manager_prefix="outbound_0.0.0.0_8080"} 100`,
                `envoy_http_rbac_denied{http_conn_manager_prefix="outbound_0.0.0.0_8080;"} 5`,
                `envoy_http_rbac_istio_dry_run_deny_shadow_denied{} 50`,
            ].join("\n"),
        );
        assert.equal(counters.get(LISTENER_COUNTERS.refusedIdentity), 4);
        assert.equal(counters.get(LISTENER_COUNTERS.noFilterChain), 2);
        assert.equal(counters.get(LISTENER_COUNTERS.refusedRequest), 9);
    });

    it("are summed over replicas", () => {
        const one = gatewayCounters(`envoy_cluster_upstream_cx_total{cluster_name="outbound|443||istio.io"} 2`);
        const other = gatewayCounters(`envoy_cluster_upstream_cx_total{cluster_name="outbound|443||istio.io"} 5`);
        assert.equal(sumCounters([one, other]).get(ISTIO_IO), 7);
    });

    it("rise from zero where a cluster is used for the first time, and are unknown where nobody publishes them", () => {
        const after = gatewayCounters(`envoy_cluster_upstream_cx_total{cluster_name="outbound|443||istio.io"} 3`);
        assert.equal(rise(new Map(), after, ISTIO_IO), 3);
        assert.equal(rise(after, after, ISTIO_IO), 0);
        assert.equal(rise(after, new Map(), ISTIO_IO), undefined);
    });
});

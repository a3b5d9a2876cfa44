import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { stringify } from "yaml";
import { alerts } from "../../../components/monitoring/alerts";
import { dashboard } from "../../../components/monitoring/dashboard";
import { ensureTool, ToolUnavailableError } from "../../../dev/tools";
import { settings } from "../../settings/build";

/** A series a minute, in promtool's notation: `0+1x30` rises by one, thirty times. */
type Series = Readonly<Record<string, string>>;

/** Three pods that are ready, and a destination that is used. */
const HEALTHY: Series = {
    'envoy_server_state{namespace="istio-egress",pod="a"}': "0x60",
    'envoy_server_state{namespace="istio-egress",pod="b"}': "0x60",
    'envoy_server_state{namespace="istio-egress",pod="c"}': "0x60",
    'envoy_listener_downstream_global_cx_overflow{namespace="istio-egress",pod="a"}': "0x60",
    'envoy_listener_ssl_fail_verify_san{namespace="istio-egress",pod="a"}': "0x60",
    'envoy_cluster_upstream_cx_total{namespace="istio-egress",pod="a",cluster_name="outbound|443||istio.io"}':
        "0+60x60",
    'envoy_cluster_upstream_cx_connect_fail{namespace="istio-egress",pod="a",cluster_name="outbound|443||istio.io"}':
        "0+1x60",
    // Of another namespace, and of the proxy's own control plane: nobody's business here.
    'envoy_listener_ssl_fail_verify_san{namespace="istio-ingress",pod="x"}': "0+100x60",
    'envoy_cluster_upstream_cx_connect_fail{namespace="istio-egress",pod="a",cluster_name="xds-grpc"}': "0+60x60",
    'envoy_cluster_upstream_cx_total{namespace="istio-egress",pod="a",cluster_name="xds-grpc"}': "0+60x60",
};

/** What is otherwise, at which minute, and what fires then. */
const CASES: readonly (readonly [what: string, changed: Series, minute: number, firing: readonly string[]])[] = [
    ["nothing while everything is well", {}, 60, []],
    [
        "that no pod is ready, when all wait for their configuration",
        Object.fromEntries(
            ["a", "b", "c"].map(pod => [`envoy_server_state{namespace="istio-egress",pod="${pod}"}`, "2x60"]),
        ),
        60,
        ["EgressGatewayDown"],
    ],
    [
        "that pods are missing, once they have been for a quarter of an hour",
        { 'envoy_server_state{namespace="istio-egress",pod="c"}': "0x10 2x50" },
        30,
        ["EgressGatewayTooFewPods"],
    ],
    [
        "nothing while a pod is replaced",
        { 'envoy_server_state{namespace="istio-egress",pod="c"}': "0x10 2x50" },
        20,
        [],
    ],
    [
        "that a pod is full",
        { 'envoy_listener_downstream_global_cx_overflow{namespace="istio-egress",pod="a"}': "0x58 3x2" },
        60,
        ["EgressGatewayFull"],
    ],
    [
        "refused identities that rise, in the handshake",
        { 'envoy_listener_ssl_fail_verify_san{namespace="istio-egress",pod="a"}': "0+1x60" },
        60,
        ["EgressGatewayRefusesIdentities"],
    ],
    [
        "refused identities that rise, over HTTP alone",
        { 'envoy_http_rbac{namespace="istio-egress",pod="a",authz_enforce_result="denied"}': "0+1x60" },
        60,
        ["EgressGatewayRefusesIdentities"],
    ],
    [
        "nothing for a slip, nor for calls that are allowed",
        {
            'envoy_listener_ssl_fail_verify_san{namespace="istio-egress",pod="a"}': "0x55 3x5",
            'envoy_http_rbac{namespace="istio-egress",pod="a",authz_enforce_result="allowed"}': "0+100x60",
        },
        60,
        [],
    ],
    [
        "a destination most of whose connections fail",
        {
            'envoy_cluster_upstream_cx_connect_fail{namespace="istio-egress",pod="a",cluster_name="outbound|443||istio.io"}':
                "0+40x60",
        },
        60,
        ["EgressGatewayDestinationFailing"],
    ],
    [
        "a destination whose name has no address, although nothing is tried then",
        {
            'envoy_cluster_upstream_cx_none_healthy{namespace="istio-egress",pod="a",cluster_name="outbound|443||gone.example"}':
                "0+2x60",
        },
        60,
        ["EgressGatewayDestinationFailing"],
    ],
];

describe("the alerts, as Prometheus evaluates them, tell", function () {
    this.timeout(60_000);
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "alerts-"));
    const rules = path.join(folder, "rules.yaml");
    const all = alerts(settings());
    let promtool = "";

    before(async function () {
        this.timeout(1_800_000);
        try {
            promtool = (await ensureTool("promtool")).path;
        } catch (error) {
            if (error instanceof ToolUnavailableError && process.env["CI"] !== "true") {
                this.skip();
            }
            throw error;
        }
        fs.writeFileSync(rules, stringify({ groups: [{ name: "egress-gateway", interval: "1m", rules: all }] }));
    });
    after(() => fs.rmSync(folder, { recursive: true, force: true }));

    for (const [what, changed, minute, firing] of CASES) {
        it(what, () => {
            const file = path.join(folder, "test.yaml");
            fs.writeFileSync(file, stringify(ruleTest({ ...HEALTHY, ...changed }, minute, firing)));
            const { status, stdout, stderr } = spawnSync(promtool, ["test", "rules", file], { encoding: "utf8" });
            assert.equal(status, 0, stdout + stderr);
        });
    }

    /** Which alerts fire, with whatever labels: `ALERTS` counts them. */
    function ruleTest(series: Series, minute: number, firing: readonly string[]): object {
        return {
            rule_files: [rules],
            evaluation_interval: "1m",
            tests: [
                {
                    interval: "1m",
                    input_series: Object.entries(series).map(([name, values]) => ({ series: name, values })),
                    promql_expr_test: [
                        {
                            expr: 'count by (alertname) (ALERTS{alertstate="firing"})',
                            eval_time: `${minute}m`,
                            exp_samples: firing.map(alertname => ({ labels: `{alertname="${alertname}"}`, value: 1 })),
                        },
                    ],
                },
            ],
        };
    }

    it("nothing that the dashboard could not ask: its queries are read as well", () => {
        const { panels } = dashboard("istio-egress") as { panels: { targets: { expr: string }[] }[] };
        const queries = panels.flatMap(({ targets }) =>
            targets.map(({ expr }) =>
                expr.replaceAll("$__rate_interval", "5m").replaceAll("$namespace", "istio-egress"),
            ),
        );
        const file = path.join(folder, "queries.yaml");
        const recorded = queries.map((expr, index) => ({ record: `query:${index}`, expr }));
        fs.writeFileSync(file, stringify({ groups: [{ name: "dashboard", rules: recorded }] }));
        const { status, stdout, stderr } = spawnSync(promtool, ["check", "rules", file], { encoding: "utf8" });
        assert.equal(status, 0, stdout + stderr);
    });

    it("nobody else's: every alert is tried above", () => {
        const tried = new Set(CASES.flatMap(([, , , firing]) => firing));
        assert.deepEqual(
            all.map(({ alert }) => alert).filter(name => !tried.has(name)),
            [],
        );
    });
});

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import * as path from "node:path";
import { GATEWAY_COUNTERS } from "../../../base/conventions";
import { deployment } from "../../../components/gateway/deployment";
import { compileMonitoring } from "../../../components/monitoring/compile";
import { dashboard } from "../../../components/monitoring/dashboard";
import { googleAlerts } from "../../../components/monitoring/googleAlerts";
import { type MonitoringObject } from "../../../components/monitoring/monitoringObject";
import { type GoogleSettings } from "../../../settings/googleNames";
import { platform, settings } from "../../settings/build";

const PROJECT = path.join(__dirname, "..", "..", "..");
const monitored = (...[collector, others, raw]: [string, Record<string, unknown>?, Parameters<typeof settings>[1]?]) =>
    settings({ monitoring: { collector }, ...others }, raw);
const kinds = (objects: readonly MonitoringObject[]) => objects.map(({ apiVersion, kind }) => `${apiVersion} ${kind}`);
const google = (others: Record<string, unknown> = {}, raw: Parameters<typeof settings>[1] = {}) =>
    googleAlerts(monitored("google-managed-prometheus", others, raw) as GoogleSettings);

interface Condition {
    readonly conditionThreshold?: { readonly filter: string; readonly thresholdValue: number };
    readonly conditionMatchedLog?: { readonly filter: string };
}

/** Without Pulumi's promises: an alert is plain data. */
function plain(alert: unknown): { readonly conditions: readonly [Condition] } {
    return JSON.parse(JSON.stringify(alert)) as { readonly conditions: readonly [Condition] };
}

describe("monitoring", () => {
    it("makes nothing unless it is asked for", () => assert.deepEqual(compileMonitoring(settings()), []));

    it("speaks to Google's collectors, or to the operator's, in their own kinds", () => {
        assert.deepEqual(kinds(compileMonitoring(monitored("google-managed-prometheus"))), [
            "monitoring.googleapis.com/v1 PodMonitoring",
            "monitoring.googleapis.com/v1 Rules",
        ]);
        assert.deepEqual(kinds(compileMonitoring(monitored("prometheus-operator"))), [
            "monitoring.coreos.com/v1 PodMonitor",
            "monitoring.coreos.com/v1 PrometheusRule",
        ]);
    });

    it("has read what a container of the gateway offers by that name, of pods with the gateway's labels", () => {
        const { template } = deployment(settings()).spec!;
        const ports = template.spec!.containers.flatMap(({ ports = [] }) => ports);
        for (const collector of ["google-managed-prometheus", "prometheus-operator"]) {
            const [collected] = compileMonitoring(monitored(collector)) as unknown as [
                {
                    spec: {
                        selector: { matchLabels: Record<string, string> };
                        endpoints?: { port: string }[];
                        podMetricsEndpoints?: { port: string }[];
                    };
                },
            ];
            const [endpoint] = collected.spec.endpoints ?? collected.spec.podMetricsEndpoints!;
            const port = ports.find(({ name }) => name === endpoint!.port);
            assert.equal(port?.containerPort, GATEWAY_COUNTERS.port, collector);
            const labels = template.metadata!.labels!;
            for (const [key, value] of Object.entries(collected.spec.selector.matchLabels)) {
                assert.equal(labels[key], value, `${collector}: ${key}`);
            }
        }
    });

    it("is found by the labels that the operator's Prometheus looks for, and keeps its own", () => {
        const labels = { release: "kube-prometheus-stack" };
        const objects = compileMonitoring(settings({ monitoring: { collector: "prometheus-operator", labels } }));
        for (const { metadata } of objects) {
            assert.equal(metadata.labels?.["release"], "kube-prometheus-stack");
            assert.equal(metadata.labels?.["app"], "egress-gateway");
        }
    });

    it("tells of too few pods by the number that the settings ask for", () => {
        const text = JSON.stringify(
            compileMonitoring(monitored("prometheus-operator", { gateway: { minReplicas: 7 } })),
        );
        assert.match(text, /count\(envoy_server_state\{[^}]+\} == 0\) < 7/);
    });

    it("has Google tell what the gateway cannot count: NAT's drops and ports, and what the firewall denies", () => {
        const alerts = google({ nat: { minPortsPerNode: 1024, maxPortsPerNode: 4096 } });
        assert.deepEqual(
            alerts.map(({ name }) => name),
            ["nat-drops", "nat-ports", "firewall-denials"],
        );
        const [, ports, denials] = alerts;
        const [{ conditionThreshold }] = plain(ports).conditions;
        assert.equal(conditionThreshold?.thresholdValue, 3276);
        assert.match(String(conditionThreshold?.filter), /nat_gateway_name="acme-dev-egress"/);
        const [{ conditionMatchedLog }] = plain(denials).conditions;
        assert.match(String(conditionMatchedLog?.filter), /rule_details\.reference:"network:acme-dev\/"/);
        assert.notEqual(denials?.alertStrategy, undefined, "Google refuses a log's alert without a limit");
    });

    it("does not wait for denials while nothing is denied, nor for NAT where there is none", () => {
        assert.deepEqual(
            google({ perimeter: { mode: "observe" } }).map(({ name }) => name),
            ["nat-drops", "nat-ports"],
        );
        assert.deepEqual(google({ disabledComponents: ["perimeter"] }), []);
    });

    it("leaves denials to the stack that owns the perimeter, and looks where a shared VPC has its log", () => {
        const joined = {
            network: "projects/acme-host/global/networks/acme-dev",
            project: "acme-host",
            policy: "acme-blue-egress-shared",
            mode: "enforce",
            cluster: "projects/acme-blue/locations/europe-west1/clusters/acme-blue",
            accounts: [],
            networkTags: [],
        };
        const hosted = {
            platform: { path: "egress-gateway:platform", value: platform({ networkProject: "acme-host" }) },
        };
        const joining = { perimeter: { stack: "organization/egress-gateway/blue", band: 1 } };
        assert.deepEqual(
            google(joining, { ...hosted, joined: { path: "outputs", value: joined } }).map(({ name }) => name),
            ["nat-drops", "nat-ports"],
        );
        assert.match(JSON.stringify(google({}, hosted)), /projects\/acme-host\/logs/);
    });
});

describe("docs/grafana-dashboard.json", () => {
    it("is what the code says; `npm run docs` writes it anew", () => {
        const text = readFileSync(path.join(PROJECT, "docs", "grafana-dashboard.json"), "utf8");
        assert.deepEqual(JSON.parse(text), JSON.parse(JSON.stringify(dashboard("istio-egress"))));
    });
});

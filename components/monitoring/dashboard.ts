import { DENIED, METRICS, OUTBOUND } from "./metrics";

interface Panel {
    readonly title: string;
    readonly unit: string;
    /** Queries with the name of each of their lines. */
    readonly queries: readonly (readonly [expr: string, legend: string])[];
}

const HERE = 'namespace="$namespace"';
const rate = (metric: string, matching = ""): string =>
    `rate(${metric}{${[HERE, ...(matching === "" ? [] : [matching])].join(",")}}[$__rate_interval])`;
const byDestination = (metric: string): string => `sum by (cluster_name) (${rate(metric, OUTBOUND)})`;

/** What alerts judge, and what explains them. */
const PANELS: readonly Panel[] = [
    { title: "Pods that are ready", unit: "short", queries: [[`count(${METRICS.state}{${HERE}} == 0)`, "ready"]] },
    {
        title: "Open connections",
        unit: "short",
        queries: [[`sum by (pod) (${METRICS.connections}{${HERE}})`, "{{pod}}"]],
    },
    {
        title: "New connections",
        unit: "cps",
        queries: [
            [`sum by (pod) (${rate(METRICS.connectionsTotal)})`, "{{pod}}"],
            [`sum by (pod) (${rate(METRICS.overflow)})`, "{{pod}}: refused, full"],
        ],
    },
    {
        title: "Refused",
        unit: "cps",
        queries: [
            [`sum(${rate(METRICS.refusedIdentity)})`, "identity not allowed"],
            [`sum(${rate(METRICS.noCertificate)})`, "no certificate"],
            [`sum(${rate(METRICS.foreignCertificate)})`, "certificate of another mesh"],
            [`sum(${rate(METRICS.authorization, DENIED)})`, "HTTP: identity not allowed"],
            [`sum(${rate(METRICS.unknownServerName)})`, "no such destination"],
        ],
    },
    {
        title: "Connections to destinations",
        unit: "cps",
        queries: [[byDestination(METRICS.upstreamConnections), "{{cluster_name}}"]],
    },
    {
        title: "Destinations that are not reached",
        unit: "cps",
        queries: [
            [byDestination(METRICS.upstreamFailures), "{{cluster_name}}"],
            [byDestination(METRICS.upstreamWithoutAddress), "{{cluster_name}}: no address"],
        ],
    },
    { title: "Sent", unit: "Bps", queries: [[byDestination(METRICS.bytesSent), "{{cluster_name}}"]] },
    { title: "Received", unit: "Bps", queries: [[byDestination(METRICS.bytesReceived), "{{cluster_name}}"]] },
];

const WIDTH = 12;
const HEIGHT = 8;

/** A dashboard for Grafana, to import as it is; it asks for its data source and the gateway's namespace. */
export function dashboard(gatewayNamespace: string): object {
    const datasource = { type: "prometheus", uid: "${datasource}" };
    return {
        title: "Egress gateway",
        uid: "egress-gateway",
        schemaVersion: 39,
        tags: ["istio", "egress-gateway"],
        editable: true,
        refresh: "1m",
        time: { from: "now-6h", to: "now" },
        templating: {
            list: [
                { name: "datasource", type: "datasource", label: "Data source", query: "prometheus" },
                {
                    name: "namespace",
                    type: "textbox",
                    label: "Gateway's namespace",
                    query: gatewayNamespace,
                    current: { text: gatewayNamespace, value: gatewayNamespace },
                },
            ],
        },
        panels: PANELS.map(({ title, unit, queries }, index) => ({
            id: index + 1,
            title,
            type: "timeseries",
            datasource,
            gridPos: {
                x: WIDTH * (index % 2),
                y: HEIGHT * Math.floor(index / 2),
                w: WIDTH,
                h: HEIGHT,
            },
            fieldConfig: { defaults: { unit, min: 0 }, overrides: [] },
            options: { legend: { displayMode: "list", placement: "bottom" }, tooltip: { mode: "multi" } },
            targets: queries.map(([expr, legendFormat], query) => ({
                refId: String.fromCharCode("A".charCodeAt(0) + query),
                datasource,
                expr,
                legendFormat,
            })),
        })),
    };
}

import { clusterName, type GatewayRoute } from "./probe";

/** What the gateway counted, over all of its pods. A counter that no pod publishes is absent, not zero. */
export type GatewayCounters = ReadonlyMap<string, number>;

/** Keys of the counters that are not about one destination. */
export const LISTENER_COUNTERS = {
    refusedIdentity: "listener ssl.fail_verify_san",
    noCertificate: "listener ssl.fail_verify_no_cert",
    noFilterChain: "listener no_filter_chain_match",
    notTls: "listener ssl.connection_error",
    refusedRequest: "rbac denied",
} as const;

/** Counters of a cluster that say how far a connection got. */
const CLUSTER_COUNTERS = [
    "upstream_cx_total",
    "upstream_cx_connect_fail",
    "upstream_cx_tx_bytes_total",
    "upstream_cx_rx_bytes_total",
    "upstream_rq_total",
] as const;
export type ClusterCounter = (typeof CLUSTER_COUNTERS)[number];

/** Key of a destination's counter: `outbound|443||istio.io upstream_cx_total`. */
export function clusterCounter(route: Pick<GatewayRoute, "host" | "port">, counter: ClusterCounter): string {
    return `${clusterName(route)} ${counter}`;
}

interface Sample {
    readonly name: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly value: number;
}

/**
 * Picks the gateway's counters out of the text that Envoy gives to Prometheus (`:15090/stats/prometheus`).
 *
 * Three things vary with Istio's version and settings. The name of a cluster is a label, `cluster_name` by Istio's
 * `stats_tags` or `envoy_cluster_name` by Envoy's own, with or without the semicolon that ends it since 1.23 (release note
 * 51761, `ENABLE_DELIMITED_STATS_TAG_REGEX`); with Envoy's own, or with the older expression, it is cut at the host's first dot
 * and the rest stands in the metric's name. The result of an authorization is part of the name, or the label
 * `authz_enforce_result`.
 */
export function gatewayCounters(prometheusText: string): GatewayCounters {
    const counters = new Map<string, number>();
    for (const sample of samples(prometheusText)) {
        const key = clusterKey(sample) ?? listenerKey(sample);
        if (key !== undefined) {
            counters.set(key, (counters.get(key) ?? 0) + sample.value);
        }
    }
    return counters;
}

/** Over replicas. */
export function sumCounters(all: readonly GatewayCounters[]): GatewayCounters {
    const sum = new Map<string, number>();
    for (const counters of all) {
        for (const [key, value] of counters) {
            sum.set(key, (sum.get(key) ?? 0) + value);
        }
    }
    return sum;
}

/**
 * How much a counter rose. Envoy creates the counters of a cluster when it is first used (`deferred_stat_options`), so one
 * that was absent before counts from zero.
 *
 * @returns undefined when it is absent afterwards too: not published, or never used.
 */
export function rise(before: GatewayCounters, after: GatewayCounters, key: string): number | undefined {
    const now = after.get(key);
    return now === undefined ? undefined : now - (before.get(key) ?? 0);
}

function clusterKey({ name, labels }: Sample): string | undefined {
    const label = labels["cluster_name"] ?? labels["envoy_cluster_name"];
    if (label === undefined || !label.startsWith("outbound|")) {
        return undefined;
    }
    const counter = CLUSTER_COUNTERS.find(one => name.endsWith(`_${one}`));
    const rest =
        counter === undefined ? undefined : /^envoy_cluster_?(.*)$/.exec(name.slice(0, -counter.length - 1))?.[1];
    if (counter === undefined || rest === undefined) {
        return undefined;
    }
    // Where the label was cut, dots and the semicolon of the rest have become underscores.
    const cut = rest.replace(/_$/, "");
    const cluster = `${label.replace(/;$/, "")}${cut === "" ? "" : `.${cut.replaceAll("_", ".")}`}`;
    // Subsets of a host differ in the certificate that the gateway shows: their counters add up.
    return `${cluster.replace(/^(outbound\|\d+\|)[^|]*/, "$1")} ${counter}`;
}

function listenerKey({ name, labels }: Sample): string | undefined {
    if (/^envoy_listener_.*ssl_fail_verify_san$/.test(name)) {
        return LISTENER_COUNTERS.refusedIdentity;
    }
    if (/^envoy_listener_.*ssl_fail_verify_no_cert$/.test(name)) {
        return LISTENER_COUNTERS.noCertificate;
    }
    if (/^envoy_listener_.*no_filter_chain_match$/.test(name)) {
        return LISTENER_COUNTERS.noFilterChain;
    }
    if (/^envoy_listener_.*ssl_connection_error$/.test(name)) {
        return LISTENER_COUNTERS.notTls;
    }
    const denied = /rbac_denied$/.test(name) || (/rbac$/.test(name) && labels["authz_enforce_result"] === "denied");
    return denied && !name.includes("shadow") ? LISTENER_COUNTERS.refusedRequest : undefined;
}

const LINE = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})?\s+(\S+)/;
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)"/g;

/** Prometheus' text format: `name{label="value",…} number [time]`. */
function* samples(text: string): Generator<Sample> {
    for (const line of text.split("\n")) {
        const match = line.startsWith("#") ? null : LINE.exec(line);
        const value = Number(match?.[3]);
        if (match !== null && Number.isFinite(value)) {
            const labels = Object.fromEntries(
                [...(match[2] ?? "").matchAll(LABEL)].map(([, key, quotedValue]) => [key!, unescaped(quotedValue!)]),
            );
            yield { name: match[1]!, labels, value };
        }
    }
}

function unescaped(value: string): string {
    return value.replace(/\\(.)/g, (_, character: string) => (character === "n" ? "\n" : character));
}

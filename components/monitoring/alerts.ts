import { type Settings } from "../../settings/settings";
import { DENIED, METRICS, OUTBOUND } from "./metrics";

/** A rule in Prometheus' own words, which Google's and the operator's objects share. */
export interface Alert {
    readonly alert: string;
    readonly expr: string;
    readonly for: string;
    readonly labels: { readonly severity: "critical" | "warning" };
    readonly annotations: { readonly summary: string; readonly description: string };
}

/** Refusals in a quarter of an hour that are no slip any more. */
const MANY_REFUSALS = 10;
/** Part of the attempts, and how many at least, whose failing is the destination's. */
const FAILING_PART = 0.5;
const FAILING_ATTEMPTS = 5;

/** An alert for each thing about the gateway that needs a person and shows in its own counters. */
export function alerts({ gateway }: Pick<Settings, "gateway">): Alert[] {
    const here = `namespace="${gateway.namespace}"`;
    const live = `${METRICS.state}{${here}} == 0`;
    const rise = (metric: string, window: string, matching = ""): string =>
        `increase(${metric}{${[here, ...(matching === "" ? [] : [matching])].join(",")}}[${window}])`;
    const refused = [
        rise(METRICS.refusedIdentity, "15m"),
        rise(METRICS.noCertificate, "15m"),
        rise(METRICS.foreignCertificate, "15m"),
        rise(METRICS.authorization, "15m", DENIED),
    ];
    const byDestination = (metric: string) => `sum by (cluster_name) (${rise(metric, "10m", OUTBOUND)})`;
    return [
        {
            alert: "EgressGatewayDown",
            expr: `absent(${live})`,
            for: "2m",
            labels: { severity: "critical" },
            annotations: {
                summary: "No pod of the egress gateway is ready.",
                description:
                    `Nothing gets out of the cluster, or nobody collects the gateway's counters any more. ` +
                    `\`kubectl -n ${gateway.namespace} get pods,events\`.`,
            },
        },
        {
            alert: "EgressGatewayTooFewPods",
            expr: `count(${live}) < ${gateway.minReplicas}`,
            for: "15m",
            labels: { severity: "warning" },
            annotations: {
                summary: `Fewer than ${gateway.minReplicas} pods of the egress gateway are ready.`,
                description: `Pods are pending, or wait for istiod (15012). \`kubectl -n ${gateway.namespace} get pods,events\`.`,
            },
        },
        {
            alert: "EgressGatewayFull",
            expr: `sum by (pod) (${rise(METRICS.overflow, "5m")}) > 0`,
            for: "0m",
            labels: { severity: "critical" },
            annotations: {
                summary: "Egress gateway pod {{ $labels.pod }} refuses connections: it has all that it may have.",
                description: `It accepts ${gateway.maxDownstreamConnections}: raise gateway.maxDownstreamConnections or gateway.minReplicas.`,
            },
        },
        {
            alert: "EgressGatewayRefusesIdentities",
            expr: `${refused.map(one => `(sum(${one}) or vector(0))`).join(" + ")} > ${MANY_REFUSALS}`,
            for: "0m",
            labels: { severity: "warning" },
            annotations: {
                summary: "The egress gateway refused {{ $value | printf `%.0f` }} calls in a quarter of an hour.",
                description:
                    "A workload asks for a destination that it is not allowed, or has no certificate of the mesh. The access log says who, " +
                    "`npm run explain` what is missing.",
            },
        },
        {
            alert: "EgressGatewayDestinationFailing",
            expr:
                `${byDestination(METRICS.upstreamFailures)} > ${FAILING_ATTEMPTS} and ${byDestination(METRICS.upstreamFailures)}` +
                ` / ${byDestination(METRICS.upstreamConnections)} > ${FAILING_PART}` +
                ` or ${byDestination(METRICS.upstreamWithoutAddress)} > ${FAILING_ATTEMPTS}`,
            for: "5m",
            labels: { severity: "warning" },
            annotations: {
                summary: "The egress gateway does not reach {{ $labels.cluster_name }}.",
                description:
                    "More than half of the connections fail, or its name has no address: the destination is down, does not let the NAT " +
                    "addresses in, or a firewall is before it.",
            },
        },
    ];
}

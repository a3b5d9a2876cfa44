import type { input } from "@pulumi/gcp/types";
import { googleNames, type GoogleSettings } from "../../settings/googleNames";

/** Plain arguments of a `gcp.monitoring.AlertPolicy`. */
export interface GoogleAlert {
    /** Logical name, and the end of the display name. */
    readonly name: string;
    readonly severity: "CRITICAL" | "WARNING";
    readonly conditions: input.monitoring.AlertPolicyCondition[];
    readonly alertStrategy?: input.monitoring.AlertPolicyAlertStrategy;
    readonly help: string;
}

/** Part of the ports that a node can have at most at which somebody should know. */
const NEARLY_ALL_PORTS = 0.8;

/**
 * What Google measures and the gateway cannot: NAT and the firewall's log. Names of metrics and their labels: Google Cloud metrics,
 * `compute` and `router`, and "Firewall policy rules logging".
 */
export function googleAlerts(settings: GoogleSettings): GoogleAlert[] {
    const { gateway, perimeter, joined, disabledComponents } = settings;
    const ownsDeny = perimeter.mode === "enforce" && joined === undefined;
    return disabledComponents.has("perimeter")
        ? []
        : [
              natDrops(settings),
              natPorts(settings),
              // While observing nothing is denied. The deny is one for all gateways, and one for all stacks of a network.
              ...(ownsDeny && gateway.name === undefined ? [firewallDenials(settings)] : []),
          ];
}

function natDrops(settings: GoogleSettings): GoogleAlert {
    const gateway = `resource.type="nat_gateway" AND resource.labels.gateway_name="${googleNames(settings).nat}"`;
    const over = { comparison: "COMPARISON_GT", thresholdValue: 0, duration: "0s" } as const;
    return {
        name: "nat-drops",
        severity: "CRITICAL",
        conditions: [
            {
                displayName: "packets are dropped",
                conditionThreshold: {
                    ...over,
                    filter: `${gateway} AND metric.type="router.googleapis.com/nat/dropped_sent_packets_count"`,
                    aggregations: [
                        {
                            alignmentPeriod: "300s",
                            perSeriesAligner: "ALIGN_DELTA",
                            crossSeriesReducer: "REDUCE_SUM",
                            groupByFields: ["metric.label.reason"],
                        },
                    ],
                },
            },
            {
                displayName: "a node has no ports",
                conditionThreshold: {
                    ...over,
                    filter: `${gateway} AND metric.type="router.googleapis.com/nat/nat_allocation_failed"`,
                    aggregations: [{ alignmentPeriod: "300s", perSeriesAligner: "ALIGN_COUNT_TRUE" }],
                },
            },
        ],
        help:
            "Cloud NAT drops packets of gateway nodes, or has no ports for a node. OUT_OF_RESOURCES: raise nat.addresses, then nat.maxPortsPerNode; " +
            "`npm run plan` counts both. The NAT's log names node and destination.",
    };
}

function natPorts(settings: GoogleSettings): GoogleAlert {
    const { maxPortsPerNode } = settings.nat;
    return {
        name: "nat-ports",
        severity: "WARNING",
        conditions: [
            {
                displayName: `a node uses more than ${NEARLY_ALL_PORTS * 100} % of ${maxPortsPerNode} ports to one destination`,
                conditionThreshold: {
                    filter:
                        'resource.type="gce_instance" AND metric.type="compute.googleapis.com/nat/port_usage"' +
                        ` AND metric.labels.nat_gateway_name="${googleNames(settings).nat}"`,
                    comparison: "COMPARISON_GT",
                    thresholdValue: Math.floor(NEARLY_ALL_PORTS * maxPortsPerNode),
                    duration: "300s",
                    aggregations: [{ alignmentPeriod: "60s", perSeriesAligner: "ALIGN_MAX" }],
                },
            },
        ],
        help:
            "A gateway node has nearly as many connections to one destination as it can have ports. Raise nat.maxPortsPerNode (and nat.addresses), " +
            "or gateway.minNodes, so that connections spread.",
    };
}

/** A log is matched line by line, so at most one notification an hour: what is refused is refused many times. */
function firewallDenials(settings: GoogleSettings): GoogleAlert {
    const { network } = settings.platform;
    return {
        name: "firewall-denials",
        severity: "WARNING",
        conditions: [
            {
                displayName: "egress is denied",
                conditionMatchedLog: {
                    filter: [
                        'resource.type="gce_subnetwork"',
                        `logName="projects/${googleNames(settings).networkProject}/logs/compute.googleapis.com%2Ffirewall"`,
                        'jsonPayload.disposition="DENIED"',
                        'jsonPayload.rule_details.direction="EGRESS"',
                        `jsonPayload.rule_details.reference:"network:${network}/"`,
                    ].join(" AND "),
                    labelExtractors: {
                        source: "EXTRACT(jsonPayload.instance.vm_name)",
                        destination: "EXTRACT(jsonPayload.connection.dest_ip)",
                        port: "EXTRACT(jsonPayload.connection.dest_port)",
                    },
                },
            },
        ],
        alertStrategy: { notificationRateLimit: { period: "3600s" }, autoClose: "86400s" },
        help:
            "The perimeter refused a way out. From an application node: a workload that goes around the gateway, or one that was never declared. From a " +
            "gateway node: a port that no destination declares, which nothing of this program asks for.",
    };
}

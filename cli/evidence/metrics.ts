import { printable } from "../../base/printable";
import { holesOf } from "../../containment/holes";
import { decidingClaims } from "../../containment/prove";
import { type Result, type Verdict } from "../../containment/verdict";
import { type Provenance } from "../../plan/provenance";

/**
 * One number a claim: an alert on `< 1` catches what is violated and what cannot be told alike, and cannot be silenced by a label that
 * it forgot. With a label for the result, a series that vanishes would look like success.
 */
const VALUES: Readonly<Record<Result, number>> = { holds: 1, violated: 0, unknown: -1 };

/** A verdict in Prometheus' text format, for the node exporter's textfile collector or a Pushgateway: both keep the last value for ever. */
export function verdictMetrics({ asked, claims }: Verdict, { stacks, time }: Provenance): string {
    const stack = `stack=${quoted(stacks.join(","))}`;
    const deciding = decidingClaims(asked);
    const labels = claims.map(({ id }) => `{${stack},claim="${id}",decides="${deciding.includes(id)}"}`);
    return [
        "# HELP egress_gateway_containment Whether a claim holds: 1 yes, 0 no, -1 cannot be told.",
        "# TYPE egress_gateway_containment gauge",
        ...claims.map(({ result }, index) => `egress_gateway_containment${labels[index]} ${VALUES[result]}`),
        "# HELP egress_gateway_containment_holes Ways around the gateway that a claim was broken by.",
        "# TYPE egress_gateway_containment_holes gauge",
        ...claims.map(
            ({ witnesses }, index) => `egress_gateway_containment_holes${labels[index]} ${holesOf(witnesses).length}`,
        ),
        "# HELP egress_gateway_containment_judged_timestamp_seconds When it was judged.",
        "# TYPE egress_gateway_containment_judged_timestamp_seconds gauge",
        `egress_gateway_containment_judged_timestamp_seconds{${stack}} ${Math.floor(Date.parse(time) / 1000)}`,
        "",
    ].join("\n");
}

function quoted(text: string): string {
    return `"${printable(text).replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
}

import { isDeepStrictEqual } from "node:util";
import { innerNameHost } from "../../base/conventions";
import { innerNameFilterSpec } from "../../declared/innerName";
import { fields, fieldsList, integer, type KubernetesObject, stringMap, text } from "../kubernetes";

/** An EnvoyFilter by which a gateway reads the server name inside a connection, and closes what has another. */
export interface InnerName {
    /** `istio.io`, or every name below a domain: `*.example.com`. */
    readonly host: string;
    readonly port: number;
    /** The name that routes lead to. */
    readonly entrance: string;
    readonly source: KubernetesObject;
}

/**
 * The filters of a namespace that are this program's own in every field: each is rendered again from what it says of itself, and
 * compared. Two that claim one cluster are none: what Envoy makes of both is not known.
 */
export function innerNamesIn(objects: readonly KubernetesObject[], namespace: string | undefined): InnerName[] {
    const found = objects
        .filter(object => object.kind === "EnvoyFilter" && object.namespace === namespace)
        .flatMap(object => innerNameOf(object) ?? []);
    return found.filter(
        ({ entrance, port, source }) =>
            !found.some(other => other.source !== source && other.entrance === entrance && other.port === port),
    );
}

function innerNameOf(source: KubernetesObject): InnerName | undefined {
    const [, , third] = fieldsList(source.spec.configPatches);
    const onward = fields(fields(third?.patch).value);
    const [, number, host] = /^outbound\|(\d+)\|inner\|(.+)$/.exec(text(onward.name) ?? "") ?? [];
    const options = fields(onward.upstream_connection_options);
    const keepAliveSeconds = integer(fields(options.tcp_keepalive).keepalive_time);
    if (number === undefined || host === undefined || keepAliveSeconds === undefined) {
        return undefined;
    }
    const port = Number(number);
    // A revision label makes other control planes pass it over.
    // Whom it selects is compared with the gateway's pods by who asks; more labels than the one would be another filter.
    const { istio } = stringMap(fields(source.spec.workloadSelector).labels);
    return istio !== undefined &&
        source.group === "networking.istio.io" &&
        source.labels["istio.io/rev"] === undefined &&
        isDeepStrictEqual(source.spec, innerNameFilterSpec({ host, port, keepAliveSeconds, podLabels: { istio } }))
        ? { host, port, entrance: innerNameHost(host), source }
        : undefined;
}

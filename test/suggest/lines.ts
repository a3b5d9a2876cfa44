import { type Observation } from "../../suggest/observation";
import { gatewaysOf } from "../../suggest/envoy";
import { readLine } from "../../suggest/line";

/** One line in Istio's default text format, with the fields that matter; nothing stands where the rest is. */
export interface AccessLogFields {
    readonly time?: string;
    readonly request?: string;
    readonly flags?: string;
    readonly details?: string;
    readonly userAgent?: string;
    readonly authority?: string;
    readonly upstreamHost?: string;
    readonly cluster?: string;
    readonly upstreamLocal?: string;
    readonly local?: string;
    readonly remote?: string;
    readonly serverName?: string;
}

const TIME = "2026-11-20T10:00:00.123Z";
export const POD = "10.4.0.7";
export const GATEWAY_POD = "10.3.0.5";
export const FAR = "93.184.216.34";

export function envoyText(fields: AccessLogFields): string {
    const of = (text: string | undefined): string => text ?? "-";
    return (
        `[${fields.time ?? TIME}] "${fields.request ?? "- - -"}" 0 ${of(fields.flags)} ${of(fields.details)} - "-" 10 20 30 - "-" ` +
        `"${of(fields.userAgent)}" "-" "${of(fields.authority)}" "${of(fields.upstreamHost)}" ${of(fields.cluster)} ` +
        `${of(fields.upstreamLocal)} ${of(fields.local)} ${of(fields.remote)} ${of(fields.serverName)} -`
    );
}

/** The same in Istio's JSON format. */
export function envoyJson(fields: AccessLogFields, more: object = {}): object {
    const of = (text: string | undefined): string | null => text ?? null;
    const [method, path, protocol] = (fields.request ?? "").split(" ");
    return {
        start_time: fields.time ?? TIME,
        method: method === "" ? null : method,
        path: path ?? null,
        protocol: protocol ?? null,
        response_flags: fields.flags ?? "-",
        response_code_details: of(fields.details),
        user_agent: of(fields.userAgent),
        authority: of(fields.authority),
        upstream_host: of(fields.upstreamHost),
        upstream_cluster: of(fields.cluster),
        upstream_local_address: of(fields.upstreamLocal),
        downstream_local_address: of(fields.local),
        downstream_remote_address: of(fields.remote),
        requested_server_name: of(fields.serverName),
        ...more,
    };
}

/** What a sidecar writes of a connection that no destination is declared for, while it observes. */
export const passedThrough = (fields: AccessLogFields): AccessLogFields => ({
    upstreamHost: `${FAR}:443`,
    cluster: "PassthroughCluster",
    upstreamLocal: `${POD}:40001`,
    local: `${FAR}:443`,
    remote: `${POD}:40000`,
    ...fields,
});

/** What a gateway writes. */
export const atGateway = (fields: AccessLogFields): AccessLogFields => ({
    upstreamHost: `${FAR}:443`,
    upstreamLocal: `${GATEWAY_POD}:40001`,
    local: `${GATEWAY_POD}:8443`,
    remote: `${POD}:40000`,
    ...fields,
});

export const GATEWAY_HOST = "egress-gateway.istio-egress.svc.cluster.local";

export const read = (line: string): Observation => readLine(line, gatewaysOf([GATEWAY_HOST]));

export function cloudLogging(log: string, rest: object): object {
    return {
        logName: `projects/acme-dev/logs/${encodeURIComponent(log)}`,
        resource: { type: "gce_subnetwork", labels: {} },
        timestamp: TIME,
        ...rest,
    };
}

export function pods(
    ...all: readonly (readonly [address: string, namespace: string, serviceAccount: string, since?: string])[]
): object {
    return {
        kind: "List",
        items: all.map(([podIP, namespace, serviceAccountName, startTime = "2026-01-01T00:00:00Z"], index) => ({
            kind: "Pod",
            metadata: { namespace, name: `${serviceAccountName}-${index}` },
            spec: { serviceAccountName },
            status: { podIP, startTime },
        })),
    };
}

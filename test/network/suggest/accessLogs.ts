import { type IstioObject } from "../../../components/mesh/istioObject";
import { gatewayProxy } from "../certificates/proxies";
import { type Authority } from "../verify/rig/certificates";
import { endpoints, extension, socket } from "../verify/rig/envoy";

/** Istio's own format (istio/istio, `pilot/pkg/model/telemetry_logging.go`, `EnvoyTextLogFormat`). */
const TEXT =
    '[%START_TIME%] "%REQ(:METHOD)% %REQ(X-ENVOY-ORIGINAL-PATH?:PATH)% %PROTOCOL%" %RESPONSE_CODE% %RESPONSE_FLAGS% ' +
    '%RESPONSE_CODE_DETAILS% %CONNECTION_TERMINATION_DETAILS% "%UPSTREAM_TRANSPORT_FAILURE_REASON%" %BYTES_RECEIVED% %BYTES_SENT% ' +
    '%DURATION% %RESP(X-ENVOY-UPSTREAM-SERVICE-TIME)% "%REQ(X-FORWARDED-FOR)%" "%REQ(USER-AGENT)%" "%REQ(X-REQUEST-ID)%" ' +
    '"%REQ(:AUTHORITY)%" "%UPSTREAM_HOST%" %UPSTREAM_CLUSTER_RAW% %UPSTREAM_LOCAL_ADDRESS% %DOWNSTREAM_LOCAL_ADDRESS% ' +
    "%DOWNSTREAM_REMOTE_ADDRESS% %REQUESTED_SERVER_NAME% %ROUTE_NAME%\n";

/** The same as JSON (`EnvoyJSONLogFormatIstio`). */
const JSON_FIELDS = {
    start_time: "%START_TIME%",
    route_name: "%ROUTE_NAME%",
    method: "%REQ(:METHOD)%",
    path: "%REQ(X-ENVOY-ORIGINAL-PATH?:PATH)%",
    protocol: "%PROTOCOL%",
    response_code: "%RESPONSE_CODE%",
    response_flags: "%RESPONSE_FLAGS%",
    response_code_details: "%RESPONSE_CODE_DETAILS%",
    connection_termination_details: "%CONNECTION_TERMINATION_DETAILS%",
    bytes_received: "%BYTES_RECEIVED%",
    bytes_sent: "%BYTES_SENT%",
    duration: "%DURATION%",
    upstream_service_time: "%RESP(X-ENVOY-UPSTREAM-SERVICE-TIME)%",
    x_forwarded_for: "%REQ(X-FORWARDED-FOR)%",
    user_agent: "%REQ(USER-AGENT)%",
    request_id: "%REQ(X-REQUEST-ID)%",
    authority: "%REQ(:AUTHORITY)%",
    upstream_host: "%UPSTREAM_HOST%",
    upstream_cluster: "%UPSTREAM_CLUSTER_RAW%",
    upstream_local_address: "%UPSTREAM_LOCAL_ADDRESS%",
    downstream_local_address: "%DOWNSTREAM_LOCAL_ADDRESS%",
    downstream_remote_address: "%DOWNSTREAM_REMOTE_ADDRESS%",
    requested_server_name: "%REQUESTED_SERVER_NAME%",
    upstream_transport_failure_reason: "%UPSTREAM_TRANSPORT_FAILURE_REASON%",
};

/** `json with caller` is what a mesh of one's own can add to the format. */
export type Encoding = "text" | "json" | "json with caller";

const CALLER = { downstream_peer_uri_san: "%DOWNSTREAM_PEER_URI_SAN%" };

export function accessLog(path: string, encoding: Encoding): object {
    return extension("envoy.access_loggers.file", "extensions.access_loggers.file.v3.FileAccessLog", {
        path,
        log_format:
            encoding === "text"
                ? { text_format_source: { inline_string: TEXT } }
                : { json_format: { ...JSON_FIELDS, ...(encoding === "json" ? {} : CALLER) } },
    });
}

/** The configuration with this access log at every proxy and connection manager in it. */
export function logging<C extends object>(configuration: C, log: object): C {
    return JSON.parse(JSON.stringify(configuration), (_, value: unknown) =>
        isFilter(value) ? { ...value, access_log: [log] } : value,
    ) as C;
}

function isFilter(value: unknown): value is object {
    const type = typeof value === "object" && value !== null && "@type" in value ? String(value["@type"]) : "";
    return /\.(TcpProxy|HttpConnectionManager)$/.test(type);
}

/** What is known of the far side by name leads to this machine; what a pod sends has an address of its own. */
export function atHome<C extends object>(
    configuration: C,
    farSide: number,
    podOf: (cluster: string) => string | undefined,
): C {
    return JSON.parse(JSON.stringify(configuration), (_, value: unknown) => {
        if (typeof value !== "object" || value === null || !("load_assignment" in value && "name" in value)) {
            return value;
        }
        const address = podOf(String(value.name));
        return {
            ...value,
            ...("type" in value && value.type === "STRICT_DNS"
                ? {
                      type: "STATIC",
                      load_assignment: {
                          cluster_name: value.name,
                          endpoints: [{ lb_endpoints: [{ endpoint: { address: socket("127.0.0.1", farSide) } }] }],
                      },
                  }
                : {}),
            ...(address === undefined ? {} : { upstream_bind_config: { source_address: { address, port_value: 0 } } }),
        };
    }) as C;
}

/** What routes HTTP, or routes nothing. */
export const ofHttpLeg = (objects: readonly IstioObject[]): IstioObject[] =>
    objects.filter(object => object.kind !== "VirtualService" || object.spec.http !== undefined);

/** The gateway's HTTP leg; the far sides of plain destinations, each its host at its port, are on this machine. */
export function plainGateway(
    objects: readonly IstioObject[],
    port: number,
    mesh: Authority,
    destinations: readonly { readonly host: string; readonly port: number }[],
    farSide: number,
): object {
    const gateway = gatewayProxy(objects, port, mesh, {}) as { static_resources: { clusters: object[] } };
    for (const one of destinations) {
        const name = `outbound|${one.port}||${one.host}`;
        gateway.static_resources.clusters.push({
            name,
            type: "STATIC",
            ...endpoints(name, [{ address: "127.0.0.1", port: farSide }]),
        });
    }
    return gateway;
}

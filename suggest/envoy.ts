import { isIPv6 } from "node:net";
import { destinationOfMeshHost, isBelow, isClusterName, isWildcard } from "../base/conventions";
import { type Json } from "../containment/document";
import { endpointOf, isPublic, named, portOf, textOf, timeOf } from "./fields";
import { type Call, type Client, INSIDE, leftOut, type Observation, type Outcome } from "./observation";

/** Services of a mesh that are an egress gateway: what goes to them is meant for the name that was asked for. */
export type IsGateway = (host: string) => boolean;

/** Istio's own, by the name that its chart and its documentation give it, and those that are told. */
export function gatewaysOf(further: readonly string[]): IsGateway {
    const all = new Set(further);
    return host => all.has(host) || /^istio-egressgateway\.[a-z0-9-]+\.svc\.cluster\.local$/.test(host);
}

/**
 * Istio's default text format (istio/istio, `pilot/pkg/model/telemetry_logging.go`, `EnvoyTextLogFormat`). Nothing in it is escaped,
 * and a client writes some of it; but every field that may have a blank is in quotes, so that a line with seven quoted fields has
 * no more quotes than those of the format.
 */
const TEXT =
    /^\[([^\]"]+)\] "([^"]*)" (\S+) (\S+) (\S+) (\S+) "([^"]*)" (\S+) (\S+) (\S+) (\S+) "([^"]*)" "([^"]*)" "([^"]*)" "([^"]*)" "([^"]*)" (\S+) (\S+) (\S+) (\S+) (\S+) (\S+)$/;

/** What the two formats have in common; nothing stands where a proxy wrote `-`. */
interface AccessLog {
    readonly at: number | undefined;
    readonly method: string | undefined;
    readonly authority: string | undefined;
    readonly flags: string | undefined;
    readonly details: string | undefined;
    readonly upstreamHost: string | undefined;
    readonly cluster: string | undefined;
    readonly upstreamLocal: string | undefined;
    readonly downstreamLocal: string | undefined;
    readonly downstreamRemote: string | undefined;
    readonly serverName: string | undefined;
    readonly peer: string | undefined;
}

const said = (text: string): string | undefined => (text === "-" || text === "" ? undefined : text);

export function readEnvoyText(line: string, client: Client, isGateway: IsGateway): Observation {
    const parts = TEXT.exec(line);
    if (parts === null) {
        return leftOut(
            line.split('"').length > 15
                ? "quotes in a field that a client wrote, so that fields may be forged"
                : "no format that is known here",
        );
    }
    return observed(
        {
            at: timeOf(parts[1]),
            method: said(parts[2]!.split(" ", 1)[0]!),
            authority: said(parts[15]!),
            flags: said(parts[4]!),
            details: said(parts[5]!),
            upstreamHost: said(parts[16]!),
            cluster: said(parts[17]!),
            upstreamLocal: said(parts[18]!),
            downstreamLocal: said(parts[19]!),
            downstreamRemote: said(parts[20]!),
            serverName: said(parts[21]!),
            peer: undefined,
        },
        client,
        isGateway,
    );
}

/** Whether an object is an access log's line in Istio's JSON format (`EnvoyJSONLogFormatIstio`): the names of its fields. */
export function isEnvoyJson(fields: Json): boolean {
    return Object.hasOwn(fields, "upstream_cluster") && Object.hasOwn(fields, "downstream_local_address");
}

/**
 * Istio's JSON format. `downstream_peer_uri_san`, which a mesh's own format may add (`%DOWNSTREAM_PEER_URI_SAN%`), is the caller as its
 * certificate says it.
 */
export function readEnvoyJson(fields: Json, client: Client, isGateway: IsGateway): Observation {
    return observed(
        {
            at: timeOf(textOf(fields, "start_time")),
            method: textOf(fields, "method"),
            authority: textOf(fields, "authority"),
            flags: textOf(fields, "response_flags"),
            details: textOf(fields, "response_code_details"),
            upstreamHost: textOf(fields, "upstream_host"),
            cluster: textOf(fields, "upstream_cluster"),
            upstreamLocal: textOf(fields, "upstream_local_address"),
            downstreamLocal: textOf(fields, "downstream_local_address"),
            downstreamRemote: textOf(fields, "downstream_remote_address"),
            serverName: textOf(fields, "requested_server_name"),
            peer: textOf(fields, "downstream_peer_uri_san"),
        },
        client,
        isGateway,
    );
}

const PASSTHROUGH = "PassthroughCluster";
const BLACK_HOLE = "BlackHoleCluster";

/** No connection to the far side (Envoy documentation, "Access logging", `%RESPONSE_FLAGS%`). */
const FAILED = /(^|,)(UF|UH|UO|NR|NC|DF|URX|NFCF|DT)(,|$)/;

function observed(log: AccessLog, shown: Client, isGateway: IsGateway): Observation {
    const local = endpointOf(log.downstreamLocal);
    const remote = endpointOf(log.downstreamRemote);
    if (local === undefined || log.at === undefined) {
        return leftOut("a field is missing or makes no sense");
    }
    const [direction, clusterPort, subset, clusterHost] = log.cluster?.split("|") ?? [];
    if (direction?.startsWith("inbound") === true || log.cluster === "InboundPassthroughCluster") {
        return INSIDE;
    }
    const outcome = outcomeOf(log);
    const atGateway = isAtGateway(log, local);
    const client = clientOf(log, shown, remote?.address, atGateway);
    const base = {
        kind: "call",
        witness: atGateway ? "gateway" : "sidecar",
        outcome,
        client,
        at: log.at,
        ...reachedBy(log),
    } as const;
    if (
        direction === "outbound" &&
        clusterHost !== undefined &&
        !(isClusterName(clusterHost) && isGateway(clusterHost))
    ) {
        const port = portOf(clusterPort);
        if (port === undefined) {
            return leftOut("a field is missing or makes no sense");
        }
        const host = hostOfCluster(clusterHost, log);
        const protocol = spokenTo(log, port, local.port);
        return host === undefined
            ? INSIDE
            : withHost(base, host, port, protocol, atGateway || protocol !== "originate" ? undefined : local.port);
    }
    if (
        direction === "outbound" ||
        log.cluster === PASSTHROUGH ||
        log.cluster === BLACK_HOLE ||
        log.cluster === undefined
    ) {
        return byWhatWasAsked(log, base, local, direction === "outbound" ? subset : undefined);
    }
    return INSIDE;
}

/** What every line of a proxy shows alike. */
type Shown = Pick<Call, "kind" | "witness" | "outcome" | "client" | "at" | "reached">;

function reachedBy({ upstreamHost }: AccessLog): Pick<Call, "reached"> {
    const far = endpointOf(upstreamHost);
    return far === undefined || !isPublic(far.address) ? {} : { reached: upstreamHost! };
}

/** A proxy that was asked for a name, and no cluster bears it. */
function byWhatWasAsked(
    log: AccessLog,
    base: Shown,
    { address, port }: { readonly address: string; readonly port: number },
    subset: string | undefined,
): Observation {
    if (log.method === "CONNECT") {
        return { ...base, ...place(address, log.authority), port, protocol: "other" };
    }
    const protocol = log.method !== undefined ? "http" : log.serverName !== undefined ? "tls" : "tcp";
    const asked = log.method !== undefined ? log.authority : log.serverName;
    if (asked !== undefined) {
        return withHost(base, asked, port, protocol);
    }
    if (subset !== undefined && subset !== "") {
        return { ...base, subset, port, protocol };
    }
    return isIPv6(address) || named(address).kind === "address" ? { ...base, address, port, protocol } : INSIDE;
}

function place(address: string, authority: string | undefined) {
    const name = authority === undefined ? undefined : named(authority);
    return name?.kind === "host" ? { host: name.host } : { address };
}

function withHost(
    base: Shown,
    written: string,
    port: number,
    protocol: Call["protocol"],
    dialled?: number,
): Observation {
    if (isWildcard(written)) {
        return { ...base, host: written, port, protocol };
    }
    const name = named(written);
    switch (name.kind) {
        case "host": {
            const call = { ...base, host: name.host, port, protocol };
            return dialled === undefined ? call : { ...call, dialled };
        }
        case "address":
            return { ...base, address: name.address, port, protocol };
        case "inside":
            return INSIDE;
        case "none":
            return leftOut("a name that no host has");
    }
}

/** A sidecar's plain HTTP that goes to another port than was dialled has TLS opened for it on the way. */
function spokenTo({ method, serverName }: AccessLog, clusterPort: number, dialled: number): Call["protocol"] {
    if (method !== undefined) {
        return clusterPort === 443 && dialled !== 443 ? "originate" : "http";
    }
    return serverName === undefined ? "tcp" : "tls";
}

/** The destination of a cluster. What this program's gateway calls by names of its own is told by those; the rest of what is inside leaves nothing. */
function hostOfCluster(host: string, { authority, serverName }: AccessLog): string | undefined {
    if (isWildcard(host)) {
        const asked = named(serverName ?? authority ?? "");
        return asked.kind === "host" && isBelow(asked.host, host) ? asked.host : host;
    }
    return destinationOfMeshHost(host) ?? (named(host).kind === "inside" ? undefined : host);
}

function outcomeOf({ cluster, flags, details }: AccessLog): Outcome {
    if (
        cluster === BLACK_HOLE ||
        /rbac_access_denied|ext_authz_denied/.test(details ?? "") ||
        /(^|,)UAEX(,|$)/.test(flags ?? "")
    ) {
        return "refused";
    }
    return cluster === undefined || FAILED.test(flags ?? "") ? "failed" : "answered";
}

/** A gateway ends a connection at an address of its own; in a sidecar that address is the far side's. */
function isAtGateway({ upstreamLocal }: AccessLog, local: { readonly address: string }): boolean {
    return endpointOf(upstreamLocal)?.address === local.address;
}

/** The pod that wrote a line is the caller in its own sidecar, and not in the gateway. */
function clientOf({ peer }: AccessLog, { pod }: Client, address: string | undefined, atGateway: boolean): Client {
    const [, namespace, serviceAccount] =
        (atGateway ? /^spiffe:\/\/[^/]+\/ns\/([a-z0-9-]+)\/sa\/([a-z0-9.-]+)$/.exec(peer ?? "") : null) ?? [];
    return {
        ...(address === undefined ? {} : { address }),
        ...(atGateway || pod === undefined ? {} : { pod }),
        ...(namespace === undefined || serviceAccount === undefined ? {} : { identity: { namespace, serviceAccount } }),
    };
}

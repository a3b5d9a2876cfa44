import { isIPv6 } from "node:net";
import { type Json } from "../containment/document";
import { fieldOf, isPublic, portOf, textOf, timeOf } from "./fields";
import { type Call, type Client, INSIDE, leftOut, type Observation } from "./observation";

/**
 * Logs of Google's network as Cloud Logging exports them. They know addresses, and no names; whoever has several interfaces or is
 * translated on its node shows the node's address.
 */
export function readGoogle(log: string, entry: Json): Observation | undefined {
    const payload = fieldOf(entry, "jsonPayload");
    switch (log) {
        case "compute.googleapis.com/firewall":
            return firewall(payload, entry);
        case "compute.googleapis.com/nat_flows":
            return connection(
                payload,
                entry,
                textOf(payload, "allocation_status") === "DROPPED" ? "failed" : "answered",
            );
        case "compute.googleapis.com/vpc_flows":
        case "networkmanagement.googleapis.com/vpc_flows":
            return flow(payload, entry);
        default:
            return undefined;
    }
}

function firewall(payload: unknown, entry: Json): Observation {
    const rule = fieldOf(payload, "rule_details");
    const disposition = textOf(payload, "disposition");
    if (disposition !== "ALLOWED" && disposition !== "DENIED") {
        return leftOut("a field is missing or makes no sense");
    }
    return textOf(rule, "direction") === "INGRESS"
        ? INSIDE
        : connection(payload, entry, disposition === "DENIED" ? "refused" : "answered");
}

/** Ports that hosts take for calls of their own (Linux, `ip_local_port_range`). */
const EPHEMERAL = 32768;

/** Both directions are logged, and so are answers to somebody outside who called. */
function flow(payload: unknown, entry: Json): Observation {
    const parts = fieldOf(payload, "connection");
    const [from, to] = [portOf(fieldOf(parts, "src_port")), portOf(fieldOf(parts, "dest_port"))];
    const isAnswer = from !== undefined && to !== undefined && from < EPHEMERAL && to >= EPHEMERAL;
    return isAnswer || textOf(payload, "reporter") === "DEST"
        ? INSIDE
        : connection(payload, entry, "answered", timeOf(textOf(payload, "start_time")));
}

function connection(payload: unknown, entry: Json, outcome: Call["outcome"], started?: number): Observation {
    const parts = fieldOf(payload, "connection");
    const [source, destination] = [textOf(parts, "src_ip"), textOf(parts, "dest_ip")];
    const number = Number(fieldOf(parts, "protocol"));
    const port = portOf(fieldOf(parts, "dest_port"));
    if (source === undefined || destination === undefined || !Number.isInteger(number)) {
        return leftOut("a field is missing or makes no sense");
    }
    if (isPublic(source) || !(isPublic(destination) || isPublicIpv6(destination))) {
        return INSIDE;
    }
    if (port === undefined && (number === TCP || number === UDP)) {
        return leftOut("a field is missing or makes no sense");
    }
    const at = started ?? timeOf(textOf(entry, "timestamp"));
    return {
        kind: "call",
        witness: "network",
        address: destination,
        port: port ?? 0,
        protocol: number === TCP ? "tcp" : number === UDP ? "udp" : "other",
        outcome,
        client: clientOf(payload, source),
        ...(at === undefined ? {} : { at }),
    };
}

/** Protocol numbers (IANA). */
const [TCP, UDP] = [6, 17];

function isPublicIpv6(address: string): boolean {
    return isIPv6(address) && /^[23]/.test(address);
}

function clientOf(payload: unknown, address: string): Client {
    const pod = fieldOf(fieldOf(payload, "src_gke_details"), "pod");
    const [namespace, name] = [textOf(pod, "pod_namespace"), textOf(pod, "pod_name")];
    return namespace === undefined || name === undefined ? { address } : { address, pod: { namespace, name } };
}

import { type Packet } from "../containment/verdict";
import { isAddress } from "../settings/values/cidr";
import { InputError } from "../settings/values/problem";

/** Who asks to leave: a workload of the mesh, or a machine by the name that the proof knows it by. */
export type Origin =
    | { readonly kind: "workload"; readonly namespace: string; readonly serviceAccount: string }
    | { readonly kind: "machine"; readonly name: string };

/** Where to: a host by name, or a packet to an address. */
export type Goal =
    | { readonly kind: "host"; readonly host: string; readonly port: number }
    | { readonly kind: "packet"; readonly packet: Packet };

/** `payments/api` is a workload; anything with a colon, or without a slash, names a machine: `node:acme-dev/gateway-pool`. */
export function originOf(text: string): Origin {
    const workload = /^([a-z0-9-]+)\/([a-z0-9.-]+)$/.exec(text);
    return workload === null
        ? { kind: "machine", name: text }
        : { kind: "workload", namespace: workload[1]!, serviceAccount: workload[2]! };
}

/**
 * `istio.io:443`, `1.1.1.1:53/udp`, `[2606:4700:4700::1111]:443`, `1.1.1.1/icmp`, `1.1.1.1/47`.
 *
 * @throws InputError
 */
export function goalOf(text: string): Goal {
    const match = /^(?:\[([^\]]+)\]|([^:/[\]]+|[0-9a-f:]+))(?::(\d+))?(?:\/([a-z]+|\d+))?$/i.exec(text);
    const host = (match?.[1] ?? match?.[2])?.toLowerCase();
    const port = match?.[3] === undefined ? undefined : Number(match[3]);
    const protocol = protocolOf(match?.[4] ?? "tcp");
    const needsPort = protocol === "tcp" || protocol === "udp" || protocol === "sctp";
    if (
        host === undefined ||
        protocol === undefined ||
        needsPort !== (port !== undefined) ||
        (port ?? 1) > 65535 ||
        port === 0
    ) {
        throw new InputError("the question cannot be asked", [
            {
                path: "--to",
                given: text,
                expected: "a host or an address, a port from 1 to 65535, and a protocol if it is not TCP",
                remedy: "For example istio.io:443, 1.1.1.1:53/udp, [2606:4700:4700::1111]:443 or 1.1.1.1/icmp.",
            },
        ]);
    }
    return !isAddress(host) && protocol === "tcp" && port !== undefined
        ? { kind: "host", host, port }
        : { kind: "packet", packet: { protocol, destination: host, ...(port === undefined ? {} : { port }) } };
}

function protocolOf(text: string): Packet["protocol"] | undefined {
    if (text === "tcp" || text === "udp" || text === "icmp" || text === "sctp") {
        return text;
    }
    return /^\d+$/.test(text) && Number(text) <= 255 ? `ip-${Number(text)}` : undefined;
}

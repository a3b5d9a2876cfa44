import { type Call, type Origin } from "../containment/explanation";
import { type Name } from "../containment/resolver/explain";
import { type Packet } from "../containment/verdict";
import { isAddress } from "../base/cidr";
import { isWildcard } from "../base/conventions";
import { InputError } from "../base/problem";

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
export function goalOf(text: string): Call {
    const match = /^(?:\[([^\]]+)\]|([^:/[\]]+|[0-9a-f:]+))(?::(\d+))?(?:\/([a-z]+|\d+))?$/i.exec(text);
    const host = (match?.[1] ?? match?.[2])?.toLowerCase();
    const port = match?.[3] === undefined ? undefined : Number(match[3]);
    const protocol = protocolOf((match?.[4] ?? "tcp").toLowerCase());
    const needsPort = protocol === "tcp" || protocol === "udp" || protocol === "sctp";
    if (
        host === undefined ||
        !(isAddress(host) || (match?.[1] === undefined && isHost(host))) ||
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
                remedy: isWildcard(text)
                    ? `A connection goes to one name: ask for one below it, for example www${text.slice(1)}.`
                    : "For example istio.io:443, 1.1.1.1:53/udp, [2606:4700:4700::1111]:443 or 1.1.1.1/icmp.",
            },
        ]);
    }
    return !isAddress(host) && protocol === "tcp" && port !== undefined
        ? { kind: "host", host, port }
        : { kind: "packet", packet: { protocol, destination: host, ...(port === undefined ? {} : { port }) } };
}

/**
 * `x.evil.example`, or with a type of records: `x.evil.example/TXT`.
 *
 * @throws InputError
 */
export function nameOf(text: string): Name {
    const [, host, type = "A"] = /^([^/]+?)\.?(?:\/([A-Za-z0-9]+))?$/.exec(text) ?? [];
    if (host === undefined || isAddress(host) || !isHost(host.toLowerCase())) {
        throw new InputError("the question cannot be asked", [
            {
                path: "--resolve",
                given: text,
                expected: "a name, and a type of records if it is not A",
                remedy: "For example istio.io, or x.evil.example/TXT.",
            },
        ]);
    }
    return { host: host.toLowerCase(), type: type.toUpperCase() };
}

/** A last label of digits makes it an address to every client (WHATWG URL), and what is no address then is nothing. */
function isHost(text: string): boolean {
    const labels = text.replace(/\.$/, "").split(".");
    return (
        labels.every(label => /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/.test(label)) &&
        !/^(?:\d+|0x[0-9a-f]*)$/.test(labels.at(-1)!)
    );
}

function protocolOf(text: string): Packet["protocol"] | undefined {
    if (text === "tcp" || text === "udp" || text === "icmp" || text === "sctp") {
        return text;
    }
    return /^\d+$/.test(text) && Number(text) <= 255 ? `ip-${Number(text)}` : undefined;
}

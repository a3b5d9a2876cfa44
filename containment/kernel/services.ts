import { UserError } from "../../base/problem";
import { type Packet } from "../verdict";
import { interval, type Intervals, pairs, unionOf } from "./intervals";

/**
 * A service is a protocol and a port, written as one integer, `protocol number * 65536 + port`, so that "tcp 80 and 443", "all
 * of udp" and "every protocol" are all sets of integers. A protocol without ports takes all 65,536 of its integers at once.
 */
const PORTS = 1 << 16;
const PROTOCOLS = 1 << 8;

export const EVERY_SERVICE: Intervals = interval(0, PROTOCOLS * PORTS);

/** Names that Google's firewall takes (VPC documentation, "Firewall rules: protocols and ports"); others are numbers (IANA). */
const NUMBERS: Readonly<Record<string, number>> = { icmp: 1, ipip: 4, tcp: 6, udp: 17, esp: 50, ah: 51, sctp: 132 };
const NAMES = new Map(Object.entries(NUMBERS).map(([name, number]) => [number, name]));
const WITH_PORTS = new Set([NUMBERS["tcp"], NUMBERS["udp"], NUMBERS["sctp"]]);
const ICMPV6 = 58;

/** The protocol or port is not what Google's API takes. */
class ServiceError extends UserError {
    override readonly name = "ServiceError";
}

/**
 * One line of a rule: a protocol (`tcp`, `all`, `"47"`) and ports (`"443"`, `"8000-8999"`). No ports means all ports.
 *
 * @throws ServiceError
 */
export function parseServices(protocol: string, ports: readonly string[] = []): Intervals {
    const lower = protocol.toLowerCase();
    const number = lower === "all" ? undefined : (NUMBERS[lower] ?? (/^\d{1,3}$/.test(lower) ? Number(lower) : NaN));
    if (number !== undefined && !(number < PROTOCOLS)) {
        throw new ServiceError(
            `got protocol "${protocol}", expected all, ${Object.keys(NUMBERS).join(", ")}, or a number from 0 to 255`,
        );
    }
    if (ports.length === 0) {
        return number === undefined ? EVERY_SERVICE : everyPort(number);
    }
    if (number === undefined || !WITH_PORTS.has(number)) {
        throw new ServiceError(
            `got ports ${ports.join(", ")} with protocol "${protocol}", expected ports with tcp, udp or sctp only`,
        );
    }
    return unionOf(ports.map(text => portInterval(number, text)));
}

function portInterval(protocol: number, text: string): readonly [number, number] {
    const ends = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(text);
    const [first, last] = [Number(ends?.[1]), Number(ends?.[2] ?? ends?.[1])];
    if (!(first <= last && last < PORTS)) {
        throw new ServiceError(
            `got port "${text}", expected a port from 0 to 65535 or an ascending range such as "8000-8999"`,
        );
    }
    return [protocol * PORTS + first, protocol * PORTS + last + 1];
}

function everyPort(protocol: number): Intervals {
    return interval(protocol * PORTS, (protocol + 1) * PORTS);
}

export function tcpPorts(ports: Iterable<number>): Intervals {
    return unionOf([...ports].map(port => [NUMBERS["tcp"]! * PORTS + port, NUMBERS["tcp"]! * PORTS + port + 1]));
}

/** The integer that stands for the packet's protocol and port. ICMP to an IPv6 destination is ICMPv6. @throws ServiceError */
export function serviceOf({ protocol, destination, port }: Packet): number {
    const number = protocol.startsWith("ip-") ? Number(protocol.slice(3)) : (NUMBERS[protocol] ?? NaN);
    if (!Number.isInteger(number) || number < 0 || number >= PROTOCOLS) {
        throw new ServiceError(
            `got protocol "${protocol}", expected tcp, udp, icmp, sctp or ip-<number from 0 to 255>`,
        );
    }
    if (WITH_PORTS.has(number) !== (port !== undefined)) {
        throw new ServiceError(
            `got ${protocol} ${port === undefined ? "without" : "with"} a port; tcp, udp and sctp have one, others have none`,
        );
    }
    if (port !== undefined && !(Number.isInteger(port) && port >= 0 && port < PORTS)) {
        throw new ServiceError(`got port ${port}, expected an integer from 0 to 65535`);
    }
    return (protocol === "icmp" && destination.includes(":") ? ICMPV6 : number) * PORTS + (port ?? 0);
}

/** The packet of a service towards a destination. */
export function packetOf(service: number, destination: string): Packet {
    const number = Math.floor(service / PORTS);
    const icmp = destination.includes(":") ? ICMPV6 : NUMBERS["icmp"];
    const name = number === icmp ? "icmp" : number === NUMBERS["icmp"] ? undefined : NAMES.get(number);
    const protocol =
        name === "tcp" || name === "udp" || name === "icmp" || name === "sctp" ? name : (`ip-${number}` as const);
    return WITH_PORTS.has(number) ? { protocol, destination, port: service % PORTS } : { protocol, destination };
}

/** For people: "tcp 80, 443; udp", "every protocol and port", "everything but tcp 443". */
export function describeServices(services: Intervals): string {
    if (services.length === 2 && services[0] === 0 && services[1] === PROTOCOLS * PORTS) {
        return "every protocol and port";
    }
    const words = describeList(services);
    const rest = describeList(complement(services));
    return rest.length < words.length && rest.length <= 4 ? `everything but ${rest.join("; ")}` : words.join("; ");
}

function complement(services: Intervals): Intervals {
    const ends = services[0] === 0 ? services.slice(1) : [0, ...services];
    return ends[ends.length - 1] === PROTOCOLS * PORTS ? ends.slice(0, -1) : [...ends, PROTOCOLS * PORTS];
}

function describeList(services: Intervals): string[] {
    const ports = new Map<number, string[]>();
    for (const [from, to] of pairs(services)) {
        for (let start = from; start < to;) {
            const protocol = Math.floor(start / PORTS);
            const end = Math.min(to, (protocol + 1) * PORTS);
            const [first, last] = [start % PORTS, (end - 1) % PORTS];
            const list = ports.get(protocol) ?? [];
            ports.set(protocol, list);
            if (last - first + 1 < PORTS) {
                list.push(first === last ? `${first}` : `${first}-${last}`);
            }
            start = end;
        }
    }
    return [...ports].map(([protocol, list]) => {
        const name = protocol === ICMPV6 ? "icmpv6" : (NAMES.get(protocol) ?? `protocol ${protocol}`);
        return list.length === 0 ? name : `${name} ${list.join(", ")}`;
    });
}

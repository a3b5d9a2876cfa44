import { REGION, type Sketch, type SketchPool, type SketchRule, type SketchService, SUBNETS } from "./sketch";

/**
 * The oracle: follows one packet through a sketch, rule by rule, with address code of its own. Nothing of the proof is imported.
 */
export interface Probe {
    readonly destination: string;
    /** IANA protocol number. */
    readonly protocol: number;
    readonly port: number;
}

export interface Walked {
    readonly allowed: boolean;
    /** The packet leaves the network towards a public address; `front ends`: as one for Google's own services only. */
    readonly leaves: "yes" | "no" | "front ends";
}

export function walk(sketch: Sketch, pool: SketchPool, asPod: boolean, probe: Probe): Walked {
    return combined(firewallAllows(rulesInOrder(sketch, pool), probe), wayOut(sketch, pool, asPod, probe.destination));
}

/** {@link walk} for many services towards one destination. */
export function walkAll(
    sketch: Sketch,
    pool: SketchPool,
    asPod: boolean,
    destination: string,
    services: readonly Omit<Probe, "destination">[],
): Walked[] {
    const layers = rulesInOrder(sketch, pool).map(rules =>
        rules.filter(({ destinations }) => destinations?.some(range => inRange(destination, range)) ?? true),
    );
    const way = wayOut(sketch, pool, asPod, destination);
    return services.map(service => combined(firewallAllows(layers, { destination, ...service }), way));
}

function combined(allowed: boolean, way: Walked["leaves"]): Walked {
    return { allowed, leaves: allowed ? way : "no" };
}

/** The rules that concern the pool, layer by layer. */
function rulesInOrder(sketch: Sketch, pool: SketchPool): SketchRule[][] {
    const policies: SketchRule["layer"][] = ["global", "regional"];
    const order: SketchRule["layer"][] = [
        "organization",
        ...(sketch.policiesFirst ? [...policies, "classic" as const] : ["classic" as const, ...policies]),
    ];
    return order.map(layer =>
        sketch.rules
            .filter(rule => rule.layer === layer && rule.direction === "EGRESS" && !rule.disabled)
            .filter(
                ({ accounts, tags }) =>
                    (accounts?.includes(pool.account) ?? true) && (tags?.some(tag => pool.tags.includes(tag)) ?? true),
            )
            .sort((a, b) =>
                a.priority !== b.priority
                    ? a.priority - b.priority
                    : Number(b.action === "deny") - Number(a.action === "deny"),
            ),
    );
}

function firewallAllows(layers: readonly (readonly SketchRule[])[], probe: Probe): boolean {
    for (const rules of layers) {
        const first = rules.find(rule => matches(rule, probe));
        if (first?.action === "allow") {
            return true;
        }
        if (first?.action === "deny") {
            return false;
        }
    }
    return true;
}

function matches({ destinations, services }: SketchRule, probe: Probe): boolean {
    return (
        (destinations?.some(range => inRange(probe.destination, range)) ?? true) &&
        services.some(service => serves(service, probe))
    );
}

const NUMBERS: Record<string, number> = { tcp: 6, udp: 17, icmp: 1, sctp: 132, esp: 50 };

function serves({ protocol, ports }: SketchService, probe: Probe): boolean {
    const number = protocol === "all" ? probe.protocol : (NUMBERS[protocol] ?? Number(protocol));
    return (
        number === probe.protocol &&
        (ports.length === 0 ||
            ports.some(text => {
                const [low, high] = text.split("-").map(Number);
                return probe.port >= low! && probe.port <= (high ?? low!);
            }))
    );
}

const RESERVED = [
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.0.0.0/24",
    "192.0.2.0/24",
    "192.168.0.0/16",
    "198.18.0.0/15",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "224.0.0.0/3",
    "::/127",
    "0:0:0:0:0:ffff::/96",
    "64:ff9b:1::/48",
    "100::/63",
    "2001:db8::/32",
    "3fff::/20",
    "5f00::/16",
    "fc00::/7",
    "fe80::/10",
    "ff00::/8",
];
const IETF6 = "2001::/23";
const IETF6_REACHABLE = [
    "2001::/32",
    "2001:1::1/128",
    "2001:1::2/128",
    "2001:1::3/128",
    "2001:3::/32",
    "2001:4:112::/48",
    "2001:20::/28",
    "2001:30::/28",
];
const GOOGLE = [
    "199.36.153.4/30",
    "199.36.153.8/30",
    "34.126.0.0/18",
    "2600:2d00:2:1000::/64",
    "2600:2d00:2:2000::/64",
    "2001:4860:8040::/42",
];

function isPublic(address: string): boolean {
    if (address === "192.0.0.9" || address === "192.0.0.10") {
        return true;
    }
    if (inRange(address, IETF6)) {
        return IETF6_REACHABLE.some(range => inRange(address, range));
    }
    return !RESERVED.some(range => inRange(address, range));
}

function wayOut(sketch: Sketch, pool: SketchPool, asPod: boolean, destination: string): "yes" | "no" | "front ends" {
    const version = destination.includes(":") ? 6 : 4;
    const local = Object.values(SUBNETS).some(
        ({ primary, pods }) => inRange(destination, primary) || inRange(destination, pods),
    );
    const generated = [...(sketch.ownDefaultRoute ? ["0.0.0.0/0"] : []), "::/0"].map(range => ({
        destination: range,
        tags: undefined,
    }));
    const routed = [...sketch.routes, ...generated].some(
        route =>
            inRange(destination, route.destination) &&
            (route.tags === undefined || route.tags.some(tag => pool.tags.includes(tag))),
    );
    if (local || !isPublic(destination) || !routed) {
        return "no";
    }
    const google = GOOGLE.some(range => inRange(destination, range));
    const hasIpv6 = sketch.dualStack && SUBNETS[pool.subnet]!.external6;
    if (version === 6) {
        return hasIpv6 ? "yes" : "no";
    }
    const translated = sketch.nats.some(nat => {
        if (nat.region !== REGION) {
            return false;
        }
        if (nat.serves === "all" || nat.serves === "primary") {
            return nat.serves === "all" || !asPod;
        }
        return nat.serves.some(
            ({ subnet, ranges }) =>
                subnet === pool.subnet &&
                // Root on a node sends with its own address or with one of its pods'.
                ranges.some(range => range !== "PRIMARY_IP_RANGE" || !asPod),
        );
    });
    const external = pool.external && !asPod;
    return google || external || translated ? "yes" : "front ends";
}

const answers = new Map<string, Map<string, boolean>>();

/** Own, slow and plain: an address as a list of bits. What was asked before is remembered. */
function inRange(address: string, range: string): boolean {
    let known = answers.get(range);
    if (known === undefined) {
        answers.set(range, (known = new Map()));
    }
    let answer = known.get(address);
    if (answer === undefined) {
        known.set(address, (answer = compareBits(address, range)));
    }
    return answer;
}

function compareBits(address: string, range: string): boolean {
    const [base, length] = range.split("/") as [string, string];
    if (address.includes(":") !== base.includes(":")) {
        return false;
    }
    return bits(address).slice(0, Number(length)) === bits(base).slice(0, Number(length));
}

const cache = new Map<string, string>();

function bits(address: string): string {
    const known = cache.get(address);
    if (known !== undefined) {
        return known;
    }
    const result = address.includes(":")
        ? groups(address)
              .map(group => group.toString(2).padStart(16, "0"))
              .join("")
        : address
              .split(".")
              .map(octet => Number(octet).toString(2).padStart(8, "0"))
              .join("");
    cache.set(address, result);
    return result;
}

function groups(address: string): number[] {
    const [head, tail] = address.split("::") as [string, string | undefined];
    const parse = (text: string | undefined): number[] =>
        text === undefined || text === "" ? [] : text.split(":").map(group => parseInt(group, 16));
    const [before, after] = [parse(head), parse(tail)];
    return tail === undefined
        ? before
        : [...before, ...Array.from({ length: 8 - before.length - after.length }, () => 0), ...after];
}

/** First and last address of each range and their neighbours: nothing changes anywhere else. */
export function borderAddresses(ranges: readonly string[]): string[] {
    const found = new Set<string>();
    for (const range of ranges) {
        const [base, length] = range.split("/") as [string, string];
        const width = base.includes(":") ? 128 : 32;
        const first = BigInt(`0b${bits(base).slice(0, Number(length)).padEnd(width, "0")}`);
        const last = BigInt(`0b${bits(base).slice(0, Number(length)).padEnd(width, "1")}`);
        for (const value of [first - 1n, first, last, last + 1n]) {
            if (value >= 0n && value < 1n << BigInt(width)) {
                found.add(written(value, width));
            }
        }
    }
    return [...found];
}

function written(value: bigint, width: number): string {
    const text = value.toString(2).padStart(width, "0");
    const step = width === 32 ? 8 : 16;
    const parts = Array.from({ length: width / step }, (_, index) =>
        parseInt(text.slice(index * step, (index + 1) * step), 2),
    );
    return width === 32 ? parts.join(".") : parts.map(part => part.toString(16)).join(":");
}

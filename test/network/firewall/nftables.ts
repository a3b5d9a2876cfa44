import {
    REGION,
    type Sketch,
    type SketchPool,
    type SketchRule,
    type SketchService,
    SUBNETS,
} from "../../containment/oracles/sketch";
import { type Machine } from "./lab";

/**
 * A sketched world as rules for a real packet filter: the VPC firewall becomes the machine's output chain, with a chain for each
 * layer; NAT and the internet gateway become the forward and postrouting chains of the network. Written from Google's documentation,
 * like the proof, and sharing no code with it.
 */
export const TRANSLATED = { nat: "198.18.0.1", google: "198.18.0.2", one: "198.18.0.11", two: "198.18.0.12" } as const;

/** Node and pod address of each machine; IPv6 only where the subnet has it. */
export function addressesOf(
    sketch: Sketch,
    pool: SketchPool,
    name: "one" | "two",
): { readonly node: string; readonly pod: string; readonly ipv6?: string } {
    const number = name === "one" ? 5 : 6;
    const hasIpv6 = sketch.dualStack && SUBNETS[pool.subnet]!.external6;
    return {
        node: pool.subnet === "apps" ? `10.0.0.${number}` : `10.0.8.${number}`,
        pod: pool.subnet === "apps" ? `10.4.${number}.1` : `10.3.0.${number}`,
        ...(hasIpv6 ? { ipv6: `2600:1900::${number}` } : {}),
    };
}

export function routesOf(sketch: Sketch, pool: SketchPool): string[] {
    const own = sketch.routes
        .filter(({ tags }) => tags === undefined || tags.some(tag => pool.tags.includes(tag)))
        .map(({ destination }) => destination);
    return [...new Set([...own, ...(sketch.ownDefaultRoute ? ["0.0.0.0/0"] : []), "::/0"])];
}

export function machineFirewall(sketch: Sketch, pool: SketchPool): Machine["firewall"] {
    const layers: SketchRule["layer"][] = sketch.policiesFirst
        ? ["organization", "global", "regional", "classic"]
        : ["organization", "classic", "global", "regional"];
    return [
        "table inet vpc_firewall {",
        // Refused instead of dropped, so that nobody has to wait to know.
        "  chain refuse { meta l4proto tcp reject with tcp reset; reject; }",
        ...layers.map(layer => `  chain ${layer} {\n${rulesOf(sketch, pool, layer).join("\n")}\n  }`),
        '  chain egress { type filter hook output priority 0; policy accept; oifname "lo" accept;',
        ...layers.map(layer => `    jump ${layer}`),
        "  }",
        "}",
    ].join("\n");
}

function rulesOf(sketch: Sketch, pool: SketchPool, layer: SketchRule["layer"]): string[] {
    const verdicts = { allow: "accept", deny: "goto refuse", next: "return" };
    return (
        sketch.rules
            .filter(rule => rule.layer === layer && rule.direction === "EGRESS" && !rule.disabled)
            .filter(rule => rule.accounts === undefined || rule.accounts.includes(pool.account))
            .filter(rule => rule.tags === undefined || rule.tags.some(tag => pool.tags.includes(tag)))
            // Stable: what is sorted first by action stays first among equal priorities.
            .sort((a, b) => (a.action === "deny" ? 0 : 1) - (b.action === "deny" ? 0 : 1))
            .sort((a, b) => a.priority - b.priority)
            .flatMap(rule =>
                destinationsOf(rule).flatMap(destination =>
                    rule.services
                        .flatMap(serviceOf)
                        .map(service => `    ${destination} ${service} ${verdicts[rule.action]}`),
                ),
            )
    );
}

function destinationsOf({ destinations }: SketchRule): string[] {
    return (
        destinations?.map(range => {
            const family = range.includes(":") ? "ip6" : "ip";
            return range.endsWith("/0")
                ? `meta nfproto ${family === "ip6" ? "ipv6" : "ipv4"}`
                : `${family} daddr ${range}`;
        }) ?? [""]
    );
}

function serviceOf({ protocol, ports }: SketchService): string[] {
    if (protocol === "all") {
        return [""];
    }
    return ports.length === 0 ? [`meta l4proto ${protocol}`] : ports.map(port => `${protocol} dport ${port}`);
}

const GOOGLE = "{ 199.36.153.4/30, 199.36.153.8/30, 34.126.0.0/18 }";
const NOT_ON_THE_INTERNET = "{ 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16, 100.64.0.0/10, 203.0.113.0/24 }";

/** @param machines the pool and addresses of each machine */
export function networkRules(
    sketch: Sketch,
    machines: readonly { readonly name: "one" | "two"; readonly pool: SketchPool }[],
): string {
    const sources = machines.map(({ name, pool }) => ({ name, pool, ...addressesOf(sketch, pool, name) }));
    const external = sources.filter(({ pool }) => pool.external);
    const translated = sketch.nats
        .filter(({ region }) => region === REGION)
        .flatMap(({ serves }) => rangesServed(serves));
    return [
        "table inet network {",
        "  chain forward { type filter hook forward priority 0; policy drop;",
        "    ct state established,related accept",
        `    ip daddr ${NOT_ON_THE_INTERNET} reject`,
        "    ip6 daddr fc00::/7 reject",
        `    ip daddr ${GOOGLE} accept`,
        ...external.map(({ node }) => `    ip saddr ${node} accept`),
        ...translated.map(range => `    ip saddr ${range} accept`),
        "    meta nfproto ipv6 accept",
        "    meta l4proto tcp reject with tcp reset",
        "    reject",
        "  }",
        "  chain translate { type nat hook postrouting priority 100; policy accept;",
        ...external.map(({ name, node }) => `    oifname "internet" ip saddr ${node} snat ip to ${TRANSLATED[name]}`),
        `    oifname "internet" ip daddr ${GOOGLE} snat ip to ${TRANSLATED.google}`,
        ...translated.map(range => `    oifname "internet" ip saddr ${range} snat ip to ${TRANSLATED.nat}`),
        "  }",
        "}",
    ].join("\n");
}

function rangesServed(serves: Sketch["nats"][number]["serves"]): string[] {
    const all = Object.values(SUBNETS);
    if (serves === "all") {
        return all.flatMap(({ primary, pods }) => [primary, pods]);
    }
    if (serves === "primary") {
        return all.map(({ primary }) => primary);
    }
    return serves.flatMap(({ subnet, ranges }) => {
        const { primary, pods } = SUBNETS[subnet]!;
        return ranges.flatMap(range =>
            range === "ALL_IP_RANGES" ? [primary, pods] : range === "pods" ? [pods] : [primary],
        );
    });
}

import { fields, fieldsList, type KubernetesObject, text, texts } from "../kubernetes";
import { append } from "./exported";

/** What Host headers are compared with, in the spelling of routes and policies. */
export interface AuthorityTexts {
    /** Texts that spell a whole name, with or without a port, by that name. */
    readonly byName: ReadonlyMap<string, readonly string[]>;
    /** Beginnings of headers. */
    readonly prefixes: readonly string[];
    /** Ports with which headers may end. */
    readonly ports: readonly string[];
    /** A port that none of these tells from any other. */
    readonly freshPort: string;
}

/** What the routes of the virtual services and the policies compare a Host header with. */
export function authorityTexts(
    virtualServices: Iterable<KubernetesObject>,
    policies: readonly KubernetesObject[],
): AuthorityTexts {
    const whole = new Set<string>();
    const prefixes = new Set<string>();
    const ports = new Set<string>();
    for (const { spec } of new Set(virtualServices)) {
        for (const { authority } of fieldsList(spec.http).flatMap(route => fieldsList(route.match))) {
            whole.add(text(fields(authority).exact) ?? "");
            prefixes.add(text(fields(authority).prefix) ?? "");
        }
    }
    const operations = policies.flatMap(({ spec }) => fieldsList(spec.rules).flatMap(({ to }) => fieldsList(to)));
    for (const { hosts, notHosts } of operations.map(({ operation }) => fields(operation))) {
        for (const value of [...texts(hosts), ...texts(notHosts)]) {
            if (value.startsWith("*")) {
                ports.add(/(\d+)$/.exec(value)?.[1] ?? "");
            } else {
                // `host:*` tells nothing but that there is a port.
                (value.endsWith("*") && !value.endsWith(":*") ? prefixes : whole).add(value.replace(/\*$/, ""));
            }
        }
    }
    [whole, prefixes, ports].forEach(set => set.delete(""));
    const byName = new Map<string, string[]>();
    [...whole, ...prefixes].forEach(value => append(byName, nameIn(value), value));
    const told = [...whole, ...prefixes].flatMap(value => /:(\d+)$/.exec(value)?.[1] ?? []);
    const fresh = FRESH_PORTS.find(port => ![...told, ...ports].some(known => port.startsWith(known)));
    return { byName, prefixes: [...prefixes], ports: [...ports], freshPort: fresh ?? FRESH_PORTS[0]! };
}

const FRESH_PORTS = ["65535", ...Array.from({ length: 9 }, (_, digit) => `${digit + 1}0999`)] as const;

/** The name in a Host header, as virtual hosts compare it: without its port and the dot at the end, in lower case. */
export function nameIn(authority: string): string {
    return authority.replace(/:\d*$/, "").replace(/\.$/, "").toLowerCase();
}

/**
 * Ways to write one host in the Host header such that each comparison that a route or a policy makes comes out in every way that a
 * caller can bring about: with and without a port, in capitals, with a dot at the end, as every text that it is compared
 * with, and as every beginning, continued.
 */
export function authoritiesOf(host: string, { byName, prefixes, ports, freshPort }: AuthorityTexts): readonly string[] {
    const capitals = host.toUpperCase();
    const written = new Set([host, `${host}:${freshPort}`, capitals, `${capitals}:${freshPort}`, `${host}.`]);
    for (const value of byName.get(host) ?? []) {
        written.add(value);
        written.add(`${value.replace(/:\d*$/, "")}:${freshPort}`);
    }
    for (const prefix of prefixes) {
        if (nameIn(prefix) === host && /:\d*$/.test(prefix)) {
            Array.from("0123456789", digit => written.add(`${prefix}${digit}`));
        } else if (host.startsWith(prefix.toLowerCase())) {
            const rest = host.slice(prefix.length);
            for (const end of [rest, rest.toUpperCase()]) {
                written.add(`${prefix}${end}`).add(`${prefix}${end}:${freshPort}`);
            }
        }
    }
    ports.forEach(port => written.add(`${host}:${port}`));
    return [...written];
}

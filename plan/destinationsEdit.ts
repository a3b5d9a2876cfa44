import { isAddress } from "../base/cidr";
import { isMap, isSeq, type Node, parseDocument, type YAMLMap, type YAMLSeq } from "yaml";
import {
    columnOf,
    endOf,
    endOfLine,
    type Flow,
    flow,
    inserted,
    type Insertion,
    insertionIn,
    lines,
    scalar,
} from "./yamlText";

/** What is asked for. */
export interface NewGrant {
    /** A name, a wildcard, or one public address. */
    readonly host: string;
    readonly port: number;
    readonly protocol: string;
    readonly namespace: string;
    readonly serviceAccount: string;
    readonly owner?: string;
    readonly reason?: string;
}

/** One entry of a list of destinations, or what one that is there is to have besides. */
export interface NewEntry {
    /** A name, a wildcard, or one public address. */
    readonly host: string;
    readonly ports: readonly NewPort[];
    readonly allow: readonly NewWorkload[];
    readonly owner?: string;
    readonly reason?: string;
    readonly expires?: string;
    /** Lines of explanation above what a new entry allows. */
    readonly comments?: readonly string[];
}

/** Keys and values of one port, in the order in which they are written. */
export type NewPort = Readonly<Record<string, Flow>> & {
    readonly number: number;
    readonly protocol: string;
};

interface NewWorkload {
    readonly namespace: string;
    readonly serviceAccount: string;
}

/** The keys under `config` that hold a stack's own list. */
const KEYS = ["egress-gateway:destinations", "destinations"] as const;

/**
 * The text of a stack's file, or of a list of destinations, with one grant more: an entry of its own for a new host, a port or a
 * workload more for one that is there.
 *
 * @returns as {@link withEntry}
 */
export function withGrant(text: string, where: "stack" | "list", grant: NewGrant, force: boolean): string | undefined {
    const { port: number, protocol, namespace, serviceAccount, ...rest } = grant;
    const entry = { ...rest, ports: [{ number, protocol }], allow: [{ namespace, serviceAccount }] };
    return withEntry(text, where, entry, force);
}

/**
 * The text with one entry more, or with what one that is there lacks. It is inserted where it belongs, so that no other character
 * changes.
 *
 * @param where The list in the text: under `config` of a stack's file, or the whole file.
 * @param force Whether a host that is not in the list is added to it.
 * @returns `undefined` where the host is not in the list and not to be added, or where the text holds no list.
 */
export function withEntry(text: string, where: "stack" | "list", entry: NewEntry, force: boolean): string | undefined {
    const contents: unknown = parseDocument(text).contents;
    const config = where === "stack" && isMap(contents) ? contents.get("config", true) : undefined;
    const list =
        where === "list" ? contents : isMap(config) ? KEYS.map(key => config.get(key, true)).find(isSeq) : undefined;
    if (!isSeq(list)) {
        return force && isMap(config)
            ? inserted(
                  text,
                  endOf(text, config),
                  lines(["", "", `${KEYS[0]}:`, ...entryLines(entry).map(line => `  ${line}`)], columnOf(text, config)),
              )
            : undefined;
    }
    const there = list.items.find((item): item is YAMLMap => isMap(item) && isAbout(item, entry.host));
    if (there === undefined) {
        return force ? appended(text, list, entry) : undefined;
    }
    // From behind, so that the places in front stay where they are.
    return insertions(text, there, entry)
        .toSorted((a, b) => b.at - a.at)
        .reduce((changed, { at, what }) => inserted(changed, at, what), text);
}

/** An entry of several addresses is not about one of them: a workload more there would be given all. */
function isAbout(entry: YAMLMap, host: string): boolean {
    const addresses: unknown = entry.get("addresses", true);
    const [first, ...others] = isSeq(addresses) ? addresses.items.map(String) : [];
    return entry.get("host") === host || (first === host && others.length === 0);
}

function insertions(text: string, there: YAMLMap, { ports: askedPorts, allow: askedFor }: NewEntry): Insertion[] {
    const [ports, allow] = [there.get("ports", true), there.get("allow", true)];
    const newPorts = askedPorts.filter(({ number }) =>
        isSeq(ports)
            ? !ports.items.some(port => isMap(port) && (port.get("number") ?? 443) === number)
            : number !== 443,
    );
    const newcomers = askedFor.filter(
        asked =>
            isSeq(allow) &&
            !allow.items.some(
                one => isMap(one) && Object.entries(asked).every(([key, value]) => one.get(key) === value),
            ),
    );
    return [
        ...(newPorts.length === 0
            ? []
            : isSeq(ports)
              ? newPorts.map(port => insertionIn(text, ports, [flow(port)])).reverse()
              : // What is not written is the default, and stays.
                [behindHost(text, there, `ports: ${flow([{ number: 443, protocol: "tls" }, ...newPorts])}`)]),
        ...(isSeq(allow) ? newcomers.map(one => insertionIn(text, allow, [flow(workloadOf(one))])).reverse() : []),
    ];
}

function behindHost(text: string, entry: YAMLMap, line: string): Insertion {
    const host = (entry.get("host", true) ?? entry.get("addresses", true)) as Node;
    return { at: endOfLine(text, host.range![1]), what: lines(["", line], columnOf(text, entry)) };
}

function appended(text: string, list: YAMLSeq, entry: NewEntry): string {
    const { at, what } = insertionIn(text, list, list.flow === true ? [entryFlow(entry)] : entryLines(entry));
    return inserted(text, at, what);
}

/** The entry as lines of YAML, the first with its dash. */
export function entryLines(entry: NewEntry): string[] {
    const { allow, comments = [], expires, host, owner, ports, reason } = entry;
    return [
        isAddress(host) ? `- addresses: ${flow([host])}` : `- host: ${scalar(host)}`,
        ...(isUsual(ports) ? [] : [`  ports: ${flow(ports)}`]),
        ...comments.map(comment => `  # ${comment}`),
        ...(allow.length === 1
            ? [`  allow: ${flow(allow.map(workloadOf))}`]
            : ["  allow:", ...allow.map(one => `    - ${flow(workloadOf(one))}`)]),
        ...Object.entries({ owner, reason }).flatMap(([key, value]) =>
            value === undefined ? [] : [`  ${key}: ${scalar(value)}`],
        ),
        ...(expires === undefined ? [] : [`  expires: ${JSON.stringify(expires)}`]),
    ];
}

/** The same within braces, for a list that is written within brackets. */
function entryFlow({ allow, expires, host, owner, ports, reason }: NewEntry): string {
    const parts = [
        isAddress(host) ? `addresses: ${flow([host])}` : `host: ${JSON.stringify(host)}`,
        ...(isUsual(ports) ? [] : [`ports: ${flow(ports)}`]),
        `allow: ${flow(allow.map(workloadOf))}`,
        ...Object.entries({ owner, reason, expires }).flatMap(([key, value]) =>
            value === undefined ? [] : [`${key}: ${JSON.stringify(value)}`],
        ),
    ];
    return `{ ${parts.join(", ")} }`;
}

function isUsual([first, ...others]: readonly NewPort[]): boolean {
    return first?.number === 443 && first.protocol === "tls" && Object.keys(first).length === 2 && others.length === 0;
}

function workloadOf({ namespace, serviceAccount }: NewWorkload) {
    return { namespace, serviceAccount };
}

import { isAddress } from "../base/cidr";
import { isMap, isSeq, type Node, parseDocument, type YAMLMap, type YAMLSeq } from "yaml";
import {
    columnOf,
    endOf,
    endOfLine,
    flow,
    flowList,
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

/** The keys under `config` that hold a stack's own list. */
const KEYS = ["egress-gateway:destinations", "destinations"] as const;

/**
 * The text of a stack's file, or of a list of destinations, with one grant more: an entry of its own for a new host, a port or a
 * workload more for one that is there. It is inserted where it belongs, so that no other character changes.
 *
 * @param where The list in the text: under `config` of a stack's file, or the whole file.
 * @param force Whether a host that is not in the list is added to it.
 * @returns `undefined` where the host is not in the list and not to be added, or where the text holds no list.
 */
export function withGrant(text: string, where: "stack" | "list", grant: NewGrant, force: boolean): string | undefined {
    const contents: unknown = parseDocument(text).contents;
    const config = where === "stack" && isMap(contents) ? contents.get("config", true) : undefined;
    const list =
        where === "list" ? contents : isMap(config) ? KEYS.map(key => config.get(key, true)).find(isSeq) : undefined;
    if (!isSeq(list)) {
        return force && isMap(config)
            ? inserted(
                  text,
                  endOf(text, config),
                  lines(["", "", `${KEYS[0]}:`, ...entryLines(grant).map(line => `  ${line}`)], columnOf(text, config)),
              )
            : undefined;
    }
    const entry = list.items.find((item): item is YAMLMap => isMap(item) && isAbout(item, grant.host));
    if (entry === undefined) {
        return force ? appended(text, list, entryLines(grant)) : undefined;
    }
    // From behind, so that the places in front stay where they are.
    return insertions(text, entry, grant)
        .toSorted((a, b) => b.at - a.at)
        .reduce((changed, { at, what }) => inserted(changed, at, what), text);
}

/** An entry of several addresses is not about one of them: a workload more there would be given all. */
function isAbout(entry: YAMLMap, host: string): boolean {
    const addresses: unknown = entry.get("addresses", true);
    const [first, ...others] = isSeq(addresses) ? addresses.items.map(String) : [];
    return entry.get("host") === host || (first === host && others.length === 0);
}

function insertions(text: string, entry: YAMLMap, grant: NewGrant): Insertion[] {
    const [ports, allow] = [entry.get("ports", true), entry.get("allow", true)];
    const asked = workloadOf(grant);
    const known = isSeq(ports)
        ? ports.items.some(port => isMap(port) && (port.get("number") ?? 443) === grant.port)
        : grant.port === 443;
    const allowed =
        isSeq(allow) &&
        allow.items.some(one => isMap(one) && Object.entries(asked).every(([key, value]) => one.get(key) === value));
    return [
        ...(known
            ? []
            : isSeq(ports)
              ? [insertionIn(text, ports, [flow(portOf(grant))])]
              : // What is not written is the default, and stays.
                [
                    behindHost(
                        text,
                        entry,
                        `ports: [${flow({ number: 443, protocol: "tls" })}, ${flow(portOf(grant))}]`,
                    ),
                ]),
        ...(allowed || !isSeq(allow) ? [] : [insertionIn(text, allow, [flow(asked)])]),
    ];
}

function behindHost(text: string, entry: YAMLMap, line: string): Insertion {
    const host = (entry.get("host", true) ?? entry.get("addresses", true)) as Node;
    return { at: endOfLine(text, host.range![1]), what: lines(["", line], columnOf(text, entry)) };
}

function appended(text: string, list: YAMLSeq, item: readonly string[]): string {
    const { at, what } = insertionIn(text, list, item);
    return inserted(text, at, what);
}

function entryLines({ host, owner, reason, ...grant }: NewGrant): string[] {
    const usual = grant.port === 443 && grant.protocol === "tls";
    return [
        isAddress(host) ? `- addresses: ${flowList([host])}` : `- host: ${scalar(host)}`,
        ...(usual ? [] : [`  ports: [${flow(portOf(grant))}]`]),
        `  allow: [${flow(workloadOf(grant))}]`,
        ...(owner === undefined ? [] : [`  owner: ${scalar(owner)}`]),
        ...(reason === undefined ? [] : [`  reason: ${scalar(reason)}`]),
    ];
}

function portOf({ port, protocol }: Pick<NewGrant, "port" | "protocol">): Record<string, string | number> {
    return { number: port, protocol };
}

function workloadOf({ namespace, serviceAccount }: Pick<NewGrant, "namespace" | "serviceAccount">) {
    return { namespace, serviceAccount };
}

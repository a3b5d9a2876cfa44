import { isIPv4 } from "node:net";
import { publicAddressesCheck } from "../base/cidr";
import { isClusterName } from "../base/conventions";
import { hostCheck } from "../base/host";

/** Fields of a JSON object, whatever their names: what is inherited is none of it. */
export type Fields = Readonly<Record<string, unknown>>;

export function isFields(value: unknown): value is Fields {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function fieldOf(object: unknown, name: string): unknown {
    return isFields(object) && Object.hasOwn(object, name) ? object[name] : undefined;
}

/** A text that says something; `-` is how proxies write nothing. */
export function textOf(object: unknown, name: string): string | undefined {
    const value = fieldOf(object, name);
    return typeof value === "string" && value !== "" && value !== "-" ? value : undefined;
}

export function timeOf(text: string | undefined): number | undefined {
    if (text === undefined || !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/.test(text)) {
        return undefined;
    }
    const at = Date.parse(text);
    return Number.isNaN(at) ? undefined : at;
}

export function portOf(value: unknown): number | undefined {
    const text = typeof value === "number" ? String(value) : value;
    const port = typeof text === "string" && /^[1-9]\d{0,4}$/.test(text) ? Number(text) : NaN;
    return port <= 65535 ? port : undefined;
}

/** `10.4.0.7:443`, `[fd00::1]:443`. */
export function endpointOf(text: string | undefined): { readonly address: string; readonly port: number } | undefined {
    const [, v6, v4, number] = /^(?:\[([0-9a-fA-F:.]+)\]|([\d.]+)):(\d+)$/.exec(text ?? "") ?? [];
    const port = portOf(number);
    const address = v6 ?? v4;
    return address === undefined || port === undefined ? undefined : { address, port };
}

/** What a name that a client wrote can be. */
export type Named =
    | { readonly kind: "host"; readonly host: string }
    | { readonly kind: "address"; readonly address: string }
    | { readonly kind: "inside" }
    | { readonly kind: "none" };

/** Few names are asked for again and again; the checks are dear. */
const known = new Map<string, Named>();
const KNOWN_AT_MOST = 100_000;

/** @param written in any case, with a dot or a port behind it or not */
export function named(written: string): Named {
    const before = known.get(written);
    if (before !== undefined) {
        return before;
    }
    const found = decide(written);
    if (known.size < KNOWN_AT_MOST && written.length <= 300) {
        known.set(written, found);
    }
    return found;
}

function decide(written: string): Named {
    const host = /^[\w.-]+(?=(?::\d{1,5})?$)/.exec(written)?.[0].toLowerCase().replace(/\.$/, "");
    if (host === undefined || host === "") {
        return { kind: "none" };
    }
    if (isIPv4(host)) {
        return isPublic(host) ? { kind: "address", address: host } : { kind: "inside" };
    }
    if (isClusterName(host) || !host.includes(".") || /\.(svc|local|internal|localhost|cluster)$|\.svc\./.test(host)) {
        return { kind: "inside" };
    }
    return hostCheck(host) === undefined ? { kind: "host", host } : { kind: "none" };
}

const publicity = new Map<string, boolean>();

/** Whether an IPv4 address is one of the internet's. */
export function isPublic(address: string): boolean {
    let answer = publicity.get(address);
    if (answer === undefined) {
        answer = isIPv4(address) && publicAddressesCheck(address) === undefined;
        if (publicity.size < KNOWN_AT_MOST) {
            publicity.set(address, answer);
        }
    }
    return answer;
}

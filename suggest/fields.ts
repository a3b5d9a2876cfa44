import { isIPv4 } from "node:net";
import { publicAddressesCheck } from "../base/cidr";
import { hostCheck } from "../base/host";
import { isObject } from "../containment/document";

/** A field of a JSON object, whatever its name: what is inherited is none of it. */
export function fieldOf(object: unknown, name: string): unknown {
    return isObject(object) && Object.hasOwn(object, name) ? object[name] : undefined;
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

/** What a line has is asked again and again, and the checks are dear. Whoever writes ever new texts fills no memory. */
function remembered<T>(decide: (text: string) => T): (text: string) => T {
    const known = new Map<string, T>();
    return text => {
        let answer = known.get(text);
        if (answer === undefined) {
            answer = decide(text);
            if (known.size < KNOWN_AT_MOST && text.length <= LONGEST_KNOWN) {
                known.set(text, answer);
            }
        }
        return answer;
    };
}

const KNOWN_AT_MOST = 100_000;
const LONGEST_KNOWN = 300;

/** Whether an IPv4 address is one of the internet's. */
export const isPublic = remembered(address => isIPv4(address) && publicAddressesCheck(address) === undefined);

/** What was written in any case, with a dot or a port behind it or not. */
export const named = remembered((written): Named => {
    const host = /^[\w.-]+(?=(?::\d{1,5})?$)/.exec(written)?.[0].toLowerCase().replace(/\.$/, "");
    if (host === undefined || host === "") {
        return { kind: "none" };
    }
    if (isIPv4(host)) {
        return isPublic(host) ? { kind: "address", address: host } : { kind: "inside" };
    }
    if (!host.includes(".") || /\.(svc|local|internal|localhost|cluster)$|\.svc\./.test(host)) {
        return { kind: "inside" };
    }
    return hostCheck(host) === undefined ? { kind: "host", host } : { kind: "none" };
});

import { createHash } from "node:crypto";
import { isWildcard, tenantHost } from "../../base/conventions";

/**
 * Gateways and subsets are DNS labels of at most 63 characters, and the longest name made from a host is that of a server
 * port, `tls-<host>-65535`.
 */
const LONGEST_NAME = 63 - "tls-".length - "-65535".length;
const HASH_DIGITS = 10;
const HASH_MARK = "---";

/**
 * The name of a host's objects: dots become dashes (`api.stripe.com` is `api-stripe-com`).
 *
 * It depends on the host alone and no two hosts share one, so that a new destination never renames another's objects.
 * Therefore a dash inside a label is doubled (`my-api.example.com` is `my--api-example-com`): no label begins or ends with a
 * dash, so a single dash always stands for a dot. What is too long, or would end up like a name of this program's own, is
 * told by a hash after three dashes, which no other name contains.
 */
export function objectName(host: string): string {
    if (isWildcard(host)) {
        return wildcardName(host);
    }
    const name = host.replaceAll("-", "--").replaceAll(".", "-");
    return name.length > LONGEST_NAME || isReserved(name, host) ? hashedName(name, host) : name;
}

/** `*.example.com` is `any---example-com`: behind three dashes no other name has a dash. */
function wildcardName(host: string): string {
    return markedName("any", host.slice(2), host);
}

/** What belongs to one namespace's use of a host: `tenant---payments-bank-example-com`. */
export function tenantName(namespace: string, host: string): string {
    return markedName("tenant", `${namespace}.${host}`, tenantHost(namespace, host));
}

function markedName(mark: string, host: string, whole: string): string {
    const name = `${mark}${HASH_MARK}${objectName(host)}`;
    return name.length > LONGEST_NAME || name.lastIndexOf(HASH_MARK) > mark.length ? hashedName(mark, whole) : name;
}

/** Names of this program's own, beside `private-<name>` and the suffixes `-clients`, `-inner`, `-mesh`, `-http` and `-<port>`. */
const RESERVED_NAMES = ["google-apis", "metadata-server"];

function isReserved(name: string, host: string): boolean {
    const labels = host.split(".");
    return (
        labels[0] === "private" ||
        /^(?:clients|mesh|http|inner|\d+)$/.test(labels[labels.length - 1] ?? "") ||
        RESERVED_NAMES.includes(name)
    );
}

function hashedName(name: string, host: string): string {
    const room = LONGEST_NAME - HASH_MARK.length - HASH_DIGITS;
    return `${name.slice(0, room).replace(/-+$/, "")}${HASH_MARK}${sha256(host).toString("hex").slice(0, HASH_DIGITS)}`;
}

/**
 * The address by which clients know a `tcp` destination: in 241.0.0.0/8, which is reserved (RFC 1112, class E) and holds
 * none of the addresses that Istio gives out itself (240.240.0.0/16). It depends on the host alone; where two hosts meet,
 * one of them sets `virtualAddress`.
 */
export function virtualAddressOf(host: string): string {
    return `241.${sha256(host).subarray(0, 3).join(".")}`;
}

function sha256(text: string): Buffer {
    return createHash("sha256").update(text).digest();
}

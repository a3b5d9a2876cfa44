import { QUERY_TYPES } from "./probe";

/** By which an answer is known; queries of one pod go over sockets of their own, so one will do. */
export const DNS_QUERY_ID = "abcd";

/** A standard query of one question, recursion desired (RFC 1035, 4.1), in hexadecimal. */
export function dnsQuery(name: string, type: keyof typeof QUERY_TYPES): string {
    const labels = name.split(".").map(label => `${byte(label.length)}${Buffer.from(label).toString("hex")}`);
    return `${DNS_QUERY_ID}01000001000000000000${labels.join("")}0000${byte(QUERY_TYPES[type])}0001`;
}

/** Before a message over TCP stands its length (RFC 1035, 4.2.2). */
export function withLength(hex: string): string {
    return `00${byte(hex.length / 2)}${hex}`;
}

function byte(value: number): string {
    return value.toString(16).padStart(2, "0");
}

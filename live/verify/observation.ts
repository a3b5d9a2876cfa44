import { z } from "zod";
import { type Attempt } from "./probe";
import { DNS_QUERY_ID } from "./query";

/** What one try saw. */
export type Observation =
    /** Something beyond the caller's own pod, its sidecar and the gateway answered. */
    | { readonly saw: "answer"; readonly http?: number; readonly body?: string }
    /** The far side showed a certificate that the image does not trust for that name. */
    | { readonly saw: "untrusted-certificate" }
    | { readonly saw: "refused" }
    /** Connected, then closed before anything came back. */
    | { readonly saw: "reset" }
    /** Connected, sent, nothing came back, and nobody closed. */
    | { readonly saw: "open" }
    | { readonly saw: "silence" }
    | { readonly saw: "unreachable" }
    | { readonly saw: "unresolved" }
    /** A resolver answered with records (`NOERROR`). */
    | { readonly saw: "records" }
    /** A resolver knows the name, and none of its records of that type. */
    | { readonly saw: "no-records" }
    /** A resolver says that there is no such name (`NXDOMAIN`). */
    | { readonly saw: "no-such-name" }
    /** A resolver answered with another code (IANA, "DNS RCODEs"), or cut its answer to nothing. */
    | { readonly saw: "resolver-error"; readonly code: string }
    /** The try says nothing about the network: a tool is missing, or the tool failed in a way nobody foresaw. */
    | { readonly saw: "nothing"; readonly why: string };

/** What a pod said when it ended. */
export interface PodReport {
    readonly beganEpochSeconds: number;
    readonly sidecar: "ready" | "missing" | "none";
    /** One list per attempt, in the order of the script. */
    readonly observations: readonly (readonly Observation[])[];
}

const message = z.object({
    began: z.number(),
    sidecar: z.enum(["ready", "missing", "none"]),
    results: z.array(z.array(z.string())),
});

/**
 * Reads a termination message of `probeScript`.
 *
 * @returns what is wrong with the message, in words, when it is not one: cut off, or another program's.
 */
export function readReport(text: string, attempts: readonly Attempt[]): PodReport | string {
    let json: unknown;
    try {
        json = JSON.parse(text);
    } catch {
        return text.trim() === ""
            ? "it left no message"
            : `its message is not the probe's: ${text.trim().slice(0, 200)}`;
    }
    const parsed = message.safeParse(json);
    if (!parsed.success || parsed.data.results.length !== attempts.length) {
        return `its message is not the probe's: ${text.trim().slice(0, 200)}`;
    }
    const { began, sidecar, results } = parsed.data;
    return {
        beganEpochSeconds: began,
        sidecar,
        observations: attempts.map((attempt, index) => results[index]!.map(result => observation(attempt, result))),
    };
}

/** Exit codes of curl (curl documentation, "Exit codes"). */
const CURL = {
    unresolved: 6,
    notConnected: 7,
    timeout: 28,
    tlsFailed: 35,
    emptyReply: 52,
    receiveFailed: 56,
    untrusted: [51, 60],
} as const;

/** @param result `exit code,HTTP status,TLS established (1 or 0),word`, as the script writes it. */
export function observation(attempt: Attempt, result: string): Observation {
    const [exitText, statusText, tls, ...rest] = result.split(",");
    const exit = Number(exitText);
    const status = Number(statusText);
    const word = rest.join(",");
    if (exit === 127 || word === "forbidden") {
        return { saw: "nothing", why: word === "forbidden" ? "the pod may not send this" : word };
    }
    switch (attempt.action) {
        case "dns":
            return HEADER.test(word) ? resolverAnswer(word) : datagram(exit, word);
        case "udp":
        case "ping":
            return datagram(exit, word);
        case "tcp":
            return word === "answer" ? { saw: "answer" } : word === "open" ? { saw: "open" } : connection(exit, word);
        case "https":
            // An established TLS connection is an answer, whatever the server thinks of HTTP.
            return tls === "1" && exit !== 60
                ? { saw: "answer", ...(status > 0 ? { http: status } : {}) }
                : connection(exit, word);
        case "http":
            return status > 0
                ? { saw: "answer", http: status, ...(word === "" ? {} : { body: word }) }
                : connection(exit, word);
    }
}

/** A DNS message's header: twelve bytes, of which the answer repeats the query's first two (RFC 1035, 4.1.1). */
const HEADER = new RegExp(`^${DNS_QUERY_ID}[0-9a-f]{20}$`);

function resolverAnswer(header: string): Observation {
    const bytes = Buffer.from(header, "hex");
    const [truncated, code, answers] = [(bytes[2]! & 0x02) !== 0, bytes[3]! & 0x0f, bytes.readUInt16BE(6)];
    if (code === 0 && truncated && answers === 0) {
        return { saw: "resolver-error", code: "TC" };
    }
    switch (code) {
        case 0:
            return { saw: answers > 0 ? "records" : "no-records" };
        case 3:
            return { saw: "no-such-name" };
        default:
            return { saw: "resolver-error", code: String(code) };
    }
}

function datagram(exit: number, word: string): Observation {
    switch (word) {
        case "answer":
            return { saw: "answer" };
        case "timeout":
            return { saw: "silence" };
        // An ICMP error came back.
        case "refused":
        case "closed":
            return { saw: "refused" };
        case "unreachable":
            return { saw: "unreachable" };
        case "reset":
            return { saw: "reset" };
        default:
            return { saw: "nothing", why: `exit code ${exit} ${word}`.trim() };
    }
}

function connection(exit: number, word: string): Observation {
    if ((CURL.untrusted as readonly number[]).includes(exit)) {
        return { saw: "untrusted-certificate" };
    }
    if (word === "unreachable" || word === "refused" || word === "reset") {
        return { saw: word };
    }
    switch (exit) {
        case CURL.unresolved:
            return { saw: "unresolved" };
        case CURL.timeout:
            return { saw: "silence" };
        case CURL.tlsFailed:
            // Whoever sends an alert, or plain bytes, is there.
            return word === "alert" || word === "not-tls"
                ? { saw: "answer" }
                : { saw: "nothing", why: "TLS failed for a reason that curl does not tell" };
        case CURL.emptyReply:
        case CURL.receiveFailed:
            return { saw: "reset" };
        default:
            return {
                saw: "nothing",
                why:
                    exit === CURL.notConnected ? "no connection, and curl does not say why" : `curl ended with ${exit}`,
            };
    }
}

/** For people: `reset, 3 times` or `answer (200), silence`. */
export function observed(observations: readonly Observation[]): string {
    const counts = new Map<string, number>();
    for (const one of observations) {
        const words = inWords(one);
        counts.set(words, (counts.get(words) ?? 0) + 1);
    }
    return (
        [...counts].map(([words, count]) => (count === 1 ? words : `${words}, ${count} times`)).join("; ") ||
        "nothing was tried"
    );
}

function inWords(one: Observation): string {
    switch (one.saw) {
        case "answer":
            return one.http === undefined
                ? "an answer"
                : `an answer (HTTP ${one.http}${one.body === undefined ? "" : ` "${one.body}"`})`;
        case "untrusted-certificate":
            return "a certificate that is not trusted for that name";
        case "refused":
            return "connection refused";
        case "reset":
            return "connection closed without an answer";
        case "open":
            return "an open connection without an answer";
        case "silence":
            return "no answer in time";
        case "unreachable":
            return "no route";
        case "unresolved":
            return "the name does not resolve";
        case "records":
            return "records of the name";
        case "no-records":
            return "a name without such records";
        case "no-such-name":
            return "no such name";
        case "resolver-error":
            return `a resolver's error (${one.code})`;
        case "nothing":
            return one.why;
    }
}

import { RESOLVER_PORTS } from "../../base/conventions";
import { type Answers } from "./answers";
import { all, type Domain, domains } from "./domains";

/** How long a pod that ends still answers, because its clients learn late that it is gone. */
export const LAMEDUCK_SECONDS = 5;

type Lock = "enforce" | "observe";

/**
 * CoreDNS' configuration. The block of the innermost zone is taken, and of several for one zone the first whose `view` holds
 * (`core/dnsserver/server.go`, `ServeDNS`). Three views, which its metrics count apart:
 *
 * - `declared`: asked of a server, unless the answer is remembered. Nothing else is, while the lock is enforced.
 * - `empty`: names that exist, asked for what is not answered. That there is no such name would be remembered for all types (RFC 2308,
 *   section 5), and HTTPS, which many ask for beside an address, would take the address away.
 * - `undeclared`: everything else.
 */
export function corefile(answers: Answers, lock: Lock): string {
    return [
        ...domains(answers).flatMap(domain => [...declared(domain, lock), empty(domain, lock)]),
        undeclared(answers.upstreams, lock),
    ].join("\n");
}

/**
 * Two stages, of which the second is asked on the pod's own loopback. What the first remembers costs little more than with a cache alone
 * (`npm run bench`): CoreDNS evaluates views and rewrites queries before it looks into its cache, so that all that can wait does.
 */
function declared(domain: Domain, lock: Lock): string[] {
    const { zones, declared: condition, types } = domain;
    if (condition === undefined) {
        return [];
    }
    // While it observes, a view logs what will have no answer.
    const [first, later] =
        types === undefined
            ? [condition, []]
            : lock === "observe"
              ? [all(types, condition), []]
              : [condition, nothingBut(types)];
    return [
        clientBlock(zones, view("declared", first), [
            "bufsize 1232",
            "cache",
            ...later,
            // Without health checks, which ask for the root.
            ...forward([`${LOOPBACK}:${RESOLVER_PORTS.asking}`], ["max_fails 0"]),
        ]),
        ...asking(domain, lock),
    ];
}

function nothingBut(types: string): string[] {
    return [
        ...block("template IN ANY", [`expr "not (${types})"`, "rcode NOERROR", AUTHORITY, "fallthrough"]),
        ...RECURSION_AVAILABLE,
    ];
}

/**
 * What leaves. CoreDNS forwards the client's own message, with all that stands in it besides the question (`plugin/pkg/proxy/connect.go`).
 * So that none of that leaves, a message has to be as long as its question makes it; or it may have one record more, the client's OPT
 * (RFC 6891), whose options are taken out. What still passes to the server that is asked, and by the standard no further (section 6.1.1):
 * eight bits of the header, TC, Z, AD, CD and the field of the code, and of the OPT record its flags and a size up to 1232
 * (test/network/resolver). No view holds for other classes, which CoreDNS lets through wherever something is forwarded, nor for NOTIFY,
 * which it lets through always: they are refused.
 */
function asking({ zones, servers }: Domain, lock: Lock): string[] {
    const ask = [
        // In lower case: each letter's case would carry a bit.
        "rewrite name suffix . .",
        // Without it a server would answer from what it has, and the cache would keep that.
        ...block("header", ["query set rd", "query clear aa ra"]),
    ];
    return [
        askingBlock(zones, view("plain", all(ORDINARY, `size() == len(name()) + ${QUESTION_BYTES}`)), [
            ...ask,
            ...forward(servers),
        ]),
        askingBlock(zones, view("edns", ORDINARY), [
            ...STRIPPED_OPTIONS.map(code => `rewrite continue edns0 local unset ${code}`),
            ...ask,
            ...(lock === "observe" ? [] : refuseRest()),
            ...forward(servers),
        ]),
    ];
}

/** Header, type, class, and what a name is longer than its text with the last dot: the length of its first label. */
const QUESTION_BYTES = 12 + 2 + 2 + 1;
/** An OPT record without options. */
const OPT_BYTES = 11;

/** Options that clients do send: name server identifier, client subnet, cookie (c-ares, and so Envoy and Node.js), keep-alive, padding. */
const STRIPPED_OPTIONS = [3, 8, 10, 11, 12] as const;

/** To a client whose EDNS gets FORMERR, the server knows none: it asks again without (RFC 6891, section 7). */
function refuseRest(): string[] {
    return block("template IN ANY", [
        `expr size() != len(name()) + ${QUESTION_BYTES + OPT_BYTES}`,
        "rcode FORMERR",
        "fallthrough",
    ]);
}

function empty({ zones, known, servers }: Domain, lock: Lock): string {
    const condition = known === undefined ? ORDINARY : all(ORDINARY, known);
    return clientBlock(zones, view("empty", condition), [
        ...(lock === "observe"
            ? [...log("empty"), "cache", ...forward(servers)]
            : [...block("template IN ANY", ["rcode NOERROR", AUTHORITY]), ...RECURSION_AVAILABLE]),
    ]);
}

function undeclared(upstreams: readonly string[], lock: Lock): string {
    return clientBlock(["."], block("view undeclared", ["expr true"]), [
        ...block(`health :${RESOLVER_PORTS.health}`, [`lameduck ${LAMEDUCK_SECONDS}s`]),
        `ready :${RESOLVER_PORTS.ready}`,
        ...log("undeclared"),
        ...(lock === "observe"
            ? ["cache", ...forward(upstreams)]
            : [
                  ...block("template ANY ANY", [`expr ${ORDINARY}`, "rcode NXDOMAIN", AUTHORITY, "fallthrough"]),
                  ...block("template ANY ANY", ["rcode REFUSED"]),
                  ...RECURSION_AVAILABLE,
              ]),
    ]);
}

/** Of class IN, and a query. */
const ORDINARY = "class() == 'IN' && opcode() == 0";

/** With an SOA record a denial is remembered (RFC 2308), here for half a minute; the root's, as of a top-level domain that there is none of. */
const AUTHORITY = `authority ". 30 IN SOA egress-dns.invalid. nobody.invalid. 1 3600 600 86400 30"`;

/** `template` does not say so, and dnsmasq warns of servers that do not. */
const RECURSION_AVAILABLE = block("header", ["response set ra"]);

/** Nothing in a line can be forged: CoreDNS writes names with every space, quote and unprintable byte escaped (`miekg/dns`, `sprintName`). */
function log(what: string): string[] {
    return [`log . "${what} {type} {class} {name} {proto} {remote} {rcode}"`];
}

function forward(servers: readonly string[], lines: readonly string[] = []): string[] {
    return block(`forward . ${servers.join(" ")}`, ["max_concurrent 1000", ...lines]);
}

function view(name: string, condition: string): string[] {
    return block(`view ${name}`, [`expr "${condition}"`]);
}

function clientBlock(zones: readonly string[], chosen: readonly string[], plugins: readonly string[]): string {
    return serverBlock(zones, RESOLVER_PORTS.dns, [
        ...chosen,
        "errors",
        `prometheus :${RESOLVER_PORTS.metrics}`,
        ...plugins,
    ]);
}

function askingBlock(zones: readonly string[], chosen: readonly string[], plugins: readonly string[]): string {
    return serverBlock(zones, RESOLVER_PORTS.asking, [...chosen, `bind ${LOOPBACK}`, "errors", ...plugins]);
}

function serverBlock(zones: readonly string[], port: number, lines: readonly string[]): string {
    return `${block(zones.map(zone => `${zone}:${port}`).join(" "), lines).join("\n")}\n`;
}

const LOOPBACK = "127.0.0.1";

function block(head: string, lines: readonly string[]): string[] {
    return [`${head} {`, ...lines.map(line => `    ${line}`), "}"];
}

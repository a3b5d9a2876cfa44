import { isAddress } from "./cidr";
import { type Check } from "./problem";

/** Characters of the longest name of a host (RFC 1035, section 2.3.4). */
export const LONGEST_HOST = 253;

/** What `p<port>.` in front of it leaves of that, for a synthetic SNI. */
const LONGEST_DECLARED = LONGEST_HOST - "p65535.".length;

/** A last label of this form makes a client read the whole as an IPv4 address: `127.1`, `0x7f000001` (WHATWG URL, "ends in a number"). */
const NUMBER = /^(?:\d+|0x[0-9a-f]*)$/i;
const LABEL = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
/** Names that resolve inside the cluster, on Google's metadata server, or nowhere. */
const INTERNAL_SUFFIXES = ["svc", "local", "internal", "localhost", "cluster", "invalid", "test", "onion"];

/**
 * An exact, public, fully qualified host name. Wildcards are the settings' own business (`settings/wildcards.ts`): Istio's dynamic
 * resolution works in sidecars and waypoints only (istio/istio issue 61831).
 */
export const hostCheck: Check<string> = value => {
    const expected = "an exact host name such as `api.example.com`";
    const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(value);
    if (scheme !== null) {
        if (scheme[1]!.toLowerCase().endsWith("+srv")) {
            return {
                expected,
                remedy: `${scheme[1]} stands for a list of hosts: write each host and port that \`dig SRV _mongodb._tcp.<name>\` shows, for MongoDB with \`tls\` on 27017.`,
            };
        }
        const rest = value.slice(scheme[0].length).split(/[/:?#]/)[0] ?? "";
        return {
            expected,
            remedy: `Leave out the scheme: write "${rest.toLowerCase()}"; the protocol belongs in \`ports\`.`,
        };
    }
    if (value.includes("*")) {
        return {
            expected,
            remedy: "List each host, or write one star in front of a domain of one owner, with `tls`: `*.my.salesforce.com`.",
        };
    }
    if (isAddress(value.split("/")[0]!) || NUMBER.test(value.split(".").at(-1)!)) {
        return {
            expected,
            remedy: "Use the name behind the address, or `addresses` instead of `host` where it has none; for an address inside the network use `clients.privateDestinations`.",
        };
    }
    if (value.includes("/")) {
        return {
            expected,
            remedy: `Leave out the path: write ${JSON.stringify(value.split("/")[0])}. The gateway sees hosts, not paths.`,
        };
    }
    if (value.includes(":")) {
        return {
            expected,
            remedy: `Leave out the port: write ${JSON.stringify(value.split(":")[0])} and name the port in \`ports\`.`,
        };
    }
    if (value.endsWith(".")) {
        return { expected, remedy: `Leave out the trailing dot: write ${JSON.stringify(value.replace(/\.+$/, ""))}.` };
    }
    if (value !== value.toLowerCase()) {
        return { expected, remedy: `Write it in lower case: ${JSON.stringify(value.toLowerCase())}.` };
    }
    if (value.split(".").some(label => label.startsWith("_"))) {
        return {
            expected,
            remedy: "A name with `_` is a service record and no host: write each host that `dig SRV` shows for it, with its port in `ports`.",
        };
    }
    const labels = value.split(".");
    if (labels.length < 2) {
        return {
            expected,
            remedy: "A single label is a name inside the cluster; write the fully qualified public name.",
        };
    }
    if (value.length > LONGEST_DECLARED || !labels.every(label => LABEL.test(label))) {
        return {
            expected,
            remedy:
                "Each part between dots is 1 to 63 letters, digits or hyphens, not beginning or ending with a hyphen, and the " +
                `whole at most ${LONGEST_DECLARED} characters, which leaves room for the \`p<port>.\` of a synthetic SNI. Write international names in punycode.`,
        };
    }
    if (INTERNAL_SUFFIXES.includes(labels[labels.length - 1] ?? "") || labels.includes("svc")) {
        return {
            expected,
            remedy: "Names inside the cluster and the network never use the gateway; put what is private into `clients.privateDestinations`.",
        };
    }
    return undefined;
};

import { isAddress } from "./cidr";
import { type Check } from "./problem";

const LABEL = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
/** Names that resolve inside the cluster, on Google's metadata server, or nowhere. */
const INTERNAL_SUFFIXES = ["svc", "local", "internal", "localhost", "cluster", "invalid", "test", "onion"];

/**
 * An exact, public, fully qualified host name. Wildcards are refused because an egress gateway cannot resolve them: Istio's
 * dynamic resolution works in sidecars and waypoints only (istio/istio issue 61831), and a wildcard turns the name that the
 * client claims into the only thing that is checked.
 */
export const hostCheck: Check<string> = value => {
    const expected = "an exact host name such as `api.example.com`";
    const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(value);
    if (scheme !== null) {
        const rest = value.slice(scheme[0].length).split(/[/:?#]/)[0] ?? "";
        return {
            expected,
            remedy: `Leave out the scheme: write "${rest.toLowerCase()}"; the protocol belongs in \`ports\`.`,
        };
    }
    if (value.includes("*")) {
        return {
            expected,
            remedy:
                "List each host: an egress gateway cannot resolve a wildcard, so it would have to trust the name that the " +
                "client sends, and any address could stand behind it.",
        };
    }
    if (isAddress(value) || /^\d+(\.\d+){3}$/.test(value)) {
        return {
            expected,
            remedy: "Use the name behind the address; for an address inside the network use `clients.privateDestinations`.",
        };
    }
    if (value.includes("/")) {
        return {
            expected,
            remedy: `Leave out the path: write "${value.split("/")[0]}". The gateway sees hosts, not paths.`,
        };
    }
    if (value.includes(":")) {
        return {
            expected,
            remedy: `Leave out the port: write "${value.split(":")[0]}" and name the port in \`ports\`.`,
        };
    }
    if (value.endsWith(".")) {
        return { expected, remedy: `Leave out the trailing dot: write "${value.replace(/\.+$/, "")}".` };
    }
    if (value !== value.toLowerCase()) {
        return { expected, remedy: `Write it in lower case: "${value.toLowerCase()}".` };
    }
    const labels = value.split(".");
    if (labels.length < 2) {
        return {
            expected,
            remedy: "A single label is a name inside the cluster; write the fully qualified public name.",
        };
    }
    if (value.length > 246 || !labels.every(label => LABEL.test(label))) {
        return {
            expected,
            remedy:
                "Each part between dots is 1 to 63 letters, digits or hyphens, not beginning or ending with a hyphen, and the " +
                "whole at most 246 characters, which leaves room for the `p<port>.` of a synthetic SNI. Write international names in punycode.",
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

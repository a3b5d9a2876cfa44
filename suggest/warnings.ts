import { getDomain, parse } from "tldts";
import { sharedUse } from "../policy/governance/sharedHosts";
import { periodOf } from "./callers";
import { type Comparison, type Missing } from "./list";
import { DAY } from "./usage";

/** How many names below one domain look like a wildcard that is meant. */
const MANY = 4;
/** After how many days without a call a host may have been a single event. */
const QUIET_DAYS = 7;
const DNS_OVER_TLS_PORT = 853;

/** What is proposed and worth a second look before it is declared. */
export function suggestionWarnings({ missing }: Pick<Comparison, "missing">, until: number): string[] {
    return [
        ...missing.flatMap(entry => [...shared(entry), ...defaults(entry), ...quiet(entry, until), ...byName(entry)]),
        ...wildcards(missing),
    ];
}

function shared({ host, ports, entry }: Missing): string[] {
    const use = sharedUse(host, []);
    if (use !== undefined) {
        return [`${host}: ${use}.`];
    }
    if (ports.some(({ number }) => number === DNS_OVER_TLS_PORT)) {
        return [
            `${host}: port ${DNS_OVER_TLS_PORT} is DNS over TLS, which resolves names for whoever asks, and is a channel by itself.`,
        ];
    }
    const { isPrivate, publicSuffix } = parse(host, { allowPrivateDomains: true });
    return isPrivate === true && entry === undefined
        ? [
              `${host}: everybody can have a name below ${publicSuffix!} (Public Suffix List), and its addresses are shared: the gateway holds callers to this name, and not to its owner.`,
          ]
        : [];
}

function defaults({ host, allow }: Missing): string[] {
    const namespaces = allow
        .filter(({ serviceAccount }) => serviceAccount === "default")
        .map(({ namespace }) => namespace);
    return namespaces.length === 0
        ? []
        : [
              `${host}: used by the account \`default\` of ${namespaces.join(", ")}, which every pod there has that names no other: give the workload an account of its own first.`,
          ];
}

function quiet({ host, callers }: Missing, until: number): string[] {
    const last = periodOf(callers)?.last ?? NaN;
    const days = Math.floor((until - last) / DAY);
    return Number.isFinite(last) && days >= QUIET_DAYS
        ? [`${host}: not called again for ${days} days, the last of these logs.`]
        : [];
}

function byName({ byName: named, host }: Missing): string[] {
    return named === true ? [`${host}: named by the DNS log alone; its protocol is taken from the port.`] : [];
}

function wildcards(missing: readonly Missing[]): string[] {
    const below = new Map<string, string[]>();
    for (const { host, ports, source } of missing) {
        const domain = getDomain(host, { allowPrivateDomains: true });
        if (
            source === undefined &&
            domain !== null &&
            host !== domain &&
            ports.every(({ protocol }) => protocol === "tls")
        ) {
            below.set(domain, [...(below.get(domain) ?? []), host]);
        }
    }
    return [...below]
        .filter(([, hosts]) => hosts.length >= MANY)
        .map(
            ([domain, hosts]) =>
                `${hosts.length} names below ${domain} are listed one by one; "*.${domain}" would be one entry for all, and for every other name that its owner gives out.`,
        );
}

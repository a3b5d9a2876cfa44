import { ADDRESS_TYPES } from "../../base/recordTypes";
import { type RegisteredZone } from "../../declared/resolver";
import { type Answers } from "./answers";

/** What one group of CoreDNS' server blocks answers. Conditions are written in the language of its plugin `view`. */
export interface Domain {
    /** Their zones; the root stands for what is in no other. */
    readonly zones: readonly string[];
    /** When a query is asked of a server; undefined: never. */
    readonly declared?: string;
    /** Of which types, where those are alike for all names that are declared; undefined: as `declared` says. */
    readonly types?: string;
    /** When a name exists, whatever is asked of it; undefined: always. */
    readonly known?: string;
    readonly servers: readonly string[];
}

/**
 * Zones that are answered alike share their blocks, and with them a cache. A host below a zone is asked of the zone's servers. CoreDNS
 * finds the innermost zone itself, by whole labels; a suffix of the text would take the one label `a\.example` for two.
 */
export function domains({ hosts, zones, upstreams }: Answers): Domain[] {
    const groups = new Map<string, RegisteredZone[]>();
    for (const zone of zones) {
        const key = JSON.stringify([[...zone.types].sort(), zone.nameservers]);
        groups.set(key, [...(groups.get(key) ?? []), zone]);
    }
    const free = hosts.filter(host => !zones.some(({ name }) => isWithin(host, name)));
    return [
        ...[...groups.values()].map(group => zoneDomain(group, hosts, upstreams)),
        {
            zones: ["."],
            ...(free.length === 0
                ? {}
                : {
                      declared: oneOf("name()", free.map(absolute)),
                      types: oneOf("type()", ADDRESS_TYPES),
                  }),
            // With the names above them, which exist because these do (RFC 8020).
            known: oneOf("name()", withAncestors([...free, ...zones.map(({ name }) => name)]).map(absolute)),
            servers: upstreams,
        },
    ];
}

function zoneDomain(group: readonly RegisteredZone[], hosts: readonly string[], upstreams: readonly string[]): Domain {
    const { types, nameservers } = group[0]!;
    const bare = group.filter(({ apex }) => !apex).map(({ name }) => absolute(name));
    const own = hosts.filter(host => group.some(({ name }) => isWithin(host, name))).map(absolute);
    const below = all(oneOf("type()", types), ...(bare.length === 0 ? [] : [`not (${oneOf("name()", bare)})`]));
    const exact = all(oneOf("type()", ADDRESS_TYPES), oneOf("name()", own));
    return {
        zones: group.map(({ name }) => name),
        declared: all(
            // Text of a name with other bytes than it shows would not be as long as they are.
            "not (name() contains '\\\\')",
            own.length === 0 ? below : `(${below} || ${exact})`,
        ),
        servers: nameservers.length === 0 ? upstreams : nameservers,
    };
}

function isWithin(name: string, zone: string): boolean {
    return name === zone || name.endsWith(`.${zone}`);
}

function absolute(name: string): string {
    return `${name}.`;
}

/** The names and all names above them, up to the root, which CoreDNS asks to see whether a server answers at all. */
function withAncestors(names: readonly string[]): string[] {
    const known = names.flatMap(name => name.split(".").map((_, index, labels) => labels.slice(index).join(".")));
    return [...new Set(["", ...known])].sort();
}

/** Lines of their own where there may be many: a change of one name is a change of one line. */
function oneOf(value: string, members: readonly string[]): string {
    const quoted = members.map(member => `'${member}'`);
    return `${value} in [${quoted.length > MANY ? `\n${quoted.map(member => `            ${member}`).join(",\n")}\n        ` : quoted.join(", ")}]`;
}

/** The types of records that there are. */
const MANY = 7;

export function all(...conditions: readonly string[]): string {
    return conditions.join(" && ");
}

import { USUAL_PROTOCOLS } from "../base/conventions";
import { tlsLegPorts } from "../components/mesh/legs";
import { type ContractDestination } from "../contract/egress";
import { type Unnamed } from "./addresses";
import { type Demand, type Evidence } from "./evidence";
import { type Call } from "./observation";
import { type Seen } from "./seen";

/** A `tcp` destination has no name in a sidecar's line; the subset that was chosen is its own. */
export function ofSubsets({ bySubset }: Evidence, declared: readonly ContractDestination[]): Demand[] {
    const legs = new Map(
        declared.flatMap(({ host, ports }) =>
            tlsLegPorts({
                host,
                ports: ports.flatMap(({ number, protocol }) =>
                    protocol === "tls" || protocol === "tcp" ? [{ number, protocol }] : [],
                ),
            }).map(({ subset, port }) => [subset, { host, port: port.number }] as const),
        ),
    );
    return [...bySubset.values()].flatMap(demand => {
        const leg = legs.get(demand.host);
        return leg === undefined ? [] : [{ ...demand, ...leg }];
    });
}

/** Proxies tell the names themselves: what only the network saw of the same address needs none. */
export function explanation({ addresses }: Evidence, entry: Unnamed): readonly string[] {
    return entry.seen.by("sidecar") + entry.seen.by("gateway") > 0 ? [] : addresses.namesOfProxies(entry);
}

/** A network log shows no more than a port; the usual ones mean what they usually do. */
export function namedByDns({ addresses }: Evidence, entries: readonly Unnamed[]): Demand[] {
    return entries.flatMap(entry => {
        const found = addresses.nameOf(entry);
        return "name" in found && entry.protocol === "tcp"
            ? [demandOf(found.name, USUAL_PROTOCOLS[entry.port] ?? "tcp", entry)]
            : [];
    });
}

export function demandOf(
    host: string,
    protocol: Call["protocol"],
    { clients, identities, port, seen }: Unnamed,
): Demand {
    return {
        host,
        port,
        protocols: new Map([[protocol, new Set(["network"] as const)]]),
        all: seen,
        identities,
        strangers: identities.size > 0 ? new Map<string, Seen>() : clients,
    };
}

import { type Unnamed } from "./addresses";
import { type Caller, callerOf, callersOf, sorted } from "./callers";
import { type Demand, type Evidence } from "./evidence";
import { type Call } from "./observation";

/** Something that was called and cannot become a line of the list by itself. */
export interface Unclear {
    readonly what: string;
    readonly because: string;
    readonly callers: readonly Caller[];
}

/** Calls of somebody whom nothing shows: whom to allow is then for a person to say. */
export function strangers(demand: Demand): Unclear[] {
    const callers = sorted(
        [...demand.strangers].filter(([, seen]) => seen.of("answered") > 0).map(([who, seen]) => callerOf(who, seen)),
    );
    return callers.length === 0
        ? []
        : [
              {
                  what: `${demand.host} ${demand.port}`,
                  because: "nothing shows the service account of who called",
                  callers,
              },
          ];
}

export function undeclarable(demand: Demand, spoken: Call["protocol"] | "several"): Unclear {
    const because =
        spoken === "several"
            ? `several protocols are spoken on one port: ${[...demand.protocols.keys()].sort().join(", ")}`
            : spoken === "udp"
              ? "UDP does not pass the gateway"
              : "this is a tunnel through a proxy, which decides where it gets: declare the proxy itself";
    return { what: `${demand.host} ${demand.port}`, because, callers: callersOf(demand) };
}

export function only(demand: Demand, outcome: "refused" | "failed"): Unclear[] {
    const calls = demand.all.of(outcome);
    return demand.all.of("answered") > 0 || calls === 0 || (outcome === "failed" && demand.all.of("refused") > 0)
        ? []
        : [
              {
                  what: `${demand.host} ${demand.port}`,
                  because: outcome === "refused" ? "refused while these logs were written" : "nobody answered",
                  callers: sorted([
                      ...[...demand.identities].map(([who, { seen }]) => callerOf(who, seen, outcome)),
                      ...[...demand.strangers].map(([who, seen]) => callerOf(who, seen, outcome)),
                  ]),
              },
          ];
}

export const placeOf = ({ address, port, protocol }: Unnamed): string => `${address} ${port}/${protocol}`;

export function unnamed({ addresses }: Evidence, entries: readonly Unnamed[]): Unclear[] {
    return entries.flatMap(entry => {
        const found = addresses.nameOf(entry);
        return "name" in found && entry.protocol === "tcp"
            ? []
            : [
                  {
                      what: placeOf(entry),
                      because: "because" in found ? found.because : "only TCP passes the gateway",
                      callers: sorted([...entry.clients].map(([who, seen]) => callerOf(who, seen))),
                  },
              ];
    });
}

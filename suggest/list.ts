import { isBelow } from "../base/conventions";
import { type ContractDestination, type ContractPort } from "../contract/egress";
import { type DestinationProtocol } from "../declared/mesh";
import { destinationProblems } from "../settings/destinations";
import { type DestinationPort, type WorkloadIdentity } from "../settings/schema";
import { destinationHostCheck } from "../settings/wildcards";
import { canBeDeclared, type Demand, type Evidence, spokenAt } from "./evidence";
import { answeredIn, type Caller, callersOf, periodOf, sorted } from "./callers";
import { demandOf, explanation, namedByDns, ofSubsets } from "./demands";
import { workloadText } from "./seen";
import { only, placeOf, strangers, type Unclear, undeclarable, unnamed } from "./unclear";
import { portKey, type Unused, Usage, unusedOf, workloadKey } from "./usage";

/** One entry that the list does not have, or what an entry of it does not have. */
export interface Missing {
    readonly host: string;
    /** Where the entry is that lacks it; absent for a host that is not in the list. */
    readonly source?: string;
    /** The entry as it is written, where that is a wildcard above the host. */
    readonly entry?: string;
    readonly ports: readonly DestinationPort[];
    readonly allow: readonly WorkloadIdentity[];
    readonly callers: readonly Caller[];
    /** Named by the DNS log, and by no line of a proxy. */
    readonly byName?: true;
}

/** Logs and list, side by side. */
export interface Comparison {
    readonly missing: readonly Missing[];
    /** Declared ports that were called by those who may. */
    readonly covered: number;
    readonly unclear: readonly Unclear[];
    /** Addresses in the network's logs that proxies reached for names, as their own lines say. */
    readonly explained: readonly { readonly what: string; readonly names: readonly string[] }[];
    readonly refused: readonly Unclear[];
    readonly failed: readonly Unclear[];
    /** Absent where the logs are of a shorter time than was asked about. */
    readonly unused?: readonly Unused[];
}

/** What was called, held against what is declared. */
export function compared(
    evidence: Evidence,
    declared: readonly ContractDestination[],
    unusedAfterDays: number,
): Comparison {
    const used = new Usage();
    const addresses = [...evidence.addresses.all.values()];
    const hosts = new Set(declared.map(({ host }) => host));
    const unlisted = addresses
        .filter(({ address }) => !hosts.has(address))
        .map(entry => ({ entry, names: explanation(evidence, entry) }));
    const others = unlisted.filter(({ names }) => names.length === 0).map(({ entry }) => entry);
    const found = [
        ...evidence.demands.values(),
        ...ofSubsets(evidence, declared),
        ...addresses
            .filter(({ address }) => hosts.has(address))
            .map(entry => demandOf(entry.address, entry.protocol, entry)),
        ...namedByDns(evidence, others),
    ];
    const judged = [...groupedByHost(found)].map(([host, demands]) => {
        const entry = declared.find(one => one.host === host) ?? declared.find(one => isBelow(host, one.host));
        return entry === undefined ? undeclared(host, folded(demands)) : ofDeclared(host, entry, demands, used);
    });
    const byHost = <T extends { readonly host: string }>(all: readonly T[]): readonly T[] =>
        all.toSorted((a, b) => (a.host < b.host ? -1 : 1));
    return {
        missing: byHost(judged.flatMap(({ missing }) => missing)),
        covered: used.count,
        unclear: [...judged.flatMap(({ unclear }) => unclear), ...unnamed(evidence, others)],
        explained: unlisted.flatMap(({ entry, names }) =>
            names.length === 0 ? [] : [{ what: placeOf(entry), names }],
        ),
        refused: found.flatMap(demand => only(demand, "refused")),
        failed: found.flatMap(demand => only(demand, "failed")),
        ...unusedOf(evidence, declared, used, unusedAfterDays),
    };
}

interface Judged {
    readonly missing: readonly Missing[];
    readonly unclear: readonly Unclear[];
}

function ofDeclared(host: string, entry: ContractDestination, demands: readonly Demand[], used: Usage): Judged {
    const missing: Missing[] = [];
    const unclear: Unclear[] = [];
    for (const demand of demands.filter(isAnswered)) {
        const port = portOf(entry, demand);
        const spoken = spokenAt(demand);
        if (port === undefined && !canBeDeclared(spoken)) {
            unclear.push(undeclarable(demand, spoken));
            continue;
        }
        if (port !== undefined) {
            used.note(portKey(entry, port), demand.all);
        }
        const callers = answeredIn(demand);
        callers.forEach(({ identity, seen }) => used.note(workloadKey(entry, identity), seen));
        const others = callers.filter(
            ({ identity }) => !entry.allow.some(one => workloadText(one) === workloadText(identity)),
        );
        unclear.push(...strangers(demand));
        if (port !== undefined && others.length === 0) {
            used.count += 1;
            continue;
        }
        missing.push({
            host,
            source: entry.source,
            ...(entry.host === host ? {} : { entry: entry.host }),
            ports: port === undefined ? [portFor(demand, spoken as DestinationProtocol)] : [],
            allow: others.map(({ identity }) => identity),
            callers: callersOf(demand),
        });
    }
    return { missing: joined(missing), unclear };
}

/** An application's proxy knows what was dialled, a gateway what it dialled itself. */
function portOf({ ports }: ContractDestination, { all, port }: Demand): ContractPort | undefined {
    const byFarSide = ports.find(({ number }) => number === port);
    const byClient = ports.find(({ clientPort }) => clientPort === port);
    return all.by("sidecar") > 0 ? (byClient ?? byFarSide) : (byFarSide ?? byClient);
}

function undeclared(host: string, demands: readonly Demand[]): Judged {
    const answered = demands.filter(isAnswered);
    const declarable = answered.filter(demand => canBeDeclared(spokenAt(demand)));
    const unclear = [
        ...answered
            .filter(demand => !declarable.includes(demand))
            .map(demand => undeclarable(demand, spokenAt(demand))),
        ...declarable.flatMap(strangers),
    ];
    const [entry] = joined(
        declarable.map(demand => ({
            host,
            ports: [portFor(demand, spokenAt(demand) as DestinationProtocol)],
            allow: answeredIn(demand).map(({ identity }) => identity),
            callers: callersOf(demand),
            ...(demand.all.by("sidecar") + demand.all.by("gateway") === 0 ? { byName: true as const } : {}),
        })),
    ).filter(({ allow }) => allow.length > 0);
    if (entry === undefined) {
        return { missing: [], unclear };
    }
    const because = problemOf(entry);
    if (because === undefined) {
        return { missing: [entry], unclear };
    }
    const what = `${host} ${entry.ports.map(({ number }) => number).join(", ")}`;
    return { missing: [], unclear: [...unclear, { what, because, callers: entry.callers }] };
}

/** Why the settings would not take it. */
function problemOf({ allow, host, ports, ...rest }: Missing): string | undefined {
    return (
        destinationHostCheck(host)?.remedy ??
        destinationProblems({ ...rest, host, ports: [...ports], allow: [...allow], source: host })[0]?.remedy
    );
}

/** Where a gateway opens TLS for what applications say in plain HTTP, its lines and theirs tell of one destination. */
function folded(demands: readonly Demand[]): readonly Demand[] {
    const originated = demands.find(one => one.protocols.has("originate") && one.dialled === undefined);
    const plain = demands.find(
        one => one.all.by("sidecar") > 0 && one.all.by("network") === 0 && spokenAt(one) === "http",
    );
    return originated === undefined || plain === undefined
        ? demands
        : [
              ...demands.filter(one => one !== originated && one !== plain),
              { ...plain, port: originated.port, protocols: originated.protocols, dialled: plain.port },
          ];
}

function portFor({ port: number, dialled }: Demand, protocol: DestinationProtocol): DestinationPort {
    return protocol === "originate" ? { number, protocol, plainPort: dialled ?? 80 } : { number, protocol };
}

function joined(all: readonly Missing[]): readonly Missing[] {
    const [first] = all;
    if (first === undefined) {
        return [];
    }
    const ports = new Map(all.flatMap(({ ports }) => ports).map(port => [port.number, port]));
    const allow = new Map(all.flatMap(({ allow }) => allow).map(one => [workloadText(one), one]));
    const callers = new Map<string, Caller>();
    for (const caller of all.flatMap(one => one.callers)) {
        const before = callers.get(caller.who);
        callers.set(
            caller.who,
            before === undefined
                ? caller
                : { who: caller.who, calls: before.calls + caller.calls, ...periodOf([before, caller]) },
        );
    }
    return [
        {
            ...first,
            ports: [...ports.values()].toSorted((a, b) => a.number - b.number),
            allow: [...allow].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one),
            callers: sorted([...callers.values()]),
        },
    ];
}

const isAnswered = ({ all }: Demand): boolean => all.of("answered") > 0;

function groupedByHost(demands: readonly Demand[]): ReadonlyMap<string, readonly Demand[]> {
    const groups = new Map<string, Demand[]>();
    for (const demand of demands) {
        groups.set(demand.host, [...(groups.get(demand.host) ?? []), demand]);
    }
    return groups;
}

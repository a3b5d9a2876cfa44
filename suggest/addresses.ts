import { type WorkloadIdentity } from "../settings/schema";
import { type Call, type Question } from "./observation";
import { Questions } from "./questions";
import { entryIn, type Identities, labelOf, newSeen, Seen, workloadText } from "./seen";

/** An address that was called, and no line has a name for it. */
export interface Unnamed {
    readonly address: string;
    readonly port: number;
    readonly protocol: Call["protocol"];
    readonly seen: Seen;
    readonly clients: Map<string, Seen>;
    readonly identities: Identities;
    /** Calls by client and time, as far as they are needed to find a name. */
    readonly calls: { readonly client: string; readonly at: number }[];
}

const ADDRESSES_AT_MOST = 50_000;
const CLIENTS_AT_MOST = 20;
/** Of one address: more would change no answer. */
const CALLS_AT_MOST = 200;
/** How long after an answer a connection is taken to follow from it: longer than any client waits, shorter than most answers are kept. */
const WINDOW = 10_000;

/** How often at least the same name has to have been the only one. */
const TIMES_AT_LEAST = 3;

/** Why an address has no name. */
export type NameOf = { readonly name: string } | { readonly because: string };

/**
 * Addresses without a name, and the names that their clients asked for just before. A name is an address' only where each of its
 * clients asked for that one name and no other in the seconds before each connection: everything else would be a guess.
 */
export class Addresses {
    readonly all = new Map<string, Unnamed>();
    private readonly questions = new Questions();
    /** What {@link nameOf} has answered: it is asked several times, and looks through all questions each. */
    private readonly names = new Map<Unnamed, NameOf>();
    private readonly byProxies = new Map<string, Set<string>>();

    /** @returns whether there was room for it */
    add(call: Call, identity: WorkloadIdentity | undefined): boolean {
        const { client, port, protocol } = call;
        const address = call.address!;
        const entry = entryIn(
            this.all,
            `${address} ${port} ${protocol}`,
            () => ({
                address,
                port,
                protocol,
                seen: new Seen(),
                clients: new Map(),
                identities: new Map(),
                calls: [],
            }),
            ADDRESSES_AT_MOST,
        );
        if (entry === undefined) {
            return false;
        }
        entry.seen.add(call);
        entryIn(entry.clients, labelOf(client), newSeen, CLIENTS_AT_MOST)?.add(call);
        if (identity !== undefined) {
            const text = workloadText(identity);
            entryIn(entry.identities, text, () => ({ identity, seen: new Seen() })).seen.add(call);
        }
        if (entry.calls.length < CALLS_AT_MOST) {
            entry.calls.push({ client: client.address ?? "", at: call.at ?? NaN });
        }
        return true;
    }

    /** A proxy reached the address for a name. @param endpoint `203.0.113.7:443` */
    reached(endpoint: string, host: string): void {
        const hosts = entryIn(this.byProxies, endpoint, () => new Set<string>(), ADDRESSES_AT_MOST);
        if (hosts !== undefined && hosts.size < CLIENTS_AT_MOST) {
            hosts.add(host);
        }
    }

    /** The names for which proxies reached the same address and port: they explain what the network's logs have of it, and prove no more. */
    namesOfProxies({ address, port }: Unnamed): readonly string[] {
        return [...(this.byProxies.get(`${address}:${port}`) ?? [])].sort();
    }

    asked({ answered, at, client, name }: Question): void {
        if (answered && at !== undefined && client.address !== undefined) {
            this.questions.add(client.address, name, at);
        }
    }

    /** Once everything is read. */
    nameOf(entry: Unnamed): NameOf {
        return entryIn(this.names, entry, () => this.decide(entry));
    }

    private decide({ calls }: Unnamed): NameOf {
        if (this.questions.areTooMany) {
            return { because: "more names were asked for than can be kept: give the logs of a shorter time" };
        }
        const before = calls.map(({ at, client }) => this.questions.before(client, at, WINDOW));
        const names = new Set(before.flatMap(found => [...found]));
        if (names.size === 0) {
            return { because: "no DNS log shows a name for it" };
        }
        const [name] = [...names];
        if (names.size > 1 || before.some(({ size }) => size === 0)) {
            return {
                because: `its clients asked for ${names.size > 1 ? "several names" : "a name before some calls and not before others"}`,
            };
        }
        return before.length < TIMES_AT_LEAST
            ? { because: `called ${before.length} times only, after ${name!} was asked for` }
            : { name: name! };
    }
}

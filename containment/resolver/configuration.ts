import { type RegisteredZone, type ResolverInputs } from "../../declared/resolver";
import { ADDRESS_TYPES } from "../../base/recordTypes";
import { Block, isWithin, LOOPBACK } from "./block";
import { evaluate, mentioned, type Query } from "./condition";
import { type ServerBlock } from "./corefile";

/** What becomes of one query. */
export interface Answer {
    /** Where it is decided: the zones of the block, with its view. */
    readonly block: string;
    /** Whether a server outside the cluster is asked. */
    readonly asked: boolean | undefined;
}

/** A query that reaches a server although nobody declared that it may. */
export interface Undeclared {
    readonly query: Query;
    readonly block: string;
    /** Whether that is certain. */
    readonly certain: boolean;
    /** Whether the name itself is declared, and something else about the query is not. */
    readonly nameDeclared: boolean;
}

/** Header, type and class, and what a name is longer on the wire than its text with the last dot. */
const QUESTION_BYTES = 17;
/** With an OPT record that has no options (RFC 6891). */
const EDNS_BYTES = QUESTION_BYTES + 11;
/** With more than that: options, or records of somebody's choice. */
const LONG_BYTES = EDNS_BYTES + 100;

/** A type of records that no condition names. */
const UNHEARD_OF = "TYPE65280";

/** An address of the same pod. */
const ON_LOOPBACK = /^(?:dns:\/\/)?127\.0\.0\.1(?::(\d+))?$/;

const REFUSED: Answer = { block: "no block, which refuses it", asked: false };

const SOMETHING = "x7f3a9c1";

/** The resolver's configuration, as far as it decides which names are asked of servers outside. */
export class Configuration {
    private readonly blocks: readonly Block[];
    private readonly listeners: ReadonlySet<string>;
    /** Those that clients reach. */
    private readonly open: ReadonlySet<string>;

    constructor(blocks: readonly ServerBlock[]) {
        this.blocks = blocks.map(block => new Block(block));
        this.listeners = new Set(this.blocks.flatMap(({ listeners }) => listeners));
        this.open = new Set([...this.listeners].filter(listener => listener.startsWith(":")));
    }

    /** What keeps the answer from being told, whatever is asked. */
    get doubts(): readonly string[] {
        return this.blocks.flatMap(({ doubts }) => doubts);
    }

    /** Addresses of the servers that are asked. */
    get servers(): readonly string[] {
        const named = this.blocks.flatMap(({ servers }) => servers);
        return [...new Set(named.filter(server => this.listenerAt(server) === undefined))].sort();
    }

    /** What becomes of a client's query; where several ports are open, at that which asks the most. */
    answer(query: Query): Answer {
        return worst([...this.open].map(listener => this.answerAt(listener, query, [])));
    }

    /**
     * The block of the innermost zone is taken, and of several for one zone the first whose view holds
     * (coredns/coredns `core/dnsserver/server.go`, ServeDNS).
     *
     * @param before listeners that have passed the query on
     */
    private answerAt(listener: string, query: Query, before: readonly string[]): Answer {
        const depths = this.blocks.map(block => block.covers(query.name, listener));
        const innermost = Math.max(...depths.map(depth => depth ?? -1));
        for (const block of this.blocks.filter((_, index) => innermost >= 0 && depths[index] === innermost)) {
            const holds = evaluate(block.condition, query);
            if (holds === false) {
                continue;
            }
            const itself = block.answersItself(query);
            const further =
                itself === true
                    ? { block: block.inWords, asked: false }
                    : this.passedOn(block, query, [...before, listener]);
            if (holds === true) {
                return itself === undefined && further.asked === true ? { ...further, asked: undefined } : further;
            }
            if (further.asked !== false) {
                return { ...further, asked: undefined };
            }
        }
        return REFUSED;
    }

    private passedOn(block: Block, query: Query, before: readonly string[]): Answer {
        return worst([
            { block: block.inWords, asked: false },
            ...block.servers.map(server => {
                const listener = this.listenerAt(server);
                if (listener === undefined) {
                    return { block: block.inWords, asked: true };
                }
                if (before.includes(listener)) {
                    return { block: `${block.inWords}, which asks itself`, asked: undefined };
                }
                const then = this.answerAt(listener, query, before);
                return { ...then, block: `${block.inWords}, then ${then.block}` };
            }),
        ]);
    }

    /** The listener that has the address, which is this pod's own; undefined: a server elsewhere, or nobody. */
    private listenerAt(server: string): string | undefined {
        const match = ON_LOOPBACK.exec(server);
        if (match === null) {
            return undefined;
        }
        const port = match[1] ?? "53";
        return [`${LOOPBACK}:${port}`, `:${port}`].find(each => this.listeners.has(each));
    }

    /**
     * Queries that reach a server without being declared, exactly: a condition holds alike for all names, types and the rest that it does
     * not mention, so that one of each kind stands for all of them.
     */
    undeclared(declared: Pick<ResolverInputs, "hosts" | "zones">): readonly Undeclared[] {
        const found: Undeclared[] = [];
        const isDeclared = declaredBy(declared);
        for (const query of this.kinds()) {
            const nameDeclared = isDeclared(query);
            if (nameDeclared && isOrdinary(query)) {
                continue;
            }
            const { block, asked } = this.answer(query);
            if (asked !== false) {
                found.push({ query, block, certain: asked === true, nameDeclared });
            }
        }
        return found;
    }

    private kinds(): readonly Query[] {
        const conditions = this.blocks.flatMap(block => block.conditions);
        const zones = this.blocks.flatMap(({ block }) => block.zones);
        const all = (what: "name" | "type", others: readonly string[]) => [
            ...new Set([...others, ...conditions.flatMap(condition => mentioned(condition, what))]),
        ];
        const names = all("name", [
            ...zones.flatMap(zone => [below(below(zone)), below(zone)].map(name => `${name}.`)),
            ...zones.filter(zone => zone !== "").map(zone => `${zone}.`),
        ]).filter(name => name !== ".");
        const types = all("type", ["TXT", "A", UNHEARD_OF]);
        return names.flatMap(name =>
            types.flatMap(type => [
                ordinaryQuery(name, type),
                { ...ordinaryQuery(name, type), class: "CH" },
                { ...ordinaryQuery(name, type), opcode: "4" },
                { ...ordinaryQuery(name, type), size: EDNS_BYTES },
                { ...ordinaryQuery(name, type), size: LONG_BYTES },
            ]),
        );
    }
}

/** The answer that asks most; the first of several. */
function worst(answers: readonly Answer[]): Answer {
    const rank = ({ asked }: Answer): number => (asked === true ? 2 : asked === undefined ? 1 : 0);
    const [first = REFUSED, ...others] = answers;
    return others.reduce((most, answer) => (rank(answer) > rank(most) ? answer : most), first);
}

/** A query of class IN that carries nothing but its question. */
export function ordinaryQuery(name: string, type: string): Query {
    return {
        name: `${name.toLowerCase().replace(/\.$/, "")}.`,
        ...{ type, class: "IN", opcode: "0", size: QUESTION_BYTES },
    };
}

function isOrdinary(query: Query): boolean {
    return query.class === "IN" && query.opcode === "0" && query.size !== LONG_BYTES;
}

/** A name below the domain, or below none, that nobody declares. */
export function below(zone: string): string {
    return zone === "" ? `${SOMETHING}.example` : `${SOMETHING}.${zone}`;
}

function declaredBy({ hosts, zones }: Pick<ResolverInputs, "hosts" | "zones">): (query: Query) => boolean {
    const exact = new Set(hosts.map(host => `${host}.`));
    return ({ name, type }) =>
        (exact.has(name) && ADDRESS_TYPES.some(address => address === type)) ||
        zones.some(zone => zone.types.some(each => each === type) && isInZone(name, zone));
}

/** @param name with the last dot */
function isInZone(name: string, zone: RegisteredZone): boolean {
    return name === `${zone.name}.` ? zone.apex : isWithin(name, zone.name);
}

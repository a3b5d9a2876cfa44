import { firstOf } from "../../base/words";
import { type RegisteredZone, type ResolverInputs } from "../../declared/resolver";
import { ADDRESS_TYPES } from "../../base/recordTypes";
import { type Condition, evaluate, mentioned, parseCondition, type Query } from "./condition";
import { type Directive, type ServerBlock } from "./corefile";

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

/** What asks nobody: of CoreDNS' own plugins (coredns/coredns, `plugin/`). */
const ASKS_NOBODY: ReadonlySet<string> = new Set([
    "view",
    "errors",
    "prometheus",
    "health",
    "ready",
    "log",
    "cache",
    "template",
    "header",
    "bufsize",
    "loop",
    "reload",
    "loadbalance",
    "lameduck",
    "any",
    "acl",
]);

/** In names these change nothing but the case, and of the rest of a message they take away. */
const REWRITES = /^(?:name suffix \. \.|continue edns0 local unset \d+)$/;

/** Where a block is asked by others of its configuration, and with `bind` by nobody else. */
const LOOPBACK = "127.0.0.1";
const ON_LOOPBACK = /^(?:dns:\/\/)?127\.0\.0\.1(?::(\d+))?$/;

const REFUSED: Answer = { block: "no block, which refuses it", asked: false };

const SOMETHING = "x7f3a9c1";

/** One server block, in words of the question that is asked of it. */
class Block {
    readonly condition: Condition;
    readonly inWords: string;
    /** Who is asked, as it is written. */
    readonly servers: readonly string[];
    /** Where each of its zones is answered: `:5353` for everybody, `127.0.0.1:5353` for the pod itself. */
    readonly listeners: readonly string[];
    private readonly templates: readonly Template[];
    /** Why it is not known what it does. */
    readonly doubts: readonly string[];

    constructor(readonly block: ServerBlock) {
        const view = block.directives.find(({ name }) => name === "view");
        this.condition = view === undefined ? { kind: "constant", value: true } : conditionOf(view);
        const zones = block.zones.map(zone => (zone === "" ? "." : zone));
        this.inWords = `block ${firstOf(zones, 3)}${view?.args[0] === undefined ? "" : ` (view ${view.args[0]})`}`;
        this.servers = block.directives.filter(({ name }) => name === "forward").flatMap(({ args }) => args.slice(1));
        const alone = block.directives.some(({ name }) => name === "bind");
        this.listeners = block.ports.map(port => `${alone ? LOOPBACK : ""}:${port}`);
        this.templates = block.directives.filter(({ name }) => name === "template").map(each => new Template(each));
        this.doubts = block.directives.flatMap(directive => this.doubtsAbout(directive));
    }

    get conditions(): readonly Condition[] {
        return [this.condition, ...this.templates.map(({ condition }) => condition)];
    }

    covers(name: string, listener: string): number | undefined {
        const lengths = this.block.zones
            .filter((zone, index) => this.listeners[index] === listener && isWithin(name, zone))
            .map(zone => zone.length);
        return lengths.length === 0 ? undefined : Math.max(...lengths);
    }

    /** Whether a template answers before a server is asked: CoreDNS' plugins have an order of their own. */
    answersItself(query: Query): boolean | undefined {
        const answers = this.templates.map(template => template.answers(query));
        return answers.includes(true) ? true : answers.includes(undefined) ? undefined : false;
    }

    private doubtsAbout({ name, args }: Directive): string[] {
        if (name === "forward") {
            return args[0] === "." && args.length > 1 ? [] : [`${this.inWords} forwards ${args.join(" ")}`];
        }
        if (name === "rewrite") {
            return REWRITES.test(args.join(" ")) ? [] : [`${this.inWords} rewrites: ${args.join(" ")}`];
        }
        if (name === "bind") {
            return args.join() === LOOPBACK ? [] : [`${this.inWords} binds ${args.join(" ")}`];
        }
        return ASKS_NOBODY.has(name) ? [] : [`${this.inWords} has ${name}, which is not read here`];
    }
}

function conditionOf({ lines }: Directive): Condition {
    const conditions = lines.filter(([word]) => word === "expr").map(([, ...words]) => parseCondition(words.join(" ")));
    return conditions.length === 1 ? conditions[0]! : { kind: "and", of: conditions };
}

/** A `template`: what it answers, nobody else is asked. */
class Template {
    readonly condition: Condition;
    private readonly zones: readonly string[];
    private readonly classes: string;
    private readonly type: string;
    private readonly matches: boolean;

    constructor(directive: Directive) {
        const [classes = "ANY", type = "ANY", ...zones] = directive.args;
        this.classes = classes;
        this.type = type;
        this.zones = zones.map(zone => zone.toLowerCase().replace(/\.$/, ""));
        this.condition = conditionOf(directive);
        // A regular expression that is not read.
        this.matches = directive.lines.some(([word]) => word === "match");
    }

    answers(query: Query): boolean | undefined {
        if (
            (this.classes !== "ANY" && this.classes !== query.class) ||
            (this.type !== "ANY" && this.type !== query.type) ||
            (this.zones.length > 0 && !this.zones.some(zone => isWithin(query.name, zone)))
        ) {
            return false;
        }
        const fits = evaluate(this.condition, query);
        return this.matches && fits !== false ? undefined : fits;
    }
}

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

/** @param name with the last dot */
function isWithin(name: string, zone: string): boolean {
    return zone === "" || name === `${zone}.` || name.endsWith(`.${zone}.`);
}

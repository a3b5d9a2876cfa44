import { firstOf } from "../../base/words";
import { type Condition, evaluate, parseCondition, type Query } from "./condition";
import { type Directive, type ServerBlock } from "./corefile";

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
export const LOOPBACK = "127.0.0.1";

/** One server block, in words of the question that is asked of it. */
export class Block {
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

/** @param name with the last dot */
export function isWithin(name: string, zone: string): boolean {
    return zone === "" || name === `${zone}.` || name.endsWith(`.${zone}.`);
}

/**
 * Conditions of CoreDNS' `view` and `template`, which are written in the language of expr-lang. Read as far as a condition about a
 * query's name, type, class, kind and length goes; the rest may be true or not.
 */
export type Condition =
    | { readonly kind: "and" | "or"; readonly of: readonly Condition[] }
    | { readonly kind: "not"; readonly of: readonly [Condition] }
    | {
          readonly kind: "member";
          readonly of: "name" | "type" | "class" | "opcode";
          readonly values: ReadonlySet<string>;
      }
    | { readonly kind: "contains"; readonly text: string }
    /** `size()` against the length of the name and so many bytes. */
    | { readonly kind: "size"; readonly bytes: number; readonly equal: boolean }
    | { readonly kind: "constant"; readonly value: boolean }
    | { readonly kind: "unread" };

/** What a condition is asked about. `size` is what the message has beyond the length of the name's text. */
export interface Query {
    /** Lower case, with the last dot. */
    readonly name: string;
    readonly type: string;
    readonly class: string;
    readonly opcode: string;
    readonly size: number;
}

const UNREAD: Condition = { kind: "unread" };

export function parseCondition(source: string): Condition {
    const tokens = source.match(/'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"|\|\||&&|==|!=|[()[\],+!]|[\w.]+|\S/g) ?? [];
    const parser = new Parser(tokens);
    try {
        const condition = parser.or();
        return parser.done ? condition : UNREAD;
    } catch (error) {
        if (error instanceof UnreadPart) {
            return UNREAD;
        }
        throw error;
    }
}

class UnreadPart extends Error {}

class Parser {
    private position = 0;

    constructor(private readonly tokens: readonly string[]) {}

    get done(): boolean {
        return this.position === this.tokens.length;
    }

    or(): Condition {
        return this.joined("or", ["||", "or"], () => this.joined("and", ["&&", "and"], () => this.unary()));
    }

    private joined(kind: "and" | "or", operators: readonly string[], part: () => Condition): Condition {
        const of = [part()];
        while (operators.includes(this.next ?? "")) {
            this.position++;
            of.push(part());
        }
        return of.length === 1 ? of[0]! : { kind, of };
    }

    private unary(): Condition {
        if (this.takes("not") || this.takes("!")) {
            return { kind: "not", of: [this.unary()] };
        }
        if (this.takes("(")) {
            const inner = this.or();
            this.expect(")");
            return inner;
        }
        if (this.takes("true")) {
            return { kind: "constant", value: true };
        }
        if (this.takes("false")) {
            return { kind: "constant", value: false };
        }
        return this.comparison();
    }

    private comparison(): Condition {
        const call = this.take();
        this.expect("(");
        this.expect(")");
        const operator = this.take();
        if (call === "size") {
            return this.size(operator);
        }
        if (call !== "name" && call !== "type" && call !== "class" && call !== "opcode") {
            throw new UnreadPart();
        }
        switch (operator) {
            case "in":
                return { kind: "member", of: call, values: new Set(this.values()) };
            case "==":
                return { kind: "member", of: call, values: new Set([this.value()]) };
            case "!=":
                return { kind: "not", of: [{ kind: "member", of: call, values: new Set([this.value()]) }] };
            case "contains":
                return call === "name" ? { kind: "contains", text: this.value() } : UNREAD;
            case "endsWith":
            case "startsWith":
            case "matches":
                this.value();
                return UNREAD;
            default:
                throw new UnreadPart();
        }
    }

    private size(operator: string): Condition {
        if (operator !== "==" && operator !== "!=") {
            throw new UnreadPart();
        }
        for (const token of ["len", "(", "name", "(", ")", ")", "+"]) {
            this.expect(token);
        }
        const bytes = Number(this.take());
        if (!Number.isInteger(bytes)) {
            throw new UnreadPart();
        }
        return { kind: "size", bytes, equal: operator === "==" };
    }

    private values(): string[] {
        this.expect("[");
        const values = [this.value()];
        while (this.takes(",")) {
            values.push(this.value());
        }
        this.expect("]");
        return values;
    }

    private value(): string {
        const token = this.take();
        if (/^\d+$/.test(token)) {
            return token;
        }
        if (!/^['"]/.test(token)) {
            throw new UnreadPart();
        }
        return token.slice(1, -1).replaceAll("\\\\", "\\");
    }

    private get next(): string | undefined {
        return this.tokens[this.position];
    }

    private take(): string {
        const token = this.tokens[this.position++];
        if (token === undefined) {
            throw new UnreadPart();
        }
        return token;
    }

    private takes(token: string): boolean {
        const there = this.next === token;
        this.position += there ? 1 : 0;
        return there;
    }

    private expect(token: string): void {
        if (!this.takes(token)) {
            throw new UnreadPart();
        }
    }
}

/** Undefined: it may or may not. */
export function evaluate(condition: Condition, query: Query): boolean | undefined {
    switch (condition.kind) {
        case "and":
        case "or": {
            const decisive = condition.kind === "or";
            const parts = condition.of.map(part => evaluate(part, query));
            return parts.includes(decisive) ? decisive : parts.includes(undefined) ? undefined : !decisive;
        }
        case "not": {
            const inner = evaluate(condition.of[0], query);
            return inner === undefined ? undefined : !inner;
        }
        case "member":
            return condition.values.has(query[condition.of]);
        case "contains":
            return query.name.includes(condition.text);
        case "size":
            return (query.size === condition.bytes) === condition.equal;
        case "constant":
            return condition.value;
        case "unread":
            return undefined;
    }
}

/** The names, or types, that a condition speaks of: of all others it holds alike. */
export function mentioned(condition: Condition, what: "name" | "type"): readonly string[] {
    switch (condition.kind) {
        case "and":
        case "or":
        case "not":
            return condition.of.flatMap(part => mentioned(part, what));
        case "member":
            return condition.of === what ? [...condition.values] : [];
        default:
            return [];
    }
}

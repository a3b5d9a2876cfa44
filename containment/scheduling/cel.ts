import { type ASTNode, Environment, EvaluationError, type Optional, type ParseResult } from "@marcbachmann/cel-js";
import { type Address, type AddressRange, formatAddress, includes, parseAddress, parseRange } from "../kernel/address";

/** What an expression gives. An error is a result as well: a policy's `failurePolicy` says what follows from it. */
export type CelResult =
    | { readonly kind: "value"; readonly value: unknown }
    | { readonly kind: "error"; readonly message: string }
    /** The expression, or a function in it, is beyond this evaluator; the API server may read it well. */
    | { readonly kind: "unreadable"; readonly reason: string };

export type CelVariables = Readonly<Record<string, unknown>>;

type Program = ParseResult | { readonly unreadable: string };

/** The same few expressions are asked about many requests. */
const PROGRAMS = new Map<string, Program>();

/** CEL with the libraries that Kubernetes adds for admission (Kubernetes docs, "Common Expression Language in Kubernetes"). */
export function evaluateCel(expression: string, variables: CelVariables): CelResult {
    const program = programOf(expression);
    if (typeof program !== "function") {
        return { kind: "unreadable", reason: program.unreadable };
    }
    try {
        return { kind: "value", value: program(variables) as unknown };
    } catch (error) {
        if (error instanceof UnreadableCel) {
            return { kind: "unreadable", reason: error.message };
        }
        if (error instanceof EvaluationError) {
            // Kubernetes takes RE2 syntax, which JavaScript does not read in every detail.
            return error.code === "invalid_regular_expression"
                ? { kind: "unreadable", reason: error.summary }
                : { kind: "error", message: error.summary };
        }
        return { kind: "unreadable", reason: `evaluating ${shortened(expression)}: ${(error as Error).message}` };
    }
}

/** The expression's syntax; undefined for one that this evaluator does not read. */
export function treeOf(expression: string): ASTNode | undefined {
    const program = programOf(expression);
    return typeof program === "function" ? program.ast : undefined;
}

function programOf(expression: string): Program {
    let program = PROGRAMS.get(expression);
    if (program === undefined) {
        program = compile(expression);
        PROGRAMS.set(expression, program);
    }
    return program;
}

/** Thrown inside an expression where a part of it cannot be read. */
export class UnreadableCel extends Error {}

/** Thrown inside an expression where a variable that it uses has failed. */
export function celError(message: string): EvaluationError {
    return new EvaluationError(message);
}

function compile(expression: string): Program {
    try {
        const program = ENVIRONMENT.parse(expression);
        const checked = program.check();
        return checked.valid
            ? program
            : { unreadable: `${shortened(expression)}: ${checked.error?.message.split("\n")[0] ?? "does not check"}` };
    } catch (error) {
        return { unreadable: `${shortened(expression)}: ${(error as Error).message.split("\n")[0]}` };
    }
}

function shortened(expression: string): string {
    return `CEL "${expression.length > 60 ? `${expression.slice(0, 57)}...` : expression}"`;
}

class CelSets {}
class CelAddress {
    constructor(readonly address: Address) {}
}
class CelRange {
    constructor(readonly range: AddressRange) {}
}

/** What the library lacks of the extensions for strings, lists, sets and addresses. The rest is unreadable, and says so. */
function environment(): Environment {
    const env = new Environment({ unlistedVariablesAreDyn: true, enableOptionalTypes: true });
    env.registerType("Sets", CelSets);
    env.registerConstant("sets", "Sets", new CelSets());
    env.registerType("net.IP", CelAddress);
    env.registerType("net.CIDR", CelRange);

    env.registerFunction("string.replace(string, string): string", (text: string, old: string, next: string) =>
        text.split(old).join(next),
    );
    env.registerFunction("string.replace(string, string, int): string", replaceSome);
    env.registerFunction("string.charAt(int): string", (text: string, index: bigint) => text.charAt(Number(index)));
    env.registerFunction(
        "string.find(string): string",
        (text: string, pattern: string) => expressionOf(pattern).exec(text)?.[0] ?? "",
    );
    env.registerFunction("string.findAll(string): list<string>", (text: string, pattern: string) =>
        [...text.matchAll(new RegExp(expressionOf(pattern), "g"))].map(match => match[0]),
    );

    env.registerFunction("list<dyn>.indexOf(dyn): int", (list: unknown[], item: unknown) =>
        BigInt(list.findIndex(other => same(other, item))),
    );
    env.registerFunction("list<dyn>.lastIndexOf(dyn): int", (list: unknown[], item: unknown) =>
        BigInt(list.findLastIndex(other => same(other, item))),
    );
    env.registerFunction("list<dyn>.flatten(): list<dyn>", (list: unknown[]) => list.flat());
    env.registerFunction("list<dyn>.distinct(): list<dyn>", (list: unknown[]) =>
        list.filter((item, index) => list.findIndex(other => same(other, item)) === index),
    );
    env.registerFunction("list<dyn>.isSorted(): bool", (list: (bigint | string)[]) =>
        list.every((item, index) => index === 0 || list[index - 1]! <= item),
    );
    env.registerFunction("Sets.contains(list<dyn>, list<dyn>): bool", (_: CelSets, list: unknown[], items: unknown[]) =>
        isSubset(items, list),
    );
    env.registerFunction(
        "Sets.equivalent(list<dyn>, list<dyn>): bool",
        (_: CelSets, left: unknown[], right: unknown[]) => isSubset(left, right) && isSubset(right, left),
    );
    env.registerFunction(
        "Sets.intersects(list<dyn>, list<dyn>): bool",
        (_: CelSets, left: unknown[], right: unknown[]) => left.some(item => right.some(other => same(item, other))),
    );
    env.registerOperator("optional<dyn> == optional<dyn>", (left: Optional, right: Optional) =>
        left.hasValue() && right.hasValue() ? same(left.value(), right.value()) : left.hasValue() === right.hasValue(),
    );

    env.registerFunction("isIP(string): bool", (text: string) => succeeds(() => parseAddress(text)));
    env.registerFunction("isCIDR(string): bool", (text: string) => succeeds(() => rangeWithHostBits(text)));
    env.registerFunction("ip(string): net.IP", (text: string) => new CelAddress(orCelError(() => parseAddress(text))));
    env.registerFunction(
        "cidr(string): net.CIDR",
        (text: string) => new CelRange(orCelError(() => rangeWithHostBits(text))),
    );
    env.registerFunction("net.IP.family(): int", ({ address }: CelAddress) => BigInt(address.family));
    env.registerFunction("string(net.IP): string", ({ address }: CelAddress) => formatAddress(address));
    env.registerFunction("net.CIDR.containsIP(string): bool", ({ range }: CelRange, text: string) =>
        includes(
            range,
            orCelError(() => parseAddress(text)),
        ),
    );
    env.registerFunction("net.CIDR.containsIP(net.IP): bool", ({ range }: CelRange, { address }: CelAddress) =>
        includes(range, address),
    );
    return env;
}

function replaceSome(text: string, old: string, next: string, limit: bigint): string {
    const parts = text.split(old);
    const kept = limit < 0n ? parts.length : Number(limit) + 1;
    return [parts.slice(0, kept).join(next), ...parts.slice(kept)].join(old);
}

/** Kubernetes takes RE2 syntax; what JavaScript does not read alike is left unread. */
function expressionOf(pattern: string): RegExp {
    try {
        return new RegExp(pattern);
    } catch (error) {
        throw new UnreadableCel((error as Error).message);
    }
}

/** Unlike a firewall, Kubernetes lets a CIDR have host bits. */
function rangeWithHostBits(text: string): AddressRange {
    const [address, prefix] = text.split("/", 2) as [string, string | undefined];
    const { family, value } = parseAddress(address);
    const bits = family === 4 ? 32 : 128;
    if (prefix === undefined || !/^\d{1,3}$/.test(prefix) || Number(prefix) > bits) {
        throw new Error(`got ${text}, expected a CIDR range`);
    }
    const size = 1n << BigInt(bits - Number(prefix));
    return parseRange(`${formatAddress({ family, value: value - (value % size) })}/${prefix}`);
}

function orCelError<T>(read: () => T): T {
    try {
        return read();
    } catch (error) {
        throw celError((error as Error).message);
    }
}

function succeeds(read: () => unknown): boolean {
    try {
        read();
        return true;
    } catch {
        return false;
    }
}

function isSubset(items: readonly unknown[], list: readonly unknown[]): boolean {
    return items.every(item => list.some(other => same(item, other)));
}

/** Equality of CEL values that came from JSON. */
function same(left: unknown, right: unknown): boolean {
    if (left instanceof Map && right instanceof Map) {
        return (
            left.size === right.size &&
            [...(left as Map<unknown, unknown>).keys()].every(
                key => right.has(key) && same(left.get(key), right.get(key)),
            )
        );
    }
    if (typeof left !== "object" || typeof right !== "object" || left === null || right === null) {
        return left === right;
    }
    const [keys, others] = [Object.keys(left), Object.keys(right)];
    return (
        Array.isArray(left) === Array.isArray(right) &&
        keys.length === others.length &&
        keys.every(
            key =>
                key in right && same((left as Record<string, unknown>)[key], (right as Record<string, unknown>)[key]),
        )
    );
}

const ENVIRONMENT = environment();

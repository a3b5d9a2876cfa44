import { type ASTNode } from "@marcbachmann/cel-js";
import { type Fields, type KubernetesObject, fields, fieldsList } from "../kubernetes";
import { treeOf } from "./cel";
import { valueAt } from "./choices";

/**
 * How the value of an expression changes when items are added to one list of the object, wherever in it they are put. `grows`: a list
 * keeps what it has, a number gets no smaller, what is true stays true; `shrinks`: the reverse; both may turn into an error. `within`: a
 * part of the object on the way to that list, by how many keys lead there; `old`: a part of what was there before, which stays.
 */
type Tendency =
    | { readonly kind: "same" | "old" | "grows" | "shrinks" | "any" | "request" | "variables" }
    | { readonly kind: "known"; readonly value: unknown }
    | { readonly kind: "within"; readonly at: readonly number[] };

const SAME: Tendency = { kind: "same" };
const GROWS: Tendency = { kind: "grows" };
const SHRINKS: Tendency = { kind: "shrinks" };
const ANY: Tendency = { kind: "any" };

const KNOWN = new WeakMap<KubernetesObject, Map<string, boolean>>();

/**
 * Whether what such a validation refuses stays refused whatever is added to the list at that place: read off the expressions, for
 * every addition at once. An error counts as a refusal, so the policy's `failurePolicy` has to be `Fail`.
 *
 * @param place from the root of the variables, for example `object`, `spec`, `tolerations`
 */
export function standsBeside(
    policy: KubernetesObject,
    expression: string,
    place: readonly string[],
    root: Fields,
): boolean {
    const parent = valueAt(root, place.slice(0, -1));
    if (typeof parent !== "object" || parent === null || Array.isArray(parent)) {
        return false;
    }
    const operation = String(fields(root.request).operation);
    const known = KNOWN.get(policy) ?? new Map<string, boolean>();
    KNOWN.set(policy, known);
    const outgrown = longest(root.oldObject, place.at(-1)!) <= listAt(root, place).length;
    const key = [operation, outgrown, ...place, expression].join(" ");
    let stands = known.get(key);
    if (stands === undefined) {
        const tendencies = new Tendencies(policy, place, operation, outgrown);
        stands =
            fieldsList(policy.spec.matchConditions).every(condition =>
                staysTrue(tendencies.of(condition.expression)),
            ) && staysFalse(tendencies.of(expression));
        known.set(key, stands);
    }
    return stands;
}

function staysTrue(tendency: Tendency): boolean {
    return isSame(tendency) || tendency.kind === "grows";
}

function staysFalse(tendency: Tendency): boolean {
    return isSame(tendency) || tendency.kind === "shrinks";
}

function isSame({ kind }: Tendency): boolean {
    return kind === "same" || kind === "old" || kind === "known" || kind === "request";
}

function listAt(root: Fields, place: readonly string[]): readonly unknown[] {
    const value = valueAt(root, place);
    return Array.isArray(value) ? (value as unknown[]) : [];
}

/** Length of the longest list of that name, however deep. */
function longest(value: unknown, name: string): number {
    return typeof value !== "object" || value === null
        ? 0
        : Math.max(
              0,
              ...Object.entries(value).map(([key, inner]) =>
                  Math.max(key === name && Array.isArray(inner) ? inner.length : 0, longest(inner, name)),
              ),
          );
}

class Tendencies {
    private readonly variables: ReadonlyMap<string, unknown>;
    private readonly settled = new Map<string, Tendency>();

    constructor(
        policy: KubernetesObject,
        private readonly place: readonly string[],
        private readonly operation: string,
        /** Whether no list of that name in the old object is longer than the list is before anything is added. */
        private readonly outgrown: boolean,
    ) {
        this.variables = new Map(
            fieldsList(policy.spec.variables).map(({ name, expression }) => [String(name), expression]),
        );
    }

    of(expression: unknown): Tendency {
        const tree = treeOf(String(expression));
        return tree === undefined ? ANY : this.node(tree, new Set());
    }

    /** @param bound names that a macro gives to items; an item that is there stays what it is */
    private node(node: ASTNode, bound: ReadonlySet<string>): Tendency {
        const of = (other: ASTNode): Tendency => this.node(other, bound);
        switch (node.op) {
            case "value":
                return { kind: "known", value: node.args };
            case "id":
                return bound.has(node.args) ? SAME : this.root(node.args);
            case ".":
            case ".?":
                return this.field(of(node.args[0]), node.args[1]);
            case "[]":
            case "[?]": {
                const key = of(node.args[1]);
                return key.kind === "known" && typeof key.value === "string"
                    ? this.field(of(node.args[0]), key.value)
                    : allSame([of(node.args[0]), key]);
            }
            case "list":
                return allSame(node.args.map(of));
            case "map":
                return allSame(node.args.flat().map(of));
            case "!_":
                return negated(of(node.args));
            case "&&":
            case "||":
                return joined(node.op, node.args.map(of));
            case "?:": {
                const [condition, then, otherwise] = node.args.map(of) as [Tendency, Tendency, Tendency];
                return chosenBy(condition, then, otherwise, isEmptyList(node.args[2]));
            }
            case "call": {
                const [name, args] = node.args;
                const [only] = args;
                return name === "dyn" && only !== undefined
                    ? of(only)
                    : name === "has" && only !== undefined
                      ? present(of(only))
                      : name === "size" && only !== undefined
                        ? sized(of(only))
                        : allSame(args.map(of));
            }
            case "rcall":
                return this.method(node.args, bound);
            case "-_":
                return allSame([of(node.args)]);
            default: {
                const [left, right] = [of(node.args[0]), of(node.args[1])];
                const kinds = [left.kind, right.kind].sort().join(" ");
                // What has outgrown the old object equals no part of it, whatever else is added.
                return kinds === "old within" && this.outgrown && (node.op === "==" || node.op === "!=")
                    ? node.op === "=="
                        ? SHRINKS
                        : GROWS
                    : compared(node.op, left, right);
            }
        }
    }

    private root(name: string): Tendency {
        return name === this.place[0]
            ? { kind: "within", at: [1] }
            : name === "request" || name === "variables"
              ? { kind: name }
              : name === "oldObject"
                ? { kind: "old" }
                : SAME;
    }

    private field(of: Tendency, name: string): Tendency {
        const { place } = this;
        if (of.kind === "variables") {
            return this.variable(name);
        }
        if (of.kind === "request") {
            return name === "operation" ? { kind: "known", value: this.operation } : SAME;
        }
        if (of.kind !== "within") {
            return of.kind === "old" ? of : isSame(of) ? SAME : ANY;
        }
        const next = of.at.filter(at => place[at] === name).map(at => at + 1);
        const lists = next.filter(at => at === place.length);
        return next.length === 0
            ? SAME
            : lists.length === 0
              ? { kind: "within", at: next }
              : lists.length === next.length
                ? GROWS
                : ANY;
    }

    private variable(name: string): Tendency {
        const before = this.settled.get(name);
        if (before !== undefined) {
            return before;
        }
        // One that uses itself is no CEL; this ends it.
        this.settled.set(name, ANY);
        const tendency = this.variables.has(name) ? this.of(this.variables.get(name)) : SAME;
        this.settled.set(name, tendency);
        return tendency;
    }

    private method(
        [name, subject, args]: readonly [string, ASTNode, readonly ASTNode[]],
        bound: ReadonlySet<string>,
    ): Tendency {
        const of = this.node(subject, bound);
        const [item, body] = args;
        if (MACROS.has(name) && item?.op === "id" && body !== undefined) {
            const inside = args.slice(1).map(arg => this.node(arg, new Set([...bound, item.args])));
            return overItems(name, of, inside);
        }
        switch (name) {
            case "size":
                return sized(of);
            case "hasValue":
                return present(of);
            case "value":
                return of;
            case "or":
            case "orValue": {
                const other = this.node(item!, bound);
                // A part on the way to the list is there, and stays.
                return of.kind === "grows"
                    ? isEmptyList(item!)
                        ? GROWS
                        : ANY
                    : (of.kind === "within" && isSame(other)) || (of.kind === "old" && isEmpty(item!))
                      ? of
                      : either(of, other);
            }
            default:
                return allSame([of, ...args.map(arg => this.node(arg, bound))]);
        }
    }
}

const MACROS = new Set(["filter", "map", "exists", "all", "exists_one"]);

function overItems(name: string, list: Tendency, inside: readonly Tendency[]): Tendency {
    const body = inside.reduce(either);
    if (isSame(list)) {
        const ordered = name === "exists" || name === "all" || (name === "filter" && body.kind === "grows");
        return isSame(body) ? SAME : ordered && (body.kind === "grows" || body.kind === "shrinks") ? body : ANY;
    }
    if (list.kind !== "grows") {
        return ANY;
    }
    switch (name) {
        case "filter":
        case "exists":
            return staysTrue(body) ? GROWS : ANY;
        case "map":
            return isSame(body) ? GROWS : ANY;
        case "all":
            return staysFalse(body) ? SHRINKS : ANY;
        default:
            return ANY;
    }
}

function allSame(tendencies: readonly Tendency[]): Tendency {
    return tendencies.every(isSame) ? SAME : ANY;
}

/** Either of two, and whatever is added does not change which. */
function either(left: Tendency, right: Tendency): Tendency {
    if (isSame(left) && isSame(right)) {
        return left.kind === right.kind && left.kind === "old" ? left : SAME;
    }
    if (isSame(left) || isSame(right)) {
        return isSame(left) ? right : left;
    }
    if (left.kind === "within" && right.kind === "within") {
        return { kind: "within", at: [...new Set([...left.at, ...right.at])] };
    }
    return left.kind === right.kind ? left : ANY;
}

function present(tendency: Tendency): Tendency {
    return tendency.kind === "within" || isSame(tendency) ? SAME : tendency.kind === "grows" ? GROWS : ANY;
}

function sized(tendency: Tendency): Tendency {
    return tendency.kind === "grows" ? GROWS : allSame([tendency]);
}

function negated(tendency: Tendency): Tendency {
    switch (tendency.kind) {
        case "known":
            return { kind: "known", value: tendency.value !== true };
        case "grows":
            return SHRINKS;
        case "shrinks":
            return GROWS;
        default:
            return allSame([tendency]);
    }
}

function joined(op: "&&" | "||", sides: readonly Tendency[]): Tendency {
    const settles = op === "||";
    const known = (value: boolean) => (side: Tendency) => side.kind === "known" && side.value === value;
    if (sides.some(known(settles))) {
        return { kind: "known", value: settles };
    }
    return sides.filter(side => !known(!settles)(side)).reduce(eitherValue, { kind: "known", value: !settles });
}

/** Of truth values and lists; a part of the object is neither. */
function eitherValue(left: Tendency, right: Tendency): Tendency {
    const both = either(left, right);
    return both.kind === "within" ? ANY : both;
}

function chosenBy(condition: Tendency, then: Tendency, otherwise: Tendency, otherwiseNone: boolean): Tendency {
    if (condition.kind === "known") {
        return condition.value === true ? then : otherwise;
    }
    if (isSame(condition)) {
        return either(then, otherwise);
    }
    return condition.kind === "grows" && otherwiseNone && staysTrue(then) ? GROWS : ANY;
}

function compared(op: string, left: Tendency, right: Tendency): Tendency {
    if (left.kind === "known" && right.kind === "known" && (op === "==" || op === "!=")) {
        return { kind: "known", value: (left.value === right.value) === (op === "==") };
    }
    if (isSame(left) && isSame(right)) {
        return SAME;
    }
    const none = right.kind === "known" && right.value === 0n;
    if (left.kind === "grows" && isSame(right)) {
        switch (op) {
            case ">":
            case ">=":
            case "+":
                return GROWS;
            case "<":
            case "<=":
                return SHRINKS;
            // A size is never below zero.
            case "==":
                return none ? SHRINKS : ANY;
            case "!=":
                return none ? GROWS : ANY;
            default:
                return ANY;
        }
    }
    if (isSame(left) && right.kind === "grows") {
        return op === "in" || op === "<" || op === "<=" || op === "+"
            ? GROWS
            : [">", ">="].includes(op)
              ? SHRINKS
              : ANY;
    }
    return op === "+" && left.kind === "grows" && right.kind === "grows" ? GROWS : ANY;
}

/** No part of the object on the way to a list equals it. */
function isEmpty(node: ASTNode): boolean {
    return isEmptyList(node) || (node.op === "map" && node.args.length === 0);
}

function isEmptyList(node: ASTNode): boolean {
    return node.op === "list" && node.args.length === 0;
}

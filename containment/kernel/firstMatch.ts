import { type HeaderSpace, headers, intersect, NO_HEADERS, SlabBuilder, subtract, union } from "./headers";
import { indexAfter, type Intervals, pairs } from "./intervals";
import { EVERY_SERVICE } from "./services";

/**
 * What a rule does with a packet that it matches. `next` hands it to the layer behind (`goto_next`). `inspect` hands it to an
 * inspection that may drop it. `unreadable` stands for an action that is not known: it may be any of them.
 */
export type Action = "allow" | "deny" | "next" | "inspect" | "unreadable";

/**
 * A rule may be known in part only. It certainly matches `must` and possibly matches `may`; where all is known they are the same
 * object. `must` always lies inside `may`.
 */
export interface Rule {
    readonly action: Action;
    readonly may: HeaderSpace;
    readonly must: HeaderSpace;
}

/** Rules in order of evaluation: the first match decides, and no match passes on to the next layer. */
export type Layer<R extends Rule = Rule> = readonly R[];

/** What the layers may do with packets. What is only in one of the two sets is certain. */
export interface Decision {
    readonly mayAllow: HeaderSpace;
    readonly mayDeny: HeaderSpace;
}

const OUTCOMES: Readonly<Record<Action, readonly ("allow" | "deny" | "next")[]>> = {
    allow: ["allow"],
    deny: ["deny"],
    next: ["next"],
    inspect: ["allow", "deny"],
    unreadable: ["allow", "deny", "next"],
};

/**
 * Layers of first-match rules, evaluated for many sources at once. Most rules concern every source, so their decision is computed
 * once; a source then costs as much as the rules that concern it alone. What no layer decides is allowed, as egress is in a VPC
 * network (the implied rule).
 */
export class Evaluation {
    private readonly layers: readonly SharedLayer[];
    private readonly everything: HeaderSpace;
    /** The decision for a source that no rule of its own concerns. */
    readonly shared: Decision;

    /**
     * @param layers all rules of all layers, in order
     * @param concernsEverybody whether the rule matches whatever the source is
     * @param cells size of the destination line
     */
    constructor(layers: readonly Layer[], concernsEverybody: (rule: Rule) => boolean, cells: number) {
        this.everything = headers(EVERY_SERVICE, [0, cells]);
        this.layers = layers.map(
            rules =>
                new SharedLayer(
                    rules,
                    rule => rule.may === rule.must && OUTCOMES[rule.action].length === 1 && concernsEverybody(rule),
                ),
        );
        this.shared = this.decide(this.everything, () => []);
    }

    /**
     * @param own per layer, the positions of the rules that concern this source and not everybody (and of those known in part),
     *   ascending, with `certain` false where only the source's identity makes the match possible
     */
    decisionFor(own: readonly (readonly OwnRule[])[]): Decision {
        const touched = own.flat().reduce((all, { rule }) => union(all, rule.may), NO_HEADERS);
        if (touched.length === 0) {
            return this.shared;
        }
        const here = this.decide(touched, layer => own[layer]!);
        return {
            mayAllow: union(subtract(this.shared.mayAllow, touched), here.mayAllow),
            mayDeny: union(subtract(this.shared.mayDeny, touched), here.mayDeny),
        };
    }

    /** Whether the rule at this place is decided for everybody at once; others are passed to {@link decisionFor}. */
    isShared(layer: number, position: number): boolean {
        return this.layers[layer]!.isShared[position]!;
    }

    private decide(space: HeaderSpace, own: (layer: number) => readonly OwnRule[]): Decision {
        const outcome = { allow: NO_HEADERS, deny: NO_HEADERS, next: NO_HEADERS };
        let entering = space;
        this.layers.forEach((layer, index) => {
            outcome.next = NO_HEADERS;
            for (const { position, rule, certain } of own(index)) {
                const hit = intersect(entering, layer.undecidedBefore(position, rule.may));
                for (const result of hit.length === 0 ? [] : OUTCOMES[rule.action]) {
                    outcome[result] = union(outcome[result], hit);
                }
                if (certain) {
                    entering = subtract(entering, rule.must === rule.may ? hit : intersect(hit, rule.must));
                }
            }
            outcome.allow = union(outcome.allow, intersect(entering, layer.allowed));
            outcome.deny = union(outcome.deny, intersect(entering, layer.denied));
            entering = union(outcome.next, subtract(subtract(entering, layer.allowed), layer.denied));
        });
        return { mayAllow: union(outcome.allow, entering), mayDeny: outcome.deny };
    }
}

/** A rule that concerns one source. */
export interface OwnRule {
    /** Place in its layer. */
    readonly position: number;
    readonly rule: Rule;
    readonly certain: boolean;
}

const NO_RULE = -1;

/** The rules of one layer that concern everybody, painted in order of evaluation: every header keeps its first match. */
class SharedLayer {
    readonly isShared: readonly boolean[];
    readonly allowed: HeaderSpace;
    readonly denied: HeaderSpace;
    private readonly slabs: readonly PaintedSlab[];

    constructor(rules: Layer, shared: (rule: Rule) => boolean) {
        this.isShared = rules.map(shared);
        this.slabs = paint(rules, this.isShared);
        this.allowed = this.headersOf(position => rules[position]!.action === "allow");
        this.denied = this.headersOf(position => rules[position]!.action === "deny");
    }

    /** The headers of `space` that no shared rule before this position has decided or passed on. */
    undecidedBefore(position: number, space: HeaderSpace): HeaderSpace {
        if (this.slabs.length === 0) {
            return space;
        }
        const builder = new SlabBuilder();
        let index = 0;
        for (const { from, to, cells } of space) {
            while (this.slabs[index]!.to <= from) {
                index++;
            }
            for (let i = index, at = from; at < to; i++) {
                const slab = this.slabs[i]!;
                const end = Math.min(to, slab.to);
                builder.add(at, end, laterThan(position, slab, cells));
                at = end;
            }
        }
        return builder.slabs;
    }

    private headersOf(wanted: (position: number) => boolean): HeaderSpace {
        const builder = new SlabBuilder();
        for (const slab of this.slabs) {
            builder.add(
                slab.from,
                slab.to,
                segments(slab, 0, Infinity, owner => owner !== NO_RULE && wanted(owner)),
            );
        }
        return builder.slabs;
    }
}

/** Within these services, cells from `starts[i]` on belong to the rule at position `owners[i]`, up to `starts[i + 1]`. */
interface PaintedSlab {
    readonly from: number;
    readonly to: number;
    readonly starts: readonly number[];
    readonly owners: Int32Array;
}

function laterThan(position: number, slab: PaintedSlab, cells: Intervals): Intervals {
    const ends: number[] = [];
    for (const [from, to] of pairs(cells)) {
        for (const end of segments(slab, from, to, owner => owner === NO_RULE || owner > position)) {
            // Neighbouring cells of `cells` never touch, and neither do the parts that `segments` returns.
            ends.push(end);
        }
    }
    return ends;
}

/** The part of the cells `from` to `to - 1` whose owner is wanted. `to` may be infinite where no wanted owner reaches the end. */
function segments(
    { starts, owners }: PaintedSlab,
    from: number,
    to: number,
    wanted: (owner: number) => boolean,
): Intervals {
    const ends: number[] = [];
    let inside = false;
    let i = indexAfter(starts, from) - 1;
    for (let at = from; at < to; i++) {
        const now = wanted(i < 0 || i >= owners.length ? NO_RULE : owners[i]!);
        if (now !== inside) {
            ends.push(at);
            inside = now;
        }
        at = i + 1 < starts.length ? starts[i + 1]! : Infinity;
    }
    if (inside) {
        ends.push(to);
    }
    return ends;
}

function paint(rules: Layer, isShared: readonly boolean[]): PaintedSlab[] {
    const cuts = [
        ...new Set([
            0,
            EVERY_SERVICE[1]!,
            ...rules.flatMap((rule, position) =>
                isShared[position] ? rule.may.flatMap(({ from, to }) => [from, to]) : [],
            ),
        ]),
    ].sort((a, b) => a - b);
    const place = new Map(cuts.map((cut, index) => [cut, index]));
    const concerned: Layered[][] = cuts.slice(1).map(() => []);
    rules.forEach((rule, position) => {
        for (const { from, to, cells } of isShared[position] ? rule.may : []) {
            for (let i = place.get(from)!; i < place.get(to)!; i++) {
                concerned[i]!.push({ position, cells });
            }
        }
    });
    const slabs: PaintedSlab[] = [];
    let previous: readonly Layered[] | undefined;
    concerned.forEach((list, index) => {
        const last = slabs[slabs.length - 1];
        if (last !== undefined && sameRules(previous!, list)) {
            slabs[slabs.length - 1] = { ...last, to: cuts[index + 1]! };
        } else {
            slabs.push({ from: cuts[index]!, to: cuts[index + 1]!, ...paintCells(list) });
        }
        previous = list;
    });
    return slabs;
}

interface Layered {
    readonly position: number;
    readonly cells: Intervals;
}

function sameRules(a: readonly Layered[], b: readonly Layered[]): boolean {
    return (
        a.length === b.length &&
        a.every(({ position, cells }, index) => position === b[index]!.position && cells === b[index]!.cells)
    );
}

/** First come, first painted. A painted stretch is skipped ever after (union-find), so that the cost is nearly linear. */
function paintCells(rules: readonly Layered[]): Pick<PaintedSlab, "starts" | "owners"> {
    const starts = [...new Set(rules.flatMap(({ cells }) => cells))].sort((a, b) => a - b);
    const owners = new Int32Array(starts.length).fill(NO_RULE);
    const nextFree = Int32Array.from({ length: starts.length + 1 }, (_, index) => index);
    const firstFree = (index: number): number => {
        let root = index;
        while (nextFree[root] !== root) {
            root = nextFree[root] = nextFree[nextFree[root]!]!;
        }
        return root;
    };
    for (const { position, cells } of rules) {
        for (const [from, to] of pairs(cells)) {
            for (
                let i = firstFree(indexAfter(starts, from) - 1);
                i < starts.length && starts[i]! < to;
                i = firstFree(i)
            ) {
                owners[i] = position;
                nextFree[i] = i + 1;
            }
        }
    }
    return { starts, owners };
}

import { type Layer, type Rule } from "./firstMatch";
import { type HeaderSpace, SlabBuilder } from "./headers";
import { indexAfter, type Intervals, pairs } from "./intervals";
import { EVERY_SERVICE } from "./services";

const NO_RULE = -1;

/** The rules of one layer that concern everybody, painted in order of evaluation: every header keeps its first match. */
export class SharedLayer {
    readonly isShared: readonly boolean[];
    readonly allowed: HeaderSpace;
    readonly denied: HeaderSpace;
    private readonly slabs: readonly PaintedSlab[];

    constructor(
        rules: Layer,
        shared: (rule: Rule) => boolean,
        private readonly size: number,
    ) {
        this.isShared = rules.map(shared);
        this.slabs = paint(rules, this.isShared, size);
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
                segments(slab, 0, this.size, owner => owner !== NO_RULE && wanted(owner)),
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
    readonly owners: readonly number[];
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

/** The part of the cells `from` to `to - 1` whose owner is wanted. */
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

function paint(rules: Layer, isShared: readonly boolean[], size: number): PaintedSlab[] {
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
    const painter = cellPainter(size);
    const slabs: PaintedSlab[] = [];
    let previous: readonly Layered[] | undefined;
    concerned.forEach((list, index) => {
        const last = slabs[slabs.length - 1];
        if (last !== undefined && sameRules(previous!, list)) {
            slabs[slabs.length - 1] = { ...last, to: cuts[index + 1]! };
        } else {
            slabs.push({ from: cuts[index]!, to: cuts[index + 1]!, ...painter(list) });
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

/**
 * First come, first painted. A painted cell is skipped ever after (union-find), so that the cost is nearly linear. The two lists of
 * all cells are reused from slab to slab.
 */
function cellPainter(size: number): (rules: readonly Layered[]) => Pick<PaintedSlab, "starts" | "owners"> {
    const owner = new Int32Array(size);
    const nextFree = new Int32Array(size + 1);
    const firstFree = (cell: number): number => {
        let root = cell;
        while (nextFree[root] !== root) {
            root = nextFree[root] = nextFree[nextFree[root]!]!;
        }
        return root;
    };
    return rules => {
        owner.fill(NO_RULE);
        for (let cell = 0; cell <= size; cell++) {
            nextFree[cell] = cell;
        }
        for (const { position, cells } of rules) {
            for (let i = 0; i < cells.length; i += 2) {
                const to = cells[i + 1]!;
                for (let cell = firstFree(cells[i]!); cell < to; cell = firstFree(cell)) {
                    owner[cell] = position;
                    nextFree[cell] = cell + 1;
                }
            }
        }
        const starts: number[] = [];
        const owners: number[] = [];
        for (let cell = 0; cell < size; cell++) {
            if (cell === 0 || owner[cell] !== owner[cell - 1]) {
                starts.push(cell);
                owners.push(owner[cell]!);
            }
        }
        return { starts, owners };
    };
}

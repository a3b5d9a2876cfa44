import { type HeaderSpace, type Slab, SlabBuilder } from "./headers";
import { indexAfter, type Intervals, pairs } from "./intervals";
import { type Layer, type KernelRule } from "./rule";
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
        shared: (rule: KernelRule) => boolean,
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
    readonly starts: Int32Array;
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
    const everyService: Layered[] = [];
    const someServices: { readonly position: number; readonly slab: Slab }[] = [];
    rules.forEach((rule, position) => {
        for (const slab of isShared[position] ? rule.may : []) {
            if (slab.from === 0 && slab.to === EVERY_SERVICE[1]!) {
                everyService.push({ position, cells: slab.cells });
            } else {
                someServices.push({ position, slab });
            }
        }
    });
    const cuts = [...new Set([0, EVERY_SERVICE[1]!, ...someServices.flatMap(({ slab }) => [slab.from, slab.to])])].sort(
        (a, b) => a - b,
    );
    const place = new Map(cuts.map((cut, index) => [cut, index]));
    const concerned: Layered[][] = cuts.slice(1).map(() => []);
    for (const { position, slab } of someServices) {
        const layered = { position, cells: slab.cells };
        for (let i = place.get(slab.from)!; i < place.get(slab.to)!; i++) {
            concerned[i]!.push(layered);
        }
    }
    const painter = new CellPainter(size, everyService);
    const slabs: PaintedSlab[] = [];
    let previous: readonly Layered[] | undefined;
    concerned.forEach((list, index) => {
        const last = slabs[slabs.length - 1];
        if (last !== undefined && sameRules(previous!, list)) {
            slabs[slabs.length - 1] = { ...last, to: cuts[index + 1]! };
        } else {
            slabs.push({ from: cuts[index]!, to: cuts[index + 1]!, ...painter.paint(list) });
        }
        previous = list;
    });
    return slabs;
}

/** Cells that the rule at this position concerns. */
interface Layered {
    readonly position: number;
    readonly cells: Intervals;
}

function sameRules(a: readonly Layered[], b: readonly Layered[]): boolean {
    return a.length === b.length && a.every((layered, index) => layered === b[index]);
}

/**
 * First come, first painted. A cell that has been looked at is skipped ever after (union-find), so that the cost is nearly linear.
 * The lists of all cells are reused from slab to slab.
 */
class CellPainter {
    private readonly owner: Int32Array;
    private readonly nextFree: Int32Array;
    private readonly allFree: Int32Array;
    /** Owners among the rules for every service, which are the same in every slab. */
    private readonly base: Int32Array;
    private readonly starts: Int32Array;
    private readonly owners: Int32Array;

    /** @param everyService rules that concern every slab, in order of evaluation */
    constructor(
        private readonly size: number,
        everyService: readonly Layered[],
    ) {
        [this.owner, this.starts, this.owners] = [new Int32Array(size), new Int32Array(size), new Int32Array(size)];
        this.nextFree = new Int32Array(size + 1);
        this.allFree = Int32Array.from({ length: size + 1 }, (_, cell) => cell);
        this.layOver(new Int32Array(size).fill(NO_RULE), everyService);
        this.base = this.owner.slice();
    }

    /** @param rules further ones, in order of evaluation */
    paint(rules: readonly Layered[]): Pick<PaintedSlab, "starts" | "owners"> {
        this.layOver(this.base, rules);
        let count = 0;
        let current: number | undefined;
        for (let cell = 0; cell < this.size; cell++) {
            const found = this.owner[cell]!;
            if (found !== current) {
                this.starts[count] = cell;
                this.owners[count] = found;
                count++;
                current = found;
            }
        }
        return { starts: this.starts.slice(0, count), owners: this.owners.slice(0, count) };
    }

    private layOver(base: Int32Array, rules: readonly Layered[]): void {
        const { nextFree, owner } = this;
        owner.set(base);
        nextFree.set(this.allFree);
        for (const { position, cells } of rules) {
            for (let i = 0; i < cells.length; i += 2) {
                const to = cells[i + 1]!;
                let cell = this.firstFree(cells[i]!);
                while (cell < to) {
                    // An earlier rule of the base keeps the cell, from this rule and from all that follow.
                    if (owner[cell] === NO_RULE || owner[cell]! > position) {
                        owner[cell] = position;
                    }
                    // Everything before `to` has been looked at when this loop ends.
                    nextFree[cell] = to;
                    const next = cell + 1;
                    cell = nextFree[next] === next ? next : this.firstFree(next);
                }
            }
        }
    }

    private firstFree(cell: number): number {
        const { nextFree } = this;
        let root = cell;
        while (nextFree[root] !== root) {
            root = nextFree[root] = nextFree[nextFree[root]!]!;
        }
        return root;
    }
}

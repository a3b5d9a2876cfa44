import { equal, has, intersect as meet, type Intervals, pairs, subtract as without, union as join } from "./intervals";

/**
 * A set of packet headers: which services (see `services.ts`) towards which cells of a {@link DestinationLine}. It is a list of
 * slabs in ascending order of service; within a slab every service has the same, non-empty set of destinations, and slabs that
 * touch differ. Equal sets are therefore equal lists.
 *
 * Sets are comparable only when they are over the same line.
 */
export type HeaderSpace = readonly Slab[];

export interface Slab {
    /** First service. */
    readonly from: number;
    /** First service behind the slab. */
    readonly to: number;
    readonly cells: Intervals;
}

export const NO_HEADERS: HeaderSpace = [];

export function headers(services: Intervals, cells: Intervals): HeaderSpace {
    return cells.length === 0 ? NO_HEADERS : [...pairs(services)].map(([from, to]) => ({ from, to, cells }));
}

export function union(a: HeaderSpace, b: HeaderSpace): HeaderSpace {
    return a.length === 0 || a === b ? b : b.length === 0 ? a : combine(a, b, join);
}

export function intersect(a: HeaderSpace, b: HeaderSpace): HeaderSpace {
    return a === b ? a : a.length === 0 || b.length === 0 ? NO_HEADERS : combine(a, b, meet);
}

export function subtract(a: HeaderSpace, b: HeaderSpace): HeaderSpace {
    return a === b ? NO_HEADERS : a.length === 0 || b.length === 0 ? a : combine(a, b, without);
}

/** The union of many sets, in halves, so that no set is copied more than a few times. */
export function unionOfAll(spaces: readonly HeaderSpace[]): HeaderSpace {
    if (spaces.length <= 2) {
        return union(spaces[0] ?? NO_HEADERS, spaces[1] ?? NO_HEADERS);
    }
    const half = spaces.length >>> 1;
    return union(unionOfAll(spaces.slice(0, half)), unionOfAll(spaces.slice(half)));
}

/** The headers of `space` towards these destinations. */
export function towards(space: HeaderSpace, cells: Intervals): HeaderSpace {
    const builder = new SlabBuilder();
    for (const slab of space) {
        builder.add(slab.from, slab.to, meet(slab.cells, cells));
    }
    return builder.slabs;
}

/** The headers of `space` with these services. */
export function withServices(space: HeaderSpace, services: Intervals): HeaderSpace {
    const builder = new SlabBuilder();
    for (const slab of space) {
        for (const [from, to] of pairs(meet([slab.from, slab.to], services))) {
            builder.add(from, to, slab.cells);
        }
    }
    return builder.slabs;
}

export function hasHeader(space: HeaderSpace, service: number, cell: number): boolean {
    const slab = space.find(({ from, to }) => from <= service && service < to);
    return slab !== undefined && has(slab.cells, cell);
}

export function equalHeaders(a: HeaderSpace, b: HeaderSpace): boolean {
    return (
        a === b ||
        (a.length === b.length &&
            a.every(
                (slab, index) =>
                    slab.from === b[index]!.from && slab.to === b[index]!.to && equal(slab.cells, b[index]!.cells),
            ))
    );
}

/** All services of the set, whatever the destination. */
export function servicesIn(space: HeaderSpace): Intervals {
    const ends: number[] = [];
    for (const { from, to } of space) {
        if (ends[ends.length - 1] === from) {
            ends[ends.length - 1] = to;
        } else {
            ends.push(from, to);
        }
    }
    return ends;
}

/** All destinations of the set, whatever the service. */
export function destinationsIn(space: HeaderSpace): Intervals {
    return space.reduce<Intervals>((all, { cells }) => join(all, cells), []);
}

type CellsOperation = (a: Intervals, b: Intervals) => Intervals;

const ABSENT: Intervals = [];

function combine(a: HeaderSpace, b: HeaderSpace, operation: CellsOperation): HeaderSpace {
    const builder = new SlabBuilder();
    let i = 0;
    let j = 0;
    let at = Math.min(a[0]!.from, b[0]!.from);
    while (i < a.length || j < b.length) {
        const [slabA, slabB] = [a[i], b[j]];
        const inA = slabA !== undefined && slabA.from <= at;
        const inB = slabB !== undefined && slabB.from <= at;
        const endA = slabA === undefined ? Infinity : inA ? slabA.to : slabA.from;
        const endB = slabB === undefined ? Infinity : inB ? slabB.to : slabB.from;
        const end = Math.min(endA, endB);
        if (inA || inB) {
            builder.add(at, end, operation(inA ? slabA.cells : ABSENT, inB ? slabB.cells : ABSENT));
        }
        if (inA && slabA.to === end) {
            i++;
        }
        if (inB && slabB.to === end) {
            j++;
        }
        at = end;
    }
    return builder.slabs;
}

/** Keeps the canonical form: no empty slab, and no two neighbours that could be one. */
export class SlabBuilder {
    readonly slabs: Slab[] = [];

    add(from: number, to: number, cells: Intervals): void {
        if (cells.length === 0) {
            return;
        }
        const last = this.slabs[this.slabs.length - 1];
        if (last !== undefined && last.to === from && equal(last.cells, cells)) {
            this.slabs[this.slabs.length - 1] = { from: last.from, to, cells: last.cells };
        } else {
            this.slabs.push({ from, to, cells });
        }
    }
}

/**
 * A set of integers as the ascending end points of its half-open intervals: `[from, to, from, to, …)`. No two intervals touch,
 * so equal sets are equal lists. Half-open ends need no arithmetic, and an odd number of ends behind a point means "inside",
 * which makes every operation one walk over both lists.
 */
export type Intervals = readonly number[];

export const NOTHING: Intervals = [];

/** The integers `from` to `to - 1`. */
export function interval(from: number, to: number): Intervals {
    return from < to ? [from, to] : NOTHING;
}

/** The union of half-open intervals in any order, overlapping or not. */
export function unionOf(pairs: readonly (readonly [number, number])[]): Intervals {
    const sorted = pairs.filter(([from, to]) => from < to).sort((a, b) => a[0] - b[0]);
    const ends: number[] = [];
    for (const [from, to] of sorted) {
        const last = ends.length - 1;
        if (last >= 0 && from <= ends[last]!) {
            ends[last] = Math.max(ends[last]!, to);
        } else {
            ends.push(from, to);
        }
    }
    return ends;
}

export function union(a: Intervals, b: Intervals): Intervals {
    return a === b || b.length === 0 ? a : a.length === 0 ? b : combine(a, b, 0b1110);
}

export function intersect(a: Intervals, b: Intervals): Intervals {
    if (a === b) {
        return a;
    }
    if (a.length === 0 || b.length === 0) {
        return NOTHING;
    }
    // A short list against a long one is common (one rule against the public addresses): skip what lies before and after.
    return a.length < b.length ? combine(a, window(b, a), 0b1000) : combine(window(a, b), b, 0b1000);
}

export function subtract(a: Intervals, b: Intervals): Intervals {
    return a === b ? NOTHING : a.length === 0 || b.length === 0 ? a : combine(a, b, 0b0010);
}

/** `table` has one bit per case: bit 0 neither, bit 1 in `a` only, bit 2 in `b` only, bit 3 in both. Bit 0 is never set. */
function combine(a: Intervals, b: Intervals, table: number): Intervals {
    const ends: number[] = [];
    let inside = 0;
    let i = 0;
    let j = 0;
    while (i < a.length || j < b.length) {
        const nextA = i < a.length ? a[i]! : Infinity;
        const nextB = j < b.length ? b[j]! : Infinity;
        const at = nextA < nextB ? nextA : nextB;
        if (nextA === at) {
            i++;
        }
        if (nextB === at) {
            j++;
        }
        const now = (table >> ((i & 1) | ((j & 1) << 1))) & 1;
        if (now !== inside) {
            ends.push(at);
            inside = now;
        }
    }
    return ends;
}

/** The part of `long` that can meet `short`, still as whole intervals. */
function window(long: Intervals, short: Intervals): Intervals {
    const from = indexAfter(long, short[0]!) & ~1;
    const to = (indexAfter(long, short[short.length - 1]!) + 1) & ~1;
    return from === 0 && to === long.length ? long : long.slice(from, to);
}

/** How many end points are not greater than `point`; odd means that the set has the point. */
export function indexAfter(ends: ArrayLike<number>, point: number): number {
    let low = 0;
    let high = ends.length;
    while (low < high) {
        const middle = (low + high) >>> 1;
        if (ends[middle]! <= point) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

export function has(set: Intervals, point: number): boolean {
    return (indexAfter(set, point) & 1) === 1;
}

export function equal(a: Intervals, b: Intervals): boolean {
    return a === b || (a.length === b.length && a.every((end, index) => end === b[index]));
}

/** The intervals as pairs, for loops. */
export function* pairs(set: Intervals): Generator<readonly [from: number, to: number]> {
    for (let i = 0; i < set.length; i += 2) {
        yield [set[i]!, set[i + 1]!];
    }
}

import { type Address, type AddressRange, EVERY_ADDRESS, type Family } from "./address";
import { type Intervals, pairs, unionOf } from "./intervals";

/**
 * All addresses of both families on one line of small integers. The line is cut wherever a range that anybody mentions begins
 * or ends; between two cuts lies a cell, whose addresses nothing in the world can tell apart. Sets of cells are therefore exact,
 * and cheap: no arithmetic on 128-bit numbers is left where sets are computed. (The idea is that of atomic predicates: Yang and
 * Lam, "Real-time verification of network properties using atomic predicates", ICNP 2013.)
 *
 * IPv4 cells come first, then IPv6.
 */
export class DestinationLine {
    /** First address of each cell. */
    private readonly starts: readonly Address[];
    private readonly index: Readonly<Record<Family, ReadonlyMap<bigint, number>>>;
    private readonly firstIpv6: number;

    /** @param mentioned every range that {@link cellsOf} will be asked for */
    constructor(mentioned: Iterable<AddressRange>) {
        const cuts: Record<Family, Set<bigint>> = { 4: new Set(), 6: new Set() };
        for (const ranges of [EVERY_ADDRESS, mentioned]) {
            for (const { family, first, last } of ranges) {
                cuts[family].add(first).add(last + 1n);
            }
        }
        const sorted = (family: Family): bigint[] => [...cuts[family]].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
        const [ipv4, ipv6] = [sorted(4), sorted(6)];
        // The last cut of a family is the end of its last cell, not the start of one.
        this.firstIpv6 = ipv4.length - 1;
        this.starts = [
            ...ipv4.slice(0, -1).map(value => ({ family: 4 as const, value })),
            ...ipv6.slice(0, -1).map(value => ({ family: 6 as const, value })),
        ];
        this.index = {
            4: new Map(ipv4.map((value, position) => [value, position])),
            6: new Map(ipv6.map((value, position) => [value, position + this.firstIpv6])),
        };
    }

    /** Number of cells. */
    get size(): number {
        return this.starts.length;
    }

    cellsOf(ranges: readonly AddressRange[]): Intervals {
        return unionOf(
            ranges.map(({ family, first, last }) => {
                const from = this.index[family].get(first);
                const to = this.index[family].get(last + 1n);
                if (from === undefined || to === undefined) {
                    throw new Error("a range that the line was not cut for");
                }
                return [from, to] as const;
            }),
        );
    }

    cellOf({ family, value }: Address): number {
        let low = family === 4 ? 0 : this.firstIpv6;
        let high = family === 4 ? this.firstIpv6 : this.size;
        while (high - low > 1) {
            const middle = (low + high) >>> 1;
            if (this.starts[middle]!.value <= value) {
                low = middle;
            } else {
                high = middle;
            }
        }
        return low;
    }

    firstAddress(cell: number): Address {
        return this.starts[cell]!;
    }

    rangesOf(cells: Intervals): AddressRange[] {
        const ranges: AddressRange[] = [];
        for (const [from, to] of pairs(cells)) {
            for (const [family, low, high] of [
                [4, 0, this.firstIpv6],
                [6, this.firstIpv6, this.size],
            ] as const) {
                const [first, end] = [Math.max(from, low), Math.min(to, high)];
                if (first < end) {
                    ranges.push({ family, first: this.starts[first]!.value, last: this.lastOf(end - 1) });
                }
            }
        }
        return ranges;
    }

    private lastOf(cell: number): bigint {
        const family = this.starts[cell]!.family;
        const next =
            cell + 1 < this.size && this.starts[cell + 1]!.family === family ? this.starts[cell + 1]! : undefined;
        return next === undefined ? EVERY_ADDRESS[family === 4 ? 0 : 1]!.last : next.value - 1n;
    }
}

import { entryIn } from "./seen";

/** Of all clients together; eight bytes each. */
const QUESTIONS_AT_MOST = 2_000_000;
/** A question is one number: its time in milliseconds, and behind it the number of its name. */
const NAMES_AT_MOST = 2 ** 15;
const LONGEST_TIME = 2 ** 37;

/** Who asked for which name when, as compact as a log of days needs it. */
export class Questions {
    private readonly byClient = new Map<string, number[]>();
    private readonly names: string[] = [];
    private readonly numbers = new Map<string, number>();
    private origin: number | undefined;
    private count = 0;
    private sorted = true;

    /** What is not kept makes everything unclear. */
    areTooMany = false;

    add(client: string, name: string, at: number): void {
        this.origin ??= at;
        const number = this.numberOf(name);
        if (number === undefined || this.count >= QUESTIONS_AT_MOST || Math.abs(at - this.origin) >= LONGEST_TIME) {
            this.areTooMany = true;
            return;
        }
        entryIn(this.byClient, client, () => []).push((at - this.origin) * NAMES_AT_MOST + number);
        this.count += 1;
        this.sorted = false;
    }

    /** The names that a client asked for in so many milliseconds before a moment. */
    before(client: string, moment: number, milliseconds: number): ReadonlySet<string> {
        this.sort();
        const all = this.byClient.get(client) ?? [];
        const packed = (at: number): number => (at - (this.origin ?? 0)) * NAMES_AT_MOST;
        const names = new Set<string>();
        for (
            let index = firstAtLeast(all, packed(moment - milliseconds));
            index < all.length && all[index]! < packed(moment + 1);
            index += 1
        ) {
            names.add(this.names[((all[index]! % NAMES_AT_MOST) + NAMES_AT_MOST) % NAMES_AT_MOST]!);
        }
        return names;
    }

    private numberOf(name: string): number | undefined {
        const known = this.numbers.get(name);
        if (known !== undefined || this.names.length >= NAMES_AT_MOST) {
            return known;
        }
        this.numbers.set(name, this.names.length);
        return this.names.push(name) - 1;
    }

    private sort(): void {
        if (!this.sorted) {
            this.byClient.forEach(all => all.sort((a, b) => a - b));
            this.sorted = true;
        }
    }
}

function firstAtLeast(all: readonly number[], least: number): number {
    let low = 0;
    for (let high = all.length; low < high;) {
        const middle = (low + high) >>> 1;
        if (all[middle]! < least) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

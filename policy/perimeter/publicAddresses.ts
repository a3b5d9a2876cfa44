import {
    AddressError,
    type AddressRange,
    formatAddress,
    overlaps,
    parseRange,
    toCidrs,
} from "../../containment/kernel/address";
import { outside, PUBLIC } from "../../containment/kernel/specialAddresses";
import { type PackSettings } from "../settings";

/** Public addresses that are not open to everybody by the pack's settings. */
export function guardedAddresses({ allowedEgress }: PackSettings): readonly AddressRange[] {
    return outside(
        PUBLIC,
        allowedEgress.flatMap(range => rangeOf(range) ?? []),
    );
}

/** The range; undefined where the text is none, which allows nothing: the pack says so where it judges its own settings. */
export function rangeOf(text: string): AddressRange | undefined {
    try {
        return parseRange(text);
    } catch (error) {
        if (error instanceof AddressError) {
            return undefined;
        }
        throw error;
    }
}

/** The part of `ranges` that lies in `within`. Both are lists of ranges that do not overlap. */
export function common(ranges: readonly AddressRange[], within: readonly AddressRange[]): AddressRange[] {
    return ranges.flatMap(range =>
        within.flatMap(other =>
            overlaps(range, other)
                ? [
                      {
                          family: range.family,
                          first: range.first > other.first ? range.first : other.first,
                          last: range.last < other.last ? range.last : other.last,
                      },
                  ]
                : [],
        ),
    );
}

/** "every public IPv4 address", a few ranges, or an address among them. */
export function describeAddresses(ranges: readonly AddressRange[], all: readonly AddressRange[]): string {
    const words = ([4, 6] as const).flatMap(family => {
        const own = ranges.filter(range => range.family === family);
        if (own.length === 0) {
            return [];
        }
        if (
            outside(
                all.filter(range => range.family === family),
                own,
            ).length === 0
        ) {
            return [`every public IPv${family} address`];
        }
        const cidrs = own.flatMap(toCidrs);
        return cidrs.length <= 3
            ? cidrs
            : [`public IPv${family} addresses such as ${formatAddress({ family, value: own[0]!.first })}`];
    });
    return words.join(", ").replace(/, ([^,]*)$/, " and $1");
}

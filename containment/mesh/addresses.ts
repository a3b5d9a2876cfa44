import { type Address, type AddressRange, includes, parseAddress, parseRange, prefixLength } from "../kernel/address";

/** The range of an address or CIDR of an Istio object; undefined for what is neither (a host name, a range with host bits). */
function rangeOf(text: string): AddressRange | undefined {
    return attempt(() => parseRange(text.includes("/") ? text : `${text}/${text.includes(":") ? 128 : 32}`));
}

export function rangeContains(range: string, address: string): boolean {
    const [outer, inner] = [rangeOf(range), attempt(() => parseAddress(address))];
    return range === address || (outer !== undefined && inner !== undefined && includes(outer, inner as Address));
}

/** How specific a range is; an address, or what is no range, is the most specific. */
export function specificity(range: string): number {
    const parsed = rangeOf(range);
    return parsed === undefined ? Infinity : prefixLength(parsed);
}

function attempt<T>(parse: () => T): T | undefined {
    try {
        return parse();
    } catch {
        return undefined;
    }
}

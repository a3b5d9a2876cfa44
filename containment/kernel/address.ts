import { UserError } from "../../base/problem";
import { Address4, Address6 } from "ip-address";

export type Family = 4 | 6;

/** Consecutive addresses of one family, both ends included. */
export interface AddressRange {
    readonly family: Family;
    readonly first: bigint;
    readonly last: bigint;
}

export interface Address {
    readonly family: Family;
    readonly value: bigint;
}

/** The text is not what Google's API takes for an address or a range. The message says what was given and what to write. */
export class AddressError extends UserError {
    override readonly name = "AddressError";
}

export const BITS: Readonly<Record<Family, number>> = { 4: 32, 6: 128 };
export const EVERY_IPV4: AddressRange = { family: 4, first: 0n, last: (1n << 32n) - 1n };
export const EVERY_IPV6: AddressRange = { family: 6, first: 0n, last: (1n << 128n) - 1n };
export const EVERY_ADDRESS: readonly AddressRange[] = [EVERY_IPV4, EVERY_IPV6];

/**
 * A range in CIDR form, or one address. `ip-address` reads it, because it is strict: other parsers take a leading zero for
 * octal and read `010.0.0.0/8` as `8.0.0.0/8`. Host bits must not be set: what the writer meant is then anybody's guess.
 *
 * @throws AddressError
 */
export function parseRange(text: string): AddressRange {
    const { family, value, prefix } = parse(text, "a range in CIDR form such as 10.0.0.0/8 or 2001:db8::/32");
    const size = 1n << BigInt(BITS[family] - prefix);
    const offset = value % size;
    if (offset !== 0n) {
        throw new AddressError(
            `got "${text}", expected a range without host bits; write "${formatAddress({ family, value: value - offset })}/${prefix}", ` +
                `or "${formatAddress({ family, value })}/${BITS[family]}" for the one address`,
        );
    }
    return { family, first: value, last: value + size - 1n };
}

/** @throws AddressError */
export function parseAddress(text: string): Address {
    const { family, value } = parse(text, "one address such as 1.1.1.1 or 2606:4700:4700::1111");
    if (text.includes("/")) {
        throw new AddressError(`got "${text}", expected one address without a prefix`);
    }
    return { family, value };
}

function parse(text: string, expected: string): Address & { readonly prefix: number } {
    const family: Family = text.includes(":") ? 6 : 4;
    try {
        const parsed = family === 4 ? new Address4(text) : new Address6(text);
        // ip-address tolerates a zone ("fe80::1%eth0") and a padded prefix ("/08"); neither is a range of a firewall.
        if ((parsed instanceof Address6 && parsed.zone !== "") || /\/0\d/.test(text)) {
            throw new AddressError("zone or padded prefix");
        }
        return { family, value: parsed.bigInt(), prefix: parsed.subnetMask };
    } catch {
        throw new AddressError(`got "${text}", expected ${expected}`);
    }
}

export function formatAddress({ family, value }: Address): string {
    const whole = family === 4 ? Address4.fromBigInt(value) : Address6.fromBigInt(value);
    return whole.correctForm();
}

/** The shortest list of CIDR ranges that covers exactly these addresses. */
export function toCidrs({ family, first, last }: AddressRange): string[] {
    const cidrs: string[] = [];
    for (let from = first; from <= last;) {
        let prefix = BITS[family];
        while (prefix > 0) {
            const wider = 1n << BigInt(BITS[family] - prefix + 1);
            if (from % wider !== 0n || from + wider - 1n > last) {
                break;
            }
            prefix--;
        }
        cidrs.push(`${formatAddress({ family, value: from })}/${prefix}`);
        from += 1n << BigInt(BITS[family] - prefix);
    }
    return cidrs;
}

export function includes(range: AddressRange, { family, value }: Address): boolean {
    return range.family === family && range.first <= value && value <= range.last;
}

export function covers(outer: AddressRange, inner: AddressRange): boolean {
    return outer.family === inner.family && outer.first <= inner.first && inner.last <= outer.last;
}

export function overlaps(a: AddressRange, b: AddressRange): boolean {
    return a.family === b.family && a.first <= b.last && b.first <= a.last;
}

/** Number of leading bits that all addresses of a CIDR range share. */
export function prefixLength({ family, first, last }: AddressRange): number {
    return BITS[family] - (last - first + 1n).toString(2).length + 1;
}

import { isIP, isIPv4 } from "node:net";
import { Address4 } from "ip-address";
import { LINK_LOCAL_CIDR, NOWHERE_CIDRS, PRIVATE_CIDRS, RESERVED_CIDRS } from "./addresses";
import { type Check } from "./problem";

/** An IPv4 range as two inclusive integers. */
export interface Ipv4Range {
    readonly first: number;
    readonly last: number;
}

const FORM = "an IPv4 range in CIDR form with no host bits set";

/**
 * Accepts `a.b.c.d/n` with decimal octets and nothing but zeros behind the prefix. `ip-address` is the parser because it is
 * strict: others read a leading zero as octal and take `010.0.0.0/8` for `8.0.0.0/8`.
 */
export const cidrCheck: Check<string> = value => {
    if (value.includes(":")) {
        return { expected: FORM, remedy: "Additional cluster subnets are IPv4 only; keep the subnets `IPV4_ONLY`." };
    }
    if (!value.includes("/")) {
        const remedy = isAddress(value) ? `Write "${value}/32" for this one address.` : "Add the prefix length.";
        return { expected: FORM, remedy };
    }
    const address = parse(value);
    if (address === undefined) {
        return {
            expected: FORM,
            remedy: "Write four decimal numbers from 0 to 255 without leading zeros, and a prefix from 0 to 32.",
        };
    }
    const network = address.startAddress().correctForm();
    if (network !== address.correctForm()) {
        return { expected: FORM, remedy: `Write "${network}/${address.subnetMask}", or the prefix that was meant.` };
    }
    return undefined;
};

/** Addresses that one range of a destination may hold: each is given a route, a server and a cluster of its own. */
const LARGEST_RANGE = 32;

/** A public IPv4 address, or a small range of them. */
export const publicAddressesCheck: Check<string> = value => {
    const expected = `a public IPv4 address such as \`203.0.113.7\`, or a range of at most ${LARGEST_RANGE}`;
    if (value.includes(":")) {
        return {
            expected,
            remedy: "The gateway leaves by IPv4 alone: ask for an IPv4 address, or use a name under `host`.",
        };
    }
    const cidr = value.includes("/") ? value : `${value}/32`;
    const problem = cidrCheck(cidr);
    if (problem !== undefined) {
        const remedy = value.includes("/")
            ? problem.remedy
            : /^[\d.]+$/.test(value)
              ? "Write four decimal numbers from 0 to 255 without leading zeros."
              : "A name belongs under `host`.";
        return { expected, remedy };
    }
    const range = ipv4Range(cidr);
    if (PRIVATE_CIDRS.some(block => overlap(ipv4Range(block), range))) {
        return {
            expected,
            remedy: "It contains private addresses, which never use the gateway: list them under `clients.privateDestinations`.",
        };
    }
    const block = [LINK_LOCAL_CIDR, ...RESERVED_CIDRS, ...NOWHERE_CIDRS].find(one => overlap(ipv4Range(one), range));
    if (block !== undefined) {
        return {
            expected,
            remedy: `No internet route leads to ${block}; write the address that the far side gave you.`,
        };
    }
    return size(range) <= LARGEST_RANGE
        ? undefined
        : {
              expected,
              remedy: `It has ${size(range)} addresses, and whoever may use it reaches every one of them: list those that the far side answers on.`,
          };
};

/** One IPv4 address. */
export const ipv4AddressCheck: Check<string> = value =>
    isIPv4(value)
        ? undefined
        : {
              expected: "an IPv4 address such as 10.0.0.53",
              remedy: "Write four numbers from 0 to 255, without a range or a port.",
          };

/** Every address of what {@link publicAddressesCheck} accepts, in ascending order. */
export function addressesIn(value: string): string[] {
    const { first, last } = ipv4Range(value.includes("/") ? value : `${value}/32`);
    return Array.from({ length: last - first + 1 }, (_, index) =>
        Address4.fromBigInt(BigInt(first + index)).correctForm(),
    );
}

/** @throws Error when the text is not what {@link cidrCheck} accepts. */
export function ipv4Range(cidr: string): Ipv4Range {
    const address = cidrCheck(cidr) === undefined ? parse(cidr) : undefined;
    if (address === undefined) {
        throw new Error(`"${cidr}" is not ${FORM}`);
    }
    return { first: Number(address.startAddress().bigInt()), last: Number(address.endAddress().bigInt()) };
}

/** The address at a position of a range, counted from 0. */
export function addressAt(cidr: string, position: number): string {
    return Address4.fromBigInt(BigInt(ipv4Range(cidr).first + position)).correctForm();
}

export function overlap(a: Ipv4Range, b: Ipv4Range): boolean {
    return a.first <= b.last && b.first <= a.last;
}

export function contains(outer: Ipv4Range, inner: Ipv4Range): boolean {
    return outer.first <= inner.first && inner.last <= outer.last;
}

export function size(range: Ipv4Range): number {
    return range.last - range.first + 1;
}

export function isPrivate(range: Ipv4Range): boolean {
    return PRIVATE_CIDRS.some(cidr => contains(ipv4Range(cidr), range));
}

/** Whether the text is an IPv4 or IPv6 address. */
export function isAddress(value: string): boolean {
    return isIP(value) !== 0;
}

function parse(cidr: string): Address4 | undefined {
    try {
        return cidr.includes("/") ? new Address4(cidr) : undefined;
    } catch {
        return undefined;
    }
}

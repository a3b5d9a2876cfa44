import { Address4, Address6 } from "ip-address";
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

/** @throws Error when the text is not what {@link cidrCheck} accepts. */
export function ipv4Range(cidr: string): Ipv4Range {
    const address = cidrCheck(cidr) === undefined ? parse(cidr) : undefined;
    if (address === undefined) {
        throw new Error(`"${cidr}" is not ${FORM}`);
    }
    return { first: Number(address.startAddress().bigInt()), last: Number(address.endAddress().bigInt()) };
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

/**
 * What a private destination may lie in: RFC 1918, and the shared address space of RFC 6598, which GKE also accepts for
 * nodes and pods.
 */
export const PRIVATE_CIDRS = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10"] as const;

export function isPrivate(range: Ipv4Range): boolean {
    return PRIVATE_CIDRS.some(cidr => contains(ipv4Range(cidr), range));
}

/** Whether the text is an IPv4 or IPv6 address. */
export function isAddress(value: string): boolean {
    return Address4.isValid(value) || Address6.isValid(value);
}

function parse(cidr: string): Address4 | undefined {
    try {
        return cidr.includes("/") ? new Address4(cidr) : undefined;
    } catch {
        return undefined;
    }
}

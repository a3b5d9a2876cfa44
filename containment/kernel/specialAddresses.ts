import {
    GOOGLE_METADATA_ADDRESS,
    GOOGLE_METADATA_IPV6_ADDRESS,
    GOOGLE_RESTRICTED_CIDR,
    GOOGLE_RESTRICTED_IPV6_CIDR,
    LINK_LOCAL_CIDR,
    PRIVATE_CIDRS,
    PRIVATE_IPV6_CIDRS,
    RESERVED_CIDRS,
} from "../../base/addresses";
import { type AddressRange, EVERY_ADDRESS, overlaps, parseRange } from "./address";

/**
 * Blocks of the IANA IPv4 and IPv6 Special-Purpose Address Registries (RFC 6890; as of November 2026) that the registries mark as
 * not globally reachable, and multicast, which has registries of its own and which a VPC network does not forward.
 *
 * Blocks that the registries leave open ("N/A": 6to4 2002::/16, Teredo 2001::/32, 192.88.99.0/24) count as public. A claim that
 * nothing reaches a public address is then the stronger one.
 */
const NOT_GLOBALLY_REACHABLE = [
    "0.0.0.0/8", // this network (RFC 791)
    "10.0.0.0/8", // private use (RFC 1918)
    "100.64.0.0/10", // shared address space (RFC 6598)
    "127.0.0.0/8", // loopback (RFC 1122)
    "169.254.0.0/16", // link local (RFC 3927)
    "172.16.0.0/12", // private use (RFC 1918)
    "192.0.0.0/24", // IETF protocol assignments (RFC 6890)
    "192.0.2.0/24", // documentation (RFC 5737)
    "192.168.0.0/16", // private use (RFC 1918)
    "198.18.0.0/15", // benchmarking (RFC 2544)
    "198.51.100.0/24", // documentation (RFC 5737)
    "203.0.113.0/24", // documentation (RFC 5737)
    "224.0.0.0/4", // multicast (RFC 5771)
    "240.0.0.0/4", // reserved, and limited broadcast (RFC 1112, RFC 8190)
    "::/128", // unspecified (RFC 4291)
    "::1/128", // loopback (RFC 4291)
    "::ffff:0:0/96", // IPv4-mapped (RFC 4291)
    "64:ff9b:1::/48", // local-use translation (RFC 8215)
    "100::/64", // discard only (RFC 6666)
    "100:0:0:1::/64", // dummy prefix (RFC 9780)
    "2001::/23", // IETF protocol assignments (RFC 2928)
    "2001:db8::/32", // documentation (RFC 3849)
    "3fff::/20", // documentation (RFC 9637)
    "5f00::/16", // segment routing (RFC 9602)
    "fc00::/7", // unique local (RFC 4193)
    "fe80::/10", // link local (RFC 4291)
    "ff00::/8", // multicast (RFC 4291)
];

/** More specific blocks of the same registries that are, or may be, reachable from the internet. */
const REACHABLE_EXCEPTIONS = [
    "192.0.0.9/32", // port control protocol anycast (RFC 7723)
    "192.0.0.10/32", // TURN anycast (RFC 8155)
    "2001::/32", // Teredo (RFC 4380): "N/A"
    "2001:1::1/128", // port control protocol anycast (RFC 7723)
    "2001:1::2/128", // TURN anycast (RFC 8155)
    "2001:1::3/128", // DNS-SD service registration anycast (RFC 9665)
    "2001:3::/32", // AMT (RFC 7450)
    "2001:4:112::/48", // AS112 (RFC 7535)
    "2001:20::/28", // ORCHIDv2 (RFC 7343)
    "2001:30::/28", // drone remote identification (RFC 9374)
];

/** Every address that the internet may route to, as few ranges as possible, IPv4 first. */
export const PUBLIC: readonly AddressRange[] = outside(
    EVERY_ADDRESS,
    NOT_GLOBALLY_REACHABLE.map(parseRange).flatMap(block => outside([block], REACHABLE_EXCEPTIONS.map(parseRange))),
);

/** What a gateway has no business with inside: private use, shared and link-local space of both families. */
export const PRIVATE: readonly AddressRange[] = [...PRIVATE_CIDRS, LINK_LOCAL_CIDR, ...PRIVATE_IPV6_CIDRS].map(
    parseRange,
);

/** {@link RESERVED_CIDRS}, as ranges. */
export const RESERVED: readonly AddressRange[] = RESERVED_CIDRS.map(parseRange);

/**
 * The metadata server with its DNS, DHCP and NTP. The VPC firewall never filters it (VPC documentation, "Always allowed traffic").
 */
export const METADATA_SERVER: readonly AddressRange[] = [
    `${GOOGLE_METADATA_ADDRESS}/32`,
    `${GOOGLE_METADATA_IPV6_ADDRESS}/128`,
].map(parseRange);

/**
 * Google's ranges for its own APIs. A VM reaches them without an external address and without NAT, over a route whose next hop is
 * the default internet gateway (VPC documentation, "Private Google Access").
 */
export const GOOGLE = {
    /** restricted.googleapis.com: only APIs that VPC Service Controls can enclose. */
    restricted: [GOOGLE_RESTRICTED_CIDR, GOOGLE_RESTRICTED_IPV6_CIDR].map(parseRange),
    /** private.googleapis.com: also *.run.app, *.cloudfunctions.net and *.appspot.com, hence a proxy to anywhere. */
    private: ["199.36.153.8/30", "2600:2d00:2:2000::/64"].map(parseRange),
    /** Direct connectivity of Google's client libraries. */
    direct: ["34.126.0.0/18", "2001:4860:8040::/42"].map(parseRange),
} as const;

/** NAT64 translates these destinations to the IPv4 internet (RFC 6052). */
export const NAT64_PREFIX: AddressRange = parseRange("64:ff9b::/96");

/** What is left of `ranges` without `removed`. */
export function outside(ranges: readonly AddressRange[], removed: readonly AddressRange[]): AddressRange[] {
    return removed.reduce<AddressRange[]>(
        (left, hole) =>
            left.flatMap(range =>
                overlaps(range, hole)
                    ? [
                          { ...range, last: hole.first - 1n },
                          { ...range, first: hole.last + 1n },
                      ].filter(({ first, last }) => first <= last)
                    : [range],
            ),
        [...ranges],
    );
}

import { type AddressRange, formatAddress, parseAddress } from "../kernel/address";
import { type HeaderSpace, servicesIn, towards } from "../kernel/headers";
import { has, intersect, type Intervals, NOTHING, subtract } from "../kernel/intervals";
import { describeServices, packetOf, parseServices } from "../kernel/services";
import { type DestinationLine } from "../kernel/line";
import { EVERY_IPV4, EVERY_IPV6 } from "../kernel/address";
import { GOOGLE, PRIVATE, PUBLIC } from "../kernel/specialAddresses";
import { type Conditions } from "../reach/conditions";
import { type Reach } from "../reach/reach";
import { type Trace, trace } from "../reach/trace";
import { type Packet, type Witness } from "../verdict";
import { type Source } from "../world/source";

/** Kinds of destinations that a person tells apart. Together they are everything that the claims speak of, and none overlap. */
export interface DestinationClass {
    readonly name: string;
    readonly cells: Intervals;
    /** An address that everybody knows, if it is in the set. */
    readonly familiar: readonly string[];
}

export function destinationClasses(line: DestinationLine): {
    readonly forbidden: readonly DestinationClass[];
    readonly private: DestinationClass;
} {
    const cells = (ranges: typeof PUBLIC): Intervals => line.cellsOf(ranges);
    const ipv4 = (ranges: typeof PUBLIC): Intervals => cells(ranges.filter(({ family }) => family === 4));
    const ipv6 = (ranges: typeof PUBLIC): Intervals => cells(ranges.filter(({ family }) => family === 6));
    const google = cells(Object.values(GOOGLE).flat());
    const internet = subtract(cells(PUBLIC), google);
    return {
        forbidden: [
            {
                name: "the public IPv4 internet",
                cells: intersect(internet, cells([EVERY_IPV4])),
                familiar: ["1.1.1.1", "8.8.8.8"],
            },
            {
                name: "the public IPv6 internet",
                cells: intersect(internet, cells([EVERY_IPV6])),
                familiar: ["2606:4700:4700::1111"],
            },
            {
                name: "private.googleapis.com, which also serves *.run.app",
                cells: ipv4(GOOGLE.private),
                familiar: ["199.36.153.8"],
            },
            {
                name: "private.googleapis.com over IPv6, which also serves *.run.app",
                cells: ipv6(GOOGLE.private),
                familiar: [],
            },
            { name: "Google's direct connectivity range", cells: ipv4(GOOGLE.direct), familiar: ["34.126.0.1"] },
            {
                name: "Google's direct connectivity range over IPv6",
                cells: ipv6(GOOGLE.direct),
                familiar: ["2001:4860:8040::1"],
            },
        ],
        private: {
            name: "private and link-local addresses",
            cells: cells(PRIVATE),
            familiar: ["10.0.0.1", "192.168.0.1", "172.16.0.1", "169.254.1.1"],
        },
    };
}

/** Services that a person recognises, in the order in which a witness prefers them. */
const FAMILIAR_SERVICES = [
    ...["443", "80", "53", "22", "8080"].map(port => parseServices("tcp", [port])[0]!),
    parseServices("udp", ["53"])[0]!,
    parseServices("udp", ["443"])[0]!,
    parseServices("icmp")[0]!,
    parseServices("58")[0]!,
];

/** One packet of the set: a familiar one if there is one, else the first service towards the first address. */
export function familiarPacket(
    space: HeaderSpace,
    { cells, familiar }: DestinationClass,
    line: DestinationLine,
): Packet {
    const inside = towards(space, cells);
    const services = servicesIn(inside);
    const service = FAMILIAR_SERVICES.find(candidate => has(services, candidate)) ?? services[0]!;
    const reached = inside.find(({ from, to }) => from <= service && service < to)!.cells;
    const address = familiar.find(text => has(reached, line.cellOf(parseAddress(text))));
    return packetOf(service, address ?? formatAddress(line.firstAddress(reached[0]!)));
}

/** What of the space goes to each class, shown by one packet that everybody recognizes and its way. */
export function witnessesOf(
    reach: Reach,
    space: HeaderSpace,
    classes: readonly DestinationClass[],
    source: Source,
    conditions: Conditions,
    remedy: (traced: Trace, kind: DestinationClass) => string,
): Witness[] {
    return classes.flatMap((kind): Witness[] => {
        const inside = towards(space, kind.cells);
        if (inside.length === 0) {
            return [];
        }
        const packet = familiarPacket(inside, kind, reach.line);
        const traced = trace(reach, source, packet, conditions);
        return [
            {
                source: source.name,
                packet,
                extent: describeExtent(inside, kind, reach.line),
                hops: traced.hops,
                remedy: remedy(traced, kind),
            },
        ];
    });
}

/** "tcp 443 to the public IPv4 internet (11 ranges of it)" */
export function describeExtent(space: HeaderSpace, { name, cells }: DestinationClass, line: DestinationLine): string {
    const inside = towards(space, cells);
    const reached = inside.reduce<Intervals>(
        (all, slab) => (slab.cells.length > all.length ? slab.cells : all),
        NOTHING,
    );
    const whole = inside.every(slab => subtract(cells, slab.cells).length === 0);
    const ranges = line.rangesOf(reached);
    return `${describeServices(servicesIn(inside))} to ${whole ? "all of " : ranges.length <= 3 ? `${ranges.map(rangeInWords).join(", ")} of ` : `${ranges.length} ranges of `}${name}`;
}

/** An address alone, or the first and the last. */
function rangeInWords({ family, first, last }: AddressRange): string {
    const [from, to] = [first, last].map(value => formatAddress({ family, value }));
    return from === to ? from! : `${from}-${to}`;
}

import { type GooglePlatform } from "../contract/platform";
import { ipv4Range, overlap } from "../base/cidr";
import { type Problem } from "../base/problem";
import { gatewaySubnets, ownAddress } from "./googleNames";
import { addressProblems } from "./natAddresses";
import { fixedReach } from "./reach";
import { type Destination, type Sections } from "./schema";
import { type GatewaySettings } from "./settings";

/**
 * Rules about several values that only Google's API checks: its provider plans what they forbid, and an `up` fails half-way. Silent
 * about parts that did not pass the schema.
 */
export function googleProblems(parts: {
    readonly google?: { readonly region: string } | undefined;
    readonly gateway?: GatewaySettings | undefined;
    readonly nat?: Sections["nat"] | undefined;
    readonly platform?: GooglePlatform | undefined;
    readonly destinations?: readonly Destination[] | undefined;
}): Problem[] {
    const { google, gateway, nat, platform, destinations } = parts;
    return [
        ...(google === undefined || platform === undefined ? [] : locationProblems(google.region, platform)),
        ...(platform === undefined || gateway === undefined ? [] : rangeProblems(platform, gateway)),
        ...(nat === undefined ? [] : addressProblems(nat, platform && ownAddress(platform, gateway?.name))),
        ...(gateway === undefined ? [] : diskProblems(gateway)),
        ...(platform === undefined || destinations === undefined ? [] : portListProblems(destinations)),
    ];
}

/** Addresses with the same ports share a firewall rule, whose priorities have this much room: two rules of a policy have no priority in common. */
const MOST_PORT_LISTS = 99;

function portListProblems(destinations: readonly Destination[]): Problem[] {
    const lists = fixedReach(destinations).length;
    return lists <= MOST_PORT_LISTS
        ? []
        : [
              {
                  path: "egress-gateway:destinations",
                  given: `addresses with ${lists} different lists of ports`,
                  expected: `at most ${MOST_PORT_LISTS}: addresses with the same ports share a firewall rule, and there are priorities for ${MOST_PORT_LISTS}`,
                  remedy: "Give addresses that nearly have the same ports the same list.",
              },
          ];
}

/** Subnets, NAT and addresses are of a region, and serve the nodes of that region only. */
function locationProblems(region: string, { cluster }: GooglePlatform): Problem[] {
    const inRegion = (place: string): boolean => place === region || place.startsWith(`${region}-`);
    return [
        ...(inRegion(cluster.location)
            ? []
            : [
                  {
                      path: "egress-gateway:platform.cluster.location",
                      given: cluster.location,
                      expected: `${region}, which is gcp:region, or a zone of it`,
                      remedy: "NAT, its addresses and the egress subnet are of gcp:region: correct one of the two.",
                  },
              ]),
        ...cluster.zones.flatMap((zone, index) =>
            inRegion(zone)
                ? []
                : [
                      {
                          path: `egress-gateway:platform.cluster.zones[${index}]`,
                          given: zone,
                          expected: `a zone of ${region}, which is gcp:region`,
                          remedy: "Write the zones that `gcloud container clusters describe` shows as `locations`.",
                      },
                  ],
        ),
    ];
}

/** VPC documentation, "Prohibited IPv4 subnet ranges". */
const PROHIBITED_RANGES = [
    "0.0.0.0/8",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "199.36.153.4/30",
    "199.36.153.8/30",
    "224.0.0.0/4",
    "255.255.255.255/32",
] as const;

function rangeProblems(platform: GooglePlatform, gateway: GatewaySettings): Problem[] {
    const { cluster } = platform;
    const path = "egress-gateway:platform";
    const ranges: readonly (readonly [string, string])[] = [
        ...cluster.nodeCidrs.map((cidr, index) => [`${path}.cluster.nodeCidrs[${index}]`, cidr] as const),
        ...cluster.podCidrs.map((cidr, index) => [`${path}.cluster.podCidrs[${index}]`, cidr] as const),
        [`${path}.cluster.serviceCidr`, cluster.serviceCidr],
        ...gatewaySubnets({ platform, gateway }).flatMap(({ nodeCidr, podCidr }, index) => {
            const at = index === 0 ? `${path}.egressSubnet` : "egress-gateway:gateway.retiring.egressSubnet";
            return [[`${at}.nodeCidr`, nodeCidr] as const, [`${at}.podCidr`, podCidr] as const];
        }),
    ];
    return ranges.flatMap(([path, given]) => {
        const prohibited = PROHIBITED_RANGES.find(range => overlap(ipv4Range(range), ipv4Range(given)));
        return prohibited === undefined
            ? []
            : [
                  {
                      path,
                      given,
                      expected: `a range without ${prohibited}, which Google lets no subnet have`,
                      remedy: "Write the range as the subnet has it.",
                  },
              ];
    });
}

/** Machine series that take Hyperdisk only, and those that have no Hyperdisk Balanced (Compute Engine documentation, "Hyperdisk"). */
const HYPERDISK_ONLY = /^(?:c4|c4a|c4d|n4|n4a|n4d|m4|x4|h4d)-/;
const NO_HYPERDISK_BALANCED = /^(?:e2|n1|n2|n2d)-/;

function diskProblems({ machineType, diskType }: GatewaySettings): Problem[] {
    const hyperdisk = diskType === "hyperdisk-balanced";
    const wrong = hyperdisk ? NO_HYPERDISK_BALANCED.test(machineType) : HYPERDISK_ONLY.test(machineType);
    return wrong
        ? [
              {
                  path: "egress-gateway:gateway.diskType",
                  given: diskType,
                  expected: `${hyperdisk ? "a `pd-` disk" : "`hyperdisk-balanced`"}, which is what ${machineType} boots from`,
                  remedy: `Write gateway.diskType: ${hyperdisk ? "pd-balanced" : "hyperdisk-balanced"}, or choose another machine type.`,
              },
          ]
        : [];
}

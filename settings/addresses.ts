import { type z } from "zod";
import { addressesIn, ipv4Range, isAddress, overlap } from "../base/cidr";
import { type Problem } from "../base/problem";
import { type PlatformFacts } from "../contract/platform";
import { platformRanges } from "../contract/platformRanges";
import { type Destination, type destinationSchema } from "./schema";

/** Where an entry leads: it has a `host` or `addresses`, and not both. */
export function placeProblems(entry: unknown, source: string): Problem[] {
    const { host, addresses } = (entry ?? {}) as { host?: unknown; addresses?: unknown };
    if (host === undefined && addresses === undefined) {
        return [
            {
                path: `${source}.host`,
                given: undefined,
                expected: "an exact host name such as `api.example.com`, or `addresses` instead",
                remedy: "Write the name that applications use; `addresses: [203.0.113.7]` where there is none.",
            },
        ];
    }
    return host === undefined || addresses === undefined
        ? []
        : [
              {
                  path: `${source}.addresses`,
                  given: addresses,
                  expected: "either `host` or `addresses`",
                  remedy: "Keep `addresses` where applications dial the address itself, and `host` where they use the name, which the gateway then resolves.",
              },
          ];
}

/**
 * The destinations of an entry: one of its host, or one of each address. Whoever dials an address means that one and no neighbour
 * of it, so each has a route of its own.
 */
export function ofAddresses(
    { host, addresses, ...rest }: z.output<typeof destinationSchema>,
    source: string,
): Destination[] {
    const hosts = host === undefined ? new Set((addresses ?? []).flatMap(addressesIn)) : [host];
    return [...hosts].map(place => ({ ...rest, host: place, source }));
}

/** A cluster may use public ranges privately; what is in them is inside, and never uses the gateway. */
export function inClusterProblems(destinations: readonly Destination[], platform: PlatformFacts): Problem[] {
    const inside = platformRanges(platform, "platform").map(({ cidr }) => cidr);
    return destinations
        .filter(({ host }) => isAddress(host))
        .flatMap(({ host, source }): Problem[] => {
            const own = inside.find(cidr => overlap(ipv4Range(cidr), ipv4Range(`${host}/32`)));
            return own === undefined
                ? []
                : [
                      {
                          path: `${source}.addresses`,
                          given: host,
                          expected: `an address outside of the cluster's own ranges, and ${own} is one of them`,
                          remedy: "Remove it: what is inside the network never uses the gateway.",
                      },
                  ];
        });
}

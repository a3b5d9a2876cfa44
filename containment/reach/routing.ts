import { EVERY_IPV4, EVERY_IPV6, prefixLength } from "../kernel/address";
import { intersect, type Intervals, NOTHING, subtract, union } from "../kernel/intervals";
import { type DestinationLine } from "../kernel/line";
import { type Route } from "../world/routes";
import { type Source } from "../world/source";
import { type NetworkWorld } from "../world/world";
import { type Conditions } from "./conditions";
import { type Applies } from "./firewallView";

const OPEN_ROUTES: readonly Route[] = [EVERY_IPV4, EVERY_IPV6].map(destination => ({
    name: "a default route for every machine",
    destination,
    priority: 1000,
    nextHop: "internet",
    doubts: [],
}));

const GENERATED_IPV6_ROUTE: Route = {
    name: "Google's own IPv6 default route",
    destination: EVERY_IPV6,
    priority: 1000,
    nextHop: "internet",
    doubts: [],
};

export interface Routed {
    readonly route: Route;
    readonly cells: Intervals;
    readonly doubts: readonly string[];
}

/**
 * Which route takes which destinations: subnets first, then the longest prefix, then the lowest priority (VPC documentation,
 * "Routing order"). Routes in doubt may take their destinations or leave them to the next.
 */
export function routed(
    source: Source,
    { routes, subnets }: NetworkWorld,
    line: DestinationLine,
    conditions: Conditions,
): Routed[] {
    const local = subnets
        .flatMap(({ primary, secondary }) => [primary, ...secondary.values()])
        .filter(range => range !== undefined);
    const candidates = [
        ...routes,
        ...(conditions.routeForAll ? OPEN_ROUTES : []),
        ...(conditions.externalIpv6 ? [GENERATED_IPV6_ROUTE] : []),
    ]
        .map(route => ({ route, exists: routeExists(route, source) }))
        .filter(({ exists }) => exists !== "no")
        .sort((a, b) => byRank(a.route, b.route));
    const result: Routed[] = [];
    let left = subtract([0, line.size], line.cellsOf(local));
    let contested: Intervals = NOTHING;
    for (let i = 0; i < candidates.length;) {
        const end = candidates.findIndex(({ route }, index) => index > i && byRank(route, candidates[i]!.route) !== 0);
        const tie = candidates.slice(i, end < 0 ? undefined : end);
        const cells = intersect(left, line.cellsOf([candidates[i]!.route.destination]));
        for (const { route, exists } of tie) {
            const doubts = [
                ...route.doubts,
                ...(exists === "maybe"
                    ? [`whether the tags of ${source.name} make route ${route.name} exist for it is not known`]
                    : []),
            ];
            if (doubts.length > 0) {
                result.push({ route, cells, doubts });
                // What neighbours announce is for their own ranges as a rule; it hides no way out that is certain without it.
                contested = route.nextHop === "learned" ? contested : union(contested, cells);
            } else {
                const [certain, open] = [subtract(cells, contested), intersect(cells, contested)];
                result.push(
                    { route, cells: certain, doubts: [] },
                    { route, cells: open, doubts: ["another route, which is in doubt, may come before it"] },
                );
                left = subtract(left, cells);
            }
        }
        i += tie.length;
    }
    return result.filter(({ cells }) => cells.length > 0);
}

/** Longest prefix first, then lowest priority; routes that are equal in both share what they lead to (equal-cost routes). */
function byRank(a: Route, b: Route): number {
    const [rangeA, rangeB] = [a.destination, b.destination];
    return (
        specificity(b) - specificity(a) ||
        rangeA.family - rangeB.family ||
        (rangeA.first < rangeB.first ? -1 : rangeA.first > rangeB.first ? 1 : 0) ||
        a.priority - b.priority
    );
}

/** What is learned may be for any prefix, so it may come first. */
function specificity({ destination, nextHop }: Route): number {
    return nextHop === "learned" ? 129 : prefixLength(destination);
}

function routeExists({ tags }: Route, { identity, chosenBy }: Source): Applies {
    if (tags === undefined || tags.some(tag => identity.tags.includes(tag))) {
        return "yes";
    }
    const { furtherTagsExcept } = identity;
    // Network tags need no permission of their own: who creates a machine can give it any.
    return furtherTagsExcept === undefined || tags.every(tag => furtherTagsExcept.includes(tag))
        ? "no"
        : chosenBy === "creator"
          ? "yes"
          : "maybe";
}

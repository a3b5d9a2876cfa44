import { type AddressRange } from "../kernel/address";
import { type HeaderSpace, intersect, subtract, towards, union } from "../kernel/headers";
import { equal, type Intervals } from "../kernel/intervals";
import { DestinationLine } from "../kernel/line";
import { GOOGLE, METADATA_SERVER, NAT64_PREFIX, PRIVATE, PUBLIC, RESERVED } from "../kernel/specialAddresses";
import { type Network } from "../world/networks";
import { type Source } from "../world/source";
import { type NetworkWorld, type World } from "../world/world";
import { AS_IT_IS, type Conditions, remaining } from "./conditions";
import { type Exits, exitsOf, type Landmarks, landmarksOf, rangesOfWays } from "./exits";
import { FirewallView, RuleCompiler } from "./firewallView";

/** A set of headers, as far as it is certain and as far as it is possible. */
export interface Reached {
    readonly may: HeaderSpace;
    readonly must: HeaderSpace;
}

/** A line on which everything that any of these worlds mentions can be told apart. */
export function lineFor(...worlds: readonly World[]): DestinationLine {
    const ranges: AddressRange[] = [
        ...PUBLIC,
        ...PRIVATE,
        ...RESERVED,
        ...METADATA_SERVER,
        ...Object.values(GOOGLE).flat(),
        NAT64_PREFIX,
    ];
    for (const world of worlds) {
        ranges.push(...world.needed.flatMap(({ ranges: needed }) => needed));
        ranges.push(...(world.gateway.declared?.fixed ?? []).map(({ address }) => address));
        for (const network of world.networks) {
            ranges.push(...rangesOfWays(network));
            for (const { rules } of network.layers(network.orders[0]!)) {
                for (const { destinations } of rules) {
                    // One by one: a spread of a long list is a call with that many arguments.
                    for (const range of destinations.may) {
                        ranges.push(range);
                    }
                    for (const range of destinations.must === destinations.may ? [] : destinations.must) {
                        ranges.push(range);
                    }
                }
            }
        }
    }
    return new DestinationLine(ranges);
}

/** What the sources of a world reach. Everything is computed once, when first asked for. */
export class Reach {
    readonly landmarks: Landmarks;
    private readonly compiler: RuleCompiler;
    private readonly views = new Map<string, FirewallView>();
    private readonly exits = new Map<string, Exits>();
    private readonly lists: Intervals[] = [];
    private readonly worlds: ReadonlyMap<Network, NetworkWorld>;

    constructor(
        readonly world: World,
        readonly line: DestinationLine = lineFor(world),
    ) {
        this.landmarks = landmarksOf(line);
        this.compiler = new RuleCompiler(line);
        this.worlds = new Map(world.networks.map(network => [network.network, network]));
    }

    networkOf({ network }: Source): NetworkWorld {
        return this.worlds.get(network)!;
    }

    /**
     * What the firewall lets the source send towards these destinations (by default all), over every order that the network may have
     * and every state of its secure tags.
     */
    allowed(source: Source, conditions: Conditions = AS_IT_IS, cells?: Intervals): Reached {
        const views = this.viewsOf(source, conditions).map((view): Reached => {
            const effective = view.decisionFor(source, true, cells);
            // Secure tags are effective as a rule, so what holds with them is certain; what holds only without them is possible.
            const may =
                source.identity.secureTags.length === 0
                    ? effective.mayAllow
                    : union(effective.mayAllow, view.decisionFor(source, false, cells).mayAllow);
            return {
                may,
                must: effective.mayAllow.length === 0 ? [] : subtract(effective.mayAllow, effective.mayDeny),
            };
        });
        return views.reduce((a, b) => ({ may: union(a.may, b.may), must: intersect(a.must, b.must) }));
    }

    /** The source's ways out of the network, by public destination. */
    exitsOf(source: Source, conditions: Conditions = AS_IT_IS): Exits {
        const key = `${waysKey(source)} ${conditionsKey(conditions)}`;
        const cached = this.exits.get(key);
        if (cached !== undefined) {
            return cached;
        }
        const exits = exitsOf(source, this.networkOf(source), this.line, this.landmarks, conditions);
        this.exits.set(key, exits);
        return exits;
    }

    /** The packets that leave the network towards these destinations. */
    leaving(source: Source, towardsCells: (exits: Intervals) => Intervals, conditions: Conditions = AS_IT_IS): Reached {
        const exits = this.exitsOf(source, conditions);
        const open = this.interned(towardsCells(exits.may));
        if (open.length === 0) {
            return { may: [], must: [] };
        }
        const { may, must } = this.allowed(source, conditions, open);
        return { may, must: towards(must, towardsCells(exits.must)) };
    }

    /** One object for equal lists: what is remembered for a list is found by identity. */
    private interned(cells: Intervals): Intervals {
        const known = this.lists.find(list => equal(list, cells));
        if (known === undefined) {
            this.lists.push(cells);
        }
        return known ?? cells;
    }

    /** One view for each order of evaluation that the network may have. */
    viewsOf({ network }: Source, conditions: Conditions): FirewallView[] {
        const world = this.worlds.get(network)!;
        return world.orders.map(order => {
            const key = `${serial(network)} ${order} ${[...conditions.denialsRemoved].sort().join(",")}`;
            const cached = this.views.get(key);
            if (cached !== undefined) {
                return cached;
            }
            const view = new FirewallView(remaining(world.layers(order), conditions), this.compiler);
            this.views.set(key, view);
            return view;
        });
    }
}

const SERIALS = new WeakMap<object, number>();
let serials = 0;

/** A number of the object's own: two networks, or two subnets, can have one name. */
function serial(object: object): number {
    const known = SERIALS.get(object) ?? serials++;
    SERIALS.set(object, known);
    return known;
}

function conditionsKey({ natEverywhere, routeForAll, externalIpv6, withoutGoogleAccess }: Conditions): string {
    return `${natEverywhere}${routeForAll}${externalIpv6}${withoutGoogleAccess}`;
}

/** Everything about a source that its ways out depend on. Its name is part of the doubts, so doubtful sources keep their own. */
function waysKey({ id, network, identity, subnets, chosenBy, range, externalIpv4, dualStack, kind }: Source): string {
    return JSON.stringify([
        externalIpv4 === undefined ||
        dualStack === undefined ||
        identity.furtherTagsExcept !== undefined ||
        subnets.length !== 1
            ? id
            : kind,
        serial(network),
        identity.tags,
        subnets.map(serial),
        chosenBy,
        range,
        externalIpv4,
        dualStack,
    ]);
}

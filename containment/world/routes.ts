import { type AddressRange, EVERY_ADDRESS, EVERY_IPV4, EVERY_IPV6 } from "../kernel/address";
import { type Resource } from "../resource";
import { Inputs, known, knownOf, type Maybe, NOT_KNOWN, someUnknown, type WorldProblem } from "./inputs";
import { type Network, type Networks, type Placement } from "./networks";
import { type Directory } from "./references";

/** Where a route leads. `internet` is the default internet gateway; what lies behind the others is not part of the network. */
export type NextHop = "internet" | "machine" | "load balancer" | "tunnel" | "learned" | "not known";

export interface Route {
    readonly name: string;
    /** URN; absent for routes that Google generates. */
    readonly resource?: string;
    readonly destination: AddressRange;
    /** Lower wins among routes of the same prefix length. */
    readonly priority: number;
    /** Network tags of the machines that it exists for; absent: all. */
    readonly tags?: readonly string[];
    readonly nextHop: NextHop;
    /** Why it may be different or not be there; empty when all is known. */
    readonly doubts: readonly string[];
}

/** Google's priority for its own default routes and the provider's default (VPC documentation, "Routes"). */
const DEFAULT_PRIORITY = 1000;

/** Reads all routes of all networks, the ones that Google generates included. Subnet routes are not here: subnets are. */
export class Routes {
    private readonly byNetwork = new Map<Network, Route[]>();

    constructor(
        private readonly directory: Directory,
        private readonly networks: Networks,
        private readonly problems: WorldProblem[],
    ) {
        for (const resource of directory.ofType("gcp:compute/route:Route")) {
            this.addRoute(resource);
        }
        this.addLearned();
        for (const network of networks.all) {
            this.addGenerated(network);
        }
    }

    of(network: Network): readonly Route[] {
        return this.byNetwork.get(network) ?? [];
    }

    private addRoute(resource: Resource): void {
        const inputs = Inputs.of(resource, this.problems);
        const { networks, certain } = this.networks.named(resource, inputs.name("network"));
        const destination = inputs.range("destRange");
        const tags = inputs.texts("tags");
        const priority = inputs.number("priority");
        const nextHop = nextHopOf(inputs);
        if (destination === undefined) {
            inputs.refuse("destRange", "is absent or unreadable, expected a range");
            return;
        }
        const doubts = [
            ...(certain ? [] : ["which network it belongs to is not known"]),
            ...(destination === NOT_KNOWN ? ["its destination is not known before up"] : []),
            ...(someUnknown(tags) ? ["its tags are not known before up"] : []),
            ...(priority === NOT_KNOWN ? ["its priority is not known before up"] : []),
            ...(nextHop === "not known" ? ["its next hop is not known before up"] : []),
        ];
        for (const network of networks) {
            for (const range of destination === NOT_KNOWN ? EVERY_ADDRESS : [destination]) {
                this.add(network, {
                    name: known(inputs.name("name")) ?? resource.name,
                    resource: resource.urn,
                    destination: range,
                    priority: known(priority) ?? DEFAULT_PRIORITY,
                    ...(tags === undefined ||
                    tags === NOT_KNOWN ||
                    (tags.length === 0 && !someUnknown(tags)) ||
                    someUnknown(tags)
                        ? {}
                        : { tags: knownOf(tags) }),
                    nextHop,
                    doubts,
                });
            }
        }
    }

    private addGenerated(network: Network): void {
        if (network.defaultRoute !== false) {
            this.add(network, {
                name: "Google's own default route",
                destination: EVERY_IPV4,
                priority: DEFAULT_PRIORITY,
                nextHop: "internet",
                doubts:
                    network.defaultRoute === true
                        ? []
                        : [`whether network ${network.name} has Google's own default route is not shown`],
            });
        }
        const subnets = this.networks.subnetsOf(network);
        const external =
            subnets.find(({ ipv6 }) => ipv6 === "external") ?? subnets.find(({ ipv6 }) => ipv6 === undefined);
        if (external !== undefined) {
            // "When you create a subnet with an external IPv6 range, a system-generated IPv6 default route is added to the network."
            this.add(network, {
                name: `Google's own IPv6 default route, generated for subnet ${external.name}`,
                destination: EVERY_IPV6,
                priority: DEFAULT_PRIORITY,
                nextHop: "internet",
                doubts:
                    external.ipv6 === "external"
                        ? []
                        : [`whether subnet ${external.name} has external IPv6 is not shown`],
            });
        }
    }

    /** Routes that others announce: what they are is seen in the running network only. */
    private addLearned(): void {
        const announce = (resource: Resource, networks: readonly Network[], why: string): void => {
            for (const network of networks) {
                for (const destination of EVERY_ADDRESS) {
                    this.add(network, {
                        name: resource.name,
                        resource: resource.urn,
                        destination,
                        priority: 0,
                        nextHop: "learned",
                        doubts: [why],
                    });
                }
            }
        };
        for (const resource of this.directory.ofType(
            "gcp:compute/routerPeer:RouterPeer",
            "gcp:compute/vPNTunnel:VPNTunnel",
            "gcp:compute/interconnectAttachment:InterconnectAttachment",
        )) {
            const router = Inputs.of(resource, this.problems).name("router");
            if (router !== undefined) {
                announce(
                    resource,
                    routerNetworks(this.directory, this.networks, resource, router, this.problems).networks,
                    "the routes that its peer announces are not shown",
                );
            }
        }
        for (const resource of this.directory.ofType(
            "gcp:compute/networkPeering:NetworkPeering",
            "gcp:compute/networkPeeringRoutesConfig:NetworkPeeringRoutesConfig",
        )) {
            const inputs = Inputs.of(resource, this.problems);
            const imports = [inputs.flag("importCustomRoutes"), inputs.flag("importSubnetRoutesWithPublicIp")];
            if (imports.some(flag => flag === true || flag === NOT_KNOWN)) {
                announce(
                    resource,
                    this.networks.named(resource, inputs.name("network")).networks,
                    "it imports routes of its peer that are not shown",
                );
            }
        }
    }

    private add(network: Network, route: Route): void {
        const list = this.byNetwork.get(network) ?? [];
        this.byNetwork.set(network, list);
        list.push(route);
    }
}

/** Networks of the router that an input names; every network where it cannot be told. */
export function routerNetworks(
    directory: Directory,
    networks: Networks,
    resource: Resource,
    router: Maybe<string>,
    problems: WorldProblem[],
): Placement {
    const found = directory.resolve(resource, router, "gcp:compute/router:Router");
    const networkOf = (target: Resource): Placement =>
        networks.named(target, Inputs.of(target, problems).name("network"));
    switch (found.kind) {
        case "one":
            return networkOf(found.target);
        case "none":
            return { networks: networks.all, certain: false };
        case "several": {
            const placements = found.candidates.map(networkOf);
            const possible = [...new Set(placements.flatMap(placement => placement.networks))];
            return {
                networks: possible.length === 0 ? networks.all : possible,
                certain:
                    possible.length === 1 && typeof router === "string" && placements.every(({ certain }) => certain),
            };
        }
    }
}

function nextHopOf(inputs: Inputs): NextHop {
    const kinds: readonly (readonly [string, NextHop])[] = [
        ["nextHopGateway", "internet"],
        ["nextHopInstance", "machine"],
        ["nextHopIp", "machine"],
        ["nextHopIlb", "load balancer"],
        ["nextHopVpnTunnel", "tunnel"],
    ];
    const given = kinds.filter(([key]) => inputs.name(key) !== undefined);
    if (given.length !== 1) {
        inputs.refuse(
            "nextHop…",
            `got ${given.length === 0 ? "none" : given.map(([key]) => key).join(" and ")}, expected exactly one next hop`,
        );
        return "not known";
    }
    // The default internet gateway is the only gateway there is; the other kinds say by their key what they are.
    return given[0]![1];
}

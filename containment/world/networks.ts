import { type AddressRange, toCidrs } from "../kernel/address";
import { type Resource } from "../resource";
import { type FirewallOrder, firewallOrder } from "./firewallPolicies";
import { Inputs, known, knownOf, type Maybe, NOT_KNOWN, someUnknown, type WorldProblem } from "./inputs";
import { type Neighbour, subnetsOfNeighbour } from "./neighbours";
import { type PlatformFacts } from "./platform";
import { agreementOf, choose, type Directory, parseReference, type Reference, type Resolution } from "./references";

export interface Network {
    readonly reference: Reference;
    /** For people. */
    readonly name: string;
    /** Absent where only others mention the network. */
    readonly resource?: string;
    /** Absent when neither the network nor the platform says it. */
    readonly firewallOrder?: FirewallOrder;
    /** Whether the network was created with Google's own default route; `undefined` when nothing shows it. */
    readonly defaultRoute: boolean | undefined;
    /** The regions of its given subnets are all that it has subnets in: it is in custom mode, and its own stack is given. */
    readonly subnetsShown: boolean;
}

/** Where something belongs: to each of these networks for certain, or to some of them or to one that nothing shows. */
export interface Placement {
    readonly networks: readonly Network[];
    readonly certain: boolean;
}

export interface Subnet {
    readonly reference: Reference;
    readonly name: string;
    readonly resource?: string;
    readonly network: Network;
    /** Absent where the range is not known. */
    readonly primary?: AddressRange;
    readonly secondary: ReadonlyMap<string, AddressRange | undefined>;
    /** What IPv6 addresses its machines can have. `undefined` where it is not known. */
    readonly ipv6: "none" | "internal" | "external" | undefined;
    /** Private Google Access; `undefined` where it is not known. */
    readonly googleAccess: boolean | undefined;
    /** Reserved for Google's proxies and the like: no machine lives there. */
    readonly forMachines: boolean;
    /** Known by its range only. */
    readonly nameless?: boolean;
    /** Its region is not known before `up`; an absent one is the provider's. */
    readonly regionNotKnown?: boolean;
}

export const NETWORK = "gcp:compute/network:Network";
export const SUBNETWORK = "gcp:compute/subnetwork:Subnetwork";

/** All networks, whether given or only mentioned, found by reference. */
export class Networks {
    readonly all: Network[] = [];
    readonly subnets: Subnet[] = [];
    private readonly byResource = new Map<string, Network>();
    private readonly found = new Map<string, Placement>();

    constructor(
        private readonly directory: Directory,
        platform: PlatformFacts | undefined,
        private readonly problems: WorldProblem[],
        neighbours: readonly Neighbour[] = [],
    ) {
        for (const resource of directory.ofType(NETWORK)) {
            const inputs = Inputs.of(resource, problems);
            const order = inputs.name("networkFirewallPolicyEnforcementOrder");
            const withoutDefault = inputs.flag("deleteDefaultRoutesOnCreate");
            const external = resource.external === true;
            this.add({
                reference: directory.identityOf(resource),
                name: directory.identityOf(resource).name,
                resource: resource.urn,
                ...(order === NOT_KNOWN
                    ? {}
                    : { firewallOrder: firewallOrder(inputs, "networkFirewallPolicyEnforcementOrder", order) }),
                // Nothing keeps how a network was created: reading one shows what the provider assumes.
                defaultRoute:
                    withoutDefault === NOT_KNOWN || (external && withoutDefault !== true)
                        ? undefined
                        : withoutDefault !== true,
                // "Auto" is the provider's default: subnets in every region, today's and tomorrow's.
                subnetsShown: !external && inputs.flag("autoCreateSubnetworks") === false,
            });
        }
        if (platform !== undefined && this.find(platform.network).kind === "none") {
            this.add({
                reference: platform.network,
                name: platform.network.name,
                firewallOrder: platform.firewallOrder,
                defaultRoute: false,
                subnetsShown: false,
            });
        }
        for (const resource of directory.ofType(SUBNETWORK)) {
            this.addSubnet(resource);
        }
        for (const subnet of neighbours.flatMap(subnetsOfNeighbour)) {
            if (choose(this.subnets, ({ reference }) => agreementOf(subnet.reference, reference)).kind === "none") {
                this.subnets.push({ ...subnet, network: this.of(subnet.network) });
            }
        }
        for (const subnet of platform === undefined ? [] : platform.subnets) {
            const known = choose(this.subnets, ({ reference }) => agreementOf(subnet.reference, reference));
            if (known.kind === "none") {
                this.subnets.push({
                    ...subnet,
                    network: this.of(platform!.network),
                    ipv6: "none",
                    googleAccess: undefined,
                    forMachines: true,
                });
            }
        }
    }

    /**
     * The networks that an input may refer to: one where it is known, each that it may be where it is not. A network that no
     * resource shows is added, since something is attached to it.
     */
    named(resource: Resource, value: Maybe<string>): Placement {
        if (typeof value !== "string") {
            return this.placed(this.directory.resolve(resource, value ?? NOT_KNOWN, NETWORK));
        }
        const { project } = this.directory.identityOf(resource);
        const key = `${project ?? ""} ${value}`;
        let found = this.found.get(key);
        if (found === undefined) {
            const target = this.directory.resolve(resource, value, NETWORK);
            found =
                target.kind === "none"
                    ? this.mentioned({ ...(project === undefined ? {} : { project }), ...parseReference(value) })
                    : this.placed(target);
            this.found.set(key, found);
        }
        return found;
    }

    private placed(target: Resolution<Resource>): Placement {
        return target.kind === "one"
            ? { networks: [this.byResource.get(target.target.urn)!], certain: true }
            : {
                  networks:
                      target.kind === "none" || target.candidates.length === 0
                          ? this.all
                          : target.candidates.map(({ urn }) => this.byResource.get(urn)!),
                  certain: false,
              };
    }

    /**
     * The network that holds a subnet, a cluster or a machine: the one that the input refers to, or the only one that it can. Where
     * it cannot be told, a network that nothing shows: nothing encloses it either.
     */
    one(resource: Resource, value: Maybe<string>): Network {
        const { networks, certain } = this.named(resource, value);
        return certain || networks.length === 1
            ? networks[0]!
            : this.of({ name: `(network of ${resource.name}, not known before up)` });
    }

    /** The subnet of this reference; one that no resource shows is added to the network. */
    subnetNamed(resource: Resource, value: Maybe<string>, network: Network): Subnet | undefined {
        if (value === undefined) {
            return undefined;
        }
        const target = this.directory.resolve(resource, value, SUBNETWORK);
        if (target.kind === "one") {
            return this.subnets.find(subnet => subnet.resource === target.target.urn);
        }
        if (target.kind === "several" || value === NOT_KNOWN) {
            return undefined;
        }
        const { project, location } = this.directory.identityOf(resource);
        const reference = {
            ...(project === undefined ? {} : { project }),
            ...(location === undefined ? {} : { location }),
            ...parseReference(value),
        };
        const existing = choose(this.subnetsOf(network), subnet => agreementOf(reference, subnet.reference));
        if (existing.kind !== "none") {
            return existing.kind === "one" ? existing.target : undefined;
        }
        const added = unseenSubnet(reference, network);
        this.subnets.push(added);
        return added;
    }

    /** The subnet with this primary range; one that nothing names is added to the network. */
    subnetOfRange(range: AddressRange, network: Network): Subnet {
        const existing = this.subnetsOf(network).find(
            ({ primary }) =>
                primary?.family === range.family && primary.first === range.first && primary.last === range.last,
        );
        if (existing !== undefined) {
            return existing;
        }
        const name = toCidrs(range).join(", ");
        const added: Subnet = {
            reference: { name },
            name,
            network,
            primary: range,
            secondary: new Map(),
            ipv6: "none",
            googleAccess: undefined,
            forMachines: true,
            nameless: true,
        };
        this.subnets.push(added);
        return added;
    }

    subnetsOf(network: Network): Subnet[] {
        return this.subnets.filter(subnet => subnet.network === network);
    }

    /** The network of this reference, added if need be. Where it may be one of several, nothing is known of it. */
    of(reference: Reference): Network {
        const found = this.find(reference);
        return found.kind === "one"
            ? found.target
            : this.add({ reference, name: reference.name, defaultRoute: undefined, subnetsShown: false });
    }

    /** Like {@link of}, for what is only attached to the network. */
    private mentioned(reference: Reference): Placement {
        const found = this.find(reference);
        return found.kind === "several"
            ? { networks: found.candidates, certain: false }
            : { networks: [this.of(reference)], certain: true };
    }

    private find(reference: Reference): Resolution<Network> {
        return choose(this.all, network => agreementOf(reference, network.reference));
    }

    private add(network: Network): Network {
        this.all.push(network);
        if (network.resource !== undefined) {
            this.byResource.set(network.resource, network);
        }
        return network;
    }

    private addSubnet(resource: Resource): void {
        const inputs = Inputs.of(resource, this.problems);
        const network = this.one(resource, inputs.name("network"));
        const stack = inputs.name("stackType");
        const access = inputs.name("ipv6AccessType");
        const purpose = inputs.name("purpose");
        const primary = known(inputs.range("ipCidrRange"));
        const googleAccess = inputs.flag("privateIpGoogleAccess");
        const secondary = inputs.objects("secondaryIpRanges");
        this.subnets.push({
            reference: this.directory.identityOf(resource),
            name: this.directory.identityOf(resource).name,
            resource: resource.urn,
            network,
            ...(primary === undefined ? {} : { primary }),
            secondary: new Map(
                someUnknown(secondary)
                    ? []
                    : knownOf(secondary).flatMap(range => {
                          const name = known(range.name("rangeName"));
                          return name === undefined ? [] : [[name, known(range.range("ipCidrRange"))] as const];
                      }),
            ),
            ipv6: ipv6Of(stack, access),
            googleAccess: googleAccess === NOT_KNOWN ? undefined : (googleAccess ?? false),
            forMachines:
                purpose === undefined || purpose === NOT_KNOWN || purpose === "PRIVATE" || purpose === "PEER_MIGRATION",
            regionNotKnown: inputs.name("region") === NOT_KNOWN,
        });
    }
}

/** A subnet without a stack type is IPv4 only (VPC documentation, "Types of subnets"). */
function ipv6Of(stack: Maybe<string>, access: Maybe<string>): Subnet["ipv6"] {
    if (stack === NOT_KNOWN) {
        return undefined;
    }
    if (stack === undefined || stack === "IPV4_ONLY") {
        return "none";
    }
    return access === NOT_KNOWN
        ? undefined
        : access === "EXTERNAL"
          ? "external"
          : access === "INTERNAL"
            ? "internal"
            : undefined;
}

/** A subnet that no resource shows. */
export function unseenSubnet(reference: Reference, network: Network): Subnet {
    return {
        reference,
        name: reference.name,
        network,
        secondary: new Map(),
        ipv6: undefined,
        googleAccess: undefined,
        forMachines: true,
    };
}

import { type AddressRange, toCidrs } from "../kernel/address";
import { type Resource } from "../resource";
import { type FirewallOrder, firewallOrder } from "./firewallOrder";
import { Inputs, known, knownOf, type Maybe, NOT_KNOWN, someUnknown, type WorldProblem } from "./inputs";
import { type PlatformFacts } from "./platform";
import { type Directory, parseReference, type Reference, refersTo } from "./references";

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
    private readonly found = new Map<string, Network>();

    constructor(
        private readonly directory: Directory,
        platform: PlatformFacts | undefined,
        private readonly problems: WorldProblem[],
    ) {
        for (const resource of directory.ofType(NETWORK)) {
            const inputs = Inputs.of(resource, problems);
            const order = inputs.name("networkFirewallPolicyEnforcementOrder");
            const withoutDefault = inputs.flag("deleteDefaultRoutesOnCreate");
            this.add({
                reference: directory.identityOf(resource),
                name: directory.identityOf(resource).name,
                resource: resource.urn,
                ...(order === NOT_KNOWN
                    ? {}
                    : { firewallOrder: firewallOrder(inputs, "networkFirewallPolicyEnforcementOrder", order) }),
                defaultRoute: withoutDefault === NOT_KNOWN ? undefined : withoutDefault !== true,
            });
        }
        if (platform !== undefined && this.find(platform.network) === undefined) {
            this.add({
                reference: platform.network,
                name: platform.network.name,
                firewallOrder: platform.firewallOrder,
                defaultRoute: false,
            });
        }
        for (const resource of directory.ofType(SUBNETWORK)) {
            this.addSubnet(resource);
        }
        for (const subnet of platform === undefined ? [] : platform.subnets) {
            if (this.subnets.every(({ reference }) => !refersTo(subnet.reference, reference))) {
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
     * The networks that an input may refer to: one where it is known, every network where it is not. A network that no resource
     * shows is added, since something is attached to it.
     */
    named(resource: Resource, value: Maybe<string>): readonly Network[] {
        if (typeof value === "string") {
            const key = `${this.directory.identityOf(resource).project ?? ""} ${value}`;
            const cached = this.found.get(key);
            if (cached !== undefined) {
                return [cached];
            }
            const target = this.directory.resolve(resource, value, NETWORK);
            const { project } = this.directory.identityOf(resource);
            const network =
                this.byResource.get(target?.urn ?? "") ??
                this.of({ ...(project === undefined ? {} : { project }), ...parseReference(value) });
            this.found.set(key, network);
            return [network];
        }
        const target = this.directory.resolve(resource, value, NETWORK);
        return target === undefined ? this.all : [this.byResource.get(target.urn)!];
    }

    /** The one network that an input refers to. Where it cannot be told, a network that nothing shows: nothing encloses it either. */
    one(resource: Resource, value: Maybe<string>): Network {
        const networks = this.named(resource, value);
        return networks.length === 1
            ? networks[0]!
            : this.of({ name: `(network of ${resource.name}, not known before up)` });
    }

    /** The subnet of this reference; one that no resource shows is added to the network. */
    subnetNamed(resource: Resource, value: Maybe<string>, network: Network): Subnet | undefined {
        if (value === undefined) {
            return undefined;
        }
        const target = this.directory.resolve(resource, value, SUBNETWORK);
        if (target !== undefined) {
            return this.subnets.find(subnet => subnet.resource === target.urn);
        }
        if (value === NOT_KNOWN) {
            return undefined;
        }
        const reference = parseReference(value);
        const existing = this.subnets.find(
            subnet => refersTo(reference, subnet.reference) && subnet.network === network,
        );
        if (existing !== undefined) {
            return existing;
        }
        const added: Subnet = {
            reference,
            name: reference.name,
            network,
            secondary: new Map(),
            ipv6: undefined,
            googleAccess: undefined,
            forMachines: true,
        };
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

    /** The network of this reference, added if need be. */
    of(reference: Reference): Network {
        return this.find(reference) ?? this.add({ reference, name: reference.name, defaultRoute: undefined });
    }

    private find(reference: Reference): Network | undefined {
        return this.all.find(network => refersTo(reference, network.reference));
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

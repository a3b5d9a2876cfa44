import { type Resource } from "../resource";
import { type Maybe, NOT_KNOWN } from "./inputs";
import { type Network, type Networks, type Subnet, SUBNETWORK, type Placement, unseenSubnet } from "./networks";
import { type Directory, parseReference, type Reference, refersTo, targetsOf } from "./references";

/** Where one network interface is, or may be. */
export interface NetworkPlace {
    readonly network: Network;
    readonly subnets: readonly Subnet[];
}

/** One place where it is known; every place that it may be in, with the reason, where it is not. */
export interface Places {
    readonly list: readonly NetworkPlace[];
    readonly doubt?: string;
}

/** Finds the network and the subnet of an interface from what its machine says. */
export class PlaceFinder {
    constructor(
        private readonly directory: Directory,
        private readonly networks: Networks,
    ) {}

    /** @param network `undefined` with an absent subnet as well means the network that Google calls `default` */
    placesOf(resource: Resource, network: Maybe<string>, subnetwork: Maybe<string>): Places {
        const shown = this.subnetsNamed(resource, subnetwork);
        if (shown.length === 1) {
            return { list: [{ network: shown[0]!.network, subnets: shown }] };
        }
        if (typeof network === "string" || (network === undefined && subnetwork === undefined)) {
            return this.inNetworks(resource, this.networks.named(resource, network ?? "default"), subnetwork, shown);
        }
        if (shown.length > 1) {
            return {
                list: shown.map(subnet => ({ network: subnet.network, subnets: [subnet] })),
                doubt: `which of ${shown.length} subnets of that name it is in is not shown`,
            };
        }
        const place = this.inNetworks(resource, this.networks.named(resource, NOT_KNOWN), subnetwork, shown);
        const what =
            typeof subnetwork === "string"
                ? `its subnet ${parseReference(subnetwork).name} is not given, so nothing shows which network it is in`
                : "nothing shows which network it is in";
        return { list: place.list, doubt: what };
    }

    private inNetworks(
        resource: Resource,
        { networks, certain }: Placement,
        subnetwork: Maybe<string>,
        shown: readonly Subnet[],
    ): Places {
        const list = networks.map((network): NetworkPlace => {
            const inside = shown.filter(subnet => subnet.network === network);
            return {
                network,
                subnets:
                    inside.length > 0
                        ? inside
                        : typeof subnetwork === "string"
                          ? [unseenSubnet(this.referenceOf(resource, subnetwork), network)]
                          : this.networks.subnetsOf(network),
            };
        });
        return { list, ...(certain ? {} : { doubt: "which network it is in is not shown" }) };
    }

    /** The subnets that a reference may mean. */
    private subnetsNamed(resource: Resource, subnetwork: Maybe<string>): readonly Subnet[] {
        const found = targetsOf(this.directory.resolve(resource, subnetwork, SUBNETWORK));
        if (typeof subnetwork !== "string") {
            // Of a value that is not known yet, the candidates are all that there are: no better than none.
            const target = found.length === 1 ? found[0] : undefined;
            return this.networks.subnets.filter(({ resource: urn }) => urn !== undefined && urn === target?.urn);
        }
        const reference = this.referenceOf(resource, subnetwork);
        return this.networks.subnets.filter(
            subnet =>
                subnet.nameless !== true &&
                (refersTo(reference, subnet.reference) ||
                    (subnet.resource !== undefined && subnetwork === subnet.resource)),
        );
    }

    /** What a reference leaves out is the machine's own: its project, and the region that its zone is in. */
    private referenceOf(resource: Resource, subnetwork: string): Reference {
        const { project, location } = this.directory.identityOf(resource);
        return {
            ...(project === undefined ? {} : { project }),
            ...(location === undefined ? {} : { location: location.replace(/-[a-z]$/, "") }),
            ...parseReference(subnetwork),
        };
    }
}

import { fields, kubernetesObjects, text } from "../kubernetes";
import { type Resource } from "../resource";
import { Descriptions, type Described } from "./descriptions";
import { Inputs, known, knownOf, NOT_KNOWN, someUnknown, type WorldProblem, valuesOf } from "./inputs";
import { type InterfaceFacts, type MachineFacts } from "./machineReaders";
import { type Network, type Networks } from "./networks";
import { type NetworkPlace, PlaceFinder, type Places } from "./places";
import { accountName, accountOf } from "./pools";
import { type Directory, only } from "./references";
import { type GatewayIdentity, type Source } from "./source";

/** Every kind of machine that packets may come from, beside the nodes that pools show. */
export class Machines {
    private readonly places: PlaceFinder;

    constructor(
        private readonly directory: Directory,
        private readonly networks: Networks,
        private readonly gateway: GatewayIdentity,
        private readonly problems: WorldProblem[],
    ) {
        this.places = new PlaceFinder(directory, networks);
    }

    /**
     * One source for each interface of each given machine that is in one of the networks, or may be. A machine with an interface in
     * another network as well can pass on there what it gets here, so all its interfaces count. Whatever cannot be placed stays a
     * source wherever it may be.
     */
    given(open: readonly Network[]): Source[] {
        return new Descriptions(this.directory, this.problems)
            .all()
            .flatMap(described => this.sourcesOf(described, open));
    }

    /** Any other VM, and any node pool to come: an account, tags and a subnet of its creator's choice, but not the gateway's. */
    anybody(network: Network): Source {
        return {
            id: `any-vm:${network.name}`,
            name: `any other VM or future node pool in network ${network.name}`,
            kind: "any-vm",
            gateway: false,
            network,
            identity: {
                account: { kind: "any", except: this.gateway.serviceAccounts },
                tags: [],
                furtherTagsExcept: this.gateway.tags,
                secureTags: [],
                furtherSecureTagsExcept: this.gateway.secureTags,
            },
            subnets: this.networks
                .subnetsOf(network)
                .filter(subnet => subnet.forMachines && !this.gateway.subnets.includes(subnet)),
            chosenBy: "creator",
            range: "any",
            externalIpv4: false,
            dualStack: true,
            doubts: [],
        };
    }

    /** Nodes that a ComputeClass lets GKE create with an account of its own. */
    computeClasses(networks: readonly Network[]): Source[] {
        return kubernetesObjects(this.directory.resources)
            .filter(({ kind, group }) => kind === "ComputeClass" && group === "cloud.google.com")
            .flatMap(({ urn, name, spec }) => {
                const account = text(fields(spec["nodePoolConfig"])["serviceAccount"]);
                return account === undefined
                    ? []
                    : networks.map(network => ({
                          ...this.anybody(network),
                          id: `compute-class:${name}`,
                          name: `nodes of ComputeClass ${name}`,
                          kind: "node" as const,
                          resource: urn,
                          identity: {
                              account: accountOf(account),
                              tags: this.automaticTags(),
                              secureTags: [],
                          },
                      }));
            });
    }

    /** Network tags that clusters give to the nodes that they create by themselves. */
    private automaticTags(): string[] {
        return this.directory
            .ofType("gcp:container/cluster:Cluster")
            .flatMap(cluster => knownOf(Inputs.of(cluster, []).texts("nodePoolAutoConfig.networkTags.tags")));
    }

    private sourcesOf({ resource, facts, id, name }: Described, open: readonly Network[]): Source[] {
        const interfaces: readonly InterfaceFacts[] =
            facts.interfaces === NOT_KNOWN ? [NOWHERE_KNOWN] : (facts.interfaces ?? []);
        const placed = interfaces.map((facing, index) => ({
            facing,
            places: index === 0 ? this.placesOf(resource, facing) : this.furtherPlacesOf(resource, facing, index),
        }));
        const isIn = ({ places }: (typeof placed)[number]): boolean =>
            places.list.some(({ network }) => open.includes(network));
        return placed.flatMap((entry, index) => {
            const twoArmed = placed.some((other, position) => position !== index && isIn(other));
            const nic = index === 0 ? "" : `/nic${index}`;
            return entry.places.list
                .filter(({ network }) => twoArmed || open.includes(network))
                .flatMap(place =>
                    this.interfaceSources(resource, facts, entry.facing, place, entry.places.doubt, {
                        id: `vm:${id}${nic}`,
                        name: index === 0 ? name : `${name}, interface ${index}`,
                    }),
                );
        });
    }

    /** Each interface of a machine is in a network of its own (Compute Engine, "Multiple network interfaces"): if none shows, in one that is not given. */
    private furtherPlacesOf(resource: Resource, facing: InterfaceFacts, index: number): Places {
        const places = this.placesOf(resource, facing);
        return places.doubt === undefined
            ? places
            : {
                  ...places,
                  list: [
                      ...places.list,
                      {
                          network: this.networks.of({ name: `(network of ${resource.name}'s interface ${index})` }),
                          subnets: [],
                      },
                  ],
              };
    }

    private placesOf(resource: Resource, { network, subnetwork, attachment }: InterfaceFacts): Places {
        if (attachment === undefined) {
            return this.places.placesOf(resource, network, subnetwork);
        }
        const found = only(
            this.directory.resolve(resource, attachment, "gcp:compute/networkAttachment:NetworkAttachment"),
        );
        return found === undefined
            ? {
                  list: [
                      {
                          network: this.networks.of({ name: `(network of ${resource.name}'s attachment)` }),
                          subnets: [],
                      },
                  ],
              }
            : this.places.placesOf(found, undefined, Inputs.of(found, []).name("subnetworks.0") ?? NOT_KNOWN);
    }

    private interfaceSources(
        resource: Resource,
        facts: MachineFacts,
        facing: InterfaceFacts,
        { network, subnets }: NetworkPlace,
        doubt: string | undefined,
        called: Pick<Source, "id" | "name">,
    ): Source[] {
        const { account, tags, secureTags } = facts;
        const source: Source = {
            ...called,
            kind: "vm",
            resource: resource.urn,
            gateway: false,
            network,
            identity: {
                account:
                    facts.withoutAccount === true
                        ? { kind: "none" }
                        : accountOf(accountName(resource, account, this.directory)),
                tags: knownOf(tags),
                ...(someUnknown(tags) ? { furtherTagsExcept: [] } : {}),
                secureTags: valuesOf(secureTags),
                ...(secureTags === NOT_KNOWN ||
                (secureTags !== undefined && [...secureTags.values()].includes(NOT_KNOWN))
                    ? { furtherSecureTagsExcept: [] }
                    : {}),
            },
            subnets,
            chosenBy: "gke",
            range: "primary",
            externalIpv4: known(facing.externalIpv4),
            dualStack: facing.dualStack === NOT_KNOWN ? undefined : (facing.dualStack ?? false),
            ...(doubt === undefined ? {} : { mayNotCount: true }),
            doubts: [
                ...(doubt === undefined ? [] : [doubt]),
                ...(facts.interfaces === NOT_KNOWN ? ["its interfaces are not known"] : []),
                ...(account === NOT_KNOWN ? ["nothing shows as whom it runs"] : []),
                ...(someUnknown(tags) ? ["its network tags are not all known"] : []),
            ],
        };
        const aliases = (facing.aliasRanges ?? []).filter(range => range !== undefined);
        return [
            source,
            ...aliases.map((range): Source => ({
                ...source,
                id: `${source.id}/${range === NOT_KNOWN ? "alias" : range}`,
                name: `${source.name}, sending from its alias range${range === NOT_KNOWN ? "" : ` ${range}`}`,
                range: { secondary: known(range) },
                // An external address belongs to the primary one; aliases are not translated to it.
                externalIpv4: false,
            })),
        ];
    }
}

/** An interface of which nothing is known. */
const NOWHERE_KNOWN: InterfaceFacts = {
    network: NOT_KNOWN,
    subnetwork: NOT_KNOWN,
    externalIpv4: NOT_KNOWN,
    dualStack: NOT_KNOWN,
};

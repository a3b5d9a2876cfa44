import { fields, kubernetesObjects, text } from "../kubernetes";
import { type Resource } from "../resource";
import { treatmentOf } from "./catalogue";
import { accountOf, type Pool } from "./pools";
import { serviceAccountAddress } from "./ruleParts";
import { type GatewayPool } from "./gateway";
import { Inputs, knownOf, NOT_KNOWN, someUnknown, type WorldProblem } from "./inputs";
import { type Network, type Networks, type Subnet } from "./networks";
import { type Directory } from "./references";
import { type Account, type GatewayIdentity, type Source } from "./source";

/** Every kind of machine that packets may come from, beside the nodes that pools show. */
export class Machines {
    constructor(
        private readonly directory: Directory,
        private readonly networks: Networks,
        private readonly gateway: GatewayIdentity,
        private readonly problems: WorldProblem[],
    ) {}

    /** One source for each interface of each VM and template. */
    instances(): Source[] {
        return this.directory
            .ofType(
                "gcp:compute/instance:Instance",
                "gcp:compute/instanceTemplate:InstanceTemplate",
                "gcp:compute/regionInstanceTemplate:RegionInstanceTemplate",
            )
            .flatMap(resource => this.interfacesOf(resource));
    }

    /** Machines that other services create, or that are copies of something: their identity is anybody's guess. */
    machinesOfServices(networks: readonly Network[]): Source[] {
        return this.directory.resources
            .filter(resource => treatmentOf(resource).kind === "machines")
            .flatMap(resource =>
                networks.map(network => ({
                    ...this.anybody(network),
                    id: `vm:${resource.name}`,
                    name: `machines that ${resource.type.split(":").at(-1)!} ${resource.name} creates`,
                    kind: "vm" as const,
                    resource: resource.urn,
                    externalIpv4: undefined,
                    doubts: ["nothing shows in which network, as whom and with what addresses they run"],
                })),
            );
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
                furtherSecureTags: true,
            },
            subnets: this.networks
                .subnetsOf(network)
                .filter(subnet => subnet.forMachines && !this.gateway.subnets.includes(subnet)),
            chosenBy: "creator",
            range: "primary",
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
                          identity: { account: accountOf(account), tags: [], secureTags: [], furtherSecureTags: false },
                      }));
            });
    }

    private interfacesOf(resource: Resource): Source[] {
        const inputs = Inputs.of(resource, this.problems);
        const interfaces = inputs.objects("networkInterfaces");
        const list = knownOf(interfaces);
        const tags = inputs.texts("tags");
        const secure = inputs.map("params.resourceManagerTags") ?? inputs.map("resourceManagerTags");
        const template = resource.type !== "gcp:compute/instance:Instance";
        return list.map((nic, index): Source => {
            const subnetName = nic.name("subnetwork");
            const subnetNetwork = this.networks.subnets.find(
                ({ resource: urn }) =>
                    urn !== undefined &&
                    urn === this.directory.resolve(resource, subnetName, "gcp:compute/subnetwork:Subnetwork")?.urn,
            );
            const network = subnetNetwork?.network ?? this.networks.one(resource, nic.name("network") ?? NOT_KNOWN);
            const subnet = subnetNetwork ?? this.networks.subnetNamed(resource, subnetName, network);
            const access = nic.objects("accessConfigs");
            const stack = nic.name("stackType");
            return {
                id: `vm:${resource.name}${index === 0 ? "" : `/nic${index}`}`,
                name: `${template ? "VM of template" : "VM"} ${resource.name}${index === 0 ? "" : `, interface ${index}`}`,
                kind: "vm",
                resource: resource.urn,
                gateway: false,
                network,
                identity: {
                    account: this.accountOf(inputs),
                    tags: knownOf(tags),
                    ...(someUnknown(tags) ? { furtherTagsExcept: [] } : {}),
                    secureTags:
                        secure === undefined || secure === NOT_KNOWN
                            ? []
                            : [...secure.values()].filter(value => typeof value === "string"),
                    furtherSecureTags: false,
                },
                subnets: subnet === undefined ? this.networks.subnetsOf(network) : [subnet],
                chosenBy: "gke",
                range: "primary",
                externalIpv4: access === NOT_KNOWN ? undefined : access !== undefined && access.length > 0,
                dualStack: stack === NOT_KNOWN ? undefined : stack === "IPV4_IPV6" || stack === "IPV6_ONLY",
                doubts: someUnknown(interfaces) ? ["its interfaces are not known before up"] : [],
            };
        });
    }

    /** Without a `serviceAccount` block a VM runs as nobody. */
    private accountOf(inputs: Inputs): Account {
        const block = inputs.object("serviceAccount");
        return block === undefined
            ? { kind: "none" }
            : block === NOT_KNOWN
              ? { kind: "any", except: [] }
              : accountOf(block.name("email"));
    }
}

/** Sources for the nodes of a pool, and for its pods where they do not leave with their node's address. */
export function poolSources(pool: Pool, gateway: GatewayPool | undefined, mayBeGateway: boolean): Source[] {
    const { cluster } = pool;
    const path = `${cluster.name}/${pool.name}`;
    const shared = gateway?.shared;
    const node: Source = {
        id: `node:${path}`,
        name: `node of pool ${path}${shared === undefined ? "" : `, which the gateway shares: ${shared}`}`,
        kind: "node",
        ...(pool.resource === undefined ? {} : { resource: pool.resource }),
        gateway: gateway !== undefined && shared === undefined,
        network: cluster.network,
        identity: {
            account: pool.account,
            tags: pool.tags,
            ...(pool.furtherTags ? { furtherTagsExcept: [] } : {}),
            secureTags: pool.secureTags,
            furtherSecureTags: false,
        },
        subnets: pool.subnets,
        chosenBy: "gke",
        range: "primary",
        externalIpv4: pool.privateNodes === undefined ? undefined : !pool.privateNodes,
        dualStack: cluster.dualStack,
        ...(pool.mayNotExist === true || mayBeGateway ? { mayNotCount: true } : {}),
        doubts: [
            ...(pool.mayNotExist === true ? ["whether there are such nodes is not known before up"] : []),
            ...(mayBeGateway ? ["whether its nodes are the gateway's is not known before up"] : []),
            ...pool.doubts,
            ...(pool.subnetLeftToGke ? ["it names no subnet, and GKE picks one by free addresses"] : []),
        ],
    };
    return [node, ...podSources(node, path, pool.podRange, cluster.snat), ...furtherInterfaces(node, path, pool)];
}

/** With default SNAT a pod's packets carry the node's address and are the node's; without, they carry the pod's. */
export function podSources(
    node: Source,
    path: string,
    podRange: string | undefined,
    snat: boolean | undefined,
): Source[] {
    if (snat === true) {
        return [];
    }
    return [
        {
            ...node,
            id: `pod:${path}`,
            name: node.name
                .replace(/^node/, "pod on a node")
                .replace(/^application nodes/, "pods on application nodes"),
            kind: "pod",
            range: { secondary: podRange },
            // An external address belongs to the node's own; a pod's address is not translated to it.
            externalIpv4: false,
            doubts: [
                ...node.doubts,
                ...(snat === undefined ? ["nothing says whether pods keep their own addresses"] : []),
            ],
        },
    ];
}

function furtherInterfaces(node: Source, path: string, pool: Pool): Source[] {
    return pool.furtherNetworks.map(({ network, subnet }, index) => ({
        ...node,
        id: `node:${path}/nic${index + 1}`,
        name: `${node.name}, further interface in network ${network.name}`,
        gateway: false,
        network,
        subnets: subnet === undefined ? [] : [subnet],
        externalIpv4: false,
    }));
}

/**
 * The identity that the gateway's pools have in the network. A subnet that other pools use too is not the gateway's. Pools that the
 * gateway shares count as well: their nodes are sources of their own, and no stranger is assumed to run as them.
 */
export function gatewayIdentity(gateways: readonly GatewayPool[], pools: readonly Pool[]): GatewayIdentity {
    const own = gateways.map(({ pool }) => pool);
    const others = pools.filter(pool => !own.includes(pool));
    const subnets: Subnet[] = own.flatMap(pool => (pool.subnetLeftToGke ? [] : pool.subnets));
    return {
        serviceAccounts: own.flatMap(({ account }) =>
            account.kind === "named" ? [serviceAccountAddress(account.address)] : [],
        ),
        tags: own.flatMap(({ tags }) => tags),
        subnets: [...new Set(subnets)].filter(subnet =>
            others.every(pool => pool.subnetLeftToGke || !pool.subnets.includes(subnet)),
        ),
    };
}

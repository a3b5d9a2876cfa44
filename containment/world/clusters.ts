import { type AddressRange } from "../kernel/address";
import { type Resource } from "../resource";
import { serviceAccountAddress } from "./firewall";
import { Inputs, known, knownOf, type Maybe, NOT_KNOWN, someUnknown, type WorldProblem } from "./inputs";
import { type Network, type Networks, type Subnet } from "./networks";
import { type PlatformFacts } from "./platform";
import { type Directory, parseReference, type Reference, refersTo } from "./references";
import { type Account } from "./source";

export const CLUSTER = "gcp:container/cluster:Cluster";
export const NODE_POOL = "gcp:container/nodePool:NodePool";

/** A GKE cluster, whether its own resource shows it or the platform does. */
export interface Cluster {
    readonly name: string;
    readonly reference: Reference;
    readonly resource?: string;
    readonly network: Network;
    /** Subnets that a pool may land in when it names none. */
    readonly subnets: readonly Subnet[];
    /** Secondary range of the cluster's pods, unless a pool names another. */
    readonly podRange: string | undefined;
    /** Pods leave with their node's address; `undefined`: nothing says it. */
    readonly snat: boolean | undefined;
    readonly privateNodes: boolean | undefined;
    readonly dualStack: boolean | undefined;
    readonly controlPlane?: AddressRange;
    readonly podRanges: readonly AddressRange[];
    /** Ranges of its control plane or pods that are not known before `up`. */
    readonly rangesNotKnown: readonly string[];
}

export interface Taint {
    readonly key: string;
    readonly value: string;
    /** `NO_EXECUTE`, `NO_SCHEDULE` or `PREFER_NO_SCHEDULE`. */
    readonly effect: string;
}

/** Nodes of one configuration: a pool, a cluster's default pool, or what auto-provisioning would create. */
export interface Pool {
    readonly name: string;
    readonly resource?: string;
    readonly cluster: Cluster;
    readonly account: Account;
    readonly tags: readonly string[];
    /** Some tags are not known. */
    readonly furtherTags: boolean;
    readonly secureTags: readonly string[];
    readonly subnets: readonly Subnet[];
    /** The subnet is left to GKE, which picks by free addresses. */
    readonly subnetLeftToGke: boolean;
    readonly podRange: string | undefined;
    readonly podRangeNotKnown: boolean;
    readonly privateNodes: boolean | undefined;
    readonly labels: ReadonlyMap<string, string>;
    readonly taints: readonly Taint[];
    /** Some label or taint is not known before `up`. */
    readonly marksNotKnown: boolean;
    /** Interfaces in other networks. */
    readonly furtherNetworks: readonly { readonly network: Network; readonly subnet: Subnet | undefined }[];
    readonly doubts: readonly string[];
    /** Whether there is such a pool at all is not known before `up`. */
    readonly mayNotExist?: boolean;
}

export class Clusters {
    readonly all: Cluster[] = [];
    readonly pools: Pool[] = [];

    constructor(
        private readonly directory: Directory,
        private readonly networks: Networks,
        private readonly platform: PlatformFacts | undefined,
        private readonly problems: WorldProblem[],
    ) {
        const resources = directory.ofType(CLUSTER);
        const clusters = resources.map(resource => ({ resource, cluster: this.cluster(resource) }));
        this.all.push(...clusters.map(({ cluster }) => cluster));
        if (
            platform !== undefined &&
            this.all.every(({ reference }) => !refersTo(platform.cluster.reference, reference))
        ) {
            this.all.push(platformCluster(platform, networks));
        }
        for (const resource of directory.ofType(NODE_POOL)) {
            this.pools.push(this.pool(resource));
        }
        for (const { resource, cluster } of clusters) {
            this.pools.push(...this.builtInPools(resource, cluster));
        }
    }

    /** The cluster that the platform describes, while nothing shows its application nodes. */
    get platformCluster(): Cluster | undefined {
        return this.platform === undefined
            ? undefined
            : this.all.find(({ reference }) => refersTo(this.platform!.cluster.reference, reference));
    }

    private cluster(resource: Resource): Cluster {
        const inputs = Inputs.of(resource, this.problems);
        const network = this.networks.one(resource, inputs.name("network") ?? "default");
        const own = this.networks.subnetNamed(resource, inputs.name("subnetwork"), network);
        const additional = knownOf(inputs.objects("ipAllocationPolicy.additionalIpRangesConfigs")).filter(
            range => range.name("status") !== "DRAINING",
        );
        const further = additional.flatMap(
            range => this.networks.subnetNamed(resource, range.name("subnetwork"), network) ?? [],
        );
        const snatOff = inputs.flag("defaultSnatStatus.disabled");
        const privateNodes = inputs.flag("privateClusterConfig.enablePrivateNodes");
        const stack = inputs.name("ipAllocationPolicy.stackType");
        const podRange = inputs.name("ipAllocationPolicy.clusterSecondaryRangeName");
        const controlPlane = known(inputs.range("privateClusterConfig.masterIpv4CidrBlock"));
        const pods = inputs.name("ipAllocationPolicy.clusterIpv4CidrBlock");
        const podRanges = [
            ...(typeof pods !== "string" || !pods.includes(".")
                ? []
                : [known(inputs.range("ipAllocationPolicy.clusterIpv4CidrBlock"))]),
            own === undefined || typeof podRange !== "string" ? undefined : own.secondary.get(podRange),
            ...additional.flatMap((range, index) =>
                knownOf(range.texts("podIpv4RangeNames")).map(name => further[index]?.secondary.get(name)),
            ),
        ].filter(range => range !== undefined);
        const given =
            this.platform !== undefined &&
            refersTo(this.platform.cluster.reference, this.directory.identityOf(resource))
                ? this.platform.cluster
                : undefined;
        return {
            name: this.directory.identityOf(resource).name,
            reference: this.directory.identityOf(resource),
            resource: resource.urn,
            network,
            subnets: [...(own === undefined ? this.networks.subnetsOf(network) : [own]), ...further],
            podRange: typeof podRange === "string" ? podRange : undefined,
            snat: snatOff === NOT_KNOWN ? undefined : snatOff !== true,
            privateNodes: privateNodes === NOT_KNOWN ? undefined : privateNodes === true,
            dualStack: stack === NOT_KNOWN ? undefined : stack === "IPV4_IPV6",
            ...((controlPlane ?? given?.controlPlane) === undefined
                ? {}
                : { controlPlane: (controlPlane ?? given?.controlPlane)! }),
            podRanges: [...podRanges, ...(given?.pods ?? [])],
            rangesNotKnown: [
                ...(inputs.range("privateClusterConfig.masterIpv4CidrBlock") === NOT_KNOWN
                    ? ["its control plane's range"]
                    : []),
                ...(podRange === NOT_KNOWN ||
                pods === NOT_KNOWN ||
                someUnknown(inputs.objects("ipAllocationPolicy.additionalIpRangesConfigs")) ||
                additional.some(
                    range => someUnknown(range.texts("podIpv4RangeNames")) || range.name("subnetwork") === NOT_KNOWN,
                )
                    ? ["the ranges of its pods"]
                    : []),
            ].map(what => `cluster ${this.directory.identityOf(resource).name}: ${what}`),
        };
    }

    private pool(resource: Resource): Pool {
        const inputs = Inputs.of(resource, this.problems);
        const cluster = this.clusterNamed(resource, inputs.name("cluster"));
        return {
            ...this.nodes(resource, inputs, cluster),
            name: known(inputs.name("name")) ?? resource.name,
            resource: resource.urn,
        };
    }

    private clusterNamed(resource: Resource, value: Maybe<string>): Cluster {
        const found = this.directory.resolve(resource, value, CLUSTER);
        if (found !== undefined) {
            return this.all.find(cluster => cluster.resource === found.urn)!;
        }
        const reference = typeof value === "string" ? parseReference(value) : { name: "(not known before up)" };
        const shown = this.all.find(
            cluster =>
                cluster.resource === undefined && (typeof value !== "string" || refersTo(reference, cluster.reference)),
        );
        if (shown !== undefined) {
            return shown;
        }
        // Nothing shows this cluster: its nodes may be in any network.
        const network =
            this.networks.all.length === 1
                ? this.networks.all[0]!
                : this.networks.of({ name: `(network of cluster ${reference.name}, not shown)` });
        const cluster: Cluster = {
            name: reference.name,
            reference,
            network,
            subnets: this.networks.subnetsOf(network),
            podRange: undefined,
            snat: undefined,
            privateNodes: undefined,
            dualStack: undefined,
            podRanges: [],
            rangesNotKnown: [`the ranges of cluster ${reference.name}, which no resource shows`],
        };
        this.all.push(cluster);
        return cluster;
    }

    /** The default pool, pools written inside the cluster, and auto-provisioning. */
    private builtInPools(resource: Resource, cluster: Cluster): Pool[] {
        const inputs = Inputs.of(resource, this.problems);
        const inline = knownOf(inputs.objects("nodePools")).map(pool => ({
            ...this.nodes(resource, pool, cluster),
            name: known(pool.name("name")) ?? "inline",
            resource: resource.urn,
        }));
        const autopilot = inputs.flag("enableAutopilot") === true;
        const removed = inputs.flag("removeDefaultNodePool");
        const defaultPool = removed !== true && inline.length === 0 && !autopilot;
        const provisioning = inputs.flag("clusterAutoscaling.enabled");
        const provisioned = autopilot || (provisioning !== undefined && provisioning !== false);
        const defaults = inputs.object("clusterAutoscaling.autoProvisioningDefaults");
        return [
            ...inline,
            ...(defaultPool
                ? [
                      {
                          ...this.nodes(resource, inputs, cluster),
                          name: "default-pool",
                          resource: resource.urn,
                          mayNotExist: removed === NOT_KNOWN,
                      },
                  ]
                : []),
            ...(provisioned
                ? [
                      {
                          ...this.nodes(resource, inputs, cluster),
                          name: autopilot ? "(Autopilot)" : "(auto-provisioned)",
                          resource: resource.urn,
                          account: accountOf(
                              defaults === undefined || defaults === NOT_KNOWN
                                  ? defaults
                                  : defaults.name("serviceAccount"),
                          ),
                          subnets: cluster.subnets,
                          subnetLeftToGke: cluster.subnets.length > 1,
                          labels: new Map<string, string>(),
                          mayNotExist: !autopilot && provisioning === NOT_KNOWN,
                          taints: [],
                          marksNotKnown: false,
                      },
                  ]
                : []),
        ];
    }

    private nodes(resource: Resource, inputs: Inputs, cluster: Cluster): Omit<Pool, "name"> {
        const subnetName = resource.type === CLUSTER ? undefined : inputs.name("networkConfig.subnetwork");
        const subnet = this.networks.subnetNamed(resource, subnetName, cluster.network);
        const tags = inputs.texts("nodeConfig.tags");
        const podRange = inputs.name("networkConfig.podRange");
        const privateNodes = inputs.flag("networkConfig.enablePrivateNodes");
        const labels = inputs.map("nodeConfig.labels");
        const taints = inputs.objects("nodeConfig.taints");
        const secure = inputs.map("nodeConfig.resourceManagerTags");
        const further = knownOf(inputs.objects("networkConfig.additionalNodeNetworkConfigs"));
        return {
            cluster,
            account: accountOf(this.accountName(resource, inputs.name("nodeConfig.serviceAccount"))),
            tags: knownOf(tags),
            furtherTags: someUnknown(tags),
            secureTags:
                secure === undefined || secure === NOT_KNOWN
                    ? []
                    : [...secure.values()].filter(value => typeof value === "string"),
            subnets: subnet === undefined ? cluster.subnets : [subnet],
            subnetLeftToGke: subnet === undefined && cluster.subnets.length > 1,
            podRangeNotKnown: podRange === NOT_KNOWN,
            podRange: typeof podRange === "string" ? podRange : podRange === undefined ? cluster.podRange : undefined,
            privateNodes: privateNodes === NOT_KNOWN ? undefined : (privateNodes ?? cluster.privateNodes),
            labels: new Map(
                labels === undefined || labels === NOT_KNOWN
                    ? []
                    : [...labels].filter((entry): entry is [string, string] => typeof entry[1] === "string"),
            ),
            taints: knownOf(taints).map(taint => ({
                key: known(taint.name("key")) ?? "",
                value: known(taint.name("value")) ?? "",
                effect: known(taint.name("effect")) ?? "",
            })),
            marksNotKnown:
                labels === NOT_KNOWN ||
                (labels !== undefined && [...labels.values()].includes(NOT_KNOWN)) ||
                someUnknown(taints) ||
                knownOf(taints).some(taint => [taint.name("key"), taint.name("effect")].includes(NOT_KNOWN)),
            furtherNetworks: further.map(config => {
                const network = this.networks.one(resource, config.name("network"));
                return { network, subnet: this.networks.subnetNamed(resource, config.name("subnetwork"), network) };
            }),
            doubts: [
                ...(subnetName === NOT_KNOWN && subnet === undefined ? ["its subnet is not known before up"] : []),
                ...(someUnknown(tags) ? ["its network tags are not known before up"] : []),
                ...(taints === NOT_KNOWN || someUnknown(taints) ? ["its taints are not known before up"] : []),
            ],
        };
    }

    /** An account that the program itself creates, and whose address is not known yet, has the address that Google composes. */
    private accountName(resource: Resource, value: Maybe<string>): Maybe<string> {
        const account =
            value === NOT_KNOWN
                ? this.directory.resolve(resource, value, "gcp:serviceaccount/account:Account")
                : undefined;
        const [id, project] = [account?.inputs["accountId"], account?.inputs["project"]];
        return typeof id === "string" && typeof project === "string"
            ? `${id}@${project}.iam.gserviceaccount.com`
            : value;
    }
}

export function accountOf(value: Maybe<string>): Account {
    return value === NOT_KNOWN
        ? { kind: "any", except: [] }
        : value === undefined || value === "default"
          ? { kind: "default" }
          : { kind: "named", address: serviceAccountAddress(value) };
}

function platformCluster(platform: PlatformFacts, networks: Networks): Cluster {
    const network = networks.of(platform.network);
    const { cluster } = platform;
    const egress = networks.subnets.filter(
        subnet =>
            platform.subnets.some(({ reference }) => refersTo(reference, subnet.reference)) &&
            subnet.network === network,
    );
    return {
        name: cluster.reference.name,
        reference: cluster.reference,
        network,
        subnets: [...cluster.nodes.map(range => networks.subnetOfRange(range, network)), ...egress],
        podRange: undefined,
        snat: cluster.snat,
        privateNodes: true,
        dualStack: false,
        ...(cluster.controlPlane === undefined ? {} : { controlPlane: cluster.controlPlane }),
        rangesNotKnown: [],
        podRanges: [
            ...cluster.pods,
            ...platform.subnets.flatMap(({ secondary }) =>
                [...secondary.values()].filter(range => range !== undefined),
            ),
        ],
    };
}

import { type KubernetesObject, kubernetesObjects } from "../kubernetes";
import { type Resource } from "../resource";
import { Inputs, known, knownOf, type Maybe, NOT_KNOWN, someUnknown, valuesOf, type WorldProblem } from "./inputs";
import { type Networks } from "./networks";
import { type PlatformFacts } from "./platform";
import { accountName, accountOf, type Cluster, nodesOf, type Pool } from "./pools";
import { agreementOf, choose, type Directory, parseReference, refersTo } from "./references";

export const CLUSTER = "gcp:container/cluster:Cluster";
const NODE_POOL = "gcp:container/nodePool:NodePool";

export class Clusters {
    readonly all: Cluster[] = [];
    readonly pools: Pool[] = [];
    /** A masquerade agent is told otherwise than by default, so a pod's packets may carry its own address. */
    private readonly masqueradeChanged: boolean;

    constructor(
        private readonly directory: Directory,
        private readonly networks: Networks,
        private readonly platform: PlatformFacts | undefined,
        private readonly problems: WorldProblem[],
    ) {
        this.masqueradeChanged = kubernetesObjects(directory.resources).some(isMasqueradeConfig);
        const resources = directory.ofType(CLUSTER);
        const clusters = resources.map(resource => ({ resource, cluster: this.cluster(resource) }));
        this.all.push(...clusters.map(({ cluster }) => cluster));
        if (
            platform !== undefined &&
            this.all.every(({ reference }) => !refersTo(platform.cluster.reference, reference))
        ) {
            this.all.push(platformCluster(platform, networks, this.masqueradeChanged));
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
            snat: snatOff === true ? false : snatOff === NOT_KNOWN || this.masqueradeChanged ? undefined : true,
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
            ...nodesOf(resource, inputs, cluster, this.networks, this.directory),
            name: known(inputs.name("name")) ?? resource.name,
            resource: resource.urn,
        };
    }

    private clusterNamed(resource: Resource, value: Maybe<string>): Cluster {
        const found = this.directory.resolve(resource, value, CLUSTER);
        if (found.kind === "one") {
            return this.all.find(cluster => cluster.resource === found.target.urn)!;
        }
        const { project, location } = this.directory.identityOf(resource);
        const reference =
            typeof value === "string"
                ? {
                      ...(project === undefined ? {} : { project }),
                      ...(location === undefined ? {} : { location }),
                      ...parseReference(value),
                  }
                : { name: "(not known before up)" };
        const unseen = this.all.filter(cluster => cluster.resource === undefined);
        const mayBeUnseen = found.kind === "none" || found.candidates.length === 0;
        const shown = choose(mayBeUnseen ? unseen : [], cluster =>
            typeof value === "string" ? agreementOf(reference, cluster.reference) : "left out",
        );
        if (shown.kind === "one") {
            return shown.target;
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
            ...nodesOf(resource, pool, cluster, this.networks, this.directory),
            name: known(pool.name("name")) ?? "inline",
            resource: resource.urn,
        }));
        const autopilot = inputs.flag("enableAutopilot") === true;
        const removed = inputs.flag("removeDefaultNodePool");
        const defaultPool = removed !== true && inline.length === 0 && !autopilot;
        const provisioning = inputs.flag("clusterAutoscaling.enabled");
        const provisioned = autopilot || (provisioning !== undefined && provisioning !== false);
        return [
            ...inline,
            ...(defaultPool
                ? [
                      {
                          ...nodesOf(resource, inputs, cluster, this.networks, this.directory),
                          name: "default-pool",
                          resource: resource.urn,
                          mayNotExist: removed === NOT_KNOWN,
                      },
                  ]
                : []),
            ...(provisioned
                ? [
                      {
                          ...this.autoProvisioned(resource, inputs, cluster),
                          name: autopilot ? "(Autopilot)" : "(auto-provisioned)",
                          mayNotExist: !autopilot && provisioning === NOT_KNOWN,
                      },
                  ]
                : []),
        ];
    }

    /** Pools that GKE creates by itself: their account has defaults of its own, and tags come from `nodePoolAutoConfig`. */
    private autoProvisioned(resource: Resource, inputs: Inputs, cluster: Cluster): Omit<Pool, "name"> {
        const account = inputs.name("clusterAutoscaling.autoProvisioningDefaults.serviceAccount");
        const tags = inputs.texts("nodePoolAutoConfig.networkTags.tags");
        const secure = inputs.map("nodePoolAutoConfig.resourceManagerTags");
        const subnets = [
            ...new Set([
                ...cluster.subnets,
                // A pool's subnet has to be registered with the cluster, so new pools may land there too.
                ...this.pools.filter(pool => pool.cluster === cluster).flatMap(pool => pool.subnets),
            ]),
        ];
        return {
            ...nodesOf(resource, inputs, cluster, this.networks, this.directory),
            resource: resource.urn,
            account: accountOf(accountName(resource, account, this.directory)),
            tags: knownOf(tags),
            furtherTags: someUnknown(tags),
            secureTags: valuesOf(secure),
            furtherSecureTags:
                secure === NOT_KNOWN || (secure !== undefined && [...secure.values()].includes(NOT_KNOWN)),
            subnets,
            subnetLeftToGke: subnets.length > 1,
            labels: new Map<string, string>(),
            taints: [],
            marksNotKnown: false,
            unread: [],
            furtherNetworks: [],
            doubts: someUnknown(tags) ? ["its network tags are not known before up"] : [],
            autoProvisioned: true,
        };
    }
}

/** Where the agent looks (GKE documentation, "Configuring an IP masquerade agent"). */
function isMasqueradeConfig({ kind, group, namespace, name }: KubernetesObject): boolean {
    return kind === "ConfigMap" && group === "" && namespace === "kube-system" && name === "ip-masq-agent";
}

function platformCluster(platform: PlatformFacts, networks: Networks, masqueradeChanged: boolean): Cluster {
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
        snat: cluster.snat === true && masqueradeChanged ? undefined : cluster.snat,
        privateNodes: true,
        dualStack: undefined,
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

import { type AddressRange } from "../kernel/address";
import { type Resource } from "../resource";
import { type Inputs, known, knownOf, type Maybe, NOT_KNOWN, someUnknown, valuesOf } from "./inputs";
import { type Network, type Networks, type Subnet } from "./networks";
import { type Directory, type Reference } from "./references";
import { serviceAccountAddress } from "./ruleParts";
import { type Account } from "./source";

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
    /** In Kubernetes' spelling. */
    readonly effect: "NoSchedule" | "PreferNoSchedule" | "NoExecute";
}

/** GKE's spelling. What is none of these keeps nothing off. */
const EFFECTS: Readonly<Record<string, Taint["effect"]>> = {
    NO_SCHEDULE: "NoSchedule",
    PREFER_NO_SCHEDULE: "PreferNoSchedule",
    NO_EXECUTE: "NoExecute",
};

/** What tells a gateway's nodes from others. */
const MARKS = ["taints", "labels", "serviceAccount", "tags"] as const;

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
    /** Some secure tags are not known. */
    readonly furtherSecureTags?: boolean;
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
    /** Which of its marks are not known before `up`, or hold something that is not. */
    readonly unread: readonly (typeof MARKS)[number][];
    /** Interfaces in other networks. */
    readonly furtherNetworks: readonly { readonly network: Network; readonly subnet: Subnet | undefined }[];
    readonly doubts: readonly string[];
    /** Whether there is such a pool at all is not known before `up`. */
    readonly mayNotExist?: boolean;
    /** GKE creates such pools by itself, as many as it needs, for any workload. */
    readonly autoProvisioned?: boolean;
}

/** The nodes that a block of inputs describes: a pool's own, one inside a cluster, or a cluster's for its default pool. */
export function nodesOf(
    resource: Resource,
    inputs: Inputs,
    cluster: Cluster,
    networks: Networks,
    directory: Directory,
): Omit<Pool, "name"> {
    const subnetName = inputs.name("networkConfig.subnetwork");
    const subnet = networks.subnetNamed(resource, subnetName, cluster.network);
    const tags = inputs.texts("nodeConfig.tags");
    const podRange = inputs.name("networkConfig.podRange");
    const privateNodes = inputs.flag("networkConfig.enablePrivateNodes");
    const labels = inputs.map("nodeConfig.labels");
    const taints = inputs.objects("nodeConfig.taints");
    const secure = inputs.map("nodeConfig.resourceManagerTags");
    const further = knownOf(inputs.objects("networkConfig.additionalNodeNetworkConfigs"));
    return {
        cluster,
        account: accountOf(accountName(resource, inputs.name("nodeConfig.serviceAccount"), directory)),
        tags: knownOf(tags),
        furtherTags: someUnknown(tags),
        secureTags: valuesOf(secure),
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
            effect: EFFECTS[known(taint.name("effect")) ?? ""] ?? "PreferNoSchedule",
        })),
        unread: MARKS.filter(key => inputs.veils(`nodeConfig.${key}`)),
        marksNotKnown:
            labels === NOT_KNOWN ||
            (labels !== undefined && [...labels.values()].includes(NOT_KNOWN)) ||
            someUnknown(taints) ||
            knownOf(taints).some(taint => [taint.name("key"), taint.name("effect")].includes(NOT_KNOWN)),
        furtherNetworks: further.map(config => {
            const network = networks.one(resource, config.name("network"));
            return { network, subnet: networks.subnetNamed(resource, config.name("subnetwork"), network) };
        }),
        doubts: [
            ...(subnetName === NOT_KNOWN && subnet === undefined ? ["its subnet is not known before up"] : []),
            ...(someUnknown(tags) ? ["its network tags are not known before up"] : []),
            ...(taints === NOT_KNOWN || someUnknown(taints) ? ["its taints are not known before up"] : []),
        ],
    };
}

/** An account that the program itself creates, and whose address is not known yet, has the address that Google composes. */
export function accountName(resource: Resource, value: Maybe<string>, directory: Directory): Maybe<string> {
    const found =
        value === NOT_KNOWN ? directory.resolve(resource, value, "gcp:serviceaccount/account:Account") : undefined;
    const account = found?.kind === "one" ? found.target : undefined;
    const [id, project] = [account?.inputs["accountId"], account?.inputs["project"]];
    return typeof id === "string" && typeof project === "string" ? `${id}@${project}.iam.gserviceaccount.com` : value;
}

export function accountOf(value: Maybe<string>): Account {
    return value === NOT_KNOWN
        ? { kind: "any", except: [] }
        : value === undefined || value === "default"
          ? { kind: "default" }
          : { kind: "named", address: serviceAccountAddress(value) };
}

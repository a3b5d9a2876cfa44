/** Something that a new stack's file needs to know: an option of `init`, and a question where the option is missing. */
export interface Question {
    /** Attribute of the options; the option is its spelling with hyphens. */
    readonly name: string;
    readonly placeholder: string;
    readonly text: string;
    /** Where the answer stands in the settings: what is wrong with it is told under this path. */
    readonly path: string;
    /** How to find the answer out. */
    readonly how: string;
    readonly list?: true;
    /** What is taken where nothing is given, from the answers before; said afterwards, since it may be wrong. */
    readonly otherwise?: (before: Answers) => string | undefined;
    /** Only asked where the platform is written here, and not read from another stack. */
    readonly ofPlatform?: true;
}

export type Answers = Readonly<Record<string, string | undefined>>;

const PLATFORM = "egress-gateway:platform";
const describe = (what: string, format: string): string => `\`gcloud ${what} --format="value(${format})"\` tells it.`;
const CLUSTER = "container clusters describe CLUSTER --location LOCATION";

/** In the order in which they are asked. The names that nobody gives are those that examples/platform makes. */
export const QUESTIONS: readonly Question[] = [
    {
        ...{ name: "project", placeholder: "<id>", path: "gcp:project" },
        ...{ text: "project of the cluster", how: "`gcloud projects list` shows it under PROJECT_ID." },
    },
    {
        ...{ name: "region", placeholder: "<region>", path: "gcp:region" },
        ...{ text: "region of the gateway", how: "`gcloud compute regions list` shows them." },
    },
    {
        ...{ name: "network", placeholder: "<name>", path: `${PLATFORM}.network`, ofPlatform: true },
        ...{ text: "VPC network of the cluster", how: describe(CLUSTER, "network") },
        otherwise: ({ project }) => project,
    },
    {
        ...{ name: "firewallOrder", placeholder: "<order>", path: `${PLATFORM}.firewallOrder`, ofPlatform: true },
        text: "BEFORE_CLASSIC_FIREWALL or AFTER_CLASSIC_FIREWALL: which firewall the network asks first",
        how: describe("compute networks describe NETWORK", "networkFirewallPolicyEnforcementOrder"),
    },
    {
        ...{ name: "cluster", placeholder: "<name>", path: `${PLATFORM}.cluster.name`, ofPlatform: true },
        ...{ text: "name of the cluster", how: "`gcloud container clusters list` shows it." },
        otherwise: ({ project }) => project,
    },
    {
        ...{ name: "clusterLocation", placeholder: "<location>", path: `${PLATFORM}.cluster.location` },
        ...{
            text: "region or zone of the cluster",
            how: "`gcloud container clusters list` shows it.",
            ofPlatform: true,
        },
        otherwise: ({ region }) => region,
    },
    {
        ...{ name: "nodeCidrs", placeholder: "<ranges>", path: `${PLATFORM}.cluster.nodeCidrs`, list: true },
        ...{ text: "primary ranges of the application nodes' subnets", ofPlatform: true },
        how: describe("compute networks subnets describe SUBNET --region REGION", "ipCidrRange"),
    },
    {
        ...{ name: "podCidrs", placeholder: "<ranges>", path: `${PLATFORM}.cluster.podCidrs`, list: true },
        ...{ text: "ranges of the cluster's pods, without the gateway's own", ofPlatform: true },
        how: describe(CLUSTER, "ipAllocationPolicy.clusterIpv4CidrBlock"),
    },
    {
        ...{ name: "serviceCidr", placeholder: "<range>", path: `${PLATFORM}.cluster.serviceCidr`, ofPlatform: true },
        ...{ text: "range of the cluster's Services", how: describe(CLUSTER, "servicesIpv4Cidr") },
    },
    {
        ...{ name: "controlPlaneCidr", placeholder: "<range>", path: `${PLATFORM}.cluster.controlPlaneCidr` },
        ...{ text: "range of the control plane's endpoints, as nodes see it", ofPlatform: true },
        how: describe(CLUSTER, "privateClusterConfig.masterIpv4CidrBlock,privateClusterConfig.privateEndpoint"),
    },
    {
        ...{ name: "kubernetesVersion", placeholder: "<version>", path: `${PLATFORM}.cluster.kubernetesVersion` },
        ...{
            text: "Kubernetes version, `major.minor`",
            how: describe(CLUSTER, "currentMasterVersion"),
            ofPlatform: true,
        },
    },
    {
        ...{ name: "dns", placeholder: "<resolver>", path: `${PLATFORM}.cluster.dns`, ofPlatform: true },
        text: "resolver of the pods: kube-dns, node-local-dns or cloud-dns",
        how: describe(CLUSTER, "networkConfig.dnsConfig,addonsConfig.dnsCacheConfig"),
        otherwise: () => "kube-dns",
    },
    {
        ...{ name: "dataplane", placeholder: "<dataplane>", path: `${PLATFORM}.cluster.dataplane`, ofPlatform: true },
        ...{
            text: "v2 (Dataplane V2, ADVANCED_DATAPATH) or legacy",
            how: describe(CLUSTER, "networkConfig.datapathProvider"),
        },
        otherwise: () => "v2",
    },
    {
        ...{ name: "egressSubnet", placeholder: "<name>", path: `${PLATFORM}.egressSubnet.name`, ofPlatform: true },
        ...{ text: "subnet for gateway nodes alone", how: "`gcloud compute networks subnets list` shows them." },
        otherwise: ({ network }) => network && `${network}-egress`,
    },
    {
        ...{ name: "egressNodeCidr", placeholder: "<range>", path: `${PLATFORM}.egressSubnet.nodeCidr` },
        ...{ text: "primary range of that subnet: the gateway nodes", ofPlatform: true },
        how: describe("compute networks subnets describe SUBNET --region REGION", "ipCidrRange"),
    },
    {
        ...{ name: "egressPodRange", placeholder: "<name>", path: `${PLATFORM}.egressSubnet.podRange` },
        ...{ text: "name of its secondary range for pods", ofPlatform: true },
        how: describe("compute networks subnets describe SUBNET --region REGION", "secondaryIpRanges"),
        otherwise: () => "egress-pods",
    },
    {
        ...{ name: "egressPodCidr", placeholder: "<range>", path: `${PLATFORM}.egressSubnet.podCidr` },
        ...{ text: "that secondary range: the pods on gateway nodes", ofPlatform: true },
        how: describe("compute networks subnets describe SUBNET --region REGION", "secondaryIpRanges"),
    },
    {
        ...{ name: "for", placeholder: "<workloads>", path: "--for", list: true },
        text: "who may use the first destination, as namespace/serviceAccount",
        how: "For example payments/api; `kubectl get pods -n NAMESPACE -o custom-columns=NAME:.metadata.name,AS:.spec.serviceAccountName` tells it.",
    },
    {
        ...{ name: "to", placeholder: "<host:port>", path: "--to", text: "the first destination" },
        how: "For example istio.io:443.",
        otherwise: () => "istio.io:443",
    },
    {
        ...{ name: "deployer", placeholder: "<identities>", path: "egress-gateway:guard.exemptUsers", list: true },
        text: "who runs `pulumi up`, as the cluster knows it",
        how: "`kubectl auth whoami` tells it.",
    },
];

/** `nodeCidrs` is `--node-cidrs`. */
export function optionOf({ name }: Question): string {
    return `--${name.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)}`;
}

/** The words of an answer that may have several. */
export function wordsOf(answer: string): string[] {
    return answer
        .split(",")
        .map(word => word.trim())
        .filter(word => word !== "");
}

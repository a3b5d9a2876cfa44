import { type Resource } from "../resource";

/** How the proof treats a type of resource. */
export type Treatment =
    | { readonly kind: "modelled" }
    /** Opens no path out of a VPC network, for this reason. */
    | { readonly kind: "irrelevant"; readonly reason: string }
    /** Creates virtual machines that the proof treats as machines of unknown identity. */
    | { readonly kind: "machines" }
    /** Could matter, and nothing here reads it: the verdict is unknown. */
    | { readonly kind: "unmodelled"; readonly reason: string };

const MODELLED = new Set(
    [
        "network:Network",
        "subnetwork:Subnetwork",
        "firewall:Firewall",
        "networkFirewallPolicy:NetworkFirewallPolicy",
        "networkFirewallPolicyWithRules:NetworkFirewallPolicyWithRules",
        "networkFirewallPolicyRule:NetworkFirewallPolicyRule",
        "networkFirewallPolicyAssociation:NetworkFirewallPolicyAssociation",
        "regionNetworkFirewallPolicy:RegionNetworkFirewallPolicy",
        "regionNetworkFirewallPolicyWithRules:RegionNetworkFirewallPolicyWithRules",
        "regionNetworkFirewallPolicyRule:RegionNetworkFirewallPolicyRule",
        "regionNetworkFirewallPolicyAssociation:RegionNetworkFirewallPolicyAssociation",
        "firewallPolicy:FirewallPolicy",
        "firewallPolicyWithRules:FirewallPolicyWithRules",
        "firewallPolicyRule:FirewallPolicyRule",
        "firewallPolicyAssociation:FirewallPolicyAssociation",
        "organizationSecurityPolicy:OrganizationSecurityPolicy",
        "organizationSecurityPolicyRule:OrganizationSecurityPolicyRule",
        "organizationSecurityPolicyAssociation:OrganizationSecurityPolicyAssociation",
        "router:Router",
        "routerNat:RouterNat",
        "routerPeer:RouterPeer",
        "route:Route",
        "vPNTunnel:VPNTunnel",
        "interconnectAttachment:InterconnectAttachment",
        "networkPeering:NetworkPeering",
        "networkPeeringRoutesConfig:NetworkPeeringRoutesConfig",
        "instance:Instance",
        "instanceTemplate:InstanceTemplate",
        "regionInstanceTemplate:RegionInstanceTemplate",
    ].map(token => `gcp:compute/${token}`),
)
    .add("gcp:container/cluster:Cluster")
    .add("gcp:container/nodePool:NodePool")
    .add("gcp:organizations/project:Project")
    .add("gcp:organizations/folder:Folder");

/** Families of `gcp:compute` by the name of the class; the first that matches counts. */
const COMPUTE: readonly (readonly [RegExp, Treatment])[] = [
    [/I[Aa][Mm](Binding|Member|Policy)$/, irrelevant("says who may administer a resource, not what a packet may do")],
    [
        /^(InstanceFromTemplate|InstanceFromMachineImage|BulkPerInstanceConfig|(Region)?PerInstanceConfig|(Region)?ResizeRequest)$/,
        { kind: "machines" },
    ],
    [
        /^(Region)?(InstanceGroup|Autoscaler)|^(GlobalVm|ZoneVm)ExtensionPolicy$|^MachineImage$|^Node(Group|Template)$/,
        irrelevant("groups or shapes machines that are sources of their own"),
    ],
    [/Disk|Image|Snapshot|StoragePool/, irrelevant("is storage")],
    [
        /^(Global)?Address$|^Public(Advertised|Delegated)Prefix$|^RouterNatAddress$/,
        irrelevant("an address leads nowhere until a machine, a NAT or a load balancer uses it; those are read"),
    ],
    [/^(Global|Region)?NetworkEndpoint(List)?$/, irrelevant("belongs to an endpoint group, which is read")],
    [/^Router(Interface|NamedSet|RoutePolicy)$/, irrelevant("belongs to a router, whose peers are read")],
    [
        /^(ExternalVpnGateway|HaVpnGateway|VPNGateway|Interconnect(Group|AttachmentGroup)?|CrossSiteNetwork|WireGroup)$/,
        irrelevant("carries traffic only through tunnels or attachments, which are read"),
    ],
    [
        /Backend|Health|Target|U(RL|rl)Map|S(SL|sl|SSL)|Certificate|SecurityPolic|SecurityScan|EdgeSecurity|CaExternal/,
        irrelevant("serves inbound load balancing"),
    ],
    [/^ServiceAttachment$/, irrelevant("publishes a service to others; nothing leaves through it unasked")],
    [
        /^(PacketMirroring|NetworkFirewallPolicyPacketMirroringRule)$/,
        irrelevant("copies packets to a collector inside the network"),
    ],
    [/^SharedVPC/, irrelevant('lets other projects place machines in the network; they are covered by "any other VM"')],
    [
        /^(Project|PreviewFeature|Reservation|FutureReservation|ResourcePolicy|RegionCommitment|RolloutPlan|InstanceSettings|RegionNetworkPolicy)/,
        irrelevant("sets defaults, quotas or priorities"),
    ],
];

/** Whole modules of the provider that put nothing into a VPC network. */
const IRRELEVANT_MODULES = new Set(
    (
        "accessapproval accesscontextmanager activedirectory apigateway apphub artifactregistry assuredworkloads backupdisasterrecovery biglake bigquery " +
        "bigqueryanalyticshub bigquerydatapolicy bigtable billing binaryauthorization certificateauthority certificatemanager chronicle cloudasset " +
        "cloudidentity clouddeploy cloudquota cloudscheduler cloudsecuritycompliance cloudsupport cloudtasks containeranalysis contactcenterinsights " +
        "datacatalog dataform datalineage dataloss dataplex dns essentialcontacts eventarc firebase firebaserules firestore folder gkebackup gkehub " +
        "healthcare iam iap identityplatform kms licensemanager logging modelarmor monitoring networkmanagement observability organizations orgpolicy " +
        "osconfig oslogin parametermanager privilegedaccessmanager projects pubsub recaptcha resourcemanager runtimeconfig secretmanager " +
        "securitycenter securityposture serviceaccount servicedirectory serviceusage siteverification sourcerepo spanner storage tags transcoder workflows"
    ).split(" "),
);

/** Modules whose services run on Google's side, and are met at Google's APIs or over a private connection that is read elsewhere. */
const MANAGED_MODULES = new Set(
    "alloydb apigee appengine cloudbuild cloudbuildv2 cloudfunctions cloudfunctionsv2 cloudrun cloudrunv2 filestore looker lustre managedkafka memcache memorystore netapp parallelstore redis sql".split(
        " ",
    ),
);

/** Modules whose resources place machines in a VPC network. */
const MACHINE_MODULES = new Set(
    "colab composer dataflow datafusion dataproc notebooks tpu vertex vpcaccess workbench workstations".split(" "),
);

const OTHER: Readonly<Record<string, Treatment>> = {
    "container:Registry": irrelevant("is storage"),
    "networkservices:EdgeCacheKeyset": irrelevant("serves inbound content delivery"),
    "networkservices:EdgeCacheOrigin": irrelevant("serves inbound content delivery"),
    "networkservices:EdgeCacheService": irrelevant("serves inbound content delivery"),
    "networkconnectivity:InternalRange": irrelevant("reserves addresses"),
    "networkconnectivity:Hub": irrelevant("connects networks only through spokes, which count"),
    "networkconnectivity:Group": irrelevant("connects networks only through spokes, which count"),
    "networksecurity:AddressGroup": irrelevant("is read where a rule names it"),
    "networksecurity:DnsThreatDetector": irrelevant("watches"),
    "networksecurity:FirewallEndpoint": irrelevant("inspects what a rule has let through"),
    "networksecurity:FirewallEndpointAssociation": irrelevant("inspects what a rule has let through"),
    "networksecurity:SecurityProfile": irrelevant("inspects what a rule has let through"),
    "networksecurity:SecurityProfileGroup": irrelevant("inspects what a rule has let through"),
    "networksecurity:GatewaySecurityPolicy": irrelevant("works only in a Secure Web Proxy, which counts"),
    "networksecurity:GatewaySecurityPolicyRule": irrelevant("works only in a Secure Web Proxy, which counts"),
    "networksecurity:TlsInspectionPolicy": irrelevant("works only in a Secure Web Proxy, which counts"),
    "networksecurity:UrlList": irrelevant("works only in a Secure Web Proxy, which counts"),
    "networkservices:Gateway": unmodelled(
        "a Secure Web Proxy leaves the network under Google's identity, past firewall, NAT and routes",
    ),
    "servicenetworking:Connection": irrelevant(
        "peers with Google's own service producers, whose networks hold managed services",
    ),
    "servicenetworking:PeeredDnsDomain": irrelevant("answers names"),
    "servicenetworking:VpcServiceControls": irrelevant("narrows routes of a service connection"),
};

function irrelevant(reason: string): Treatment {
    return { kind: "irrelevant", reason };
}

function unmodelled(reason: string): Treatment {
    return { kind: "unmodelled", reason };
}

/** How the proof treats this resource. What it has never heard of in Google Cloud counts as a path. */
export function treatmentOf({ type, inputs }: Resource): Treatment {
    if (MODELLED.has(type)) {
        return { kind: "modelled" };
    }
    const google = /^gcp:([^/:]+)\/[^:]+:(\w+)$/.exec(type);
    if (google === null) {
        return treatmentOfOther(type);
    }
    const [module, name] = [google[1]!, google[2]!];
    if (module === "compute") {
        return (
            treatmentOfForwarding(name, inputs) ??
            COMPUTE.find(([pattern]) => pattern.test(name))?.[1] ??
            unmodelled("this proof does not know what it does to packets")
        );
    }
    if (IRRELEVANT_MODULES.has(module)) {
        return irrelevant("is no part of a VPC network");
    }
    if (MANAGED_MODULES.has(module)) {
        return irrelevant("runs on Google's side, behind Google's APIs or a private service connection");
    }
    if (MACHINE_MODULES.has(module)) {
        return { kind: "machines" };
    }
    return OTHER[`${module}:${name}`] ?? unmodelled("this proof does not know what it does to packets");
}

function treatmentOfForwarding(name: string, inputs: Resource["inputs"]): Treatment | undefined {
    if (/NetworkEndpointGroup$/.test(name)) {
        const endpoints = String(inputs["networkEndpointType"] ?? "");
        return endpoints.startsWith("INTERNET") || (name === "GlobalNetworkEndpointGroup" && endpoints === "")
            ? unmodelled(
                  "a load balancer in front of internet endpoints is a proxy to the internet, past firewall, NAT and routes",
              )
            : irrelevant("holds endpoints inside the network or on Google's side");
    }
    if (/ForwardingRule$/.test(name)) {
        const target = String(inputs["target"] ?? "");
        return /all-apis$/.test(target)
            ? unmodelled(
                  "a Private Service Connect endpoint for all Google APIs also serves *.run.app, a proxy to anywhere",
              )
            : irrelevant("serves inbound load balancing, or an endpoint inside the network");
    }
    return undefined;
}

function treatmentOfOther(type: string): Treatment {
    if (/^kubernetes:[^/]*cnrm\.cloud\.google\.com\//.test(type)) {
        return unmodelled("Config Connector creates Google resources from it that are not among the given ones");
    }
    if (/^kubernetes:networking\.gke\.io\/[^:]+:EgressNATPolicy$/.test(type)) {
        return unmodelled("it changes which pods keep their own address");
    }
    if (/^google-native:/.test(type)) {
        return unmodelled("the google-native provider's spelling is not read");
    }
    return irrelevant("is no Google Cloud resource");
}

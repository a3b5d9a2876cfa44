import { type KubernetesObject, kubernetesObjects } from "../kubernetes";
import { type Resource } from "../resource";
import { Inputs, knownOf, NOT_KNOWN } from "./inputs";
import { type Network } from "./networks";
import { type Places, type PlaceFinder } from "./places";
import { type Directory, only } from "./references";
import { type Beginning, exit, type Found, neighbour, SERVICE_WAYS, SOURCE_WAYS } from "./serviceWays";

/**
 * A way out of a network that is no public address: something at an address inside hands on what it gets, under an identity of
 * Google's or of somebody else's, and no firewall rule, route or NAT of the network sees it leave.
 */
export interface ServiceWay {
    readonly resource: Resource;
    /** `exit`: whoever reaches its address is outside. `neighbour`: it could be made to call out, by those who run it. */
    readonly kind: "exit" | "neighbour";
    readonly reason: string;
}

/** The ways out of these networks, or of a network that nothing shows. */
export function waysOf(
    directory: Directory,
    places: PlaceFinder,
    networks: readonly Network[],
): { readonly exits: readonly ServiceWay[]; readonly neighbours: readonly ServiceWay[] } {
    const google = directory.resources.flatMap((resource): ServiceWay[] => {
        const found =
            FORWARDING[resource.type]?.(resource, directory) ??
            (SERVICE_WAYS[resource.type] ?? SOURCE_WAYS[resource.type])?.(Inputs.of(resource, []));
        return found === undefined || !concerns(resource, found, places, networks) ? [] : [{ resource, ...found }];
    });
    const byUrn = new Map(directory.resources.map(resource => [resource.urn, resource]));
    const kubernetes = kubernetesObjects(directory.resources).flatMap((object): ServiceWay[] => {
        const reason = kubernetesWay(object);
        return reason === undefined ? [] : [{ resource: byUrn.get(object.urn)!, kind: "exit", reason }];
    });
    const all = [...google, ...kubernetes];
    return {
        exits: all.filter(({ kind }) => kind === "exit"),
        neighbours: all.filter(({ kind }) => kind === "neighbour"),
    };
}

/** What stands in another network, and nowhere else, is none of these networks' business. */
function concerns(resource: Resource, { at }: Found, places: PlaceFinder, networks: readonly Network[]): boolean {
    if (at === undefined || at.length === 0) {
        return true;
    }
    return at.some(({ network, subnetwork }) => {
        if (network === undefined && subnetwork === undefined) {
            return true;
        }
        const found: Places = places.placesOf(resource, network, subnetwork);
        return found.list.some(place => networks.includes(place.network));
    });
}

type ForwardingReader = (resource: Resource, directory: Directory) => Found | undefined;

/** Load balancers and endpoints, where it matters what others in the stack make of them. */
export const FORWARDING: Readonly<Record<string, ForwardingReader>> = {
    "gcp:compute/forwardingRule:ForwardingRule": forwardingRule,
    "gcp:compute/globalForwardingRule:GlobalForwardingRule": forwardingRule,
    "gcp:compute/networkEndpointGroup:NetworkEndpointGroup": (resource, directory) =>
        endpointGroup(resource, directory, "GCE_VM_IP_PORT"),
    "gcp:compute/regionNetworkEndpointGroup:RegionNetworkEndpointGroup": (resource, directory) =>
        endpointGroup(resource, directory, "SERVERLESS"),
    "gcp:compute/globalNetworkEndpointGroup:GlobalNetworkEndpointGroup": (resource, directory) =>
        endpointGroup(resource, directory, "INTERNET_FQDN_PORT"),
};

const PROXY_TARGETS =
    /\/(target(Http|Https|Grpc|Ssl|Tcp)Proxies|targetPools|targetInstances|targetVpnGateways)\/|^gcp:compute\/(region)?[tT]arget/;

function forwardingRule(resource: Resource, directory: Directory): Found | undefined {
    const inputs = Inputs.of(resource, []);
    const at: Beginning[] = [{ network: inputs.name("network"), subnetwork: inputs.name("subnetwork") }];
    const target = inputs.name("target");
    const scheme = inputs.text("loadBalancingScheme");
    if (target === undefined) {
        return undefined;
    }
    if (target === NOT_KNOWN) {
        // An endpoint for somebody's service has an empty scheme; a load balancer has one.
        const mayBeEndpoint = scheme === "" || scheme === NOT_KNOWN;
        const known = resource.dependsOn.some(urn =>
            PROXY_TARGETS.test(urn.split("::").at(-2)?.split("$").at(-1) ?? ""),
        );
        return mayBeEndpoint && !known ? exit("what it forwards to is not known before up", at) : undefined;
    }
    if (/(^|\/)all-apis$/.test(target)) {
        return exit(
            "a Private Service Connect endpoint for all Google APIs also serves *.run.app, a proxy to anywhere",
            at,
        );
    }
    if (!/\/serviceAttachments\//.test(target)) {
        return undefined;
    }
    const own = only(directory.resolve(resource, target, "gcp:compute/serviceAttachment:ServiceAttachment"));
    return own === undefined
        ? exit(
              "a Private Service Connect endpoint leads to a service in a producer's network, which may hand on what it gets",
              at,
          )
        : neighbour(`its Private Service Connect endpoint leads to what ${own.name} publishes`, at);
}

function endpointGroup(resource: Resource, directory: Directory, byDefault: string): Found | undefined {
    const inputs = Inputs.of(resource, []);
    const at: Beginning[] = [{ network: inputs.name("network"), subnetwork: inputs.name("subnetwork") }];
    const kind = inputs.name("networkEndpointType") ?? byDefault;
    const found =
        kind === NOT_KNOWN ? exit("what endpoints it has is not known before up", at) : behind(kind, inputs, at);
    return found?.kind === "exit" && servesOnlyTheOutside(resource, directory) ? undefined : found;
}

function behind(kind: string, inputs: Inputs, at: Found["at"]): Found | undefined {
    if (kind.startsWith("GCE_VM_IP")) {
        return undefined;
    }
    if (kind.startsWith("INTERNET")) {
        return exit(
            "a load balancer in front of internet endpoints is a proxy to the internet, past firewall, NAT and routes",
            at,
        );
    }
    switch (kind) {
        case "SERVERLESS":
            return exit("a load balancer in front of it leads to a serverless service, which calls whom it likes", at);
        case "NON_GCP_PRIVATE_IP_PORT":
            return exit(
                "a load balancer in front of it leads to endpoints outside of Google Cloud, past firewall and NAT",
                at,
            );
        case "PRIVATE_SERVICE_CONNECT": {
            const target = inputs.name("pscTargetService");
            return typeof target === "string" && /\.(googleapis\.com|rep\.googleapis\.com|goog)$/.test(target)
                ? neighbour("it leads to an API of Google's, where anybody's data can be (R2)", at)
                : exit(
                      "a load balancer in front of it leads to a service in a producer's network, which may hand on what it gets",
                      at,
                  );
        }
        default:
            return exit(`this proof does not know endpoints of type ${kind}`, at);
    }
}

const BACKEND_SERVICES = [
    "gcp:compute/backendService:BackendService",
    "gcp:compute/regionBackendService:RegionBackendService",
];

/** Behind external load balancers alone a group is met at a public address, where the firewall decides who gets to. */
function servesOnlyTheOutside(group: Resource, directory: Directory): boolean {
    const services = directory.ofType(...BACKEND_SERVICES).filter(service => {
        const groups = knownOf(Inputs.of(service, []).objects("backends")).map(backend => backend.name("group"));
        return (
            service.dependsOn.includes(group.urn) ||
            groups.some(name => only(directory.resolve(service, name, group.type))?.urn === group.urn)
        );
    });
    return (
        services.length > 0 &&
        services.every(service => {
            const scheme = Inputs.of(service, []).name("loadBalancingScheme") ?? "EXTERNAL";
            return scheme !== NOT_KNOWN && scheme.startsWith("EXTERNAL");
        })
    );
}

/** Kinds of GKE's and of experimental Gateway API groups that lead nowhere new. What is not among them may. */
const LEADS_NOWHERE: Readonly<Record<string, string>> = {
    "networking.gke.io":
        "ManagedCertificate FrontendConfig BackendConfig GCPBackendPolicy GCPGatewayPolicy GCPHTTPFilter " +
        "GCPSessionAffinityFilter GCPSessionAffinityPolicy GCPTrafficDistributionPolicy HealthCheckPolicy ServiceAttachment " +
        "ServiceNetworkEndpointGroup NetworkLogging FQDNNetworkPolicy Network GKENetworkParamSet NodeTopology SubnetworkTopology " +
        "NetworkInterface RedirectService MultiClusterService EgressNATPolicy",
    "net.gke.io": "ServiceExport ServiceImport",
    "gateway.networking.x-k8s.io": "XListenerSet XBackendTrafficPolicy XMesh",
};

function kubernetesWay({ group, kind }: KubernetesObject): string | undefined {
    const harmless = LEADS_NOWHERE[group]?.split(" ");
    return harmless === undefined || harmless.includes(kind)
        ? undefined
        : `this proof does not know where ${kind} of ${group} leads packets`;
}

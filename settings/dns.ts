import { type PlatformFacts } from "../contract/platform";
import { GOOGLE_METADATA_ADDRESS } from "../base/addresses";
import { addressAt, contains, ipv4Range, isPrivate, size } from "../base/cidr";
import { type Problem } from "../base/problem";
import { type Sections } from "./schema";
import { type Settings } from "./settings";

/** Position of the cluster's DNS Service in the Services range, on GKE and wherever kubeadm set the cluster up. */
const CLUSTER_DNS_POSITION = 10;

/**
 * The resolver's, where the settings name none: in the lower part of the range, which Kubernetes leaves to addresses that somebody
 * chose (Kubernetes documentation, "Service ClusterIP allocation").
 */
const RESOLVER_POSITION = 14;

/** Address of the cluster's own DNS Service. */
export function clusterDnsAddress(serviceCidr: string): string {
    return addressAt(serviceCidr, CLUSTER_DNS_POSITION);
}

/** Address of the resolver's Service. */
export function resolverAddress({ dns, platform }: Pick<Settings, "dns" | "platform">): string {
    return dns.address ?? addressAt(platform.cluster.serviceCidr, RESOLVER_POSITION);
}

/** Whom the resolver asks for names that no zone has servers of its own for. */
export function resolverUpstreams({ dns, platform }: Pick<Settings, "dns" | "platform">): readonly string[] {
    return dns.upstreams.length === 0 && platform.kind === "gke" ? [GOOGLE_METADATA_ADDRESS] : dns.upstreams;
}

/** Where the lock cannot be, and what would not be reached or answered. Nothing is asked of a lock that is off. */
export function dnsProblems(
    dns: Sections["dns"],
    platform: PlatformFacts,
    { gateway, mesh, clientNamespaces }: Pick<Settings, "gateway" | "mesh" | "clientNamespaces">,
): Problem[] {
    if (dns.lock === "off") {
        return [];
    }
    return [
        ...resolverKindProblems(dns, platform),
        ...addressProblems(dns, platform),
        ...serverProblems(dns, platform),
        ...twiceProblems(dns),
        ...namespaceProblems(dns, [gateway.namespace, mesh.controlPlaneNamespace, "kube-system", ...clientNamespaces]),
    ];
}

function resolverKindProblems({ lock }: Sections["dns"], { kind, cluster }: PlatformFacts): Problem[] {
    const refused = (expected: string, remedy: string): Problem[] => [
        { path: "egress-gateway:dns.lock", given: lock, expected, remedy },
    ];
    if (cluster.dns === "cloud-dns") {
        return refused(
            "`off`, since platform.cluster.dns is `cloud-dns`",
            "With Cloud DNS for GKE pods ask the metadata server of their node, which resolves every name and which nothing can be put in front of. " +
                "The lock needs kube-dns, with or without NodeLocal DNSCache.",
        );
    }
    if (kind === "kubernetes" && cluster.dns === "node-local-dns") {
        return refused(
            "`off`, since NodeLocal DNSCache outside GKE has a configuration of its own",
            "Set `forward` in the ConfigMap `node-local-dns` to the resolver yourself, or write `dns: kube-dns` in the platform where the cache is not used.",
        );
    }
    return [];
}

function addressProblems({ address }: Sections["dns"], { cluster }: PlatformFacts): Problem[] {
    const services = ipv4Range(cluster.serviceCidr);
    const clusterDns = clusterDnsAddress(cluster.serviceCidr);
    const fits =
        address === undefined
            ? size(services) > RESOLVER_POSITION
            : contains(services, ipv4Range(`${address}/32`)) && address !== clusterDns;
    return fits
        ? []
        : [
              {
                  path: "egress-gateway:dns.address",
                  given: address,
                  expected: `a free address of the Services range ${cluster.serviceCidr}, other than ${clusterDns}, which the cluster's own DNS has`,
                  remedy: "`kubectl get services -A` shows the addresses that are taken.",
              },
          ];
}

/** The resolver's nodes have no way to the internet, so that a server there would never answer. */
function serverProblems(dns: Sections["dns"], { kind }: PlatformFacts): Problem[] {
    const expected = "a private address";
    const servers = [
        ...dns.upstreams.map((address, index) => ({ address, path: `egress-gateway:dns.upstreams[${index}]` })),
        ...dns.zones.flatMap(({ nameservers }, zone) =>
            nameservers.map((address, index) => ({
                address,
                path: `egress-gateway:dns.zones[${zone}].nameservers[${index}]`,
            })),
        ),
    ];
    return [
        ...servers
            .filter(
                ({ address }) =>
                    kind === "gke" && address !== GOOGLE_METADATA_ADDRESS && !isPrivate(ipv4Range(`${address}/32`)),
            )
            .map(({ address, path }) => ({
                path,
                given: address,
                expected: `${expected}, or ${GOOGLE_METADATA_ADDRESS}`,
                remedy: "The firewall closes the internet to the resolver's nodes as to all others. Google's metadata server resolves public names.",
            })),
        ...(kind === "kubernetes" && dns.upstreams.length === 0
            ? [
                  {
                      path: "egress-gateway:dns.upstreams",
                      given: dns.upstreams,
                      expected: "at least one address of a server that resolves public names",
                      remedy: "Write the one that the nodes' /etc/resolv.conf names.",
                  },
              ]
            : []),
    ];
}

function twiceProblems({ zones }: Sections["dns"]): Problem[] {
    return zones.flatMap(({ name }, index) => {
        const earlier = zones.findIndex(zone => zone.name === name);
        return earlier === index
            ? []
            : [
                  {
                      path: `egress-gateway:dns.zones[${index}].name`,
                      given: name,
                      expected: `a domain that zones[${earlier}] does not have`,
                      remedy: "Put the types and servers of both into one entry.",
                  },
              ];
    });
}

function namespaceProblems({ namespace }: Sections["dns"], taken: readonly string[]): Problem[] {
    return taken.includes(namespace)
        ? [
              {
                  path: "egress-gateway:dns.namespace",
                  given: namespace,
                  expected: "a namespace that nothing else uses",
                  remedy: "Whoever may create pods beside the resolver asks Google's servers for any name, as the resolver does. Name one of its own.",
              },
          ]
        : [];
}

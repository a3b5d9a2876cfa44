import { DNS_PORT, RESOLVER_PORTS } from "../../base/conventions";
import { resolverUpstreams } from "../../settings/dns";
import { gatewayViews, type OfGateways } from "../../settings/gateways";
import { gatewaySubnets } from "../../settings/googleNames";
import { type Settings } from "../../settings/settings";
import { counterReaders, names } from "./clusterServices";
import { addresses, closed, egressTo, ingressFrom, type NetworkPolicy, podsOf, tcp } from "./networkPolicy";

/**
 * The resolver's namespace, closed both ways. It is asked by the cluster's own DNS: by kube-dns' pods, and by NodeLocal DNSCache, which
 * has the addresses of the nodes. It asks the servers of the settings, and is the one that may.
 */
export function resolverPolicies(settings: OfGateways & Pick<Settings, "dns" | "monitoring">): NetworkPolicy[] {
    const { dns, platform } = settings;
    const { namespace } = dns;
    const nodes = [
        ...platform.cluster.nodeCidrs,
        ...gatewayViews(settings)
            .flatMap(gatewaySubnets)
            .map(({ nodeCidr }) => nodeCidr),
    ];
    const servers = [...resolverUpstreams(settings), ...dns.zones.flatMap(({ nameservers }) => nameservers)];
    return [
        closed(namespace, "default-deny", ["Ingress", "Egress"]),
        ingressFrom(namespace, "allow-cluster-dns", [
            {
                peers: [
                    podsOf("kube-system", { "k8s-app": "kube-dns" }),
                    ...[...new Set(nodes)].map(cidr => addresses(cidr)),
                ],
                ports: names(RESOLVER_PORTS.dns),
            },
        ]),
        ingressFrom(namespace, "allow-counters", [
            { peers: counterReaders(settings), ports: tcp(RESOLVER_PORTS.metrics) },
        ]),
        egressTo(namespace, "allow-servers", [
            {
                peers: [...new Set(servers)].sort().map(server => addresses(`${server}/32`)),
                ports: names(DNS_PORT),
            },
        ]),
    ];
}

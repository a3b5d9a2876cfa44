import { type PlatformFacts } from "../../contract/platform";
import { GOOGLE_METADATA_ADDRESS, NODE_LOCAL_DNS_ADDRESS } from "../../base/addresses";
import { DNS_PORT, ISTIOD_PORT } from "../../base/conventions";
import { type Settings } from "../../settings/settings";
import { clusterDnsAddress } from "../../settings/dns";
import { addresses, type Opening, type Peer, podsOf, type Port, tcp, udp } from "./networkPolicy";

const METADATA_SERVER = `${GOOGLE_METADATA_ADDRESS}/32`;

/** What pods on a cluster without Dataplane V2 are redirected to in place of the metadata server. */
const METADATA_SERVER_LEGACY = "169.254.169.252/32";

/** Names, from whatever answers the pods. */
export function dns({ cluster }: Pick<PlatformFacts, "cluster">): Opening {
    return { peers: resolvers(cluster), ports: names(DNS_PORT) };
}

/** Both ways in which names are asked. */
export function names(port: number): Port[] {
    return [...tcp(port), udp(port)];
}

function resolvers({ dns, serviceCidr }: PlatformFacts["cluster"]): Peer[] {
    const kubeDns = podsOf("kube-system", { "k8s-app": "kube-dns" });
    switch (dns) {
        // GKE switches the cache on by itself from 1.34.1-gke.3720000 on (GKE documentation, "Set up NodeLocal DNSCache"),
        // and its addresses answer nothing but names.
        case "kube-dns":
        case "node-local-dns":
            // The cache runs on the host's network, which no selector matches, and answers at the address of the DNS Service.
            return [
                kubeDns,
                podsOf("kube-system", { "k8s-app": "node-local-dns" }),
                addresses(`${NODE_LOCAL_DNS_ADDRESS}/32`),
                addresses(`${clusterDnsAddress(serviceCidr)}/32`),
            ];
        case "cloud-dns":
            return [addresses(METADATA_SERVER)];
    }
}

/** Tokens for Workload Identity; nothing on a cluster without Google's metadata server. */
export function metadataServer(platform: PlatformFacts): Opening[] {
    if (platform.kind !== "gke") {
        return [];
    }
    return platform.cluster.dataplane === "v2"
        ? [{ peers: [addresses(METADATA_SERVER)], ports: tcp(80) }]
        : [{ peers: [addresses(METADATA_SERVER_LEGACY)], ports: tcp(988) }];
}

/** The mesh's control plane: certificates and configuration for every proxy. */
export function meshControlPlane({ mesh }: Pick<Settings, "mesh">): Opening {
    return { peers: [podsOf(mesh.controlPlaneNamespace, { app: "istiod" })], ports: tcp(ISTIOD_PORT) };
}

/**
 * The Kubernetes API. Its Service's address is translated before policies look, so the ports are those of the endpoints: 443
 * on GKE, 6443 where kubeadm set the cluster up.
 */
export function kubernetesApi(platform: PlatformFacts): Opening {
    return {
        peers: [addresses(platform.cluster.controlPlaneCidr)],
        ports: platform.kind === "gke" ? tcp(443) : tcp(443, 6443),
    };
}

/**
 * Who reads counters: the API server, through its tunnel's agents on GKE, Google's managed Prometheus, whose collectors are in one
 * of two namespaces by GKE's version, and the operator's Prometheus where the settings name it.
 */
export function counterReaders({ platform, monitoring }: Pick<Settings, "platform" | "monitoring">): Peer[] {
    return [
        addresses(platform.cluster.controlPlaneCidr),
        ...(platform.kind === "gke"
            ? [
                  podsOf("kube-system", { "k8s-app": "konnectivity-agent" }),
                  podsOf("gmp-system"),
                  podsOf("gke-gmp-system"),
              ]
            : []),
        ...(monitoring.collector === "prometheus-operator" ? [podsOf(monitoring.collectorNamespace)] : []),
    ];
}

import { CLUSTER_DOMAIN, RESOLVER_NAME } from "../../base/conventions";
import { resolverAddress } from "../../settings/dns";
import { type Settings } from "../../settings/settings";
import { answersOf, type AnswerSettings } from "./answers";
import { corefile } from "./corefile";
import { OBJECT_LABELS } from "./labels";
import { type ConfigMap } from "./resolverObject";

/** Key of the resolver's configuration in its ConfigMap, and name of the file that it is mounted as. */
export const CONFIGURATION_FILE = "Corefile";

/** CoreDNS' configuration of the resolver. */
export function resolverCorefile(settings: AnswerSettings): string {
    const { lock } = settings.dns;
    return corefile(answersOf(settings), lock === "observe" ? "observe" : "enforce");
}

export function configuration({ dns }: Pick<Settings, "dns">, corefile: string): ConfigMap {
    return {
        apiVersion: "v1",
        kind: "ConfigMap",
        metadata: { name: RESOLVER_NAME, namespace: dns.namespace, labels: OBJECT_LABELS },
        data: { [CONFIGURATION_FILE]: corefile },
    };
}

/** ConfigMap by which the cluster's own DNS is told whom to ask. */
export function clusterDnsName({ platform }: Pick<Settings, "platform">): { namespace: string; name: string } {
    return { namespace: "kube-system", name: platform.kind === "gke" ? "kube-dns" : "coredns" };
}

/**
 * The cluster's own DNS, told to ask the resolver and nobody else for what is not in the cluster. GKE's kube-dns and NodeLocal DNSCache read
 * one ConfigMap (GKE documentation, "About kube-dns"; kubernetes/dns `cmd/node-cache/app/configmap.go`); its `stubDomains` are
 * emptied, since they would be asked past the resolver, which has `dns.zones` for them. Elsewhere it is CoreDNS as kubeadm sets it up.
 */
export function clusterDns(settings: Pick<Settings, "dns" | "platform">): ConfigMap {
    const address = resolverAddress(settings);
    return {
        apiVersion: "v1",
        kind: "ConfigMap",
        metadata: clusterDnsName(settings),
        data:
            settings.platform.kind === "gke"
                ? { upstreamNameservers: JSON.stringify([address]), stubDomains: "{}" }
                : { Corefile: kubeadmCorefile(address) },
    };
}

/** kubeadm's own (kubernetes/kubernetes `cmd/kubeadm/app/phases/addons/dns/manifests.go`), with another `forward`. */
function kubeadmCorefile(address: string): string {
    return `.:53 {
    errors
    health {
       lameduck 5s
    }
    ready
    kubernetes ${CLUSTER_DOMAIN} in-addr.arpa ip6.arpa {
       pods insecure
       fallthrough in-addr.arpa ip6.arpa
       ttl 30
    }
    prometheus :9153
    forward . ${address} {
       max_concurrent 1000
    }
    cache 30 {
       disable success ${CLUSTER_DOMAIN}
       disable denial ${CLUSTER_DOMAIN}
    }
    loop
    reload
    loadbalance
}
`;
}

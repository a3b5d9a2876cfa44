import { isAddress } from "./cidr";

/**
 * Facts that several rooms share: the node pool sets them, the gateway asks for them, the guard reserves them, the proof
 * and the policies look for them. They are constants because changing one on a running stack would move the gateway.
 */

/**
 * Label and taint of gateway nodes. Not under `kubernetes.io`: a kubelet refuses node labels in that domain outside a short
 * list, so `node-restriction.kubernetes.io/` is not available to pool labels; the guard protects this label instead.
 */
export const GATEWAY_NODE_KEY = "egress-gateway/node";
export const GATEWAY_NODE_VALUE = "true";

/** Name of the gateway that is always there. */
export const DEFAULT_GATEWAY = "default";

/** Kubernetes' spelling. Only `NoExecute` is checked again by the kubelet, so only it stops a pod that names its node. */
export const GATEWAY_TAINT_EFFECT = "NoExecute";
/** Google's spelling of the same. */
export const GATEWAY_TAINT_EFFECT_GCP = "NO_EXECUTE";

/** What the Istio `Gateway` selectors and the authorization policies match. */
export const GATEWAY_POD_LABELS = { istio: "egressgateway" } as const;

/** Value of the nodes' label and taint: each gateway has its own, so that its pods run nowhere else. */
export function gatewayNodeValue(name: string = DEFAULT_GATEWAY): string {
    return name === DEFAULT_GATEWAY ? GATEWAY_NODE_VALUE : name;
}

/** {@link GATEWAY_POD_LABELS} of one gateway: an Istio `Gateway` selects pods of every namespace, so no two gateways share them. */
export function gatewayPodLabels(name: string = DEFAULT_GATEWAY): { readonly istio: string } {
    return { istio: ofGateway(GATEWAY_POD_LABELS.istio, name) };
}

/** A name that each gateway has for itself: that of `default` as it stands, the others' with their own behind. */
export function ofGateway(base: string, name: string = DEFAULT_GATEWAY): string {
    return name === DEFAULT_GATEWAY ? base : `${base}-${name}`;
}

/** Name of the gateway's Service, Deployment and Kubernetes service account. */
export const GATEWAY_NAME = "egress-gateway";

/** What the settings give these names unless told otherwise; whoever looks for a gateway of this program looks for them. */
export const DEFAULT_NAMES = {
    gatewayNamespace: "istio-egress",
    controlPlaneNamespace: "istio-system",
    networkTag: "egress-gateway",
    nodeAccountId: "egress-gateway-nodes",
    resolverNamespace: "istio-egress-dns",
} as const;

/** What the settings give a further gateway unless told otherwise. */
export function namesOfFurtherGateway(name: string): {
    readonly namespace: string;
    readonly networkTag: string;
    readonly nodeAccountId: string;
} {
    return {
        namespace: ofGateway(DEFAULT_NAMES.gatewayNamespace, name),
        networkTag: ofGateway(DEFAULT_NAMES.networkTag, name),
        // With "-nodes" it may be longer than an account's id may be.
        nodeAccountId: `egress-gateway-${name}`,
    };
}

/** Service port to container port; the container ports are above 1024, so that no privilege is needed. */
export const GATEWAY_PORTS = {
    http: { port: 80, targetPort: 8080 },
    tls: { port: 443, targetPort: 8443 },
} as const;

/** Where Istio's proxy gives its counters to Prometheus, and nothing else (Istio documentation, "Ports used by Istio"). */
export const GATEWAY_COUNTERS = { port: 15090, portName: "http-envoy-prom", path: "/stats/prometheus" } as const;

/** DNS domain of a cluster, where nobody chose another; the objects of this program are written for it. */
export const CLUSTER_DOMAIN = "cluster.local";

/** `meshConfig.trustDomain`, where nobody chose another (Istio, mesh/v1alpha1/config.proto). */
export const DEFAULT_TRUST_DOMAIN = "cluster.local";

/** Whether the cluster's own DNS has the name, or would if it existed. */
export function isClusterName(name: string): boolean {
    return name === CLUSTER_DOMAIN || name.endsWith(`.${CLUSTER_DOMAIN}`);
}

/** Fully qualified name of a Service. */
export function serviceHost(name: string, namespace: string): string {
    return `${name}.${namespace}.svc.${CLUSTER_DOMAIN}`;
}

/** Whether a destination is every name below a domain: `*.example.com`. */
export function isWildcard(host: string): boolean {
    return host.startsWith("*.");
}

/** Whether a name, or another wildcard, is below `*.example.com`. */
export function isBelow(host: string, wildcard: string): boolean {
    return (
        isWildcard(wildcard) && host !== wildcard && host.length >= wildcard.length && host.endsWith(wildcard.slice(1))
    );
}

/**
 * The name by which the gateway knows a destination: its host; of an address or a wildcard one that nobody resolves, since routes
 * lead to names.
 */
export function meshHost(host: string): string {
    if (isWildcard(host)) {
        return `any${host.slice(1)}.wildcard.egress-gateway.internal`;
    }
    return isAddress(host) ? `${host.replaceAll(".", "-")}.address.egress-gateway.internal` : host;
}

/**
 * The name by which the gateway's routes lead to where the server name inside a connection is read, before any name is resolved: of a
 * wildcard the one that it has anyway.
 */
export function innerNameHost(host: string): string {
    return isWildcard(host) ? meshHost(host) : `${host}.inner.egress-gateway.internal`;
}

/** The destination for which {@link meshHost} or {@link innerNameHost} made a name; undefined where neither made it. */
export function destinationOfMeshHost(name: string): string | undefined {
    const [, rest = "", form] = /^(.+)\.(address|inner|wildcard)\.egress-gateway\.internal$/.exec(name) ?? [];
    switch (form) {
        case "address":
            return /^[\d-]+$/.test(rest) ? rest.replaceAll("-", ".") : undefined;
        case "wildcard":
            return /^any\../.test(rest) ? `*${rest.slice("any".length)}` : undefined;
        default:
            return form === undefined ? undefined : rest;
    }
}

/** The Host by which the workloads of one namespace ask the gateway for a host, where the far side knows each namespace by another certificate. */
export function tenantHost(namespace: string, host: string): string {
    return `${namespace}.${host}.tenant.egress-gateway.internal`;
}

/** The domains that Google's restricted range answers for, as far as workloads on GKE need them. */
export const GOOGLE_API_DOMAINS: readonly string[] = ["gcr.io", "googleapis.com", "pkg.dev"];

/** What is taken to be spoken on a port where nobody says it. */
export const USUAL_PROTOCOLS: Readonly<Record<number, "tls" | "http">> = { 443: "tls", 80: "http" };

/** Names, over TCP and UDP (RFC 1035). */
export const DNS_PORT = 53;

/** Where every node and pod on Google Cloud finds the metadata server by name (Compute Engine documentation). */
export const GOOGLE_METADATA_HOST = "metadata.google.internal";

/** Release of CoreDNS that the resolver runs, and that the tests run: the first whose `template` takes an `expr`. */
export const COREDNS_VERSION = "1.15.0";

/**
 * ConfigMaps of `kube-system` that the cluster's DNS reads, wherever it is set up in the usual ways: `kube-dns` is GKE's, for kube-dns and
 * NodeLocal DNSCache (GKE documentation, "About kube-dns"); `coredns` kubeadm's; `coredns-custom` is imported by AKS' and k3s' `coredns`;
 * `node-local-dns` is the cache's own (kubernetes/kubernetes, `cluster/addons/dns/nodelocaldns`).
 */
export const CLUSTER_DNS_CONFIG_MAPS: readonly string[] = ["coredns", "coredns-custom", "kube-dns", "node-local-dns"];

/** ConfigMap of a revision of istiod with what the mesh is told, in its key `mesh` (istio/istio, manifests/charts/istio-control). */
export function meshConfigMap(revision: string): string {
    return revision === "default" ? "istio" : `istio-${revision}`;
}

/** Name of the resolver's Service, Deployment, ConfigMap and service account. */
export const RESOLVER_NAME = "egress-dns";

/** Container ports of the resolver; above 1024, so that no privilege is needed. `asking` is for the resolver itself, on loopback. */
export const RESOLVER_PORTS = { dns: 5353, asking: 5354, health: 8080, ready: 8181, metrics: 9153 } as const;

/** Where istiod gives proxies their certificates and configuration (Istio documentation, "Ports used by Istio"). */
export const ISTIOD_PORT = 15012;

/** Istio's image name in any registry. */
export const DEFAULT_PROXY_IMAGES: readonly string[] = ["*/proxyv2"];

/**
 * Namespaces that GKE itself fills with pods, some of which tolerate every taint by design: they are managed by Google, and
 * changing what is in them is not supported. A trailing `*` makes a prefix: most `gke-managed-` namespaces exist only with
 * the feature that they belong to, and GKE adds more of them.
 */
export const GKE_SYSTEM_NAMESPACES: readonly string[] = [
    "kube-system",
    "gke-gmp-system",
    // On every cluster, and so named besides.
    "gke-managed-system",
    "gke-managed-*",
    "gmp-system",
];

/**
 * Ports on which every sidecar listens itself: outbound and inbound capture, health and statistics (Istio, "Ports used by Istio"). A
 * listener for a destination there, on every address, is refused by Envoy, or takes the capture's place.
 */
export const SIDECAR_PORTS: readonly number[] = [15001, 15006, 15021, 15090];

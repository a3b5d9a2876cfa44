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

/** Kubernetes' spelling. Only `NoExecute` is checked again by the kubelet, so only it stops a pod that names its node. */
export const GATEWAY_TAINT_EFFECT = "NoExecute";
/** Google's spelling of the same. */
export const GATEWAY_TAINT_EFFECT_GCP = "NO_EXECUTE";

/** What the Istio `Gateway` selectors and the authorization policies match. */
export const GATEWAY_POD_LABELS = { istio: "egressgateway" } as const;

/** Name of the gateway's Service, Deployment and Kubernetes service account. */
export const GATEWAY_NAME = "egress-gateway";

/** Service port to container port; the container ports are above 1024, so that no privilege is needed. */
export const GATEWAY_PORTS = {
    http: { port: 80, targetPort: 8080 },
    tls: { port: 443, targetPort: 8443 },
} as const;

/** Where Istio's proxy gives its counters to Prometheus, and nothing else (Istio documentation, "Ports used by Istio"). */
export const GATEWAY_COUNTERS = { port: 15090, path: "/stats/prometheus" } as const;

/** restricted.googleapis.com (VPC Service Controls documentation). */
export const GOOGLE_RESTRICTED_CIDR = "199.36.153.4/30";

/** Google's metadata server (Compute Engine documentation): tokens for Workload Identity, and the resolver of Cloud DNS. */
export const GOOGLE_METADATA_ADDRESS = "169.254.169.254";

/**
 * Namespaces that GKE itself fills with pods, some of which tolerate every taint by design: they are managed by Google, and
 * changing what is in them is not supported. Most exist only with the feature that they belong to.
 */
export const GKE_SYSTEM_NAMESPACES: readonly string[] = [
    "kube-system",
    "gke-gmp-system",
    "gke-managed-checkpointing",
    "gke-managed-cim",
    "gke-managed-dpv2-observability",
    "gke-managed-filestorecsi",
    "gke-managed-lustrecsi",
    "gke-managed-metrics-server",
    "gke-managed-networking-dra-driver",
    "gke-managed-otel",
    "gke-managed-parallelstorecsi",
    "gke-managed-pod-snapshots",
    "gke-managed-system",
    "gke-managed-volumepopulator",
    "gmp-system",
];

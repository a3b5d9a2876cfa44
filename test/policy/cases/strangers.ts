import { type Subject, UNKNOWN } from "./case";

/** Programs of people who have no egress gateway and have heard of none, as ordinary as they come. */

function object(apiVersion: string, kind: string, namespace: string, name: string, rest: object): Subject {
    const type = `kubernetes:${apiVersion.includes("/") ? apiVersion : `core/${apiVersion}`}:${kind}`;
    return {
        type,
        name: `${kind}-${namespace}-${name}`,
        inputs: { apiVersion, kind, metadata: { name, namespace }, ...rest },
    };
}

function workload(
    kind: string,
    namespace: string,
    name: string,
    podSpec: object,
    labels: object = { app: name },
): Subject {
    const container = { name, image: UNKNOWN };
    return object("apps/v1", kind, namespace, name, {
        spec: {
            selector: { matchLabels: labels },
            template: { metadata: { labels }, spec: { containers: [container], ...podSpec } },
        },
    });
}

function service(namespace: string, name: string, spec: object, annotations: object = {}): Subject {
    const { type, inputs, ...rest } = object("v1", "Service", namespace, name, {
        spec: { ports: [{ port: 443 }], ...spec },
    });
    return { ...rest, type, inputs: { ...inputs, metadata: { name, namespace, annotations } } };
}

const EVERYWHERE = { tolerations: [{ operator: "Exists" }] };
const networkOf = (name: string) => `projects/acme-dev/global/networks/${name}`;

export const STRANGERS: Readonly<Record<string, readonly Subject[]>> = {
    "a shop behind a load balancer, its image built by the program": [
        {
            type: "kubernetes:core/v1:Namespace",
            name: "shop",
            inputs: { apiVersion: "v1", kind: "Namespace", metadata: {} },
        },
        workload("Deployment", "shop", "web", {
            nodeSelector: { "topology.kubernetes.io/zone": UNKNOWN },
            containers: [{ name: "web", image: UNKNOWN, env: UNKNOWN }],
        }),
        {
            type: "kubernetes:apps/v1:Deployment",
            name: "worker",
            inputs: {
                apiVersion: "apps/v1",
                kind: "Deployment",
                metadata: { name: "worker", namespace: UNKNOWN },
                spec: { template: { spec: { containers: [{ name: "worker", image: UNKNOWN }] } } },
            },
            madeFrom: { metadata: ["shop"] },
        },
        service("shop", "web", { type: "LoadBalancer", selector: { app: "web" } }),
        service("shop", "search", { type: "ExternalName", externalName: "search.example.com" }),
    ],
    "EKS with node-exporter and AWS's load balancers": [
        {
            type: "aws:eks/cluster:Cluster",
            name: "eks",
            inputs: { roleArn: UNKNOWN, vpcConfig: { subnetIds: UNKNOWN } },
        },
        workload("DaemonSet", "monitoring", "node-exporter", {
            ...EVERYWHERE,
            hostNetwork: true,
            hostPID: true,
            volumes: [{ name: "root", hostPath: { path: "/" } }],
        }),
        service(
            "web",
            "internal",
            { type: "LoadBalancer" },
            { "service.beta.kubernetes.io/aws-load-balancer-internal": "true" },
        ),
    ],
    "Datadog's agent": [
        workload("DaemonSet", "datadog", "datadog-agent", {
            ...EVERYWHERE,
            hostPID: true,
            containers: [
                {
                    name: "agent",
                    image: "gcr.io/datadoghq/agent:7",
                    ports: [{ containerPort: 8125, hostPort: 8125, protocol: "UDP" }],
                    securityContext: { capabilities: { add: ["SYS_ADMIN", "NET_ADMIN", "NET_RAW"] } },
                },
            ],
            volumes: [{ name: "proc", hostPath: { path: "/proc" } }],
        }),
        { type: "kubernetes:helm.sh/v3:Release", name: "datadog", inputs: { chart: "datadog" } },
    ],
    "Falco, privileged on every node": [
        workload("DaemonSet", "falco", "falco", {
            ...EVERYWHERE,
            containers: [{ name: "falco", image: "falcosecurity/falco:0.41", securityContext: { privileged: true } }],
        }),
    ],
    Karpenter: [
        workload("Deployment", "karpenter", "karpenter", {
            tolerations: [{ key: "CriticalAddonsOnly", operator: "Exists" }],
            hostNetwork: true,
            affinity: {
                nodeAffinity: {
                    requiredDuringSchedulingIgnoredDuringExecution: {
                        nodeSelectorTerms: [
                            { matchExpressions: [{ key: "karpenter.sh/nodepool", operator: "DoesNotExist" }] },
                            { matchFields: [{ key: "metadata.name", operator: "In", values: ["bootstrap-1"] }] },
                        ],
                    },
                },
            },
        }),
        object("karpenter.sh/v1", "NodePool", "default", "general", {
            spec: { template: { spec: { taints: [{ key: "team", effect: "NoExecute" }], startupTaints: [] } } },
        }),
    ],
    "GKE with load balancers, in a network of others": [
        {
            type: "gcp:container/cluster:Cluster",
            name: "cluster",
            inputs: {
                project: "acme-dev",
                location: "europe-west1",
                network: networkOf("shared"),
                subnetwork: UNKNOWN,
                removeDefaultNodePool: true,
                initialNodeCount: 1,
                privateClusterConfig: { enablePrivateNodes: true },
            },
        },
        {
            type: "gcp:container/nodePool:NodePool",
            name: "pool",
            inputs: {
                cluster: UNKNOWN,
                networkConfig: { enablePrivateNodes: true },
                nodeConfig: { serviceAccount: UNKNOWN, workloadMetadataConfig: { mode: "GKE_METADATA" } },
            },
        },
        service("web", "front", { type: "LoadBalancer", loadBalancerClass: "networking.gke.io/l4-regional-external" }),
        object("networking.k8s.io/v1", "Ingress", "web", "front", {
            spec: { defaultBackend: { service: { name: "front" } } },
        }),
        object("gateway.networking.k8s.io/v1", "Gateway", "web", "front", {
            spec: { gatewayClassName: "gke-l7-global-external-managed", listeners: [] },
        }),
    ],
    "Istio with an ingress gateway, a private host and tokens": [
        workload("Deployment", "istio-ingress", "istio-ingressgateway", {
            containers: [{ name: "istio-proxy", image: "auto" }],
        }),
        object("networking.istio.io/v1", "Gateway", "istio-ingress", "public", {
            spec: {
                selector: { istio: "ingressgateway" },
                servers: [
                    {
                        port: { number: 443, name: "https", protocol: "HTTPS" },
                        hosts: ["shop.example.com"],
                        tls: { mode: "SIMPLE", credentialName: "shop" },
                    },
                ],
            },
        }),
        object("networking.istio.io/v1", "ServiceEntry", "shop", "ledger", {
            spec: {
                hosts: ["ledger.corp.internal"],
                location: "MESH_EXTERNAL",
                resolution: "STATIC",
                endpoints: [{ address: "10.20.0.4" }],
                ports: [{ number: 5432, name: "tcp", protocol: "TCP" }],
            },
        }),
        object("networking.istio.io/v1", "ServiceEntry", "shop", "wiki", {
            spec: {
                hosts: ["*.wikipedia.org"],
                resolution: "NONE",
                ports: [{ number: 443, name: "tls", protocol: "TLS" }],
            },
        }),
        object("security.istio.io/v1", "RequestAuthentication", "shop", "tokens", {
            spec: {
                jwtRules: [
                    {
                        issuer: "https://acme.eu.auth0.com/",
                        jwksUri: "https://acme.eu.auth0.com/.well-known/jwks.json",
                    },
                ],
            },
        }),
        object("security.istio.io/v1", "AuthorizationPolicy", "istio-system", "everybody", { spec: { rules: [{}] } }),
        object("networking.istio.io/v1alpha3", "EnvoyFilter", "shop", "limits", { spec: {} }),
    ],
    "Istio's own egress gateway, as its tutorial has it": [
        workload(
            "Deployment",
            "istio-egress",
            "istio-egressgateway",
            { containers: [{ name: "istio-proxy", image: "auto" }] },
            {
                app: "istio-egressgateway",
                istio: "egressgateway",
            },
        ),
        object("networking.istio.io/v1", "Gateway", "istio-egress", "egress", {
            spec: {
                selector: { istio: "egressgateway" },
                servers: [
                    {
                        port: { number: 443, name: "tls", protocol: "TLS" },
                        hosts: ["cnn.example"],
                        tls: { mode: "PASSTHROUGH" },
                    },
                ],
            },
        }),
        object("security.istio.io/v1", "AuthorizationPolicy", "istio-egress", "all", { spec: { rules: [{}] } }),
    ],
    "a subnet that is called customer-egress, and a machine in it": [
        {
            type: "gcp:compute/subnetwork:Subnetwork",
            name: "customers",
            inputs: {
                name: "customer-egress",
                network: networkOf("shared"),
                ipCidrRange: "10.9.0.0/24",
                region: "europe-west1",
            },
        },
        {
            type: "gcp:compute/instance:Instance",
            name: "reports",
            inputs: {
                zone: "europe-west1-b",
                machineType: "e2-small",
                bootDisk: {},
                networkInterfaces: [{ subnetwork: "customer-egress" }],
                serviceAccount: { email: UNKNOWN, scopes: ["cloud-platform"] },
            },
        },
    ],
    "databases that may not reach the internet": [
        {
            type: "gcp:compute/firewall:Firewall",
            name: "allow-hc",
            inputs: {
                network: networkOf("shared"),
                direction: "INGRESS",
                sourceRanges: ["35.191.0.0/16"],
                allows: [{ protocol: "tcp" }],
            },
        },
        {
            type: "gcp:compute/firewall:Firewall",
            name: "databases",
            inputs: {
                network: networkOf("shared"),
                direction: "EGRESS",
                targetTags: ["database"],
                destinationRanges: ["0.0.0.0/0"],
                denies: [{ protocol: "all" }],
            },
        },
    ],
    "a network as Google makes it": [
        {
            type: "gcp:compute/network:Network",
            name: "vpc",
            inputs: { project: "acme-dev", name: "vpc", autoCreateSubnetworks: false },
        },
        {
            type: "gcp:compute/subnetwork:Subnetwork",
            name: "apps",
            inputs: {
                project: "acme-dev",
                name: "apps",
                network: networkOf("vpc"),
                ipCidrRange: "10.9.0.0/24",
                region: "europe-west1",
            },
        },
    ],
    "charts with network policies, an operator's volumes and a canary": [
        object("networking.k8s.io/v1", "NetworkPolicy", "grafana", "egress", {
            spec: { podSelector: {}, policyTypes: ["Egress"], egress: [{}] },
        }),
        workload("StatefulSet", "data", "postgres", { nodeName: "bare-metal-3" }),
        object("argoproj.io/v1alpha1", "Rollout", "shop", "web", {
            spec: {
                template: {
                    metadata: { labels: { app: "web" } },
                    spec: { ...EVERYWHERE, containers: [{ name: "web", image: UNKNOWN }] },
                },
            },
        }),
        object("v1", "Endpoints", "data", "legacy", {
            subsets: [{ addresses: [{ ip: "203.0.113.9" }], ports: [{ port: 5432 }] }],
        }),
        {
            type: "kubernetes:core/v1:Namespace",
            name: "gmp",
            inputs: { apiVersion: "v1", kind: "Namespace", metadata: { name: "gmp-system" } },
        },
    ],
    "grants in a project": [
        {
            type: "gcp:projects/iAMMember:IAMMember",
            name: "ops",
            inputs: { project: "acme-dev", role: "roles/editor", member: "group:ops@acme.example" },
        },
        {
            type: "gcp:projects/iAMMember:IAMMember",
            name: "net",
            inputs: { project: "acme-dev", role: "roles/compute.networkAdmin", member: "group:net@acme.example" },
        },
        {
            type: "gcp:serviceaccount/iAMMember:IAMMember",
            name: "wi",
            inputs: { serviceAccountId: UNKNOWN, role: "roles/iam.workloadIdentityUser", member: UNKNOWN },
        },
        {
            type: "gcp:cloudrunv2/service:Service",
            name: "api",
            inputs: { location: "europe-west1", template: { serviceAccount: UNKNOWN } },
        },
    ],
};

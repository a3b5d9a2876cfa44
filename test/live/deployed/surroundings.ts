import { type Resource } from "../../../containment/resource";
import { type Manifest } from "./cluster";
import { inputsOf } from "./deployedGoogle";

const SYSTEM_DAEMON: Manifest = {
    apiVersion: "apps/v1",
    kind: "DaemonSet",
    metadata: { name: "netd", namespace: "kube-system", labels: { "k8s-app": "netd" } },
    spec: {
        selector: { matchLabels: { "k8s-app": "netd" } },
        template: {
            metadata: { labels: { "k8s-app": "netd" } },
            spec: {
                hostNetwork: true,
                tolerations: [{ operator: "Exists" }],
                containers: [{ name: "netd", image: "gke.gcr.io/netd:1" }],
            },
        },
    },
};

/** What is in every such cluster: the system's own, the mesh, the clients' namespaces, and the pods that controllers make. */
export function surroundings(planned: readonly Resource[]): Manifest[] {
    const mesh = inputsOf(planned, "egress-gateway:mesh:Mesh")[0];
    const root: string = mesh?.controlPlaneNamespace ?? "istio-system";
    const own = new Set(
        planned
            .filter(({ type }) => type === "kubernetes:core/v1:Namespace")
            .map(({ inputs, name }) => (inputs["metadata"] as Manifest)["name"] ?? name),
    );
    const namespaces = [
        "default",
        "kube-system",
        "kube-public",
        "kube-node-lease",
        "gmp-system",
        root,
        ...(mesh?.clientNamespaces ?? []),
    ].filter(name => !own.has(name));
    const role = (name: string, rules: unknown[]): Manifest => ({
        apiVersion: "rbac.authorization.k8s.io/v1",
        kind: "ClusterRole",
        metadata: { name, labels: { "kubernetes.io/bootstrapping": "rbac-defaults" } },
        rules,
    });
    const binding = (name: string, to: string, subjects: unknown[]): Manifest => ({
        apiVersion: "rbac.authorization.k8s.io/v1",
        kind: "ClusterRoleBinding",
        metadata: { name },
        roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: to },
        subjects,
    });
    const group = (name: string) => ({ kind: "Group", apiGroup: "rbac.authorization.k8s.io", name });
    return [
        ...[...new Set(namespaces)].map(name => ({
            apiVersion: "v1",
            kind: "Namespace",
            metadata: {
                name,
                ...((mesh?.clientNamespaces ?? []).includes(name) ? { labels: { "istio-injection": "enabled" } } : {}),
            },
        })),
        SYSTEM_DAEMON,
        {
            apiVersion: "v1",
            kind: "Pod",
            metadata: {
                name: "netd-abcde",
                namespace: "kube-system",
                labels: { "k8s-app": "netd" },
                ownerReferences: [{ apiVersion: "apps/v1", kind: "DaemonSet", name: "netd", controller: true }],
            },
            spec: { ...SYSTEM_DAEMON["spec"].template.spec, nodeName: "gke-gateway-pool-x7k2" },
            status: { phase: "Running" },
        },
        {
            apiVersion: "apps/v1",
            kind: "Deployment",
            metadata: { name: "istiod", namespace: root, labels: { app: "istiod" } },
            spec: {
                template: {
                    metadata: { labels: { app: "istiod" } },
                    spec: { containers: [{ name: "discovery", image: "docker.io/istio/pilot:1.30.3" }] },
                },
            },
        },
        {
            apiVersion: "v1",
            kind: "ConfigMap",
            metadata: { name: "istio", namespace: root },
            data: {
                mesh: `defaultConfig:\n  discoveryAddress: istiod.${root}.svc:15012\nrootNamespace: ${root}\ntrustDomain: ${mesh?.trustDomain ?? "cluster.local"}\n`,
                meshNetworks: "networks: {}",
            },
        },
        {
            apiVersion: "admissionregistration.k8s.io/v1",
            kind: "ValidatingWebhookConfiguration",
            metadata: { name: `istio-validator-${root}` },
            webhooks: [
                {
                    name: "rev.validation.istio.io",
                    rules: [
                        {
                            apiGroups: ["networking.istio.io"],
                            apiVersions: ["*"],
                            operations: ["CREATE", "UPDATE"],
                            resources: ["*"],
                        },
                    ],
                },
            ],
        },
        {
            apiVersion: "admissionregistration.k8s.io/v1",
            kind: "ValidatingWebhookConfiguration",
            metadata: { name: "warden-validating.config.common-webhooks.networking.gke.io" },
            webhooks: [
                {
                    name: "warden-validating.common-webhooks.networking.gke.io",
                    rules: [{ apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE"], resources: ["nodes"] }],
                },
            ],
        },
        role("cluster-admin", [{ apiGroups: ["*"], resources: ["*"], verbs: ["*"] }]),
        role("system:discovery", [{ nonResourceURLs: ["/api", "/apis"], verbs: ["get"] }]),
        role("system:basic-user", [
            { apiGroups: ["authorization.k8s.io"], resources: ["selfsubjectaccessreviews"], verbs: ["create"] },
        ]),
        binding("cluster-admin", "cluster-admin", [group("system:masters")]),
        binding("system:discovery", "system:discovery", [group("system:authenticated")]),
        binding("system:basic-user", "system:basic-user", [group("system:authenticated")]),
        ...planned.filter(({ type }) => type === "kubernetes:apps/v1:Deployment").flatMap(podsOf),
        ...(mesh?.clientNamespaces ?? []).slice(0, 1).flatMap((namespace: string) => [
            {
                apiVersion: "apps/v1",
                kind: "Deployment",
                metadata: { name: "web", namespace, labels: { app: "web" } },
                spec: {
                    selector: { matchLabels: { app: "web" } },
                    template: {
                        metadata: { labels: { app: "web" } },
                        spec: { containers: [{ name: "web", image: "web:1" }] },
                    },
                },
            },
        ]),
    ];
}

/** What a Deployment's controller makes, and what the injector makes of that. */
function podsOf({ inputs }: Resource): Manifest[] {
    const { metadata, spec } = inputs as Manifest;
    const { name, namespace } = metadata;
    const template = structuredClone(spec.template);
    const hash = { "pod-template-hash": "6c8d4f7b9" };
    const labels = { ...template.metadata.labels, ...hash };
    const set = `${name}-6c8d4f7b9`;
    return [
        {
            apiVersion: "apps/v1",
            kind: "ReplicaSet",
            metadata: {
                name: set,
                namespace,
                labels,
                ownerReferences: [{ apiVersion: "apps/v1", kind: "Deployment", name, controller: true }],
            },
            spec: {
                replicas: 3,
                selector: { matchLabels: labels },
                template: { ...template, metadata: { ...template.metadata, labels } },
            },
            status: { replicas: 3 },
        },
        {
            apiVersion: "v1",
            kind: "Pod",
            metadata: {
                name: `${set}-x2k4p`,
                namespace,
                labels,
                annotations: { ...template.metadata.annotations, "sidecar.istio.io/status": "{}" },
                ownerReferences: [{ apiVersion: "apps/v1", kind: "ReplicaSet", name: set, controller: true }],
            },
            spec: {
                ...template.spec,
                nodeName: "gke-gateway-pool-x7k2",
                containers: template.spec.containers.map((container: Manifest) => ({
                    ...container,
                    image: container["image"] === "auto" ? "docker.io/istio/proxyv2:1.30.3" : container["image"],
                })),
                tolerations: [
                    ...(template.spec.tolerations ?? []),
                    {
                        key: "node.kubernetes.io/not-ready",
                        operator: "Exists",
                        effect: "NoExecute",
                        tolerationSeconds: 300,
                    },
                ],
            },
            status: { phase: "Running" },
        },
    ];
}

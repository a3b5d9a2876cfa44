import { type Resource } from "../../../containment/resource";
import { type Manifest } from "./cluster";
import { clusterIn } from "./deployedCluster";
import { inputsOf, networkIn } from "./deployedGoogle";
import { emptyProject, type Project } from "./google";

/** What Google and the API server show of a stack once it is deployed, with everything that they fill in by themselves. */
export interface Deployment {
    /** Of the cluster. */
    readonly project: Project;
    /** Of the network: another one in a shared VPC. */
    readonly host: Project;
    readonly objects: Manifest[];
}

/**
 * @param planned what the stack registers
 * @param shared a host project that other stacks are deployed in already
 */
export function deploy(planned: readonly Resource[], shared?: Project): Deployment {
    const platform = inputsOf(planned, "egress-gateway:platform:Platform")[0]!;
    const { project: id, networkProject = id } = platform;
    const project = emptyProject(id as string);
    const host = networkProject === id ? project : (shared ?? emptyProject(networkProject as string, "987654321098"));
    if (platform["kind"] === "gke") {
        networkIn(host, planned, platform);
        clusterIn(project, planned, platform);
    }
    return { project, host, objects: [...planned.flatMap(objectOf), ...surroundings(planned)] };
}

/** A planned object as the API server keeps it. */
function objectOf({ type, inputs, name: logical }: Resource): Manifest[] {
    if (!/^kubernetes:/.test(type)) {
        return [];
    }
    const object = structuredClone(inputs) as Manifest;
    object["kind"] = String(object["kind"] ?? type.split(":").at(-1)).replace(/Patch$/, "");
    object["metadata"] = { name: logical, ...object["metadata"] };
    return [stored(object)];
}

let version = 4000;

/** With what the API server and the defaults of each kind fill in. */
function stored(object: Manifest): Manifest {
    const { kind, spec } = object;
    const metadata = {
        ...object["metadata"],
        uid: `0a1b2c3d-${version}`,
        resourceVersion: String((version += 3)),
        generation: 1,
        creationTimestamp: "2026-11-20T09:05:00Z",
        managedFields: [
            {
                manager: "pulumi-kubernetes",
                operation: "Apply",
                apiVersion: object["apiVersion"],
                time: "2026-11-20T09:05:00Z",
                fieldsType: "FieldsV1",
                fieldsV1: { "f:spec": {} },
            },
        ],
    };
    const kept: Manifest = { ...object, metadata };
    switch (kind) {
        case "Namespace":
            return {
                ...kept,
                metadata: { ...metadata, labels: { ...metadata.labels, "kubernetes.io/metadata.name": metadata.name } },
                spec: { finalizers: ["kubernetes"] },
                status: { phase: "Active" },
            };
        case "ValidatingAdmissionPolicy":
            return {
                ...kept,
                spec: {
                    failurePolicy: "Fail",
                    ...spec,
                    matchConstraints: {
                        matchPolicy: "Equivalent",
                        namespaceSelector: {},
                        objectSelector: {},
                        ...spec.matchConstraints,
                        resourceRules: (spec.matchConstraints?.resourceRules ?? []).map((rule: Manifest) => ({
                            scope: "*",
                            ...rule,
                        })),
                    },
                },
                status: { observedGeneration: 1, typeChecking: {} },
            };
        case "ValidatingAdmissionPolicyBinding":
            return spec.matchResources === undefined
                ? kept
                : {
                      ...kept,
                      spec: {
                          ...spec,
                          matchResources: {
                              matchPolicy: "Equivalent",
                              namespaceSelector: {},
                              objectSelector: {},
                              ...spec.matchResources,
                          },
                      },
                  };
        case "Deployment": {
            const pod = spec.template.spec;
            return {
                ...kept,
                metadata: {
                    ...metadata,
                    annotations: { ...metadata.annotations, "deployment.kubernetes.io/revision": "1" },
                },
                spec: {
                    progressDeadlineSeconds: 600,
                    revisionHistoryLimit: 10,
                    ...spec,
                    template: {
                        ...spec.template,
                        metadata: { creationTimestamp: null, ...spec.template.metadata },
                        spec: {
                            dnsPolicy: "ClusterFirst",
                            restartPolicy: "Always",
                            schedulerName: "default-scheduler",
                            securityContext: {},
                            terminationGracePeriodSeconds: 30,
                            ...(pod.serviceAccountName === undefined ? {} : { serviceAccount: pod.serviceAccountName }),
                            ...pod,
                            containers: pod.containers.map((container: Manifest) => ({
                                imagePullPolicy: "IfNotPresent",
                                resources: {},
                                terminationMessagePath: "/dev/termination-log",
                                terminationMessagePolicy: "File",
                                ...container,
                            })),
                        },
                    },
                },
                status: { replicas: 3, readyReplicas: 3, observedGeneration: 1, conditions: [] },
            };
        }
        case "Service":
            return {
                ...kept,
                spec: {
                    clusterIP: "10.8.0.77",
                    clusterIPs: ["10.8.0.77"],
                    internalTrafficPolicy: "Cluster",
                    ipFamilies: ["IPv4"],
                    ipFamilyPolicy: "SingleStack",
                    sessionAffinity: "None",
                    type: "ClusterIP",
                    ...spec,
                    ports: (spec.ports ?? []).map((port: Manifest) => ({
                        protocol: "TCP",
                        targetPort: port["port"],
                        ...port,
                    })),
                },
                status: { loadBalancer: {} },
            };
        default:
            return kept;
    }
}

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
function surroundings(planned: readonly Resource[]): Manifest[] {
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
    ].map(object => stored(object));
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

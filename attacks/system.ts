import { type SystemRequest, UID_OF_NEEDED } from "./case";
import {
    app,
    DEFAULT_TOLERATIONS,
    gatewayDeployment,
    gatewayNode,
    gatewayPod,
    injectedAnnotations,
    injectedInit,
    injectedProxy,
    injectedValidation,
    node,
    pod,
    type PodFields,
    resolverWorkload,
    workloadOf,
} from "./objects";
import {
    addonManager,
    CLIENT,
    cloudController,
    CONTROL_PLANE,
    controller,
    daemonSetController,
    developer,
    deployer,
    ELSEWHERE,
    endpointSliceController,
    GATEWAY,
    GATEWAY_HOST,
    GATEWAY_LABELS,
    kubelet,
    nodeController,
    replicaSetController,
    RESOLVER,
    knownNode,
    MANAGED_YET_TO_COME,
    scheduler,
    serviceAccount,
    solver,
    SYSTEM,
} from "./surroundings";

const onNode = (name: string): PodFields => ({
    affinity: {
        nodeAffinity: {
            requiredDuringSchedulingIgnoredDuringExecution: {
                nodeSelectorTerms: [{ matchFields: [{ key: "metadata.name", operator: "In", values: [name] }] }],
            },
        },
    },
});

/** A kubelet may create pods that mirror its static ones, owned by its own node (NodeRestriction). */
const mirror = {
    annotations: { "kubernetes.io/config.mirror": "1", "kubernetes.io/config.source": "file" },
    ownerReferences: [{ apiVersion: "v1", kind: "Node", name: "known-node", uid: UID_OF_NEEDED, controller: true }],
};

/** What the cluster itself and the program do every day: all of it has to pass. */
export const systemRequests: readonly SystemRequest[] = [
    {
        id: "system/daemon-set-pod-on-gateway-node",
        title: "The DaemonSet controller puts GKE's own agent on a gateway node.",
        as: daemonSetController,
        request: {
            operation: "create",
            object: pod(
                "node-agent",
                { hostNetwork: true, tolerations: [{ operator: "Exists" }], ...onNode("gateway-node-1") },
                { namespace: SYSTEM },
            ),
        },
    },
    {
        id: "system/daemon-set",
        title: "The addon manager installs a DaemonSet that tolerates everything.",
        as: addonManager,
        request: {
            operation: "create",
            object: workloadOf(
                "DaemonSet",
                "node-agent",
                { hostNetwork: true, tolerations: [{ operator: "Exists" }] },
                { namespace: SYSTEM },
            ),
        },
    },
    {
        id: "system/application-daemon-set-pod",
        title: "The DaemonSet controller puts a client's agent on an application node.",
        as: daemonSetController,
        request: {
            operation: "create",
            object: pod("agent", { tolerations: DEFAULT_TOLERATIONS, ...onNode("app-node-1") }),
        },
    },
    {
        id: "system/mirror-pod",
        title: "A kubelet mirrors a static pod, which names its node.",
        as: kubelet("known-node"),
        request: {
            operation: "create",
            needs: [knownNode],
            object: pod(
                "kube-proxy-known-node",
                {
                    nodeName: "known-node",
                    serviceAccountName: "",
                    hostNetwork: true,
                    tolerations: [{ operator: "Exists" }],
                },
                {
                    namespace: SYSTEM,
                    ...mirror,
                },
            ),
        },
    },
    {
        id: "system/static-pod-elsewhere",
        title: "A kubelet mirrors a static pod of another namespace.",
        as: kubelet("known-node"),
        request: {
            operation: "create",
            needs: [knownNode],
            object: pod(
                "agent-known-node",
                { nodeName: "known-node", tolerations: [{ operator: "Exists", effect: "NoExecute" }] },
                {
                    namespace: ELSEWHERE,
                    ...mirror,
                },
            ),
        },
    },
    {
        id: "system/kubelet-deletes-gateway-pod",
        title: "The kubelet deletes a gateway pod that has ended.",
        as: kubelet("known-node"),
        request: {
            operation: "delete",
            before: gatewayPod("ended", { nodeName: "known-node", terminationGracePeriodSeconds: 0 }),
        },
    },
    ...["leases", "events"].map((resource): SystemRequest => ({
        id: `system/${resource}-in-the-gateway-namespace`,
        title: `Whoever works there writes ${resource}.`,
        as: serviceAccount(GATEWAY, "egress-gateway"),
        request: {
            operation: "create",
            object:
                resource === "leases"
                    ? {
                          apiVersion: "coordination.k8s.io/v1",
                          kind: "Lease",
                          metadata: { name: "any", namespace: GATEWAY },
                      }
                    : {
                          apiVersion: "v1",
                          kind: "Event",
                          metadata: { name: "any", namespace: GATEWAY },
                          involvedObject: { kind: "Pod", name: "any", namespace: GATEWAY },
                      },
        },
    })),
    {
        id: "system/managed-namespace-yet-to-come",
        title: "GKE's addon manager fills a managed namespace that no list has.",
        as: daemonSetController,
        request: {
            operation: "create",
            object: pod(
                "node-agent",
                { hostNetwork: true, tolerations: [{ operator: "Exists" }], ...onNode("gateway-node-1") },
                { namespace: MANAGED_YET_TO_COME },
            ),
        },
    },
    {
        id: "system/acme-solver",
        title: "cert-manager answers a challenge in a client namespace, by a pod without a sidecar.",
        as: solver,
        request: {
            operation: "create",
            object: pod(
                "cm-acme-http-solver",
                {},
                {
                    annotations: { "sidecar.istio.io/inject": "false" },
                    labels: { "acme.cert-manager.io/http01-solver": "true" },
                },
            ),
        },
    },
    {
        id: "system/helm-hook",
        title: "A migration runs as a Helm hook, with its sidecar.",
        as: developer,
        request: {
            operation: "create",
            object: {
                ...workloadOf("Job", "migrate", { initContainers: [{ ...injectedProxy, restartPolicy: "Always" }] }),
                metadata: { name: "migrate", namespace: CLIENT, annotations: { "helm.sh/hook": "pre-upgrade" } },
            },
        },
    },
    {
        id: "system/revision-upgrade",
        title: "The mesh's team moves a client to another revision.",
        as: { user: "operator@acme.example", groups: ["mesh-platform@acme.example"] },
        request: {
            operation: "update",
            before: {
                apiVersion: "v1",
                kind: "Namespace",
                metadata: { name: CLIENT, labels: { "istio.io/rev": "stable" } },
            },
            object: {
                apiVersion: "v1",
                kind: "Namespace",
                metadata: { name: CLIENT, labels: { "istio.io/rev": "canary" } },
            },
        },
    },
    {
        id: "system/scheduler-binds-gateway-pod",
        title: "The scheduler binds a gateway pod.",
        as: scheduler,
        request: {
            operation: "create",
            needs: [gatewayPod("to-be-bound")],
            object: {
                apiVersion: "v1",
                kind: "Binding",
                metadata: { name: "to-be-bound", namespace: GATEWAY },
                target: { apiVersion: "v1", kind: "Node", name: "gateway-node-1" },
            },
            below: { object: gatewayPod("to-be-bound"), subresource: "binding" },
        },
    },
    {
        id: "system/node-unreachable",
        title: "The node lifecycle controller taints a gateway node that it cannot reach.",
        as: nodeController,
        request: {
            operation: "update",
            before: gatewayNode("gateway-unreachable"),
            object: gatewayNode("gateway-unreachable", [
                { key: "node.kubernetes.io/unreachable", effect: "NoExecute" },
            ]),
        },
    },
    {
        id: "system/node-scale-down",
        title: "The cluster autoscaler marks a gateway node for deletion.",
        as: { user: "system:cluster-autoscaler" },
        request: {
            operation: "update",
            before: gatewayNode("gateway-scale-down"),
            object: gatewayNode("gateway-scale-down", [
                { key: "ToBeDeletedByClusterAutoscaler", value: "1764000000", effect: "NoSchedule" },
            ]),
        },
    },
    {
        id: "system/node-pool-update",
        title: "GKE's control plane applies a change of the node pool's own label and taint.",
        as: { user: "system:gcp-controller-manager" },
        request: {
            operation: "update",
            before: gatewayNode("gateway-retired"),
            object: node("gateway-retired", {}, []),
        },
    },
    {
        id: "system/kubelet-heartbeat",
        title: "The kubelet of a gateway node reports its status.",
        as: kubelet("gateway-heartbeat"),
        request: {
            operation: "update",
            subresource: "status",
            before: gatewayNode("gateway-heartbeat"),
            object: { ...gatewayNode("gateway-heartbeat"), status: { capacity: { cpu: "4", memory: "16Gi" } } },
        },
    },
    {
        id: "system/kubelet-token",
        title: "The kubelet of a gateway node gets a token for a gateway pod.",
        as: kubelet("known-node"),
        request: {
            operation: "create",
            needs: [gatewayPod("token-holder", { nodeName: "known-node" })],
            object: {
                apiVersion: "authentication.k8s.io/v1",
                kind: "TokenRequest",
                metadata: {},
                spec: {
                    audiences: [],
                    boundObjectRef: { apiVersion: "v1", kind: "Pod", name: "token-holder", uid: UID_OF_NEEDED },
                },
            },
            below: {
                object: {
                    apiVersion: "v1",
                    kind: "ServiceAccount",
                    metadata: { name: "egress-gateway", namespace: GATEWAY },
                },
                subresource: "token",
            },
        },
    },
    {
        id: "system/gateway-pod-after-injection",
        title: "The ReplicaSet controller creates a gateway pod.",
        as: replicaSetController,
        request: {
            operation: "create",
            object: gatewayPod(
                "",
                {},
                {
                    name: undefined,
                    generateName: "egress-gateway-",
                    labels: { ...GATEWAY_LABELS, "pod-template-hash": "abc" },
                },
            ),
        },
    },
    {
        id: "system/client-pod-with-init",
        title: "A client's pod after injection, with istio-init.",
        as: replicaSetController,
        request: {
            operation: "create",
            object: pod("injected-init", { initContainers: [injectedInit], containers: [app, injectedProxy] }),
        },
    },
    {
        id: "system/client-pod-with-cni",
        title: "A client's pod after injection, with the CNI plugin and a native sidecar.",
        as: replicaSetController,
        request: {
            operation: "create",
            object: pod(
                "injected-cni",
                { initContainers: [injectedValidation, { ...injectedProxy, restartPolicy: "Always" }] },
                { annotations: injectedAnnotations, labels: { "security.istio.io/tlsMode": "istio" } },
            ),
        },
    },
    {
        id: "system/deployment-revision",
        title: "The Deployment controller writes the revision of the gateway's Deployment.",
        as: controller("deployment-controller"),
        request: {
            operation: "update",
            before: gatewayDeployment("gateway-revision"),
            object: {
                ...gatewayDeployment("gateway-revision"),
                metadata: {
                    name: "gateway-revision",
                    namespace: GATEWAY,
                    annotations: { "deployment.kubernetes.io/revision": "2" },
                },
            },
        },
    },
    {
        id: "system/autoscaler",
        title: "The autoscaler scales the gateway's Deployment.",
        as: controller("horizontal-pod-autoscaler"),
        request: {
            operation: "update",
            subresource: "scale",
            before: gatewayDeployment("gateway-scaled"),
            object: {
                apiVersion: "autoscaling/v1",
                kind: "Scale",
                metadata: { name: "gateway-scaled", namespace: GATEWAY },
                spec: { replicas: 7 },
            },
        },
    },
    {
        id: "system/endpoint-slices",
        title: "The EndpointSlice controller publishes the gateway's pods.",
        as: endpointSliceController,
        request: {
            operation: "create",
            object: {
                apiVersion: "discovery.k8s.io/v1",
                kind: "EndpointSlice",
                metadata: {
                    name: "egress-gateway-abc",
                    namespace: GATEWAY,
                    labels: { "kubernetes.io/service-name": "egress-gateway" },
                },
                addressType: "IPv4",
                endpoints: [{ addresses: ["10.3.0.5"] }],
                ports: [{ port: 8443 }],
            },
        },
    },
    {
        id: "system/load-balancer",
        title: "The cloud controller reports the address of a client's internal load balancer.",
        as: cloudController,
        request: {
            operation: "update",
            subresource: "status",
            before: {
                apiVersion: "v1",
                kind: "Service",
                metadata: {
                    name: "internal",
                    namespace: CLIENT,
                    annotations: { "networking.gke.io/load-balancer-type": "Internal" },
                },
                spec: { type: "LoadBalancer", selector: { app: "any" }, ports: [{ port: 443 }] },
            },
            object: {
                apiVersion: "v1",
                kind: "Service",
                metadata: {
                    name: "internal",
                    namespace: CLIENT,
                    annotations: { "networking.gke.io/load-balancer-type": "Internal" },
                },
                spec: { type: "LoadBalancer", selector: { app: "any" }, ports: [{ port: 443 }] },
                status: { loadBalancer: { ingress: [{ ip: "10.0.0.99" }] } },
            },
        },
    },
    {
        id: "system/namespace-finalized",
        title: "The namespace controller finalizes a namespace.",
        as: controller("namespace-controller"),
        request: {
            operation: "update",
            subresource: "finalize",
            before: {
                apiVersion: "v1",
                kind: "Namespace",
                metadata: { name: CLIENT, labels: { "istio-injection": "enabled" } },
            },
            object: {
                apiVersion: "v1",
                kind: "Namespace",
                metadata: { name: CLIENT, labels: { "istio-injection": "enabled" } },
                spec: { finalizers: ["kubernetes"] },
            },
        },
    },
    {
        id: "system/istiod",
        title: "istiod registers a virtual machine that joins the mesh.",
        as: serviceAccount(CONTROL_PLANE, "istiod"),
        request: {
            operation: "create",
            object: {
                apiVersion: "networking.istio.io/v1",
                kind: "WorkloadEntry",
                metadata: { name: "ledger-vm-10.20.0.5", namespace: CLIENT },
                spec: { address: "10.20.0.5" },
            },
        },
    },
    {
        id: "system/deployer-client-objects",
        title: "The deployer writes a client's Sidecar.",
        as: deployer,
        request: {
            operation: "create",
            object: {
                apiVersion: "networking.istio.io/v1",
                kind: "Sidecar",
                metadata: { name: "default", namespace: CLIENT },
                spec: { egress: [{ hosts: ["*/*"] }], outboundTrafficPolicy: { mode: "REGISTRY_ONLY" } },
            },
        },
    },
    {
        id: "system/deployer-destination-rule",
        title: "The deployer writes a client's DestinationRule for the gateway.",
        as: deployer,
        request: {
            operation: "create",
            object: {
                apiVersion: "networking.istio.io/v1",
                kind: "DestinationRule",
                metadata: { name: "egress-gateway", namespace: CLIENT },
                spec: { host: GATEWAY_HOST, exportTo: ["."], subsets: [{ name: "istio-io" }] },
            },
        },
    },
    {
        id: "system/deployer-resolver",
        title: "The deployer writes the resolver's Deployment.",
        as: deployer,
        request: { operation: "create", object: resolverWorkload("Deployment", "egress-dns") },
    },
    {
        id: "system/root-certificate-in-the-resolver-namespace",
        title: "The control plane writes the cluster's root certificate into the resolver's namespace.",
        as: controller("root-ca-cert-publisher"),
        request: {
            operation: "create",
            object: {
                apiVersion: "v1",
                kind: "ConfigMap",
                metadata: { name: "kube-root-ca.crt", namespace: RESOLVER },
                data: {},
            },
        },
    },
    {
        id: "system/deployer-gateway",
        title: "The deployer writes the gateway's Deployment.",
        as: deployer,
        request: { operation: "create", object: gatewayDeployment("egress-gateway") },
    },
];

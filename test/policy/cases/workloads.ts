import { type GuardRuleId } from "../../../components/guard/rules";
import { creation, type SentObject } from "../../../attacks";
import { type RuleCases, type Subject, undecided, UNKNOWN } from "./case";

/** A resource that registers the object. */
export function registered(object: SentObject, name?: string): Subject {
    const { apiVersion, kind } = object;
    const type = `kubernetes:${apiVersion.includes("/") ? apiVersion : `core/${apiVersion}`}:${kind}`;
    return { type, inputs: { ...object }, ...(name === undefined ? {} : { name }) };
}

/** The object with another value, or with one that is not known, at a dotted path. */
function changed(object: SentObject, path: string, value: unknown = UNKNOWN): SentObject {
    const copy = structuredClone(object) as Record<string, unknown>;
    const keys = path.replace(/\[(\d+)\]/g, ".$1").split(".");
    const last = keys.pop()!;
    const parent = keys.reduce<Record<string, unknown>>(
        (inner, key) => (inner[key] ??= {}) as Record<string, unknown>,
        copy,
    );
    parent[last] = value;
    return copy as unknown as SentObject;
}

const QUESTION = "whether the cluster's guard refuses the object";

/** A rule of the guard, shown by one case of its catalogue; all the others are tried in `workloads.test.ts`. */
function guardRule(
    rule: GuardRuleId,
    {
        id,
        message,
        unknown,
        benign,
    }: {
        readonly id: string;
        readonly message: string;
        /** Where the benign object has a value that is not known; default: its namespace, which another rule judges. */
        readonly unknown?: string;
        /** Where the twin passes only because the deployer sends it. */
        readonly benign?: SentObject;
    },
): RuleCases {
    const objects = creation(id);
    const harmless = benign ?? objects.benign;
    return {
        rule,
        passes: { "the benign twin": [registered(harmless)] },
        fails: { [id]: { resources: [registered(objects.hostile)], messages: [message] } },
        unknown:
            unknown === undefined
                ? "the namespace alone decides, and the rule object-namespace asks where it comes from"
                : {
                      [unknown]: {
                          resources: [registered(changed(harmless, unknown))],
                          messages: [undecided(unknown, QUESTION)],
                      },
                  },
    };
}

function secret(type: string, namespace: string): SentObject {
    return { apiVersion: "v1", kind: "Secret", metadata: { name: "token", namespace }, type } as SentObject;
}

function patch(apiVersion: string, kind: string, name: string, rest: object, labels: object = {}): Subject {
    const type = `kubernetes:${apiVersion.includes("/") ? apiVersion : `core/${apiVersion}`}:${kind}Patch`;
    return { type, name, inputs: { apiVersion, kind, metadata: { name, labels }, ...rest } };
}

/** A Deployment whose namespace is what the resource of that name gives. */
function inNamespaceOf(resource: string, spec: object): Subject {
    return {
        type: "kubernetes:apps/v1:Deployment",
        name: "web",
        inputs: {
            apiVersion: "apps/v1",
            kind: "Deployment",
            metadata: { name: "web", namespace: UNKNOWN },
            spec: { template: { spec } },
        },
        madeFrom: { metadata: [resource] },
    };
}

/** Spec of the pod in what a case of the catalogue creates. */
function podOf(id: string): object {
    const { spec } = creation(id).hostile as unknown as {
        readonly spec: { readonly template?: { readonly spec: object } };
    };
    return spec.template?.spec ?? spec;
}

function networkPolicy(namespace: string, spec: object): Subject {
    return registered({
        apiVersion: "networking.k8s.io/v1",
        kind: "NetworkPolicy",
        metadata: { name: "policy", namespace },
        spec: { podSelector: {}, ...spec },
    });
}
function egress(namespace: string, cidr: unknown, port?: number, except?: readonly string[]): Subject {
    return networkPolicy(namespace, {
        policyTypes: ["Egress"],
        egress: [
            {
                to: [{ ipBlock: { cidr, ...(except === undefined ? {} : { except }) } }],
                ...(port === undefined ? {} : { ports: [{ protocol: "UDP", port }] }),
            },
        ],
    });
}
const PUBLIC_WITHOUT_PRIVATE = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"];

const gatewayDeployment = registered(
    {
        apiVersion: "apps/v1",
        kind: "Deployment",
        metadata: { name: "egress-gateway", namespace: "istio-egress" },
        spec: {
            template: {
                metadata: { labels: { app: "egress-gateway", istio: "egressgateway" } },
                spec: { containers: [] },
            },
        },
    },
    "gateway",
);
const mesh: Subject = {
    type: "egress-gateway:mesh:Mesh",
    name: "mesh",
    inputs: { clientNamespaces: ["payments"], destinations: [] },
};
const platform = (dns: string): Subject => ({
    type: "egress-gateway:platform:Platform",
    inputs: {
        kind: "kubernetes",
        cluster: {
            name: "kind",
            nodeCidrs: ["172.18.0.0/16"],
            podCidrs: ["10.244.0.0/16"],
            controlPlaneCidr: "172.18.0.2/32",
            dns,
        },
    },
});
const bothWays = { policyTypes: ["Ingress", "Egress"] };

export const workloadCases: readonly RuleCases[] = [
    guardRule("gateway-node-toleration", {
        id: "toleration/by-key/Deployment",
        message:
            "The Deployment tolerates the taint of the gateway's nodes: toleration of egress-gateway/node. A pod on a gateway node has the node's way out to the internet.",
        unknown: "spec.template.spec.tolerations[0].key",
    }),
    guardRule("gateway-node-name", {
        id: "node-name/named/Pod",
        message:
            "The Pod names the node that it wants to run on: nodeName gateway-node-1. A pod that names its node is checked against taints by nobody but the kubelet.",
        unknown: "spec.nodeName",
    }),
    guardRule("gateway-node-selection", {
        id: "selection/node-selector/Pod",
        message:
            "The Pod selects gateway nodes: nodeSelector egress-gateway/node. Gateway nodes are for the egress gateway alone.",
        unknown: "spec.nodeSelector",
    }),
    guardRule("gateway-node-runtime-class", {
        id: "runtime-class/toleration",
        message:
            "The RuntimeClass tolerates the taint of the gateway's nodes: toleration of egress-gateway/node. The API server copies a RuntimeClass's tolerations into every pod that names it.",
        unknown: "scheduling.tolerations",
    }),
    guardRule("gateway-node-mark", {
        id: "node/registered-by-hand",
        message:
            "The Node registers a node as a gateway node: label egress-gateway/node by author-of-the-program. Without the taint anything can run on a gateway node; with a stolen label the gateway runs on a foreign one.",
        unknown: "metadata.labels",
    }),
    guardRule("gateway-node-compute-class", {
        id: "compute-class/account",
        message:
            "The ComputeClass runs nodes as the gateway nodes' service account: serviceAccount egress-gateway-nodes@acme-dev.iam.gserviceaccount.com. GKE would create nodes that the firewall takes for gateway nodes.",
        unknown: "spec.nodePoolConfig.serviceAccount",
    }),
    guardRule("gateway-namespace-pods", {
        id: "gateway-pods/deployment-with-helper",
        message:
            "The Deployment has a container that is not the injector's proxy: container exporter. What runs in that namespace has a way out that nothing else has.",
        unknown: "spec.template.spec.serviceAccountName",
    }),
    guardRule("gateway-namespace-owner", {
        id: "gateway-owner/service-entry",
        message:
            "The ServiceEntry writes what only the deployer writes: ServiceEntry by author-of-the-program. One more object there routes, admits, re-points, scales or starves what has a way out.",
        benign: {
            apiVersion: "networking.istio.io/v1",
            kind: "Sidecar",
            metadata: { name: "default", namespace: "payments" },
            spec: {},
        },
    }),
    guardRule("gateway-service-account-token", {
        id: "gateway-token/stored",
        message:
            "The Secret stores a token that never expires: type kubernetes.io/service-account-token. With such a token anyone can present the identity of what runs there to the mesh and the API server.",
        benign: secret("Opaque", "istio-egress"),
        unknown: "type",
    }),
    guardRule("client-host-network", {
        id: "client-host-network/host-network/Pod",
        message:
            "The Pod uses the node's network or processes: hostNetwork. On the node's network no sidecar captures traffic and no NetworkPolicy applies; whoever has the node has its other pods' identities.",
        unknown: "spec.hostNetwork",
    }),
    guardRule("client-network-capabilities", {
        id: "client-network-capabilities/net-admin/Pod",
        message:
            "The Pod adds a capability that can undo the capture or reach the node: container app. With NET_ADMIN a container removes the redirection to its sidecar, with NET_RAW it sends past it; this holds under the injector's names too.",
        unknown: "spec.containers[0].securityContext.capabilities.add",
    }),
    guardRule("client-proxy-identity", {
        id: "client-proxy-identity/user/Pod",
        message:
            "The Pod runs as the sidecar's user or group: container app. That is the sidecar's own user and group: their traffic is never redirected.",
        unknown: "spec.containers[0].securityContext.runAsUser",
    }),
    guardRule("client-proxy-impostor", {
        id: "client-proxy-impostor/another-image/Pod",
        message:
            "The Pod has a container under the injector's name that is not the injector's: container istio-proxy. Under these names a container may run as 1337, and the CNI plugin skips a pod that has an istio-init.",
        unknown: "spec.containers[0].name",
    }),
    guardRule("client-traffic-capture", {
        id: "client-traffic-capture/exclude-ports/Pod",
        message:
            "The Pod leaves outbound traffic out of the capture: traffic.sidecar.istio.io/excludeOutboundPorts. Traffic left out of the capture bypasses the mesh; the perimeter then drops it.",
        unknown: "metadata.annotations",
    }),
    guardRule("client-injection", {
        id: "client-injection/label/Pod",
        message:
            "The Pod switches the injection of the sidecar off: label sidecar.istio.io/inject. Without a sidecar a pod has no identity that the gateway accepts.",
        unknown: "metadata.labels",
    }),
    guardRule("client-sidecar", {
        id: "client-sidecar/overruled",
        message:
            "The Sidecar changes what the namespace's sidecars may reach: by author-of-the-program. One more, or one with a selector, overrules what the namespace may reach in the mesh.",
        benign: {
            apiVersion: "networking.istio.io/v1",
            kind: "Sidecar",
            metadata: { name: "default", namespace: "kube-system" },
            spec: {},
        },
    }),
    guardRule("exempt-namespace-creation", {
        id: "exempt-namespace-creation/managed",
        message:
            "The Namespace has a name that the guard exempts: namespace gke-managed-yet-to-come. What runs in such a namespace is not judged, so whoever creates one that does not exist yet exempts themselves.",
        unknown: "metadata.name",
    }),
    guardRule("cluster-dns", {
        id: "cluster-dns/imported",
        message:
            "The ConfigMap changes whom the cluster's DNS asks: ConfigMap coredns-custom by author-of-the-program. Another upstream or stub domain there takes names out past the lock, for every pod.",
        benign: { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "mine", namespace: "kube-system" } },
        unknown: "metadata.name",
    }),
    guardRule("client-network-policies", {
        id: "client-network-policies/metadata-server",
        message:
            "The NetworkPolicy opens the metadata server's resolver, which answers every name: 169.254.169.254/32. Policies add up, and the metadata server answers every name, past any firewall.",
        unknown: "spec.egress[0].to[0].ipBlock.cidr",
    }),
    guardRule("client-load-balancer", {
        id: "client-load-balancer/external",
        message:
            "The Service opens an external load balancer: type LoadBalancer without the internal annotation. Whoever dials in from outside can be answered with data: replies need no way out of their own.",
        unknown: "spec.type",
    }),
    guardRule("client-endpoints", {
        id: "client-endpoints/public",
        message:
            "The EndpointSlice adds an endpoint that is not a private address, or is the gateway's: 203.0.113.9. A Service without a selector and with a public endpoint is a destination nobody declared, to the sidecars of every namespace.",
        unknown: "endpoints[0].addresses[0]",
    }),
    guardRule("service-external-name", {
        id: "service-external-name/public",
        message:
            "The Service points outside the cluster: externalName api.evil.example. Istio takes the name into its registry, which opens it to sidecars that allow registered hosts only.",
        unknown: "spec.externalName",
    }),
    guardRule("service-external-ips", {
        id: "service-external-ips/public",
        message:
            "The Service claims addresses: 203.0.113.9. Such a Service takes over the cluster's traffic to any address it names (CVE-2020-8554).",
        unknown: "spec.externalIPs",
    }),
    guardRule("mesh-registry", {
        id: "mesh-registry/ServiceEntry/payments",
        message:
            "The ServiceEntry is outside namespace istio-egress: ServiceEntry in namespace payments. They add hosts to the mesh, or give an allowed host other addresses.",
        benign: {
            apiVersion: "networking.istio.io/v1",
            kind: "WorkloadEntry",
            metadata: { name: "in-the-gateway's", namespace: "istio-egress" },
            spec: {},
        },
    }),
    guardRule("mesh-proxy-extension", {
        id: "mesh-proxy-extension/EnvoyFilter/payments",
        message:
            "The EnvoyFilter is outside namespace istio-egress: EnvoyFilter in namespace payments. They rewrite what proxies do; in the root namespace, what every proxy does.",
        benign: {
            apiVersion: "networking.istio.io/v1alpha3",
            kind: "EnvoyFilter",
            metadata: { name: "in-the-gateway's", namespace: "istio-egress" },
            spec: {},
        },
    }),
    guardRule("mesh-gateway-selector", {
        id: "mesh-gateway-selector/whole",
        message:
            "The Gateway selects the egress gateway's pods: its selector. A selector matches pods in every namespace, so a Gateway elsewhere opens ports on the egress gateway or steals its hosts.",
        unknown: "spec.selector",
    }),
    guardRule("mesh-gateway-host", {
        id: "mesh-gateway-host/destination-rule-1",
        message:
            "The DestinationRule takes over the egress gateway's host: host egress-gateway.istio-egress.svc.cluster.local. It would redirect the traffic meant for the gateway, or add routes to it.",
        unknown: "spec.host",
    }),
    guardRule("mesh-key-fetch", {
        id: "mesh-key-fetch/public-url",
        message:
            "The RequestAuthentication makes istiod fetch keys from outside the cluster: https://idp.example/keys. istiod fetches the keys itself: a URL turns the control plane into a proxy.",
        unknown: "spec.jwtRules",
    }),
    {
        rule: "foreign-patches",
        passes: {
            "policies and nodes of one's own": [
                patch("admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicyBinding", "acme.no-latest", {
                    spec: { policyName: "acme.no-latest", validationActions: ["Warn"] },
                }),
                patch("v1", "Node", "worker", { spec: { unschedulable: true } }),
                patch("v1", "Namespace", "shop", {}, { team: "shop", "istio-injection": "enabled" }),
            ],
        },
        fails: {
            "a rule of the guard that only warns": {
                resources: [
                    patch(
                        "admissionregistration.k8s.io/v1",
                        "ValidatingAdmissionPolicyBinding",
                        "egress-gateway.gateway-node-toleration",
                        { spec: { validationActions: ["Warn"] } },
                    ),
                ],
                messages: ["It changes egress-gateway.gateway-node-toleration, which is the guard's."],
            },
            "a rule of the guard that is ignored": {
                resources: [
                    patch(
                        "admissionregistration.k8s.io/v1",
                        "ValidatingAdmissionPolicy",
                        "egress-gateway.mesh-registry",
                        {
                            spec: { failurePolicy: "Ignore" },
                        },
                    ),
                ],
                messages: ["It changes egress-gateway.mesh-registry, which is the guard's."],
            },
            "a node without taints": {
                resources: [patch("v1", "Node", "gw", { spec: { taints: [] } })],
                messages: ["spec.taints replaces the node's taints, egress-gateway/node of a gateway node included."],
            },
            "a namespace without injection": {
                resources: [patch("v1", "Namespace", "shop", {}, { "istio-injection": "disabled" })],
                messages: ["metadata.labels has istio-injection: disabled: new pods there get no sidecar."],
            },
            "a client's namespace of another revision": {
                resources: [patch("v1", "Namespace", "payments", {}, { "istio.io/rev": "mine" })],
                messages: ["metadata.labels has istio.io/rev, which decides about the pods of a client's namespace."],
            },
            "the gateway's namespace": {
                resources: [
                    patch(
                        "v1",
                        "Namespace",
                        "istio-egress",
                        {},
                        { "pod-security.kubernetes.io/enforce": "privileged" },
                    ),
                ],
                messages: ["It labels istio-egress, which is the gateway's namespace."],
            },
        },
        unknown: {
            taints: {
                resources: [patch("v1", "Node", "gw", { spec: { taints: UNKNOWN } })],
                messages: [undecided("spec.taints", "whether a gateway node keeps its taint")],
            },
        },
    },
    {
        rule: "object-namespace",
        passes: {
            "a workload in a namespace that the stack makes up a name for": [
                { type: "kubernetes:core/v1:Namespace", name: "shop", inputs: { apiVersion: "v1", kind: "Namespace" } },
                inNamespaceOf("shop", { containers: [{ name: "web", image: UNKNOWN }] }),
            ],
            "a workload that every namespace takes, in a namespace that is not known": [
                {
                    ...registered({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "web" } }),
                    inputs: {
                        apiVersion: "v1",
                        kind: "ConfigMap",
                        metadata: { name: "web", namespace: "shop" },
                        data: UNKNOWN,
                    },
                },
            ],
        },
        fails: {
            "a node's network in a client's namespace": {
                resources: [
                    {
                        type: "kubernetes:core/v1:Namespace",
                        name: "pay",
                        inputs: { apiVersion: "v1", kind: "Namespace", metadata: { name: "payments" } },
                    },
                    inNamespaceOf("pay", podOf("client-host-network/host-network/Deployment")),
                ],
                messages: [/^client-host-network: The Deployment uses the node's network or processes: hostNetwork/],
            },
            "the gateway's namespace, by a reference": {
                resources: [
                    {
                        type: "kubernetes:core/v1:Namespace",
                        name: "egress",
                        inputs: { apiVersion: "v1", kind: "Namespace", metadata: { name: "istio-egress" } },
                    },
                    inNamespaceOf("egress", podOf("gateway-pods/default-account")),
                ],
                messages: [
                    /^gateway-namespace-pods: The Deployment does not run as service account egress-gateway/,
                    /^gateway-namespace-owner: The Deployment writes what only the deployer writes/,
                ],
            },
        },
        unknown: {
            "a namespace of another stack": {
                resources: [inNamespaceOf("elsewhere", { containers: [{ name: "web", image: "web" }] })],
                messages: [undecided("metadata.namespace", QUESTION)],
            },
            "a Namespace whose name is not known either": {
                resources: [
                    {
                        type: "kubernetes:core/v1:Namespace",
                        name: "later",
                        inputs: { apiVersion: "v1", kind: "Namespace", metadata: { name: UNKNOWN } },
                    },
                    inNamespaceOf("later", { containers: [{ name: "web", image: "web" }] }),
                ],
                messages: [undecided("metadata.namespace", QUESTION)],
            },
        },
    },
    {
        rule: "network-policy-egress",
        passes: {
            "pods and a private range": [
                networkPolicy("payments", {
                    egress: [{ to: [{ podSelector: {} }, { ipBlock: { cidr: "10.20.0.0/28" } }] }],
                }),
            ],
            "the restricted Google range": [egress("payments", "199.36.153.4/30")],
            "the internet, for the gateway": [egress("istio-egress", "0.0.0.0/0", undefined, PUBLIC_WITHOUT_PRIVATE)],
            "nothing at all": [networkPolicy("payments", { policyTypes: ["Egress"] })],
        },
        fails: {
            "the internet without the private ranges": {
                resources: [egress("payments", "0.0.0.0/0", undefined, PUBLIC_WITHOUT_PRIVATE)],
                messages: ["spec.egress[0].to[0].ipBlock opens every public IPv4 address."],
            },
            everything: {
                resources: [networkPolicy("payments", { egress: [{}] })],
                messages: ["spec.egress[0] opens every public IPv4 address and every public IPv6 address."],
            },
            "the private range of Google's APIs": {
                resources: [egress("payments", "199.36.153.8/30")],
                messages: ["spec.egress[0].to[0].ipBlock opens 199.36.153.8/30."],
            },
        },
        unknown: {
            "a range": {
                resources: [egress("payments", UNKNOWN)],
                messages: [undecided("spec.egress[0].to[0].ipBlock.cidr", "whether the policy opens public addresses")],
            },
        },
    },
    {
        rule: "gateway-network-policy",
        passes: {
            "both closed": [
                gatewayDeployment,
                mesh,
                networkPolicy("istio-egress", bothWays),
                networkPolicy("payments", { policyTypes: ["Egress"] }),
            ],
            "a stack without the gateway": [mesh],
        },
        fails: {
            "a client that is open": {
                resources: [gatewayDeployment, mesh, networkPolicy("istio-egress", bothWays)],
                messages: ["No network policy closes egress of namespace payments, which is a client of the gateway."],
            },
            "a gateway that is open, its policy being for other pods": {
                resources: [
                    gatewayDeployment,
                    networkPolicy("istio-egress", { ...bothWays, podSelector: { matchLabels: { app: "other" } } }),
                ],
                messages: [
                    "No network policy closes ingress of the gateway's pods in istio-egress.",
                    "No network policy closes egress of the gateway's pods in istio-egress.",
                ],
            },
        },
        unknown: {
            "which pods": {
                resources: [gatewayDeployment, networkPolicy("istio-egress", { ...bothWays, podSelector: UNKNOWN })],
                messages: [undecided("spec.podSelector", "which pods the policy closes")],
            },
        },
    },
    {
        rule: "resolver-access",
        passes: {
            "the cluster's DNS": [
                networkPolicy("payments", {
                    egress: [{ to: [{ namespaceSelector: {} }], ports: [{ protocol: "UDP", port: 53 }] }],
                }),
            ],
            "the metadata server on port 80": [egress("payments", "169.254.169.254/32", 80)],
            "Cloud DNS for GKE": [platform("cloud-dns"), egress("payments", "169.254.169.254/32", 53)],
        },
        fails: {
            "port 53 of the metadata server": {
                resources: [platform("kube-dns"), egress("payments", "169.254.169.254/32", 53)],
                messages: ["spec.egress[0].to[0].ipBlock opens port 53 of the metadata server."],
            },
        },
        unknown: {
            "a range": {
                resources: [egress("payments", UNKNOWN, 53)],
                messages: [
                    undecided(
                        "spec.egress[0].to[0].ipBlock.cidr",
                        "whether pods may ask the metadata server's resolver",
                    ),
                ],
            },
        },
    },
    {
        rule: "opaque-release",
        passes: {
            "a chart whose objects are resources": [{ type: "kubernetes:helm.sh/v4:Chart", inputs: { chart: "shop" } }],
        },
        fails: {
            "a release": {
                resources: [{ type: "kubernetes:helm.sh/v3:Release", inputs: { chart: "shop" } }],
                messages: ["The objects of chart shop are not part of the preview."],
            },
        },
        unknown: "it asks for the type of the resource alone",
    },
];

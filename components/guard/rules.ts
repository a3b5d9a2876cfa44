/** What the guard refuses. The id is stable: policies, tests, documentation and messages share it. */
export interface GuardRule {
    readonly id: string;
    /** What is refused, as a sentence. */
    readonly title: string;
    /** What it would open. */
    readonly why: string;
    /** The right way to get what the sender probably wanted. */
    readonly remedy: string;
}

/** In the order of the documentation: who gets to a gateway node, what runs there, what clients may ask for, the mesh. */
export const GUARD_RULES = [
    {
        id: "gateway-node-toleration",
        title: "Pods outside the gateway's namespace do not tolerate the gateway nodes' taint, nor every taint.",
        why: "A pod on a gateway node has the node's way out to the internet.",
        remedy: "Name the taints that the pod is meant for; for internet access declare a destination.",
    },
    {
        id: "gateway-node-name",
        title: "Pods are placed by the scheduler: nobody else names a node or binds a pod to one.",
        why: "A pod that names its node is checked against taints by nobody but the kubelet.",
        remedy: "Leave out nodeName and use a nodeSelector.",
    },
    {
        id: "gateway-node-selection",
        title: "Pods outside the gateway's namespace do not select, prefer or spread over gateway nodes.",
        why: "Gateway nodes are for the egress gateway alone.",
        remedy: "Remove the term; to stay off gateway nodes nothing is needed, the taint does it.",
    },
    {
        id: "gateway-node-runtime-class",
        title: "No RuntimeClass carries a toleration of the gateway's taint or selects gateway nodes.",
        why: "The API server copies a RuntimeClass's tolerations into every pod that names it.",
        remedy: "Name the taints that the runtime's own nodes have.",
    },
    {
        id: "gateway-node-mark",
        title: "The label and taint of gateway nodes are set by the node pool, and nobody takes them off or puts them elsewhere.",
        why: "Without the taint anything can run on a gateway node; with a stolen label the gateway runs on a foreign one.",
        remedy: "Change the node pool in this program; for maintenance cordon or drain the node.",
    },
    {
        id: "gateway-node-compute-class",
        title: "No ComputeClass names the gateway nodes' service account, network tag, label or taint.",
        why: "GKE would create nodes that the firewall takes for gateway nodes.",
        remedy: "Give the class a service account and taints of its own.",
    },
    {
        id: "gateway-namespace-pods",
        title: "Nothing but the gateway runs in the gateway's namespace.",
        why: "That namespace may tolerate the gateway's taint, so what runs in it reaches the internet.",
        remedy: "Run it in another namespace; to change the gateway, change this program's settings.",
    },
    {
        id: "gateway-namespace-owner",
        title: "Only the deployer writes the gateway's Deployment, Services, NetworkPolicies and Istio objects.",
        why: "One more object there routes, admits or re-points the gateway's traffic.",
        remedy: "Change this program's settings and deploy them; name the deploying identity in the guard's exempt users.",
    },
    {
        id: "gateway-pod-access",
        title: "Nobody but the break-glass group execs into, attaches to, debugs or forwards ports of gateway pods.",
        why: "A shell in a gateway pod has the gateway's way out and its identity.",
        remedy: "Read logs and metrics; in an emergency join the break-glass group, which is audited.",
    },
    {
        id: "gateway-service-account-token",
        title: "Tokens of the gateway's namespace are issued to kubelets for running pods, and to nobody else.",
        why: "With such a token anyone can present the gateway's identity to the mesh and the API server.",
        remedy: "Use a service account in your own namespace.",
    },
    {
        id: "client-host-network",
        title: "Pods in client namespaces use neither the node's network nor its ports.",
        why: "On the host network no sidecar captures traffic and no NetworkPolicy applies.",
        remedy: "Remove hostNetwork and hostPort; expose ports through a Service.",
    },
    {
        id: "client-network-capabilities",
        title: "Containers in client namespaces are not privileged and add no capability that changes or avoids the capture.",
        why: "With NET_ADMIN a container removes the redirection to its sidecar, with NET_RAW it sends past it.",
        remedy: "Remove the capability; use the Istio CNI plugin if a container asks for it on the mesh's behalf.",
    },
    {
        id: "client-proxy-identity",
        title: "Containers in client namespaces do not run as user or group 1337.",
        why: "That is the sidecar's own user and group: their traffic is never redirected.",
        remedy: "Choose another user or group.",
    },
    {
        id: "client-proxy-impostor",
        title: "Containers called istio-proxy, istio-init or istio-validation are the injector's own.",
        why: "Under these names a container may run as 1337, and the CNI plugin skips a pod that has an istio-init.",
        remedy: "Rename the container; to tune the sidecar use `image: auto` and resources, or annotations.",
    },
    {
        id: "client-traffic-capture",
        title: "Pods in client namespaces do not narrow what their sidecar captures, nor replace its configuration.",
        why: "Traffic left out of the capture bypasses the mesh; the perimeter then drops it.",
        remedy: "Declare the destination, or list it under private destinations.",
    },
    {
        id: "client-injection",
        title: "Pods in client namespaces have a sidecar.",
        why: "Without a sidecar a pod has no identity that the gateway accepts.",
        remedy: "Remove the annotation or label, or run the pod in a namespace that is no client.",
    },
    {
        id: "client-namespace-labels",
        title: "The injection labels of client namespaces and of the gateway's namespace stay as they are.",
        why: "Without them new pods get no sidecar, or one from another control plane.",
        remedy: "Ask the platform team; the deployer may change them.",
    },
    {
        id: "exempt-namespace-creation",
        title: "Nobody but the platform creates a namespace that the guard exempts.",
        why: "What runs in such a namespace is not judged, so whoever creates one that does not exist yet exempts themselves.",
        remedy: "Choose another name, or take the namespace off the guard's list.",
    },
    {
        id: "client-load-balancer",
        title: "Services in client namespaces open no external load balancer.",
        why: "Whoever dials in from outside can be answered with data: replies need no way out of their own.",
        remedy: 'Annotate it with networking.gke.io/load-balancer-type: "Internal", or publish through the ingress gateway.',
    },
    {
        id: "client-endpoints",
        title: "Hand-written Endpoints and EndpointSlices in client namespaces hold private addresses only.",
        why: "A Service without a selector and with a public endpoint is a destination nobody declared.",
        remedy: "Declare the destination, or give the Service a selector.",
    },
    {
        id: "service-external-name",
        title: "ExternalName Services point at names inside the cluster.",
        why: "Istio takes the name into its registry, which opens it to sidecars that allow registered hosts only.",
        remedy: "Declare the destination and use its own name.",
    },
    {
        id: "service-external-ips",
        title: "Services have no externalIPs, and nobody but controllers sets their load balancer's address.",
        why: "Such a Service takes over the cluster's traffic to any address it names (CVE-2020-8554).",
        remedy: "Use a Service of type LoadBalancer with the internal annotation.",
    },
    {
        id: "mesh-registry",
        title: "ServiceEntries and WorkloadEntries exist in the gateway's namespace only.",
        why: "They add hosts to the mesh, or give an allowed host other addresses.",
        remedy: "Declare the destination in this program's settings.",
    },
    {
        id: "mesh-proxy-extension",
        title: "EnvoyFilters, WasmPlugins, TrafficExtensions and ProxyConfigs exist in the gateway's namespace only.",
        why: "They rewrite what proxies do; in the root namespace, what every proxy does.",
        remedy: "Ask the platform team.",
    },
    {
        id: "mesh-gateway-selector",
        title: "No Gateway outside the gateway's namespace binds to the gateway's pods.",
        why: "A selector matches pods in every namespace, so a Gateway elsewhere opens ports on the egress gateway or steals its hosts.",
        remedy: "Select your own gateway's labels.",
    },
    {
        id: "mesh-gateway-host",
        title: "No DestinationRule, VirtualService or route outside the gateway's namespace captures the gateway's host or binds to its Gateways.",
        why: "It would redirect the traffic meant for the gateway, or add routes to it.",
        remedy: "Leave the gateway's host to this program; declare the destination instead.",
    },
    {
        id: "mesh-key-fetch",
        title: "RequestAuthentications carry their keys, or fetch them inside the cluster.",
        why: "istiod fetches the keys itself: a URL turns the control plane into a proxy.",
        remedy: "Put the key set into `jwks`, or serve it from a Service.",
    },
] as const satisfies readonly GuardRule[];

export type GuardRuleId = (typeof GUARD_RULES)[number]["id"];

export function guardRule(id: GuardRuleId): GuardRule {
    return GUARD_RULES.find(rule => rule.id === id)!;
}

/** What the guard refuses. The id is stable: policies, tests, documentation and messages share it. */
export interface GuardRule {
    readonly id: string;
    /** Its policies, where it has several; `""` is called like the rule itself. */
    readonly parts?: readonly string[];
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
        remedy: "Name the taints that the pod is meant for, or NoSchedule alone for a node agent; for internet access declare a destination.",
    },
    {
        id: "gateway-node-name",
        parts: ["", "binding"],
        title: "Pods are placed by the scheduler: nobody else names a node or binds a pod to one.",
        why: "A pod that names its node is checked against taints by nobody but the kubelet.",
        remedy: "Leave out nodeName and use a nodeSelector; a scheduler or provisioner of yours belongs into `guard.placers`.",
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
        parts: ["", "maker"],
        title: "Nothing but the gateway runs in the gateway's namespace, made by its Deployment.",
        why: "What runs in that namespace has a way out that nothing else has.",
        remedy:
            "Run it in another namespace; to change what runs there, change this program's settings; in an emergency join the break-glass group. " +
            "If a webhook added the container, leave this namespace out in that webhook.",
    },
    {
        id: "gateway-namespace-owner",
        title: "Only the deployer writes anything in the gateway's namespace.",
        why: "One more object there routes, admits, re-points, scales or starves what has a way out.",
        remedy:
            "Change this program's settings and deploy them with an identity of `guard.exemptUsers`; to restart or scale be in a group of " +
            "`guard.operatorGroups`, in an emergency in the break-glass group.",
    },
    {
        id: "gateway-pod-access",
        parts: ["", "kubelet"],
        title: "Nobody but the break-glass group execs into, attaches to, debugs or forwards ports of gateway pods.",
        why: "A shell in such a pod has its way out and its identity.",
        remedy: "Read logs and metrics; in an emergency join the break-glass group, which is audited.",
    },
    {
        id: "gateway-service-account-token",
        parts: ["", "secret"],
        title: "Tokens of the gateway's namespace are issued to kubelets for running pods, and to nobody else.",
        why: "With such a token anyone can present the identity of what runs there to the mesh and the API server.",
        remedy: "Use a service account in your own namespace.",
    },
    {
        id: "client-host-network",
        title: "Pods in client namespaces use nothing of their node: network, ports, processes, disk or kernel settings.",
        why: "On the node's network no sidecar captures traffic and no NetworkPolicy applies; whoever has the node has its other pods' identities.",
        remedy: "Remove it; expose ports through a Service, and run node agents in a namespace that is no client.",
    },
    {
        id: "client-network-capabilities",
        title: "Containers in client namespaces are not privileged and add no capability that avoids the capture or reaches the node.",
        why: "With NET_ADMIN a container removes the redirection to its sidecar, with NET_RAW it sends past it; this holds under the injector's names too.",
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
        remedy:
            "Rename the container; to tune the sidecar use `image: auto` and resources, or annotations; run gateways and waypoints in a namespace " +
            "that is no client; a mesh with another proxy image names it in `guard.proxyImages`.",
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
        remedy:
            "Remove the annotation or label: a native sidecar ends with its Job. Or run the pod in a namespace that is no client; a controller " +
            "whose pods cannot have one, such as an ACME solver, belongs into `guard.uninjectedUsers`.",
    },
    {
        id: "client-sidecar",
        title: "The Sidecars of client namespaces are the program's own.",
        why: "One more, or one with a selector, overrules what the namespace may reach in the mesh.",
        remedy: "Ask for a destination or a private destination; the program writes the Sidecar.",
    },
    {
        id: "client-namespace-labels",
        title: "The namespaces of clients and of this program have their injection and pod security labels from the start, and keep them.",
        why: "Without them new pods get no sidecar, or one from another control plane; deleting the namespace removes what protects it.",
        remedy: "Create it with `istio-injection: enabled` or `istio.io/rev`; for the rest ask the platform team, whose groups are in `guard.exemptGroups`.",
    },
    {
        id: "exempt-namespace-creation",
        title: "Nobody but the platform creates a namespace that the guard exempts.",
        why: "What runs in such a namespace is not judged, so whoever creates one that does not exist yet exempts themselves.",
        remedy: "Choose another name, or take the namespace off the guard's list with `guard.withoutDefaults`.",
    },
    {
        id: "cluster-dns",
        title: "With the DNS lock, only the deployer says whom the cluster's DNS asks.",
        why: "Another upstream or stub domain there takes names out past the lock, for every pod.",
        remedy: "Declare the destination, or list the zone under `dns.zones`; in an emergency join the break-glass group.",
    },
    {
        id: "client-network-policies",
        title: "With the DNS lock, NetworkPolicies of client namespaces open no resolver beside it, and the program's own stay.",
        why: "Policies add up, and the metadata server answers every name, past any firewall.",
        remedy: "Leave 169.254.169.254 out of what port 53 may reach, or name the ports; for names declare the destination, or list the zone under `dns.zones`.",
    },
    {
        id: "client-load-balancer",
        parts: ["", "ingress"],
        title: "Services, Ingresses and Gateways in client namespaces open no external load balancer.",
        why: "Whoever dials in from outside can be answered with data: replies need no way out of their own.",
        remedy:
            'Set loadBalancerClass networking.gke.io/l4-regional-internal or the annotation networking.gke.io/load-balancer-type: "Internal", or an ' +
            "internal class; or publish through an ingress gateway in a namespace of its own.",
    },
    {
        id: "client-endpoints",
        parts: ["", "slice"],
        title: "Hand-written Endpoints and EndpointSlices hold private addresses only, and none of the gateway's.",
        why: "A Service without a selector and with a public endpoint is a destination nobody declared, to the sidecars of every namespace.",
        remedy: "Declare the destination, or give the Service a selector.",
    },
    {
        id: "service-external-name",
        title: "ExternalName Services point at names inside the cluster.",
        why: "Istio takes the name into its registry, which opens it to sidecars that allow registered hosts only.",
        remedy: "Declare the destination, or a private one under `clients.privateDestinations`, and use its own name.",
    },
    {
        id: "service-external-ips",
        parts: ["", "status"],
        title: "Services have no externalIPs, and nobody but controllers sets their load balancer's address.",
        why: "Such a Service takes over the cluster's traffic to any address it names (CVE-2020-8554).",
        remedy: "Use a Service of type LoadBalancer with the internal annotation.",
    },
    {
        id: "mesh-registry",
        title: "ServiceEntries, WorkloadEntries and WorkloadGroups exist in the gateway's namespace only.",
        why: "They add hosts to the mesh, or give an allowed host other addresses.",
        remedy: "Declare the destination in this program's settings, or a private one under `clients.privateDestinations`.",
    },
    {
        id: "mesh-proxy-extension",
        title: "EnvoyFilters, WasmPlugins, TrafficExtensions and ProxyConfigs exist in the gateway's namespace only.",
        why: "They rewrite what proxies do; in the root namespace, what every proxy does.",
        remedy: "Ask the platform team.",
    },
    {
        id: "mesh-gateway-selector",
        parts: ["", "gateway-api"],
        title: "No Gateway outside the gateway's namespace binds to the gateway's pods.",
        why: "A selector matches pods in every namespace, so a Gateway elsewhere opens ports on the egress gateway or steals its hosts.",
        remedy: "Select your own gateway's labels.",
    },
    {
        id: "mesh-gateway-host",
        parts: ["destination-rule", "virtual-service", "route"],
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

type Rule = (typeof GUARD_RULES)[number];

export type GuardRuleId = Rule["id"];

type PolicyOf<R> = R extends { readonly id: infer Id extends string; readonly parts: readonly (infer Part)[] }
    ? Part extends ""
        ? Id
        : `${Id}.${Part & string}`
    : R extends { readonly id: infer Id }
      ? Id
      : never;

/** A policy of the guard: its rule, and which of that rule's policies it is, for example `gateway-node-name.binding`. */
export type GuardPolicyId = PolicyOf<Rule>;

/** What a policy and its binding are called in the cluster. */
export function policyName(policy: GuardPolicyId): string {
    return `egress-gateway.${policy}`;
}

export function ruleOf(policy: GuardPolicyId): GuardRule & { readonly id: GuardRuleId } {
    return GUARD_RULES.find(({ id }) => id === policy.split(".", 1)[0])!;
}

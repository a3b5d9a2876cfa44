/**
 * Ways around an egress gateway that a case of the catalogue may be an instance of, by number. The numbers are stable and
 * have gaps: the ways between are not a matter of admission.
 */
export const BYPASSES: Readonly<Record<number, string>> = {
    2: "a pod without a sidecar",
    3: "a pod on the host's network",
    4: "undoing the capture from inside the pod: user 1337, annotations, network capabilities",
    19: "a toleration onto gateway nodes",
    20: "naming a gateway node",
    21: "a DaemonSet on gateway nodes",
    22: "static pods and captured kubelets",
    26: "an external load balancer or a port of the node: data leaves in replies",
    27: "a Service that claims addresses (CVE-2020-8554)",
    28: "an ExternalName Service, or one without a selector and with a public endpoint",
    29: "a tenant's ServiceEntry for a new host",
    30: "a tenant's object that gives an allowed host other addresses",
    31: "a tenant's VirtualService or route bound to the egress gateway",
    32: "a second Gateway that selects the gateway's pods",
    33: "an EnvoyFilter, WasmPlugin or ProxyConfig",
    35: "one namespace uses another's destination",
    46: "exec, debug containers, port-forward and tokens of the gateway",
    47: "the mesh's control plane as a proxy",
    48: "the API server as a proxy",
    50: "new nodes with the gateway's identity",
    52: "the injection label removed from a namespace, or a namespace that is exempt",
};

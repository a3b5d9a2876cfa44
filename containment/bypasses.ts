import { type ClaimId } from "./verdict";

/** What has to stop an attempt. */
type Layer =
    | "firewall"
    | "nat"
    | "route"
    | "no-ipv6"
    | "node-identity"
    | "taint"
    | "admission"
    | "network-policy"
    | "gateway"
    | "mesh"
    | "metadata-server"
    | "access-control"
    | "dns-policy"
    | "service-perimeter"
    | "catalogue"
    | "analysis";

/** One known way around an egress gateway. */
export interface Bypass {
    /** Stable: tests, probes and documentation refer to it. */
    readonly number: number;
    readonly title: string;
    /** Layers that stop it, the one that must hold alone first. */
    readonly layers: readonly Layer[];
    /** The claim that it would break. */
    readonly claim?: Exclude<ClaimId, "C5">;
    /** No claim covers it: the number under which a verdict says that it stays open. */
    readonly residualRisk?: `R${number}`;
}

/**
 * Known ways around an egress gateway, gathered from Istio's, Kubernetes' and Google's documentation, from issue threads and
 * from published write-ups. A way has either a claim that it would break, or a residual risk that verdicts print.
 */
export const BYPASSES: readonly Bypass[] = [
    {
        number: 1,
        title: "TCP straight to a public address",
        layers: ["firewall", "nat", "route", "network-policy"],
        claim: "C1",
    },
    {
        number: 2,
        title: "pod without a sidecar",
        layers: ["firewall", "nat", "route", "network-policy", "admission"],
        claim: "C1",
    },
    { number: 3, title: "pod on the host network", layers: ["firewall", "nat", "route", "admission"], claim: "C1" },
    {
        number: 4,
        title: "user 1337, capture-excluding annotations, NET_ADMIN",
        layers: ["firewall", "nat", "route", "admission"],
        claim: "C1",
    },
    { number: 5, title: "UDP 53 to a public resolver", layers: ["firewall", "nat", "route"], claim: "C1" },
    // With the DNS lock C6 closes it; of a stack without, the verdict says R1.
    {
        number: 6,
        title: "DNS tunnel through the cluster's resolver",
        layers: ["dns-policy", "network-policy", "admission"],
        residualRisk: "R1",
    },
    {
        number: 7,
        title: "DNS over TLS or over HTTPS to a public resolver",
        layers: ["firewall", "nat", "route", "catalogue"],
        claim: "C1",
    },
    { number: 8, title: "QUIC, UDP 443", layers: ["firewall", "nat", "route"], claim: "C1" },
    { number: 9, title: "ICMP echo", layers: ["firewall", "nat", "route"], claim: "C1" },
    { number: 10, title: "SCTP, GRE, ESP and other IP protocols", layers: ["firewall", "nat", "route"], claim: "C1" },
    { number: 11, title: "anything over IPv6", layers: ["no-ipv6", "firewall"], claim: "C1" },
    { number: 12, title: "allow rules that cover everything in pieces", layers: ["analysis"], claim: "C1" },
    { number: 13, title: "precedence between firewall layers", layers: ["analysis", "firewall"], claim: "C1" },
    { number: 14, title: "rule without target or destination", layers: ["analysis"], claim: "C1" },
    { number: 15, title: "external address on a node or VM", layers: ["firewall", "route"], claim: "C1" },
    { number: 16, title: "Cloud NAT that covers application subnets", layers: ["nat", "firewall"], claim: "C1" },
    {
        number: 17,
        title: "another NAT, a default route to an instance, VPN, peering",
        layers: ["route", "firewall"],
        claim: "C1",
    },
    {
        number: 18,
        title: "internet endpoint group, proxy VM or Secure Web Proxy in the network",
        layers: ["analysis", "firewall"],
        claim: "C1",
    },
    {
        number: 19,
        title: "toleration of the gateway nodes' taint, or of every taint",
        layers: ["admission", "taint"],
        claim: "C2",
    },
    { number: 20, title: "pod that names a gateway node", layers: ["taint", "admission"], claim: "C2" },
    { number: 21, title: "DaemonSet on gateway nodes", layers: ["admission", "taint"], claim: "C2" },
    {
        number: 22,
        title: "static pod, SSH to a node, escape from a container",
        layers: ["access-control", "admission"],
        claim: "C2",
    },
    {
        number: 23,
        title: "node token from the metadata server",
        layers: ["metadata-server", "network-policy"],
        claim: "C3",
    },
    { number: 24, title: "Google APIs as the far side", layers: ["service-perimeter"], residualRisk: "R2" },
    { number: 25, title: "image names and image pulls", layers: ["firewall"], residualRisk: "R11" },
    {
        number: 26,
        title: "answers to somebody who dials in from outside",
        layers: ["admission"],
        residualRisk: "R10",
    },
    { number: 27, title: "Service with externalIPs", layers: ["admission"], claim: "C4" },
    {
        number: 28,
        title: "ExternalName, or a Service without selector and with public endpoints",
        layers: ["firewall", "admission"],
        claim: "C4",
    },
    { number: 29, title: "a tenant's ServiceEntry for a new host", layers: ["gateway", "admission"], claim: "C4" },
    {
        number: 30,
        title: "a tenant's ServiceEntry that takes over an allowed host",
        layers: ["admission", "mesh"],
        claim: "C4",
    },
    { number: 31, title: "a tenant's VirtualService bound to the gateway", layers: ["mesh", "admission"], claim: "C4" },
    {
        number: 32,
        title: "a tenant's Gateway that selects the gateway's pods",
        layers: ["admission", "mesh"],
        claim: "C4",
    },
    { number: 33, title: "EnvoyFilter, WasmPlugin, ProxyConfig", layers: ["admission", "firewall"], claim: "C4" },
    { number: 34, title: "plaintext to the gateway", layers: ["gateway", "network-policy"], claim: "C4" },
    {
        number: 35,
        title: "a workload uses another one's destination",
        layers: ["gateway", "mesh", "admission"],
        claim: "C4",
    },
    { number: 36, title: "allowed SNI, other address", layers: ["gateway"], claim: "C4" },
    { number: 37, title: "allowed SNI, other Host (domain fronting)", layers: ["gateway"], residualRisk: "R3" },
    { number: 38, title: "TLS without SNI", layers: ["mesh", "gateway"], claim: "C4" },
    { number: 39, title: "no TLS on 443", layers: ["mesh", "gateway"], claim: "C4" },
    { number: 40, title: "Encrypted Client Hello", layers: ["catalogue"], residualRisk: "R8" },
    { number: 41, title: "allowed Host on port 80, other address", layers: ["gateway"], claim: "C4" },
    { number: 42, title: "wildcard that covers too much", layers: ["catalogue"], claim: "C4" },
    {
        number: 43,
        title: "allowed name that resolves to a private or metadata address",
        layers: ["firewall", "network-policy"],
        claim: "C3",
    },
    { number: 44, title: "an attacker's account at an allowed host", layers: ["catalogue"], residualRisk: "R4" },
    { number: 45, title: "the gateway's administration port", layers: ["gateway", "network-policy"], claim: "C4" },
    {
        number: 46,
        title: "exec, debug or port-forward into the gateway",
        layers: ["access-control", "admission"],
        claim: "C2",
    },
    { number: 47, title: "istiod as a proxy", layers: ["firewall", "admission"], claim: "C1" },
    { number: 48, title: "API server as a proxy", layers: ["access-control", "admission"], residualRisk: "R5" },
    { number: 49, title: "the first second of a pod's life", layers: ["firewall", "nat", "route"], claim: "C1" },
    {
        number: 50,
        title: "new node pool without the right identity",
        layers: ["firewall", "nat", "route", "admission"],
        claim: "C1",
    },
    { number: 51, title: "changes outside the program", layers: ["analysis"], claim: "C1" },
    { number: 52, title: "admission that fails open, namespaces that are exempt", layers: ["admission"], claim: "C2" },
];

/** @throws Error when there is no such row. */
export function bypass(number: number): Bypass {
    const found = BYPASSES[number - 1];
    if (found?.number !== number) {
        throw new Error(`there is no bypass ${number}; the list has 1 to ${BYPASSES.length}`);
    }
    return found;
}

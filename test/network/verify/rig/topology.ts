import * as fs from "node:fs";
import { ip, run } from "./shell";

/**
 * A VPC in one machine. Every VM is a network namespace whose only link leads to the namespace `vpc`, which is the network's
 * fabric: there the firewall judges each VM's packets by the VM's identity, there are the routes, and there is NAT. Behind it
 * is `internet`. Addresses are those of the dev stack's platform; those of the internet are real ones, in a sealed namespace.
 */

export interface RigNode {
    readonly name: string;
    readonly address: string;
    /** Range of the node's pods. */
    readonly podCidr: string;
    readonly gateway: boolean;
}

export const NODES: readonly RigNode[] = [
    { name: "app-1", address: "10.0.0.11", podCidr: "10.4.1.0/24", gateway: false },
    { name: "app-2", address: "10.0.0.12", podCidr: "10.4.2.0/24", gateway: false },
    { name: "gateway-1", address: "10.0.8.2", podCidr: "10.3.0.0/26", gateway: true },
    // In the other half of the gateways' ranges, so that a stack with two gateways can give each a subnet.
    { name: "gateway-2", address: "10.0.8.18", podCidr: "10.3.2.0/26", gateway: true },
];

/** Address of the API server, in the control plane's range. This process is in the namespace that has it. */
export const CONTROL_PLANE = "172.16.0.2";
/** A database inside the network that is no part of the cluster: the dev stack's private destination. */
export const PRIVATE_SERVICE = { name: "ledger", address: "10.20.0.5", port: 5432 } as const;
/** Resolver and metadata server of the cluster, in a pod of their own. */
export const INFRASTRUCTURE = { node: NODES[0]!, address: "10.4.1.2" } as const;
/** The DNS lock's resolver, in a stack that has the lock. */
export const RESOLVER = { node: NODES[1]!, address: "10.4.2.2" } as const;
/** Google's metadata server, which resolves names for every machine and its pods. */
export const METADATA = { address: "169.254.169.254", nodes: NODES.filter(({ gateway }) => !gateway) } as const;
/** Cluster addresses of the Services, inside `serviceCidr`. */
export const SERVICES = {
    kubernetes: "10.8.0.1",
    dns: "10.8.0.10",
    gateways: ["10.8.0.20", "10.8.0.21"],
} as const;
export const GATEWAY_PODS: readonly { readonly name: string; readonly node: RigNode; readonly address: string }[] = [
    { name: "egress-gateway-1", node: NODES[2]!, address: "10.3.0.2" },
    { name: "egress-gateway-2", node: NODES[3]!, address: "10.3.2.2" },
];
/** Public addresses that are reserved, those of a plan's `Address` resources by their names. */
export const NAT_ADDRESSES = ["198.51.100.11", "198.51.100.12"] as const;

/** Far end of every link, whichever it is: a router's address means nothing but "over there". */
const ROUTER = "192.0.2.1";
const NODE_ROUTER = "192.0.2.2";
const IPV6_ROUTER = "fe80::1";
const IPV6_INTERNET = "fe80::2";

/** What a machine or pod has when its subnet has external IPv6: public, and so without any NAT. */
function externalIpv6Of(ipv4: string): string {
    return `2600:1900::${ipv4}`;
}

/** @param internetAddresses IPv4 and IPv6 */
export function buildNetwork(internetAddresses: readonly string[]): void {
    fs.mkdirSync("/run/netns", { recursive: true });
    run("mount", "-t", "tmpfs", "tmpfs", "/run/netns");
    ip("link set lo up");
    namespace("vpc");
    for (const node of NODES) {
        namespace(node.name);
        connect(node.name, node.address, "vpc", ROUTER);
        ip(`-n vpc route add ${node.podCidr} via ${node.address} dev ${linkOf(node.name)}`);
        routeIpv6("vpc", `${externalIpv6Of(node.address)}/128`, node.name);
        const [range, bits] = node.podCidr.split("/");
        routeIpv6(
            "vpc",
            `${externalIpv6Of(range!)}/${96 + Number(bits)} via ${externalIpv6Of(node.address)}`,
            node.name,
        );
    }
    namespace("ledger");
    connect("ledger", PRIVATE_SERVICE.address, "vpc", ROUTER);
    connectControlPlane();
    namespace("internet");
    connect("internet", "203.0.113.1", "vpc", ROUTER);
    for (const address of internetAddresses) {
        ip(`-n internet addr add ${address}/${address.includes(":") ? "128" : "32"} dev lo`);
    }
    ip(`-n internet addr add ${IPV6_INTERNET}/64 dev eth0 nodad`);
    ip(`-n internet route add default via ${IPV6_ROUTER} dev eth0`);
    ip(`-n vpc route add default via ${IPV6_INTERNET} dev ${linkOf("internet")}`);
    // Default routes are in table 100, and who may use it is decided by interface. What then has no route is dropped without a
    // word, as a VPC does it.
    ip("-n vpc rule add pref 100 lookup main suppress_prefixlength 0");
    ip("-n vpc rule add pref 300 lookup 200");
    ip(`-n vpc route add default via 203.0.113.1 dev ${linkOf("internet")} table 100`);
    ip("-n vpc route add blackhole default table 200");
}

/** This process' own namespace is the control plane. */
function connectControlPlane(): void {
    ip(`link add eth0 type veth peer name ${linkOf("control")} netns vpc`);
    ip(`addr add ${CONTROL_PLANE}/32 peer ${ROUTER}/32 dev eth0`);
    ip("link set eth0 up");
    ip(`-n vpc addr add ${ROUTER}/32 peer ${CONTROL_PLANE}/32 dev ${linkOf("control")}`);
    ip(`-n vpc link set ${linkOf("control")} up`);
    ip(`route add default via ${ROUTER}`);
}

/** A pod's namespace with its one address, linked to its node; with a second one where the node has external IPv6. */
export function addPod(name: string, address: string, node: string): void {
    namespace(name);
    connect(name, address, node, NODE_ROUTER);
    if (hasExternalIpv6(node)) {
        routeIpv6(node, `${externalIpv6Of(address)}/128`, name);
        addExternalIpv6(name, address);
    }
}

/** Gives each of these nodes external IPv6, and takes it from all others. */
export function setExternalIpv6(nodes: readonly RigNode[]): void {
    for (const node of NODES) {
        const wanted = nodes.includes(node);
        if (wanted && !hasExternalIpv6(node.name)) {
            addExternalIpv6(node.name, node.address);
        } else if (!wanted && hasExternalIpv6(node.name)) {
            ip(`-n ${node.name} addr delete ${externalIpv6Of(node.address)}/128 dev eth0`);
            ip(`-n ${node.name} -6 route delete default`);
        }
    }
}

function addExternalIpv6(name: string, ipv4: string): void {
    ip(`-n ${name} addr add ${externalIpv6Of(ipv4)}/128 dev eth0 nodad`);
    ip(`-n ${name} route add default via ${IPV6_ROUTER} dev eth0`);
}

function hasExternalIpv6(name: string): boolean {
    return run("ip", "-n", name, "-6", "route", "show", "default").trim() !== "";
}

function routeIpv6(router: string, route: string, name: string): void {
    ip(`-n ${router} route add ${route} dev ${linkOf(name)}`);
}

export function removePod(name: string): void {
    ip(`netns delete ${name}`);
}

export function linkOf(name: string): string {
    return `v-${name}`.slice(0, 15);
}

function namespace(name: string): void {
    ip(`netns add ${name}`);
    ip(`-n ${name} link set lo up`);
    for (const [key, value] of [
        ["net.ipv4.ip_forward", "1"],
        ["net.ipv6.conf.all.forwarding", "1"],
        ["net.ipv4.conf.all.rp_filter", "0"],
        ["net.ipv4.conf.default.rp_filter", "0"],
        // A pod may ping without any capability, as container runtimes allow it.
        ["net.ipv4.ping_group_range", "0 2147483647"],
    ] as const) {
        run("ip", "netns", "exec", name, "sysctl", "-qw", `${key}=${value}`);
    }
}

function connect(name: string, address: string, router: string, routerAddress: string): void {
    ip(`link add ${linkOf(name)} netns ${router} type veth peer name eth0 netns ${name}`);
    ip(`-n ${name} addr add ${address}/32 peer ${routerAddress}/32 dev eth0`);
    ip(`-n ${name} link set eth0 up`);
    ip(`-n ${name} route add default via ${routerAddress}`);
    ip(`-n ${router} addr add ${routerAddress}/32 peer ${address}/32 dev ${linkOf(name)}`);
    ip(`-n ${router} link set ${linkOf(name)} up`);
    ip(`-n ${router} addr add ${IPV6_ROUTER}/64 dev ${linkOf(name)} nodad`);
}

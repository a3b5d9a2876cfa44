import { type ClaimId } from "../../containment/verdict";

/** Claims that an answer decides about. */
export const NETWORK: readonly ClaimId[] = ["C1", "C3"];

/** A kind of Compute Engine's. */
export interface ComputeKind {
    /** Without `compute.googleapis.com/`, as Cloud Asset Inventory calls it. */
    readonly kind: string;
    /** As the API calls its list. */
    readonly collection: string;
}

/** What of Compute Engine may carry packets out of a network, or stop them. */
export const COMPUTE_KINDS: readonly ComputeKind[] = [
    { kind: "Network", collection: "networks" },
    { kind: "Firewall", collection: "firewalls" },
    { kind: "Route", collection: "routes" },
    { kind: "Subnetwork", collection: "subnetworks" },
    { kind: "Router", collection: "routers" },
    { kind: "Address", collection: "addresses" },
    { kind: "Instance", collection: "instances" },
    { kind: "InstanceTemplate", collection: "instanceTemplates" },
    { kind: "InstanceGroupManager", collection: "instanceGroupManagers" },
    { kind: "ForwardingRule", collection: "forwardingRules" },
    { kind: "BackendService", collection: "backendServices" },
    { kind: "NetworkEndpointGroup", collection: "networkEndpointGroups" },
    { kind: "TargetInstance", collection: "targetInstances" },
    { kind: "VpnTunnel", collection: "vpnTunnels" },
    { kind: "InterconnectAttachment", collection: "interconnectAttachments" },
    { kind: "NetworkAttachment", collection: "networkAttachments" },
    { kind: "PacketMirroring", collection: "packetMirrorings" },
];

/** Kinds of Kubernetes' own, each with the claims that it decides about. */
export interface ObjectKinds {
    /** API group and version, for example `apps/v1`; `v1` is the core group. */
    readonly version: string;
    readonly resources: readonly string[];
    readonly claims: readonly ClaimId[];
}

export const OBJECT_KINDS: readonly ObjectKinds[] = [
    {
        version: "v1",
        resources: ["namespaces", "services", "serviceaccounts", "pods", "replicationcontrollers"],
        claims: ["C2", "C4"],
    },
    {
        version: "apps/v1",
        resources: ["deployments", "daemonsets", "statefulsets", "replicasets"],
        claims: ["C2", "C4", "C6"],
    },
    { version: "batch/v1", resources: ["jobs", "cronjobs"], claims: ["C2"] },
    {
        version: "admissionregistration.k8s.io/v1",
        resources: [
            "validatingadmissionpolicies",
            "validatingadmissionpolicybindings",
            "validatingwebhookconfigurations",
            "mutatingwebhookconfigurations",
        ],
        claims: ["C2", "C4", "C6"],
    },
    {
        version: "rbac.authorization.k8s.io/v1",
        resources: ["clusterroles", "clusterrolebindings", "roles", "rolebindings"],
        claims: ["C2", "C4"],
    },
    { version: "networking.k8s.io/v1", resources: ["networkpolicies"], claims: ["C3", "C4", "C6"] },
    { version: "node.k8s.io/v1", resources: ["runtimeclasses"], claims: ["C2"] },
];

/** Groups of others, all of whose kinds are read where a cluster serves them. */
export const FURTHER_GROUPS: readonly {
    readonly group: RegExp;
    readonly claims: readonly ClaimId[];
}[] = [
    { group: /(^|\.)istio\.io$/, claims: ["C4"] },
    { group: /^gateway\.networking\.(x-)?k8s\.io$/, claims: ["C4"] },
    { group: /^policy\.networking\.k8s\.io$/, claims: ["C3", "C6"] },
    { group: /^(networking|net)\.gke\.io$/, claims: ["C1", "C3"] },
    { group: /^cloud\.google\.com$/, claims: ["C1", "C2"] },
];

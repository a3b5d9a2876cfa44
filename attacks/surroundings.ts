import { GKE_SYSTEM_NAMESPACES, type GuardSettings } from "../components/guard/settings";
import { type Sender, type SentObject } from "./case";

/** The cluster that the catalogue's objects are about. */
export const CLIENT = "payments";
/** A client whose namespace does not exist yet. */
export const NEW_CLIENT = "billing";
/** Neither a client, nor the gateway's, nor a system namespace. */
export const ELSEWHERE = "tools";
export const GATEWAY = "istio-egress";
/** Of the DNS lock. */
export const RESOLVER = "istio-egress-dns";
export const SYSTEM = "kube-system";
export const CONTROL_PLANE = "istio-system";
/** Of GKE, and so new that no list has it. */
export const MANAGED_YET_TO_COME = "gke-managed-new";
export const NAMESPACES = [
    CLIENT,
    "orders",
    ELSEWHERE,
    GATEWAY,
    RESOLVER,
    SYSTEM,
    MANAGED_YET_TO_COME,
    CONTROL_PLANE,
    "default",
] as const;

export const NODE_KEY = "egress-gateway/node";
export const GATEWAY_HOST = "egress-gateway.istio-egress.svc.cluster.local";
export const GATEWAY_LABELS = { app: "egress-gateway", istio: "egressgateway" } as const;
export const GATEWAY_NODE_ACCOUNT = "egress-gateway-nodes@acme-dev.iam.gserviceaccount.com";

export const developer: Sender = { user: "developer@acme.example", groups: ["developers@acme.example"] };
/** Administrators of a cluster are judged like everybody else. */
export const administrator: Sender = {
    user: "administrator@acme.example",
    groups: ["cluster-administrators@acme.example"],
};
export const deployer: Sender = { user: "deployer@acme-dev.iam.gserviceaccount.com" };
export const onCall: Sender = { user: "on-call@acme.example", groups: ["egress-gateway-break-glass"] };
/** May restart and scale the gateway. */
export const operator: Sender = { user: "operator@acme.example", groups: ["gateway-operators@acme.example"] };
export const scheduler: Sender = { user: "system:kube-scheduler" };
export const addonManager: Sender = { user: "system:addon-manager" };
export const cloudController: Sender = { user: "system:cloud-controller-manager" };
export const deploymentController = controller("deployment-controller");
export const replicaSetController = controller("replicaset-controller");
export const daemonSetController = controller("daemon-set-controller");
export const nodeController = controller("node-controller");
export const endpointSliceController = controller("endpointslice-controller");
/** The operator of somebody's own workload kind. */
export const customController: Sender = serviceAccount(ELSEWHERE, "operator");
/** A second scheduler. */
export const placer: Sender = serviceAccount("batch-system", "batch-scheduler");
/** Makes pods that answer on port 80 before there is a certificate. */
export const solver: Sender = serviceAccount("cert-manager", "cert-manager");
export const workload: Sender = serviceAccount(CLIENT, "api");

/** A node that is always there. */
export const knownNode: SentObject = { apiVersion: "v1", kind: "Node", metadata: { name: "known-node" } };

export function kubelet(node: string): Sender {
    return { user: `system:node:${node}`, groups: ["system:nodes"] };
}

export function controller(name: string): Sender {
    return serviceAccount(SYSTEM, name);
}

export function serviceAccount(namespace: string, name: string): Sender {
    return {
        user: `system:serviceaccount:${namespace}:${name}`,
        groups: ["system:serviceaccounts", `system:serviceaccounts:${namespace}`],
    };
}

/** Settings of the guard for that cluster. */
export const catalogueSettings: GuardSettings = {
    gatewayNamespace: GATEWAY,
    gatewayServiceAccount: "egress-gateway",
    gatewayPodLabels: GATEWAY_LABELS,
    gatewayHost: GATEWAY_HOST,
    nodeKey: NODE_KEY,
    nodeValue: "true",
    taintEffect: "NoExecute",
    gatewayNodeAccount: GATEWAY_NODE_ACCOUNT,
    networkTag: "egress-gateway",
    resolverNamespace: RESOLVER,
    clientNamespaces: [CLIENT, "orders", NEW_CLIENT],
    controlPlaneNamespace: CONTROL_PLANE,
    exemptNamespaces: GKE_SYSTEM_NAMESPACES,
    exemptUsers: [deployer.user],
    exemptGroups: ["mesh-platform@acme.example"],
    placers: [placer.user],
    uninjectedUsers: [solver.user],
    operatorGroups: operator.groups,
    gatewayCidrs: ["10.0.8.0/27", "10.3.0.0/22"],
    breakGlassGroup: "egress-gateway-break-glass",
    kubernetesVersion: "1.34",
};

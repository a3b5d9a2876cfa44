import { type GuardPolicyId } from "../../../components/guard/rules";
import { type ClaimId, type Result } from "../../../containment/verdict";

/** What the proof says of the dev stack without one policy of the guard. */
export type WithoutPolicy =
    | { readonly turns: ClaimId; readonly into: Exclude<Result, "holds">; readonly says: RegExp }
    /** What it protects besides what the claims are about, and what keeps the claims. */
    | { readonly protects: string; readonly heldBy: string };

const FIREWALL = "C1: the firewall drops what leaves past the mesh, whoever sends it";
const CALLERS = "C4: the gateway asks for the caller's certificate, whatever sidecars are told";
const TAINT =
    "C2: the taint is NO_EXECUTE, which kubelets and the scheduler ask every pod for, and nobody may tolerate it";

/** Every policy that the stack has, which has no DNS lock: a new one without a row does not compile. */
export const WITHOUT_POLICY: Readonly<
    Record<Exclude<GuardPolicyId, "cluster-dns" | "client-network-policies">, WithoutPolicy>
> = {
    "gateway-node-toleration": { turns: "C2", into: "violated", says: /a pod that tolerates the taint/ },
    "gateway-node-name": { protects: "nodes whose taint the scheduler alone asks for", heldBy: TAINT },
    "gateway-node-name.binding": { protects: "nodes whose taint the scheduler alone asks for", heldBy: TAINT },
    "gateway-node-selection": { protects: "the gateway's room on its nodes, and who waits for it", heldBy: TAINT },
    "gateway-node-runtime-class": {
        protects: "exempt namespaces, whose pods would get the toleration without asking",
        heldBy: "C2: gateway-node-toleration sees the pod after the API server has added the class's tolerations",
    },
    "gateway-node-mark": { turns: "C2", into: "violated", says: /taken the taint off a gateway node/ },
    "gateway-node-compute-class": { turns: "C2", into: "violated", says: /nodes that a ComputeClass creates/ },
    "gateway-namespace-pods": {
        protects: "the gateway from its deployer's mistakes and from webhooks that change its pods",
        heldBy: "C2: nobody else makes pods there (.maker), nor the Deployment that they are made of (owner)",
    },
    "gateway-namespace-pods.maker": {
        turns: "C2",
        into: "violated",
        says: /another program under the proxy's own name and image, in the gateway's namespace \(/,
    },
    "gateway-namespace-owner": { turns: "C2", into: "violated", says: /by a Deployment that a user changes/ },
    "gateway-pod-access": { turns: "C2", into: "violated", says: /starts in a gateway pod \(exec\)/ },
    "gateway-pod-access.kubelet": { turns: "C2", into: "violated", says: /a node's kubelet start in a gateway pod/ },
    "gateway-service-account-token": {
        protects: "the gateway's identity towards its clients and the API server",
        heldBy: "C4: no destination accepts the gateway's own identity as a caller",
    },
    "gateway-service-account-token.secret": {
        protects: "the gateway's identity towards its clients and the API server",
        heldBy: "C4: no destination accepts the gateway's own identity as a caller",
    },
    "client-host-network": { protects: "the identities of other pods on the node", heldBy: FIREWALL },
    "client-network-capabilities": { protects: "the capture by the sidecar", heldBy: FIREWALL },
    "client-proxy-identity": { protects: "the capture by the sidecar", heldBy: FIREWALL },
    "client-proxy-impostor": { protects: "the capture by the sidecar", heldBy: FIREWALL },
    "client-traffic-capture": { protects: "the capture by the sidecar", heldBy: FIREWALL },
    "client-injection": { protects: "that a client is in the mesh and its calls are seen", heldBy: FIREWALL },
    "client-sidecar": { protects: "what sidecars let through, as the first of two places", heldBy: CALLERS },
    "client-namespace-labels": {
        protects: "that clients are in this mesh and no other, and the namespaces themselves",
        heldBy: `${FIREWALL}; ${CALLERS}`,
    },
    "exempt-namespace-creation": {
        turns: "C2",
        into: "violated",
        says: /a namespace that the guard exempts and a user creates/,
    },
    "client-load-balancer": {
        protects: "replies to whoever dials in, which no egress rule judges: residual risk R10",
        heldBy: "C1: it is about connections from inside",
    },
    "client-load-balancer.ingress": {
        protects: "replies to whoever dials in, which no egress rule judges: residual risk R10",
        heldBy: "C1: it is about connections from inside",
    },
    "client-endpoints": { protects: "what names inside the cluster stand for", heldBy: `${FIREWALL}; ${CALLERS}` },
    "client-endpoints.slice": {
        protects: "what names inside the cluster stand for",
        heldBy: `${FIREWALL}; ${CALLERS}`,
    },
    "service-external-name": { protects: "the list of hosts that sidecars let through", heldBy: FIREWALL },
    "service-external-ips": {
        turns: "C4",
        into: "unknown",
        says: /nothing refuses a tenant's Service with externalIPs/,
    },
    "service-external-ips.status": { turns: "C4", into: "unknown", says: /address that is written into its status/ },
    "mesh-registry": {
        turns: "C4",
        into: "violated",
        says: /a ServiceEntry that gives a declared host other endpoints/,
    },
    "mesh-proxy-extension": { turns: "C4", into: "unknown", says: /nothing refuses a tenant's EnvoyFilter/ },
    "mesh-gateway-selector": { turns: "C4", into: "violated", says: /a Gateway with selector/ },
    "mesh-gateway-selector.gateway-api": {
        protects: "the gateway's Service from a Gateway of the other API that has its address",
        heldBy: CALLERS,
    },
    "mesh-gateway-host.destination-rule": {
        protects: "that clients find the gateway, and under its own certificate",
        heldBy: CALLERS,
    },
    "mesh-gateway-host.virtual-service": {
        turns: "C4",
        into: "violated",
        says: /a VirtualService that binds to the gateway's Gateway/,
    },
    "mesh-gateway-host.route": { protects: "that clients find the gateway", heldBy: CALLERS },
    "mesh-key-fetch": { protects: "istiod from asking on behalf of others", heldBy: FIREWALL },
};

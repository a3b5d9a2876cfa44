import type {
    V1Deployment,
    V1Namespace,
    V1PodDisruptionBudget,
    V1Role,
    V1RoleBinding,
    V1Service,
    V1ServiceAccount,
    V2HorizontalPodAutoscaler,
} from "@kubernetes/client-node" with { "resolution-mode": "import" };
import { GATEWAY_NAME, gatewayPodLabels } from "../../base/conventions";
import { type GatewaySettings, type Settings } from "../../settings/settings";
import { type KubernetesObject } from "../kubernetesObject";

/** Kubernetes' own types of what the gateway is made of; nothing of the client library is loaded for them. */
export type Declared<Version extends string, Kind extends string, Model> = KubernetesObject &
    Omit<Model, "apiVersion" | "kind" | "metadata" | "status"> & { readonly apiVersion: Version; readonly kind: Kind };

export type Namespace = Declared<"v1", "Namespace", V1Namespace>;
export type ServiceAccount = Declared<"v1", "ServiceAccount", V1ServiceAccount>;
export type Service = Declared<"v1", "Service", V1Service>;
export type Deployment = Declared<"apps/v1", "Deployment", V1Deployment>;
export type HorizontalPodAutoscaler = Declared<"autoscaling/v2", "HorizontalPodAutoscaler", V2HorizontalPodAutoscaler>;
export type PodDisruptionBudget = Declared<"policy/v1", "PodDisruptionBudget", V1PodDisruptionBudget>;
export type Role = Declared<"rbac.authorization.k8s.io/v1", "Role", V1Role>;
export type RoleBinding = Declared<"rbac.authorization.k8s.io/v1", "RoleBinding", V1RoleBinding>;

export type GatewayObject =
    | Namespace
    | ServiceAccount
    | Service
    | Deployment
    | HorizontalPodAutoscaler
    | PodDisruptionBudget
    | Role
    | RoleBinding;

/** What finds the gateway's pods: the Service, the Deployment, Istio's Gateways. A Deployment's selector never changes. */
export function podSelector({ name }: Pick<GatewaySettings, "name">): Readonly<Record<string, string>> {
    return { app: GATEWAY_NAME, ...gatewayPodLabels(name) };
}

/** On every object of the gateway. */
export const OBJECT_LABELS = { app: GATEWAY_NAME, "app.kubernetes.io/name": GATEWAY_NAME } as const;

/**
 * The pods ask for injection themselves, with the revision where the control plane has one. The namespace carries no
 * injection label: whatever else came to run there would be injected as a sidecar.
 */
export function podLabels({
    gateway,
    mesh: { revision },
}: Pick<Settings, "mesh"> & { readonly gateway: Pick<GatewaySettings, "name"> }): Record<string, string> {
    return {
        ...OBJECT_LABELS,
        ...podSelector(gateway),
        "sidecar.istio.io/inject": "true",
        ...(revision === "default" ? {} : { "istio.io/rev": revision }),
        // A gateway is a proxy already; an ambient mesh must not capture its traffic.
        "istio.io/dataplane-mode": "none",
    };
}

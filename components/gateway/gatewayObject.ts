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
import { type KubernetesObject } from "../kubernetesObject";

/** Kubernetes' own types of what the gateway is made of; nothing of the client library is loaded for them. */
type Declared<Version extends string, Kind extends string, Model> = KubernetesObject &
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

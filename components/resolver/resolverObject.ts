import type { V1ConfigMap, V1ResourceQuota } from "@kubernetes/client-node" with { "resolution-mode": "import" };
import {
    type Declared,
    type Deployment,
    type Namespace,
    type PodDisruptionBudget,
    type Service,
    type ServiceAccount,
} from "../gateway/gatewayObject";

export type ConfigMap = Declared<"v1", "ConfigMap", V1ConfigMap>;
export type ResourceQuota = Declared<"v1", "ResourceQuota", V1ResourceQuota>;

export { type Deployment, type Namespace, type PodDisruptionBudget, type Service, type ServiceAccount };

import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { type KubernetesObject, logicalName } from "./kubernetesObject";

type ResourceClass = new (name: string, args: never, opts?: pulumi.CustomResourceOptions) => pulumi.CustomResource;

/**
 * Kinds with a typed class of their own: the class brings the schema that policies know the kind by, and it waits for what
 * the kind has to become before others may depend on it.
 */
const TYPED: Readonly<Record<string, ResourceClass>> = {
    "v1/ConfigMap": k8s.core.v1.ConfigMap,
    "v1/Namespace": k8s.core.v1.Namespace,
    "v1/ResourceQuota": k8s.core.v1.ResourceQuota,
    "v1/Service": k8s.core.v1.Service,
    "v1/ServiceAccount": k8s.core.v1.ServiceAccount,
    "apps/v1/Deployment": k8s.apps.v1.Deployment,
    "autoscaling/v2/HorizontalPodAutoscaler": k8s.autoscaling.v2.HorizontalPodAutoscaler,
    "networking.k8s.io/v1/NetworkPolicy": k8s.networking.v1.NetworkPolicy,
    "policy/v1/PodDisruptionBudget": k8s.policy.v1.PodDisruptionBudget,
    "rbac.authorization.k8s.io/v1/Role": k8s.rbac.v1.Role,
    "rbac.authorization.k8s.io/v1/RoleBinding": k8s.rbac.v1.RoleBinding,
};

/** Groups of custom resources: Istio's, and those of what collects counters. */
const CUSTOM = /^(?:[a-z]+\.istio\.io|monitoring\.googleapis\.com|monitoring\.coreos\.com)\//;

/**
 * Registers an object under its {@link logicalName}.
 *
 * @throws Error for a kind that is neither of these groups nor listed here: as a custom resource it would get another type token
 * than its class has, and no policy would find it.
 */
export function registerObject(object: KubernetesObject, opts: pulumi.CustomResourceOptions): pulumi.CustomResource {
    // The name is fixed, so that a replacement cannot stand beside what it replaces.
    const options = { ...opts, deleteBeforeReplace: true };
    const name = logicalName(object);
    const kind = `${object.apiVersion}/${object.kind}`;
    const Typed = TYPED[kind];
    if (Typed !== undefined) {
        return new Typed(name, object as never, options);
    }
    if (CUSTOM.test(object.apiVersion)) {
        return new k8s.apiextensions.CustomResource(name, object as k8s.apiextensions.CustomResourceArgs, options);
    }
    throw new Error(`${kind} has no class in registerObject.ts; add the one of @pulumi/kubernetes`);
}

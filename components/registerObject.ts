import * as apps from "@pulumi/kubernetes/apps/v1";
import { CustomResource, type CustomResourceArgs } from "@pulumi/kubernetes/apiextensions/customResource";
import * as autoscaling from "@pulumi/kubernetes/autoscaling/v2";
import * as core from "@pulumi/kubernetes/core/v1";
import * as networking from "@pulumi/kubernetes/networking/v1";
import * as policy from "@pulumi/kubernetes/policy/v1";
import * as rbac from "@pulumi/kubernetes/rbac/v1";
import type * as pulumi from "@pulumi/pulumi";
import { type KubernetesObject, logicalName } from "./kubernetesObject";

type ResourceClass = new (name: string, args: never, opts?: pulumi.CustomResourceOptions) => pulumi.CustomResource;

/**
 * Kinds with a typed class of their own: the class brings the schema that policies know the kind by, and it waits for what
 * the kind has to become before others may depend on it.
 */
const TYPED: Readonly<Record<string, ResourceClass>> = {
    "v1/ConfigMap": core.ConfigMap,
    "v1/Namespace": core.Namespace,
    "v1/ResourceQuota": core.ResourceQuota,
    "v1/Service": core.Service,
    "v1/ServiceAccount": core.ServiceAccount,
    "apps/v1/Deployment": apps.Deployment,
    "autoscaling/v2/HorizontalPodAutoscaler": autoscaling.HorizontalPodAutoscaler,
    "networking.k8s.io/v1/NetworkPolicy": networking.NetworkPolicy,
    "policy/v1/PodDisruptionBudget": policy.PodDisruptionBudget,
    "rbac.authorization.k8s.io/v1/Role": rbac.Role,
    "rbac.authorization.k8s.io/v1/RoleBinding": rbac.RoleBinding,
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
        return new CustomResource(name, object as CustomResourceArgs, options);
    }
    throw new Error(`${kind} has no class in registerObject.ts; add the one of @pulumi/kubernetes`);
}

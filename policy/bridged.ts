import { type Resource } from "../containment/resource";
import { googleType } from "../containment/terraform/types";

/**
 * The resource as `@pulumi/gcp` would have it, for rules about single resources; others as they are. Pulumi bridges Google's
 * Terraform provider at run time ("Any Terraform Provider") as `google:index/computeRoute:ComputeRoute`.
 */
export function asGoogle(resource: Resource): Resource {
    const name = /^google(?:-beta)?:index\/\w+:(\w+)$/.exec(resource.type)?.[1];
    const type = name === undefined ? undefined : googleType(name);
    return type === undefined ? resource : { ...resource, type };
}

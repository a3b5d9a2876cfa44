import { GOOGLE_TYPES } from "../world/catalogue";
import { OBJECTS_UNREAD } from "../world/types/creators";

/**
 * Types of Google's Terraform provider by their names without underscores: `google_compute_route` and, as Pulumi bridges it at run
 * time, `ComputeRoute` are what `gcp:compute/route:Route` is made from, with the same inputs.
 */
const BY_TERRAFORM_NAME: ReadonlyMap<string, string> = new Map([
    ...[...GOOGLE_TYPES.keys()].flatMap(type => {
        const [, module = "", kind = ""] = type.split(/[:/]/);
        const name = type.split(":")[2] ?? kind;
        // Terraform has the singular for these two.
        const modules = ["projects", "organizations"].includes(module) ? [module, module.slice(0, -1)] : [module];
        return modules.map(prefix => [`${prefix}${name}`.toLowerCase(), type] as const);
    }),
    ["project", "gcp:organizations/project:Project"],
    ["folder", "gcp:organizations/folder:Folder"],
    ["serviceaccountkey", "gcp:serviceaccount/key:Key"],
    ["serviceaccount", "gcp:serviceaccount/account:Account"],
    ["notebooksinstance", "gcp:notebooks/instance:Instance"],
]);

/** The type of `@pulumi/gcp`, among those that the proof has a place for. */
export function googleType(terraformName: string): string | undefined {
    return BY_TERRAFORM_NAME.get(terraformName.replaceAll("_", "").toLowerCase());
}

/** The type token under which the proof looks a resource up. What has no place there keeps a token that nobody knows. */
export function tokenOf(type: string, provider: string): string {
    if (type.startsWith("google_")) {
        return googleType(type.slice("google_".length)) ?? `gcp:index/${type}:${type}`;
    }
    if (type === "helm_release") {
        return "kubernetes:helm.sh/v3:Release";
    }
    const name = packageOf(provider);
    return `${/^(helm|kubernetes|kubectl|kustomization)$/.test(name) ? OBJECTS_UNREAD : name}:index/${type}:${type}`;
}

/**
 * A provider of HashiCorp's, or one that is published under its own name; another one is not what its name says.
 *
 * @param provider for example `registry.terraform.io/hashicorp/random`
 */
function packageOf(provider: string): string {
    const [owner = "", name = ""] = provider.split("/").slice(-2);
    const known = name === "azurerm" ? "azure" : name;
    return owner === "hashicorp" ||
        owner.toLowerCase() === name ||
        KUBERNETES_MAKERS.has(provider.split("/").slice(-2).join("/"))
        ? known
        : `${owner}-${name}`;
}

const KUBERNETES_MAKERS = new Set(["gavinbunney/kubectl", "alekc/kubectl", "kbst/kustomization"]);

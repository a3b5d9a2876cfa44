import { googleType } from "../providerNames";
import { OBJECTS_UNREAD } from "../world/types/creators";

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

import { type KubernetesObject } from "../kubernetes";
import { type AdmissionControl } from "./admission";

/**
 * Namespaces that the cluster's own components fill (GKE and Kubernetes documentation). Whoever writes there administers the
 * cluster, so what the guard lets through there is a residual risk and no violation.
 */
const SYSTEM =
    /^(?:kube-system|kube-public|kube-node-lease|gke-.+|gmp-.+|asm-system|config-management-.+|istio-system)$/;

export function isSystemNamespace(namespace: string, rootNamespaces: readonly string[]): boolean {
    return rootNamespaces.includes(namespace) || SYSTEM.test(namespace);
}

/** A namespace that no object names. */
const UNNAMED = "some-other-namespace";

export interface NamespaceClasses {
    /** One namespace of each class that the guard can tell apart, the gateway's and the system's left out. */
    readonly tenants: readonly string[];
    /** Namespaces that the guard leaves to the system. */
    readonly system: readonly string[];
    /** Names with a part that the guard asks for, and that the system might have. */
    readonly likeSystem: readonly string[];
}

/**
 * The namespaces worth trying: the known ones, every one that a policy or binding names (an exemption for a namespace that does not
 * exist yet counts), and one that nobody names. Of those that no policy can tell apart one is enough.
 */
export function namespaceClasses(
    control: AdmissionControl,
    objects: readonly KubernetesObject[],
    clients: readonly string[],
    special: { readonly gatewayNamespace: string | undefined; readonly rootNamespaces: readonly string[] },
): NamespaceClasses {
    const known = objects
        .map(({ kind, name, namespace }) => (kind === "Namespace" ? name : namespace))
        .filter(name => name !== "");
    const all = new Set([...clients, ...known, "default", UNNAMED, ...control.namedNamespaces()]);
    const imagined = [...control.imaginedNamespaces].filter(name => !all.has(name));
    const classes = new Map<string, string>();
    const system: string[] = [];
    const likeSystem: string[] = [];
    for (const namespace of [...all, ...imagined]) {
        if (namespace === special.gatewayNamespace) {
            continue;
        }
        if (isSystemNamespace(namespace, special.rootNamespaces)) {
            (all.has(namespace) ? system : likeSystem).push(namespace);
            continue;
        }
        const signature = control.signature(namespace);
        if (!classes.has(signature)) {
            classes.set(signature, namespace);
        }
    }
    return { tenants: [...classes.values()], system, likeSystem };
}

import { registeredAs } from "../../declared/component";
import { GUARD, isOneOf } from "../../declared/guard";
import { type Resource } from "../resource";
import { isSystemNamespace } from "./namespaces";

/** Who may do what a tenant may not, and who said so. */
export interface Trust {
    /** Whether no tenant is, or can become, the user or group of that name. */
    readonly isTrusted: (identity: string) => boolean;
    /** Users, groups and namespaces that the guard's own declaration exempts. */
    readonly declared: readonly string[];
    /** The namespaces among them that are not the system's own. */
    readonly namespaces: readonly string[];
}

/**
 * The system's own users and groups, and those that the guard's component declares exempt. A policy that lets others pass has a
 * hole: nothing says that they are not tenants.
 */
export function trustOf(
    resources: readonly Resource[],
    {
        gatewayNamespace,
        rootNamespaces,
    }: { readonly gatewayNamespace: string | undefined; readonly rootNamespaces: readonly string[] },
): Trust {
    // What a guard does not register exempts nobody: a policy that lets somebody pass has a hole then.
    const guards = registeredAs(GUARD, resources);
    const lists = (key: "exemptUsers" | "exemptGroups" | "exemptNamespaces"): readonly string[] =>
        guards.flatMap(guard => {
            const fact = guard.read(key);
            return fact.known ? (fact.value ?? []) : [];
        });
    const breakGlass = guards.flatMap(guard => {
        const fact = guard.read("breakGlassGroup");
        return fact.known ? [fact.value] : [];
    });
    const users = lists("exemptUsers");
    const groups = lists("exemptGroups");
    // A prefix of nothing is everybody, tenants included.
    const named = users.filter(user => user !== "*");
    const inGroups = new Set([...groups, ...breakGlass]);
    const namespaces = new Set(lists("exemptNamespaces"));
    const ofSystem = (identity: string): boolean => {
        const [, kind, namespace] = identity.split(":");
        return kind !== "serviceaccount" && kind !== "serviceaccounts"
            ? true
            : namespace === undefined ||
                  namespace === "" ||
                  namespace === gatewayNamespace ||
                  namespaces.has(namespace) ||
                  isSystemNamespace(namespace, rootNamespaces);
    };
    const added = [...namespaces].filter(namespace => !isSystemNamespace(namespace, rootNamespaces));
    return {
        isTrusted: identity =>
            isOneOf(named, identity) ||
            inGroups.has(identity) ||
            (identity.startsWith("system:") && ofSystem(identity)),
        declared: [
            ...users,
            ...groups.map(group => `group ${group}`),
            ...added.map(namespace => `whoever runs pods in namespace ${namespace}`),
        ],
        namespaces: added,
    };
}

import { GKE_SYSTEM_NAMESPACES } from "../../../base/conventions";

/** What is read of the guard's policy and binding about tolerations. */
export interface TolerationRule {
    readonly policy: { readonly spec?: { readonly matchConditions?: readonly Condition[] } } | undefined;
    readonly binding:
        | {
              readonly spec?: {
                  readonly matchResources?: {
                      readonly namespaceSelector?: { readonly matchExpressions?: readonly Requirement[] };
                  };
              };
          }
        | undefined;
}

interface Condition {
    readonly name: string;
    readonly expression: string;
}

interface Requirement {
    readonly key: string;
    readonly operator: string;
    readonly values?: readonly string[];
}

/**
 * The namespaces whose pods may run on gateway nodes, as the live guard has them; a trailing `*` makes a prefix. Whole names stand in
 * the binding, prefixes in a match condition, since a selector has none. Without a guard: the defaults of the settings.
 */
export function exemptNamespaces({ policy, binding }: TolerationRule): readonly string[] {
    const expressions = binding?.spec?.matchResources?.namespaceSelector?.matchExpressions;
    const names = expressions?.find(({ operator }) => operator === "NotIn")?.values;
    if (names === undefined) {
        return GKE_SYSTEM_NAMESPACES;
    }
    const condition = policy?.spec?.matchConditions?.find(({ name }) => name === "reserved-namespaces");
    const prefixes = [...(condition?.expression ?? "").matchAll(/\.startsWith\("([^"]+)"\)/g)].map(
        match => `${match[1]!}*`,
    );
    return [...names, ...prefixes];
}

export function isExempt(namespace: string, exempt: readonly string[]): boolean {
    return exempt.some(name => (name.endsWith("*") ? namespace.startsWith(name.slice(0, -1)) : name === namespace));
}

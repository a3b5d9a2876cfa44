import { fields, fieldsList, type KubernetesObject, text, texts } from "../../containment/kubernetes";
import { type Resource, UNKNOWN } from "../../containment/resource";
import { type Finding, type ResourceRule, type StackRule } from "../rule";
import { gatewayNamespaces, type PackSettings } from "../settings";
import { gatewaysOfPods } from "./gatewayServers";
import { bindsGateway, objectOf, objectsOf, ofKind, serversOf, unclear } from "./objects";

/** Conditions on the caller that only an identity satisfies. */
const IDENTITIES = ["principals", "namespaces", "serviceAccounts"] as const;

/** Policies of the root namespace concern every namespace. A namespace that is not known yet may be any. */
function concernsGateway(policy: KubernetesObject, settings: PackSettings): boolean {
    return (
        [...gatewayNamespaces(settings), settings.controlPlaneNamespace, UNKNOWN].includes(policy.namespace) &&
        bindsGateway(fields(policy.spec.selector).matchLabels, settings)
    );
}

/** `rules: [{}]` allows everybody; absent rules with ALLOW allow nobody. */
export function openAuthorization(settings: PackSettings): ResourceRule {
    return {
        scope: "resource",
        name: "gateway-authorization",
        concern: "mesh",
        severity: "critical",
        enforcement: "mandatory",
        aboutGateway: "named by the stack",
        description: "Every rule that allows the use of the gateway asks for an identity.",
        stops: "An AuthorizationPolicy with rules: [{}], or without a source: every caller may use what is configured.",
        remedy: 'Name the callers in from.source.principals ("*" at least, which asks for a certificate of the mesh).',
        concerns: ofKind("AuthorizationPolicy"),
        judge: resource => {
            const policy = objectOf(resource);
            const action = text(policy.spec.action) ?? "ALLOW";
            if (!concernsGateway(policy, settings) || action === "DENY" || action === "AUDIT") {
                return [];
            }
            return [
                ...fieldsList(policy.spec.rules).flatMap((rule, index): Finding[] =>
                    asksForIdentity(rule)
                        ? []
                        : [{ found: `spec.rules[${index}] allows callers without an identity.` }],
                ),
                ...unclear(policy, "whether the rule asks for an identity", "spec.action", "spec.rules[*].from"),
            ];
        },
    };
}

function asksForIdentity(rule: Readonly<Record<string, unknown>>): boolean {
    const sources = fieldsList(rule.from).map(({ source }) => fields(source));
    return sources.length > 0 && sources.every(source => IDENTITIES.some(key => texts(source[key]).length > 0));
}

/** Under PASSTHROUGH the caller has no identity that the gateway could see, so such a rule never matches. */
export function passthroughPrincipals(settings: PackSettings): StackRule {
    return {
        scope: "stack",
        name: "passthrough-principals",
        concern: "mesh",
        severity: "high",
        enforcement: "mandatory",
        aboutGateway: "named by the stack",
        description: "No rule asks for identities where the gateway passes TLS through.",
        stops: "A rule by principal that looks like protection and never matches: who it means is refused, or another rule lets everybody in.",
        remedy: "Use ISTIO_MUTUAL on the servers, or judge by connection.sni and network policies.",
        judge: resources => {
            const ports = passthroughPorts(resources, settings);
            return ports.length === 0
                ? []
                : objectsOf(resources, "AuthorizationPolicy")
                      .filter(policy => concernsGateway(policy, settings))
                      .flatMap((policy): Finding[] => [
                          ...fieldsList(policy.spec.rules).flatMap((rule, index) => {
                              const asked = fieldsList(rule.from).flatMap(({ source }) =>
                                  IDENTITIES.filter(key => texts(fields(source)[key]).length > 0),
                              );
                              return asked.length === 0
                                  ? []
                                  : [
                                        {
                                            resource: policy.urn,
                                            found: `spec.rules[${index}] asks for ${[...new Set(asked)].join(", ")}, and port ${ports.join(", ")} of the gateway passes TLS through.`,
                                        },
                                    ];
                          }),
                          ...unclear(policy, "whether the rule asks for identities", "spec.rules[*].from"),
                      ]);
        },
    };
}

function passthroughPorts(resources: readonly Resource[], settings: PackSettings): string[] {
    const servers = gatewaysOfPods(resources, settings).flatMap(serversOf);
    return [
        ...new Set(
            servers
                .filter(({ tls }) => String(tls.mode).endsWith("PASSTHROUGH"))
                .map(({ port }) => String(port.number)),
        ),
    ];
}

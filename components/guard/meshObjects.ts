import { anyOf, capturesGateway, exemptions, list, map, text, USER, when } from "./cel";
import { type GuardObject, type MatchRule, policyWithBinding } from "./policy";
import { type GuardPolicyId } from "./rules";
import { ADDED_LABELS, gatewayNamespaces, gatewaysOf, type GuardSettings, serviceDomain } from "./settings";

/**
 * Istio and Gateway API objects outside the gateway's namespace. System namespaces are not exempt: from the root
 * namespace an object reaches the whole mesh. The deployer is, for example for a filter that the platform itself needs.
 */
export function meshRules(settings: GuardSettings): GuardObject[] {
    return [
        ...reserved(
            "mesh-registry",
            istio("networking", ["serviceentries", "workloadentries", "workloadgroups"]),
            settings,
            {
                istiod: istiod(settings),
            },
        ),
        ...reserved(
            "mesh-proxy-extension",
            [
                ...istio("networking", ["envoyfilters", "proxyconfigs"]),
                ...istio("extensions", ["wasmplugins", "trafficextensions"]),
            ],
            settings,
        ),
        ...gatewaySelector(settings),
        ...gatewayHost(settings),
        ...keyFetch(settings),
    ];
}

/** Every version: Istio serves several of each, and the fields are the same. */
function istio(group: "networking" | "security" | "extensions", resources: readonly string[]): MatchRule[] {
    return [{ apiGroups: [`${group}.istio.io`], apiVersions: ["*"], operations: ["CREATE", "UPDATE"], resources }];
}

function gatewayApi(resources: readonly string[]): MatchRule[] {
    return [
        { apiGroups: ["gateway.networking.k8s.io"], apiVersions: ["*"], operations: ["CREATE", "UPDATE"], resources },
    ];
}

/** @param others further conditions under which a request passes, by name */
function outside(settings: GuardSettings, others: Readonly<Record<string, string>> = {}) {
    return {
        namespaces: { except: gatewayNamespaces(settings) },
        unless: { ...exemptions(settings), ...others },
    };
}

/** istiod itself writes WorkloadEntries, for virtual machines that join the mesh; `istiod-<revision>` with revisions. */
function istiod({ controlPlaneNamespace }: GuardSettings): string {
    return `${USER}.startsWith(${text(`system:serviceaccount:${controlPlaneNamespace}:istiod`)})`;
}

function reserved(
    policy: GuardPolicyId,
    matches: readonly MatchRule[],
    settings: GuardSettings,
    others?: Readonly<Record<string, string>>,
): GuardObject[] {
    return policyWithBinding(
        {
            policy,
            matches,
            ...outside(settings, others),
            checks: [
                {
                    name: "outside",
                    finding: `is outside namespace ${gatewayNamespaces(settings).join(", ")}`,
                    offenders: '[request.kind.kind + " in namespace " + request.namespace]',
                },
            ],
        },
        settings,
    );
}

function gatewaySelector(settings: GuardSettings): GuardObject[] {
    const selects = gatewaysOf(settings)
        .map(({ podLabels }) => map(podLabels))
        .map(
            known =>
                `variables.selector.all(key, key in ${known} ? variables.selector[key] == ${known}[key]` +
                ` : key in ${list(ADDED_LABELS)})`,
        );
    return [
        ...policyWithBinding(
            {
                policy: "mesh-gateway-selector",
                matches: istio("networking", ["gateways"]),
                ...outside(settings),
                variables: { selector: "dyn(object).?spec.?selector.orValue({})" },
                checks: [
                    {
                        name: "selected",
                        finding: "selects the egress gateway's pods",
                        offenders: when(
                            anyOf(selects),
                            'variables.selector.size() == 0 ? "an empty selector, which is every proxy" : "its selector"',
                        ),
                    },
                ],
            },
            settings,
        ),
        // A Gateway API gateway that is deployed by hand names the Service it uses.
        ...policyWithBinding(
            {
                policy: "mesh-gateway-selector.gateway-api",
                matches: gatewayApi(["gateways"]),
                ...outside(settings),
                checks: [
                    {
                        name: "addressed",
                        finding: "uses the egress gateway's Service as its address",
                        offenders:
                            `dyn(object).?spec.?addresses.orValue([]).filter(a, ${capturesGateway('a.?value.orValue("")', settings)})` +
                            '.map(a, "address " + a.value)',
                    },
                ],
            },
            settings,
        ),
    ];
}

function gatewayHost(settings: GuardSettings): GuardObject[] {
    return [
        ...policyWithBinding(
            {
                policy: "mesh-gateway-host.destination-rule",
                matches: istio("networking", ["destinationrules"]),
                ...outside(settings),
                variables: { host: 'dyn(object).?spec.?host.orValue("")' },
                checks: [
                    {
                        name: "captured",
                        finding: "takes over the egress gateway's host",
                        offenders: when(capturesGateway("variables.host", settings), '"host " + variables.host'),
                    },
                ],
            },
            settings,
        ),
        ...policyWithBinding(
            {
                policy: "mesh-gateway-host.virtual-service",
                matches: istio("networking", ["virtualservices"]),
                ...outside(settings),
                variables: {
                    gateways: "dyn(object).?spec.?gateways.orValue([])",
                    // Without gateways it applies to every sidecar; bound to an ingress gateway only, `*` is harmless.
                    inMesh: 'variables.gateways.size() == 0 || "mesh" in variables.gateways',
                },
                checks: [
                    {
                        name: "captured",
                        finding: "takes over the egress gateway's host",
                        offenders:
                            `dyn(object).?spec.?hosts.orValue([]).filter(h, variables.inMesh && ${capturesGateway("h", settings)})` +
                            '.map(h, "host " + h)',
                    },
                    {
                        name: "bound",
                        finding: "adds routes to the egress gateway",
                        offenders: `variables.gateways.filter(g, ${namesGatewayNamespace(settings)}).map(g, "gateway " + g)`,
                    },
                ],
            },
            settings,
        ),
        ...policyWithBinding(
            {
                policy: "mesh-gateway-host.route",
                matches: gatewayApi(["grpcroutes", "httproutes", "tcproutes", "tlsroutes", "udproutes"]),
                ...outside(settings),
                checks: [
                    {
                        name: "captured",
                        finding: "attaches to the egress gateway",
                        offenders: `dyn(object).?spec.?parentRefs.orValue([]).filter(p, ${anyOf(
                            gatewayNamespaces(settings).map(
                                namespace => `p.?namespace.orValue("") == ${text(namespace)}`,
                            ),
                        )}).map(p, p.?kind.orValue("Gateway") + " " + p.name)`,
                    },
                ],
            },
            settings,
        ),
    ];
}

/** `namespace/name`, or the older `name.namespace` with or without the cluster's domain (Istio, resolveGatewayName). */
function namesGatewayNamespace(settings: GuardSettings): string {
    const namespaces = gatewayNamespaces(settings);
    const isOne = namespaces.length === 1 ? `== ${text(namespaces[0]!)}` : `in ${list(namespaces)}`;
    return `g.contains("/") ? g.split("/")[0].trim() ${isOne} : g.contains(".") && g.split(".")[1].trim() ${isOne}`;
}

/**
 * istiod fetches a rule's keys from `jwksUri` (or its alias `jwks_uri`), and without either it asks the issuer where they
 * are (Istio: RequestAuthentication reference).
 */
function keyFetch(settings: GuardSettings): GuardObject[] {
    const domain = serviceDomain(settings)
        .split(".")
        .slice(1)
        .map(label => label.replace(/[^\w-]/g, "\\$&"))
        .join("\\.");
    const inCluster = text(`^https?://[a-z0-9.-]+\\.svc(\\.${domain})?(:[0-9]+)?(/.*)?$`);
    const uri = 'r.?jwksUri.orValue(r.?jwks_uri.orValue(""))';
    return policyWithBinding(
        {
            policy: "mesh-key-fetch",
            matches: istio("security", ["requestauthentications"]),
            unless: exemptions(settings),
            checks: [
                {
                    name: "fetched",
                    finding: "makes istiod fetch keys from outside the cluster",
                    offenders:
                        `dyn(object).?spec.?jwtRules.orValue([]).filter(r, r.?jwks.orValue("") == "" && !${uri}.matches(${inCluster}))` +
                        `.map(r, ${uri} == "" ? "the keys of issuer " + r.?issuer.orValue("") : ${uri})`,
                },
            ],
        },
        settings,
    );
}

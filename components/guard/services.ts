import { exemptions, text, when } from "./cel";
import { type GuardObject, policyWithBinding } from "./policy";
import { type GuardSettings, serviceDomain } from "./settings";

const SERVICES = { apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE", "UPDATE"] as const };

/** Services and endpoints that lead outside, or that bring the outside in. */
export function serviceRules(settings: GuardSettings): GuardObject[] {
    const judged = { except: settings.exemptNamespaces };
    return [
        ...policyWithBinding(
            {
                rule: "service-external-name",
                matches: [{ ...SERVICES, resources: ["services"] }],
                namespaces: judged,
                unless: { "same-spec": SAME_SPEC },
                checks: [
                    {
                        name: "outside",
                        finding: "points outside the cluster",
                        offenders: when(
                            `object.spec.?type.orValue("") == "ExternalName" && !(object.spec.?externalName.orValue("").lowerAscii()` +
                                `.matches(${text(`\\.${escaped(serviceDomain(settings))}\\.?$`)}))`,
                            '"externalName " + object.spec.?externalName.orValue("")',
                        ),
                    },
                ],
            },
            settings,
        ),
        ...externalIps(settings),
    ];
}

/** The part of the service rules that is about client namespaces. */
export function clientServiceRules(settings: GuardSettings): GuardObject[] {
    const clients = { only: settings.clientNamespaces };
    const annotated = INTERNAL_ANNOTATIONS.map(
        key => `object.metadata.?annotations[?${text(key)}].orValue("") == "Internal"`,
    );
    return [
        ...policyWithBinding(
            {
                rule: "client-load-balancer",
                matches: [{ ...SERVICES, resources: ["services"] }],
                namespaces: clients,
                unless: {
                    "same-exposure": `${SAME_SPEC} && object.metadata.?annotations.orValue({}) == oldObject.metadata.?annotations.orValue({})`,
                },
                checks: [
                    {
                        name: "exposed",
                        finding: "opens an external load balancer",
                        offenders: when(
                            `object.spec.?type.orValue("") == "LoadBalancer" && !(${annotated.join(" || ")})`,
                            '"type LoadBalancer without the internal annotation"',
                        ),
                    },
                ],
            },
            settings,
        ),
        ...endpoints(settings, clients),
    ];
}

const SAME_SPEC = 'request.operation == "UPDATE" && object.spec == oldObject.spec';

/** GKE documentation, internal load balancers: the annotation and the one it replaced. */
const INTERNAL_ANNOTATIONS = ["networking.gke.io/load-balancer-type", "cloud.google.com/load-balancer-type"];

function externalIps(settings: GuardSettings): GuardObject[] {
    const judged = { except: settings.exemptNamespaces };
    return [
        ...policyWithBinding(
            {
                rule: "service-external-ips",
                matches: [{ ...SERVICES, resources: ["services"] }],
                namespaces: judged,
                unless: { "same-spec": SAME_SPEC },
                checks: [
                    {
                        name: "claimed",
                        finding: "claims addresses",
                        offenders: "object.spec.?externalIPs.orValue([])",
                    },
                ],
            },
            settings,
        ),
        ...policyWithBinding(
            {
                rule: "service-external-ips",
                part: "status",
                matches: [{ ...SERVICES, operations: ["UPDATE"], resources: ["services/status"] }],
                namespaces: judged,
                unless: exemptions(settings),
                checks: [
                    {
                        name: "claimed",
                        finding: "claims addresses through its status",
                        offenders:
                            "object.?status.?loadBalancer.?ingress.orValue([]) == oldObject.?status.?loadBalancer.?ingress.orValue([])" +
                            ' ? [] : object.?status.?loadBalancer.?ingress.orValue([]).map(i, i.?ip.orValue(i.?hostname.orValue("")))',
                    },
                ],
            },
            settings,
        ),
    ];
}

/** RFC 1918, RFC 6598 and RFC 4193, as the API server writes addresses; IPv4 inside IPv6 does not pass. */
const PRIVATE_ADDRESS =
    "^(10\\.|172\\.(1[6-9]|2[0-9]|3[01])\\.|192\\.168\\.|100\\.(6[4-9]|[7-9][0-9]|1[01][0-9]|12[0-7])\\.|f[cd][0-9a-f]{2}:)";

function endpoints(settings: GuardSettings, clients: { only: readonly string[] }): GuardObject[] {
    const publicOnes = (addresses: string) =>
        `${addresses}.filter(a, !a.lowerAscii().matches(${text(PRIVATE_ADDRESS)}))`;
    const common = { namespaces: clients, unless: exemptions(settings) };
    const operations = ["CREATE", "UPDATE"] as const;
    const finding = "adds an endpoint that is not a private address";
    return [
        ...policyWithBinding(
            {
                rule: "client-endpoints",
                ...common,
                matches: [{ apiGroups: [""], apiVersions: ["v1"], operations, resources: ["endpoints"] }],
                variables: {
                    subsets: "dyn(object).?subsets.orValue([])",
                    addresses: ["addresses", "notReadyAddresses"]
                        .map(
                            field =>
                                `variables.subsets.map(s, s.?${field}.orValue([]).map(a, a.ip)).filter(l, l.size() > 0)`,
                        )
                        .join(" + "),
                },
                checks: [
                    {
                        name: "outside",
                        finding,
                        offenders: `variables.addresses.filter(l, ${publicOnes("l")}.size() > 0).map(l, ${publicOnes("l")}.join(" "))`,
                    },
                ],
            },
            settings,
        ),
        ...policyWithBinding(
            {
                rule: "client-endpoints",
                part: "slice",
                ...common,
                matches: [
                    { apiGroups: ["discovery.k8s.io"], apiVersions: ["v1"], operations, resources: ["endpointslices"] },
                ],
                variables: { endpoints: "dyn(object).?endpoints.orValue([])" },
                checks: [
                    {
                        name: "outside",
                        finding,
                        offenders: `variables.endpoints.filter(e, ${publicOnes("e.addresses")}.size() > 0).map(e, e.addresses.join(" "))`,
                    },
                ],
            },
            settings,
        ),
    ];
}

function escaped(literal: string): string {
    return literal.replace(/[^\w-]/g, "\\$&");
}

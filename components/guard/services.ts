import { exemptions, exemptionsOfReserved, list, text, when } from "./cel";
import { type GuardObject, type MatchRule, policyWithBinding } from "./policy";
import { gatewayNamespaces, type GuardSettings, serviceDomain } from "./settings";

const SERVICES = { apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE", "UPDATE"] as const };

/** Services and endpoints that lead outside, or that bring the outside in. */
export function serviceRules(settings: GuardSettings): GuardObject[] {
    const judged = { except: settings.exemptNamespaces };
    return [
        ...policyWithBinding(
            {
                policy: "service-external-name",
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
        ...endpoints(settings),
    ];
}

/** The part of the service rules that is about client namespaces: nobody opens them to the outside. */
export function clientServiceRules(settings: GuardSettings): GuardObject[] {
    const clients = { only: settings.clientNamespaces };
    const unless = {
        "same-exposure": `${SAME_SPEC} && object.metadata.?annotations.orValue({}) == oldObject.metadata.?annotations.orValue({})`,
    };
    return [
        ...policyWithBinding(
            {
                policy: "client-load-balancer",
                matches: [{ ...SERVICES, resources: ["services"] }],
                namespaces: clients,
                unless,
                checks: [
                    {
                        name: "exposed",
                        finding: "opens an external load balancer",
                        offenders: when(
                            `object.spec.?type.orValue("") == "LoadBalancer" && !(${IS_INTERNAL})`,
                            `object.spec.?loadBalancerClass.orValue("") == "" ? "type LoadBalancer without the internal annotation"` +
                                ` : "loadBalancerClass " + object.spec.loadBalancerClass`,
                        ),
                    },
                ],
            },
            settings,
        ),
        ...policyWithBinding(
            {
                policy: "client-load-balancer.ingress",
                matches: INGRESSES,
                namespaces: clients,
                unless,
                checks: [
                    {
                        name: "published",
                        finding: "has Google publish it on an external load balancer",
                        offenders: when(
                            `request.resource.resource == "multiclusteringresses" || request.resource.resource == "ingresses"` +
                                ` && ${INGRESS_CLASS} in ${list(EXTERNAL_INGRESS_CLASSES)}`,
                            `request.kind.kind + (${INGRESS_CLASS} == "" ? " without a class" : " of class " + ${INGRESS_CLASS})`,
                        ),
                    },
                    {
                        name: "gatewayClass",
                        finding: "uses an external class of Google's gateways",
                        offenders: when(
                            `request.resource.resource == "gateways" && ${GATEWAY_CLASS}.matches("^(gke|asm)-") && !(${GATEWAY_CLASS} in ${list(INTERNAL_GATEWAY_CLASSES)})`,
                            `"gatewayClassName " + ${GATEWAY_CLASS}`,
                        ),
                    },
                ],
            },
            settings,
        ),
    ];
}

const SAME_SPEC = 'request.operation == "UPDATE" && object.spec == oldObject.spec';

/** The annotation and the one it replaced. Google's provider takes the first key that is there and does not look at the other. */
const [TYPE, OLD_TYPE] = ["networking.gke.io/load-balancer-type", "cloud.google.com/load-balancer-type"].map(text);

/**
 * As Google's provider reads a Service (cloud-provider-gcp, `GetLoadBalancerAnnotationType`: two spellings count) and as
 * GKE's documentation has the classes: a class decides alone, and the ones of others are theirs to explain.
 */
const IS_INTERNAL =
    'object.spec.?loadBalancerClass.orValue("") == "" ? ' +
    `object.metadata.?annotations[?${TYPE}].or(object.metadata.?annotations[?${OLD_TYPE}]).orValue("") in ["Internal", "internal"]` +
    ' : object.spec.loadBalancerClass == "networking.gke.io/l4-regional-internal"';

const INGRESSES: readonly MatchRule[] = [
    ["networking.k8s.io", "ingresses"],
    ["gateway.networking.k8s.io", "gateways"],
    ["networking.gke.io", "multiclusteringresses"],
].map(([group, resource]) => ({
    apiGroups: [group!],
    apiVersions: ["*"],
    operations: ["CREATE", "UPDATE"],
    resources: [resource!],
}));

/** The annotation, which GKE reads, before the field. GKE takes an Ingress without a class, and makes it external. */
const INGRESS_CLASS =
    'object.metadata.?annotations[?"kubernetes.io/ingress.class"].or(dyn(object).?spec.?ingressClassName).orValue("")';
const EXTERNAL_INGRESS_CLASSES = ["", "gce", "gce-multi-cluster"];
const GATEWAY_CLASS = 'dyn(object).?spec.?gatewayClassName.orValue("")';
/** GKE documentation, GatewayClass capabilities. Of those with Google's prefixes, what is not known counts as external. */
const INTERNAL_GATEWAY_CLASSES = ["gke-l7-rilb", "gke-l7-rilb-mc", "gke-l7-cross-regional-internal-managed-mc"];

function externalIps(settings: GuardSettings): GuardObject[] {
    const judged = { except: settings.exemptNamespaces };
    return [
        ...policyWithBinding(
            {
                policy: "service-external-ips",
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
                policy: "service-external-ips.status",
                matches: [{ ...SERVICES, operations: ["UPDATE"], resources: ["services/status"] }],
                namespaces: judged,
                // Which of Google's components reports a load balancer depends on its kind.
                unless: exemptionsOfReserved(settings),
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

/**
 * In every namespace: the sidecars of clients see the Services of all. The gateway's own addresses lead around its Service,
 * whose name is what clients' rules are written for.
 */
function endpoints(settings: GuardSettings): GuardObject[] {
    const gateway = (settings.gatewayCidrs ?? []).map(cidr => `a.matches(${text(inRange(cidr))})`);
    const publicOnes = (addresses: string) =>
        `${addresses}.filter(a, ${[`!a.lowerAscii().matches(${text(PRIVATE_ADDRESS)})`, ...gateway].join(" || ")})`;
    const common = {
        namespaces: { except: [...settings.exemptNamespaces, ...gatewayNamespaces(settings)] },
        unless: exemptions(settings),
    };
    const operations = ["CREATE", "UPDATE"] as const;
    const finding = "adds an endpoint that is not a private address, or is the gateway's";
    return [
        ...policyWithBinding(
            {
                policy: "client-endpoints",
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
                policy: "client-endpoints.slice",
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

/** The addresses of an IPv4 range as text; CEL has addresses since Kubernetes 1.31 only. */
function inRange(cidr: string): string {
    const [address, bits] = cidr.split("/");
    const octets = address!.split(".").map(Number);
    const fixed = Math.floor(Number(bits) / 8);
    const parts = octets.slice(0, fixed).map(String);
    const size = 2 ** (8 - (Number(bits) % 8));
    if (fixed < 4 && size < 256) {
        const first = octets[fixed]! - (octets[fixed]! % size);
        parts.push(`(${Array.from({ length: size }, (_, index) => first + index).join("|")})`);
    }
    return `^${parts.join("\\.")}${parts.length < 4 ? "\\." : "$"}`;
}

function escaped(literal: string): string {
    return literal.replace(/[^\w-]/g, "\\$&");
}

import { GATEWAY_COUNTERS } from "../../base/conventions";
import { exempt, inGroup, KUBELET, text, USER, when } from "./cel";
import { breakGlassAudit } from "./gatewayNamespace";
import { type GuardCheck, type GuardObject, policyWithBinding } from "./policy";
import { closedNamespaces, type GuardSettings } from "./settings";

/** Of one port and one path: behind other paths of that port would be the proxy's administration. */
const READS_COUNTERS =
    `request.resource.resource == "pods" && request.subResource == "proxy" && ` +
    `request.name.endsWith(":${GATEWAY_COUNTERS.port}") && object.?path.orValue("") == ${text(GATEWAY_COUNTERS.path)}`;

/** Who looks into the pods of the gateway and of the resolver, and who speaks with their identity. */
export function gatewayAccessRules(settings: GuardSettings): GuardObject[] {
    const closed = { only: closedNamespaces(settings) };
    const breakGlass = inGroup(settings.breakGlassGroup);
    const stranger: GuardCheck = {
        name: "stranger",
        finding: "looks into a pod that has a way out",
        offenders: when(
            `!(${breakGlass} || ${READS_COUNTERS})`,
            `${USER} + " is not in group " + ${text(settings.breakGlassGroup)}`,
        ),
    };
    const audit = { "break-glass": breakGlassAudit(breakGlass) };
    return [
        ...policyWithBinding(
            {
                policy: "gateway-pod-access",
                matches: [
                    {
                        apiGroups: [""],
                        apiVersions: ["v1"],
                        operations: ["CONNECT"],
                        resources: ["pods/exec", "pods/attach", "pods/portforward", "pods/proxy", "services/proxy"],
                    },
                    {
                        apiGroups: [""],
                        apiVersions: ["v1"],
                        operations: ["UPDATE"],
                        resources: ["pods/ephemeralcontainers"],
                    },
                ],
                namespaces: closed,
                checks: [stranger],
                audit,
            },
            settings,
        ),
        // The kubelet runs commands too, and the API server passes requests on to it. Metrics and logs go the same way,
        // so only the kubelet's paths that run something are refused; which node it is cannot be seen here.
        ...policyWithBinding(
            {
                policy: "gateway-pod-access.kubelet",
                matches: [
                    { apiGroups: [""], apiVersions: ["v1"], operations: ["CONNECT"], resources: ["nodes/proxy"] },
                ],
                checks: [
                    {
                        name: "stranger",
                        finding: "asks a kubelet to run a command, to forward a port or to write a pod's memory",
                        offenders: when(
                            `!(${breakGlass}) && object.?path.orValue("").lowerAscii().matches("(^|/)(exec|run|attach|portforward|cri|debug|checkpoint)(/|$)")`,
                            'object.?path.orValue("")',
                        ),
                    },
                ],
                audit,
            },
            settings,
        ),
        ...serviceAccountTokens(settings, closed, breakGlass),
    ];
}

function serviceAccountTokens(settings: GuardSettings, closed: { only: string[] }, breakGlass: string): GuardObject[] {
    return [
        ...policyWithBinding(
            {
                policy: "gateway-service-account-token",
                matches: [
                    {
                        apiGroups: [""],
                        apiVersions: ["v1"],
                        operations: ["CREATE"],
                        resources: ["serviceaccounts/token"],
                    },
                ],
                namespaces: closed,
                checks: [
                    {
                        name: "requested",
                        finding: "asks for a token of a service account in a namespace of this program",
                        offenders: when(`!(${KUBELET} || ${exempt(settings)} || ${breakGlass})`, `"by " + ${USER}`),
                    },
                ],
            },
            settings,
        ),
        ...policyWithBinding(
            {
                policy: "gateway-service-account-token.secret",
                matches: [{ apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE"], resources: ["secrets"] }],
                namespaces: closed,
                checks: [
                    {
                        name: "stored",
                        finding: "stores a token that never expires",
                        offenders: when(
                            'object.?type.orValue("") == "kubernetes.io/service-account-token"',
                            '"type " + object.type',
                        ),
                    },
                ],
            },
            settings,
        ),
    ];
}

import { GATEWAY_COUNTERS } from "../../settings/conventions";
import { exempt, inGroup, KUBELET, map, text, USER, when } from "./cel";
import { IS_INJECTION_PLACEHOLDER, isProxyImage } from "./injectedProxy";
import { type Check, type GuardObject, policyWithBinding } from "./policy";
import { IS_POD, POD_BEARING, POD_VARIABLES, SAME_POD_METADATA, SAME_POD_SPEC } from "./podTemplates";
import { type GuardSettings } from "./settings";

/** The gateway's namespace: what runs there, who writes there, who looks in. */
export function gatewayNamespaceRules(settings: GuardSettings): GuardObject[] {
    const here = { only: [settings.gatewayNamespace] };
    const breakGlass = inGroup(settings.breakGlassGroup);
    return [
        ...policyWithBinding(
            {
                rule: "gateway-namespace-pods",
                matches: [
                    ...POD_BEARING,
                    // Labels can be changed through it, and labels are what authorization policies select.
                    { apiGroups: [""], apiVersions: ["v1"], operations: ["UPDATE"], resources: ["pods/status"] },
                ],
                namespaces: here,
                unless: { "same-pod": `(${SAME_POD_SPEC}) && (${SAME_POD_METADATA})` },
                variables: POD_VARIABLES,
                checks: gatewayPodChecks(settings),
            },
            settings,
        ),
        ...policyWithBinding(
            {
                rule: "gateway-namespace-owner",
                matches: [
                    ...OWNED.map(({ apiGroup, resources }) => ({
                        apiGroups: [apiGroup],
                        // Istio's groups have several versions; `*` covers those to come.
                        apiVersions: ["*"],
                        operations: ["CREATE", "UPDATE", "DELETE"] as const,
                        resources,
                    })),
                ],
                namespaces: here,
                checks: [
                    {
                        name: "stranger",
                        finding: "writes what only the deployer writes",
                        offenders: when(`!(${exempt(settings)} || ${breakGlass})`, `"by " + ${USER}`),
                    },
                ],
                audit: { "break-glass": breakGlassAudit(breakGlass) },
            },
            settings,
        ),
        ...gatewayAccess(settings, here, breakGlass),
    ];
}

/** What routes, admits, re-points or runs the gateway. Status subresources are left to controllers. */
const OWNED: readonly { readonly apiGroup: string; readonly resources: readonly string[] }[] = [
    { apiGroup: "", resources: ["services", "endpoints"] },
    { apiGroup: "apps", resources: ["deployments", "deployments/scale"] },
    { apiGroup: "discovery.k8s.io", resources: ["endpointslices"] },
    { apiGroup: "networking.k8s.io", resources: ["networkpolicies"] },
    { apiGroup: "networking.istio.io", resources: ["*"] },
    { apiGroup: "security.istio.io", resources: ["*"] },
    { apiGroup: "extensions.istio.io", resources: ["*"] },
    { apiGroup: "telemetry.istio.io", resources: ["*"] },
];

/**
 * "Runs as the gateway": its account, its labels, the injector's proxy as the only container and nothing that reaches the
 * node. A template may leave the container to the injector (`image: auto`); a pod may not, it comes after injection.
 */
function gatewayPodChecks(settings: GuardSettings): readonly Check[] {
    const labels = map(settings.gatewayPodLabels);
    const account = text(settings.gatewayServiceAccount);
    const router = `${isProxyImage(settings)} && c.?args.orValue([]).size() >= 2 && c.args[0] == "proxy" && c.args[1] == "router"`;
    return [
        {
            name: "account",
            finding: `does not run as service account ${settings.gatewayServiceAccount}`,
            offenders: when(
                `variables.spec.?serviceAccountName.orValue("default") != ${account}`,
                `"serviceAccountName " + variables.spec.?serviceAccountName.orValue("default")`,
            ),
        },
        {
            name: "labelled",
            finding: "does not carry the gateway's labels",
            offenders: `${labels}.filter(key, variables.labels[?key].orValue("") != ${labels}[key]).map(key, "label " + key)`,
        },
        {
            name: "strangers",
            finding: "has a container that is not the injector's proxy",
            offenders:
                `variables.containers.filter(c, !(c.name == "istio-proxy" && c.?command.orValue([]).size() == 0` +
                ` && (${router} || !(${IS_POD}) && ${IS_INJECTION_PLACEHOLDER}))).map(c, "container " + c.name)`,
        },
        {
            name: "host",
            finding: "reaches the node",
            offenders: [
                ...["hostNetwork", "hostPID", "hostIPC"].map(
                    field => `(variables.spec.?${field}.orValue(false) ? ["${field}"] : [])`,
                ),
                'variables.spec.?volumes.orValue([]).filter(v, has(v.hostPath)).map(v, "volume " + v.name)',
                "variables.containers.filter(c, !variables.spec.?hostNetwork.orValue(false) && c.?ports.orValue([])" +
                    '.exists(p, p.?hostPort.orValue(0) != 0)).map(c, "host port of container " + c.name)',
            ].join(" + "),
        },
        {
            name: "privileges",
            finding: "has more privileges than a proxy needs",
            offenders:
                `variables.containers.filter(c, c.?securityContext.?privileged.orValue(false)` +
                ` || c.?securityContext.?capabilities.?add.orValue([]).exists(name, name != "NET_BIND_SERVICE"))` +
                '.map(c, "container " + c.name)',
        },
    ];
}

/** Of one port and one path: behind other paths of that port would be the proxy's administration. */
const READS_COUNTERS =
    `request.resource.resource == "pods" && request.subResource == "proxy" && ` +
    `request.name.endsWith(":${GATEWAY_COUNTERS.port}") && object.?path.orValue("") == ${text(GATEWAY_COUNTERS.path)}`;

function gatewayAccess(settings: GuardSettings, here: { only: string[] }, breakGlass: string): GuardObject[] {
    const stranger: Check = {
        name: "stranger",
        finding: "looks into a gateway pod",
        offenders: when(
            `!(${breakGlass} || ${READS_COUNTERS})`,
            `${USER} + " is not in group " + ${text(settings.breakGlassGroup)}`,
        ),
    };
    const audit = { "break-glass": breakGlassAudit(breakGlass) };
    return [
        ...policyWithBinding(
            {
                rule: "gateway-pod-access",
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
                namespaces: here,
                checks: [stranger],
                audit,
            },
            settings,
        ),
        // The kubelet runs commands too, and the API server passes requests on to it. Metrics and logs go the same way,
        // so only the kubelet's paths that run something are refused; which node it is cannot be seen here.
        ...policyWithBinding(
            {
                rule: "gateway-pod-access",
                part: "kubelet",
                matches: [
                    { apiGroups: [""], apiVersions: ["v1"], operations: ["CONNECT"], resources: ["nodes/proxy"] },
                ],
                checks: [
                    {
                        name: "stranger",
                        finding: "asks a kubelet to run a command or to forward a port",
                        offenders: when(
                            `!(${breakGlass}) && object.?path.orValue("").lowerAscii().matches("(^|/)(exec|run|attach|portforward|cri|debug)(/|$)")`,
                            'object.?path.orValue("")',
                        ),
                    },
                ],
                audit,
            },
            settings,
        ),
        ...serviceAccountTokens(settings, here, breakGlass),
    ];
}

function serviceAccountTokens(settings: GuardSettings, here: { only: string[] }, breakGlass: string): GuardObject[] {
    return [
        ...policyWithBinding(
            {
                rule: "gateway-service-account-token",
                matches: [
                    {
                        apiGroups: [""],
                        apiVersions: ["v1"],
                        operations: ["CREATE"],
                        resources: ["serviceaccounts/token"],
                    },
                ],
                namespaces: here,
                checks: [
                    {
                        name: "requested",
                        finding: "asks for a token of a service account in the gateway's namespace",
                        offenders: when(`!(${KUBELET} || ${exempt(settings)} || ${breakGlass})`, `"by " + ${USER}`),
                    },
                ],
            },
            settings,
        ),
        ...policyWithBinding(
            {
                rule: "gateway-service-account-token",
                part: "secret",
                matches: [{ apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE"], resources: ["secrets"] }],
                namespaces: here,
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

/** Written for requests that pass as well: who broke the glass is in the audit log. */
function breakGlassAudit(breakGlass: string): string {
    return `${breakGlass} ? ${USER} + " " + request.operation + " " + request.resource.resource : ""`;
}

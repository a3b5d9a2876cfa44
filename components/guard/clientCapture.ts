import { exemptions, list, map, namedUser, text, USER } from "./cel";
import { type GuardCheck, type GuardObject, policyWithBinding } from "./policy";
import { IS_POD, POD_BEARING, POD_VARIABLES, SAME_POD_METADATA } from "./podTemplates";
import { type GuardSettings } from "./settings";

/** What the pods and namespaces of clients may say about their sidecar: annotations, labels. */
export function clientCaptureRules(settings: GuardSettings): GuardObject[] {
    const clients = { only: settings.clientNamespaces };
    const common = {
        matches: POD_BEARING,
        namespaces: clients,
        unless: { "same-pod-metadata": SAME_POD_METADATA },
        variables: POD_VARIABLES,
    };
    return [
        ...policyWithBinding(
            { ...common, policy: "client-traffic-capture", checks: captureChecks(settings) },
            settings,
        ),
        ...policyWithBinding(
            {
                ...common,
                policy: "client-injection",
                unless: {
                    ...common.unless,
                    "uninjected-users": `(${IS_POD}) && (${namedUser(settings.uninjectedUsers ?? [])})`,
                },
                checks: injectionChecks,
            },
            settings,
        ),
        ...policyWithBinding(
            {
                policy: "client-sidecar",
                matches: [
                    {
                        apiGroups: ["networking.istio.io"],
                        apiVersions: ["*"],
                        operations: ["CREATE", "UPDATE", "DELETE"],
                        resources: ["sidecars"],
                    },
                ],
                namespaces: clients,
                unless: exemptions(settings),
                checks: [
                    {
                        name: "foreign",
                        finding: "changes what the namespace's sidecars may reach",
                        offenders: `["by " + ${USER}]`,
                    },
                ],
            },
            settings,
        ),
    ];
}

const CAPTURE = "traffic.sidecar.istio.io/";

/** Their value has to be empty. `includeOutboundPorts` is not among them: it adds to the capture. */
const EXCLUDING = ["excludeOutboundIPRanges", "excludeOutboundPorts", "excludeInterfaces"].map(name => CAPTURE + name);

/** They replace the proxy's program or configuration. */
const REPLACING = [
    "sidecar.istio.io/bootstrapOverride",
    "sidecar.istio.io/discoveryAddress",
    "sidecar.istio.io/proxyImage",
    "sidecar.istio.io/userVolume",
    "sidecar.istio.io/userVolumeMount",
];

/**
 * The injector, when the CNI plugin is in use, writes the mesh's own capture settings as annotations: the values that
 * capture everything pass, and those that the settings list.
 */
function captureChecks(settings: GuardSettings): readonly GuardCheck[] {
    const injected = map(settings.injectedAnnotations ?? {});
    const allowed = `(key in ${injected} && variables.annotations[key] == ${injected}[key])`;
    const named = (keys: readonly string[], wrong: string) =>
        `variables.annotations.filter(key, key in ${list(keys)} && ${wrong} && !${allowed})`;
    return [
        {
            name: "excluded",
            finding: "leaves outbound traffic out of the capture",
            offenders: named(EXCLUDING, 'variables.annotations[key].trim() != ""'),
        },
        {
            name: "narrowed",
            finding: "captures part of the outbound traffic only",
            offenders: named([`${CAPTURE}includeOutboundIPRanges`], 'variables.annotations[key] != "*"'),
        },
        {
            name: "intercepted",
            finding: "switches the interception off",
            offenders: named(
                ["sidecar.istio.io/interceptionMode"],
                '!(variables.annotations[key] in ["REDIRECT", "TPROXY"])',
            ),
        },
        {
            name: "replaced",
            finding: "replaces the sidecar's program or configuration",
            offenders: named(REPLACING, "true"),
        },
        {
            name: "configured",
            finding: "changes the proxy configuration beyond tuning",
            offenders: named(["proxy.istio.io/config"], `(${CHANGES_PROXY})`),
        },
        {
            name: "obscured",
            finding: "has a backslash, ! or & in the proxy configuration, which can hide a field",
            offenders: named(["proxy.istio.io/config"], OBSCURES),
        },
    ];
}

/** Fields of ProxyConfig that move the capture, the control plane, the program or where the proxy connects, in lower case and without `_`. */
const PROXY_CONFIG_WORDS = [
    "interceptionmode",
    "discoveryaddress",
    "binarypath",
    "configpath",
    "customconfigfile",
    "proxybootstraptemplatepath",
    "cacertificatespem",
    "controlplaneauthpolicy",
    "privatekeyprovider",
    "proxyadminport",
    "runtimevalues",
    "image",
    // Run a command in the proxy's container.
    "readinessprobe",
    ...["statsdudpaddress", "envoyaccesslogservice", "envoymetricsservice", "configsources"],
    // Providers of tracing, each with an address; the rest of `tracing` tunes.
    ...["zipkin", "lightstep", "datadog", "opencensusagent", "stackdriver"],
];

/** Environment of the proxy that the annotation may set: DNS capture, which `tcp` destinations need. */
const PROXY_ENVIRONMENT = ["ISTIO_META_DNS_CAPTURE", "ISTIO_META_DNS_AUTO_ALLOCATE"];

const VALUE = "variables.annotations[key]";
const FLATTENED = `${VALUE}.lowerAscii().split("_").join("")`;

/**
 * The annotation is YAML, which CEL does not parse, so it is judged as text. Field names count in either of the spellings
 * that protobuf accepts; environment variables by their capitals, all but the ones above. YAML hides a word only behind
 * an escape, a tag or an anchor, and {@link OBSCURES} refuses their characters.
 */
const CHANGES_PROXY =
    `[${FLATTENED}].exists(flat, ${list(PROXY_CONFIG_WORDS)}.exists(word, flat.contains(word)) || flat.contains("proxymetadata") && ` +
    `${PROXY_ENVIRONMENT.reduce((rest, name) => `${rest}.split(${text(name)}).join("")`, VALUE)}.matches("[A-Z][A-Z_]"))`;

const OBSCURES = `${VALUE}.matches(${text("[\\\\!&]")})`;

const injectionChecks: readonly GuardCheck[] = [
    {
        // What the injector does not read as yes means no, so "False" and "true " count too.
        name: "switchedOff",
        finding: "switches the injection of the sidecar off",
        offenders: ["annotations", "labels"]
            .map(
                where =>
                    `variables.${where}.filter(key, key == "sidecar.istio.io/inject" && !(variables.${where}[key].lowerAscii()` +
                    ` in ["", "true", "yes", "y", "on"])).map(key, "${where.slice(0, -1)} " + key)`,
            )
            .join(" + "),
    },
    {
        name: "otherTemplate",
        finding: "asks for another injection template",
        offenders:
            'variables.annotations.filter(key, key == "inject.istio.io/templates" && variables.annotations[key] != "sidecar")',
    },
];

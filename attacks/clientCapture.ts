import { type HostileCase, type Request, type Sender, type SentObject } from "./case";
import { injectedAnnotations, POD_KINDS, type PodKind, workloadOf } from "./objects";
import { administrator, CLIENT, deployer, developer, ELSEWHERE, GATEWAY, NEW_CLIENT, RESOLVER } from "./surroundings";

type Strings = Readonly<Record<string, string>>;
const TRAFFIC = "traffic.sidecar.istio.io/";
const PROXY_CONFIG = "proxy.istio.io/config";
const INJECT = "sidecar.istio.io/inject";

/** Annotations and labels by which pods and namespaces of clients get around their sidecar, and names that exempt. */
export const clientCaptureCases: readonly HostileCase[] = [
    ...POD_KINDS.map(kind =>
        annotated(
            kind,
            "exclude-ports",
            { [`${TRAFFIC}excludeOutboundPorts`]: "443" },
            { [`${TRAFFIC}excludeInboundPorts`]: "9090" },
        ),
    ),
    annotated(
        "Deployment",
        "exclude-ranges",
        { [`${TRAFFIC}excludeOutboundIPRanges`]: "0.0.0.0/0" },
        injectedAnnotations,
    ),
    annotated(
        "Pod",
        "exclude-ranges-padded",
        { [`${TRAFFIC}excludeOutboundIPRanges`]: "  203.0.113.9/32 " },
        { [`${TRAFFIC}excludeOutboundIPRanges`]: " " },
    ),
    annotated(
        "StatefulSet",
        "exclude-interfaces",
        { [`${TRAFFIC}excludeInterfaces`]: "eth0" },
        { [`${TRAFFIC}kubevirtInterfaces`]: "net1" },
    ),
    annotated(
        "DaemonSet",
        "include-few",
        { [`${TRAFFIC}includeOutboundIPRanges`]: "10.0.0.0/8" },
        { [`${TRAFFIC}includeOutboundIPRanges`]: "*" },
    ),
    annotated(
        "Pod",
        "include-none",
        { [`${TRAFFIC}includeOutboundIPRanges`]: "" },
        { [`${TRAFFIC}includeOutboundPorts`]: "8443" },
    ),
    annotated(
        "Job",
        "interception-off",
        { "sidecar.istio.io/interceptionMode": "NONE" },
        { "sidecar.istio.io/interceptionMode": "TPROXY" },
    ),
    annotated(
        "Pod",
        "interception-mixed-case",
        { "sidecar.istio.io/interceptionMode": "None" },
        { "sidecar.istio.io/interceptionMode": "REDIRECT" },
    ),
    annotated(
        "Deployment",
        "bootstrap",
        { "sidecar.istio.io/bootstrapOverride": "my-envoy" },
        { "sidecar.istio.io/logLevel": "debug" },
    ),
    annotated(
        "Deployment",
        "proxy-image",
        { "sidecar.istio.io/proxyImage": "registry.acme.example/curl:8" },
        { "sidecar.istio.io/proxyCPU": "50m" },
    ),
    annotated(
        "Deployment",
        "control-plane",
        { "sidecar.istio.io/discoveryAddress": "evil.example:15012" },
        { "sidecar.istio.io/agentLogLevel": "info" },
    ),
    annotated(
        "Pod",
        "volume",
        { "sidecar.istio.io/userVolume": '[{"name":"x","configMap":{"name":"x"}}]' },
        { "sidecar.istio.io/extraStatTags": "x" },
    ),

    ...[
        ["interception", "interceptionMode: NONE", "holdApplicationUntilProxyStarts: true"],
        ["interception-snake-case", "interception_mode: NONE", "hold_application_until_proxy_starts: true"],
        ["discovery", '{"discoveryAddress": "evil.example:15012"}', '{"terminationDrainDuration": "20s"}'],
        ["program", "binaryPath: /bin/sh", "concurrency: 2"],
        [
            "template",
            "proxyBootstrapTemplatePath: /etc/mine.json",
            "proxyStatsMatcher: {inclusionRegexps: ['.*upstream_cx.*']}",
        ],
        ["environment", "proxyMetadata: {DISABLE_ENVOY: 'true'}", "proxyMetadata: {ISTIO_META_DNS_CAPTURE: 'true'}"],
        [
            "environment-beside-an-allowed-one",
            "proxyMetadata:\n  ISTIO_META_DNS_CAPTURE: 'true'\n  DRY_RUN: 'true'",
            "proxyMetadata:\n  ISTIO_META_DNS_CAPTURE: 'true'\n  ISTIO_META_DNS_AUTO_ALLOCATE: 'true'",
        ],
        ["statsd", "statsdUdpAddress: 203.0.113.9:8125", "extraStatTags: [shop]"],
        ["tracing", "tracing: {zipkin: {address: '203.0.113.9:9411'}}", "tracing: {sampling: 10}"],
        ["access-log", "envoyAccessLogService: {address: 'logs.evil.example:443'}", "accessLogging: true"],
        ["metrics", '{"envoyMetricsService": {"address": "logs.evil.example:443"}}', '{"statNameLength": 200}'],
        ["sources", "configSources: [{address: 'xds://evil.example:15012'}]", "meshId: acme"],
        ["readiness-command", "readinessProbe: {exec: {command: [sh]}}", "terminationDrainDuration: 20s"],
    ].map(([name, hostile, benign]) =>
        annotated(
            "Deployment",
            `config-${name}`,
            { [PROXY_CONFIG]: hostile },
            { [PROXY_CONFIG]: benign },
            "changes the proxy configuration",
        ),
    ),
    ...[
        ["escape", '{"interception\\u004dode": "NONE"}'],
        ["tag", "!!binary aW50ZXJjZXB0aW9uTW9kZQ==: NONE"],
        ["anchor", "drainDuration: &later 5s"],
    ].map(([name, hostile]) =>
        annotated(
            "Pod",
            `config-hidden-by-${name}`,
            { [PROXY_CONFIG]: hostile },
            { [PROXY_CONFIG]: "drainDuration: 5s" },
            "which can hide a field",
        ),
    ),
    captureCase("added-later", developer, "leaves outbound traffic out of the capture", {
        operation: "update",
        before: workloadOf("Deployment", "capture-added-later"),
        object: workloadOf(
            "Deployment",
            "capture-added-later",
            {},
            { annotations: { [`${TRAFFIC}excludeOutboundPorts`]: "443" } },
        ),
    }),

    ...POD_KINDS.map(kind =>
        injection(kind, "label", { labels: { [INJECT]: "false" } }, { labels: { [INJECT]: "true" } }),
    ),
    ...POD_KINDS.map(kind =>
        injection(kind, "annotation", { annotations: { [INJECT]: "false" } }, { annotations: { [INJECT]: "true" } }),
    ),
    ...[
        ["False", "true"],
        ["n", "y"],
        ["0", "on"],
        ["disabled", "yes"],
    ].map(([hostile, benign]) =>
        injection(
            "Pod",
            `label-${hostile.toLowerCase()}`,
            { labels: { [INJECT]: hostile } },
            { labels: { [INJECT]: benign } },
        ),
    ),
    injection(
        "Pod",
        "annotation-padded",
        { annotations: { [INJECT]: " true" } },
        { annotations: { [INJECT]: "TRUE" } },
    ),
    injection(
        "Deployment",
        "template",
        { annotations: { "inject.istio.io/templates": "grpc-agent" } },
        { annotations: { "inject.istio.io/templates": "sidecar" } },
        "asks for another injection template",
    ),
    injection(
        "Pod",
        "template-list",
        { annotations: { "inject.istio.io/templates": "sidecar,no-capture" } },
        { annotations: { "inject.istio.io/templates": "sidecar" } },
        "asks for another injection template",
    ),

    namespaceCase("removed", { "istio-injection": "enabled" }, {}),
    namespaceCase("disabled", { "istio-injection": "enabled" }, { "istio-injection": "disabled" }),
    namespaceCase("revision-removed", { "istio.io/rev": "stable" }, {}),
    namespaceCase("revision-changed", { "istio.io/rev": "stable" }, { "istio.io/rev": "mine" }),
    namespaceCase(
        "overridden",
        { "istio.io/rev": "stable" },
        { "istio.io/rev": "stable", "istio-injection": "disabled" },
    ),
    namespaceCase(
        "ambient",
        { "istio-injection": "enabled" },
        { "istio-injection": "enabled", "istio.io/dataplane-mode": "ambient" },
    ),
    namespaceCase(
        "waypoint",
        { "istio-injection": "enabled" },
        { "istio-injection": "enabled", "istio.io/use-waypoint": "mine" },
    ),
    namespaceCase(
        "pod-security",
        { "istio-injection": "enabled", "pod-security.kubernetes.io/enforce": "baseline" },
        { "istio-injection": "enabled", "pod-security.kubernetes.io/enforce": "privileged" },
    ),
    namespaceCase("any-label-of-the-gateway", {}, { team: "tools" }, undefined, GATEWAY),
    namespaceCase(
        "pod-security-of-the-resolver",
        { "pod-security.kubernetes.io/enforce": "restricted" },
        { "pod-security.kubernetes.io/enforce": "privileged" },
        undefined,
        RESOLVER,
    ),
    namespaceCase("through-status", { "istio-injection": "enabled" }, {}, "status"),
    namespaceCase("through-finalize", { "istio-injection": "enabled" }, {}, "finalize"),
    namespaceCase("gateway", { "istio-injection": "enabled" }, { "istio-injection": "disabled" }, undefined, GATEWAY),

    ...[
        ["without-label", {}, { "istio-injection": "enabled" }],
        ["switched-off", { "istio-injection": "disabled", "istio.io/rev": "stable" }, { "istio.io/rev": "stable" }],
    ].map(([name, hostile, benign]): HostileCase => ({
        id: `client-namespace-labels/created-${name as string}`,
        rule: "client-namespace-labels",
        bypass: 52,
        title: `A developer creates a declared namespace that does not exist yet (${(name as string).replaceAll("-", " ")}).`,
        as: developer,
        message: "without the label that injects sidecars: namespace billing",
        request: { operation: "create", object: labelled(NEW_CLIENT, hostile as Strings) },
        twin: {
            title: "With the label it is created.",
            request: { operation: "create", object: labelled(NEW_CLIENT, benign as Strings) },
        },
    })),
    ...[CLIENT, GATEWAY, RESOLVER].map((namespace): HostileCase => {
        // In dry run, since nothing brings it back.
        const request: Request = { operation: "delete", before: labelled(namespace, {}), dryRun: true };
        return {
            id: `client-namespace-labels/deleted/${namespace}`,
            rule: "client-namespace-labels",
            bypass: 52,
            title: `An administrator deletes namespace ${namespace}, and what protects it with it.`,
            as: administrator,
            message: `deletes the namespace with everything in it: namespace ${namespace}`,
            request,
            twin: { title: "The deployer does.", as: deployer, request },
        };
    }),
    ...[GATEWAY, RESOLVER].map((namespace): HostileCase => ({
        id: `client-namespace-labels/taken/${namespace}`,
        rule: "client-namespace-labels",
        bypass: 52,
        title: `A developer creates namespace ${namespace} before the program does, and fills it.`,
        as: developer,
        message: "creates a namespace that is this program's to create",
        request: { operation: "create", object: labelled(namespace, { "istio-injection": "enabled" }) },
        twin: {
            title: "A developer creates another.",
            request: { operation: "create", object: labelled(`${namespace}-mine`, {}) },
        },
    })),
    ...sidecars(),

    {
        id: "exempt-namespace-creation/managed",
        rule: "exempt-namespace-creation",
        bypass: 52,
        title: "A developer who may create namespaces creates one of GKE's that this cluster does not have.",
        as: developer,
        message: "has a name that the guard exempts: namespace gke-managed-yet-to-come",
        request: { operation: "create", object: labelled("gke-managed-yet-to-come", {}) },
        twin: {
            title: "A developer creates a namespace of their own.",
            request: { operation: "create", object: labelled("gke-tools", {}) },
        },
    },
    {
        id: "exempt-namespace-creation/system",
        rule: "exempt-namespace-creation",
        bypass: 52,
        title: "An administrator creates one.",
        as: administrator,
        message: "has a name that the guard exempts: namespace gmp-system",
        request: { operation: "create", object: labelled("gmp-system", {}) },
        twin: {
            title: "GKE's addon manager creates it with the feature.",
            as: { user: "system:addon-manager" },
            request: { operation: "create", object: labelled("gmp-system", {}) },
        },
    },
];

function annotated(
    kind: PodKind,
    name: string,
    hostile: Strings,
    benign: Strings,
    message = Object.keys(hostile)[0],
): HostileCase {
    const objectName = `capture-${name}-${kind}`.toLowerCase();
    return {
        id: `client-traffic-capture/${name}/${kind}`,
        rule: "client-traffic-capture",
        bypass: 4,
        title: `A ${kind} in a client namespace narrows its capture (${name.replaceAll("-", " ")}).`,
        as: developer,
        message,
        request: { operation: "create", object: workloadOf(kind, objectName, {}, { annotations: hostile }) },
        twin: {
            title: `A ${kind} with annotations that capture everything.`,
            request: {
                operation: "create",
                object: workloadOf(kind, `${objectName}-twin`, {}, { annotations: benign }),
            },
        },
    };
}

function captureCase(name: string, as: Sender, message: string, request: Request): HostileCase {
    const plain = workloadOf("Deployment", "capture-unrelated");
    return {
        id: `client-traffic-capture/${name}`,
        rule: "client-traffic-capture",
        bypass: 4,
        title: "A harmless Deployment narrows its capture in its next revision.",
        as,
        message,
        request,
        twin: {
            title: "A Deployment gets an annotation of another sort.",
            request: {
                operation: "update",
                before: plain,
                object: workloadOf(
                    "Deployment",
                    "capture-unrelated",
                    {},
                    { annotations: { "acme/restarted-at": "today" } },
                ),
            },
        },
    };
}

interface Marks {
    readonly labels?: Strings;
    readonly annotations?: Strings;
}

function injection(
    kind: PodKind,
    name: string,
    hostile: Marks,
    benign: Marks,
    message = "switches the injection of the sidecar off",
): HostileCase {
    const objectName = `injection-${name}-${kind}`.toLowerCase();
    return {
        id: `client-injection/${name}/${kind}`,
        rule: "client-injection",
        bypass: 2,
        title: `A ${kind} in a client namespace does without the sidecar (${name.replaceAll("-", " ")}).`,
        as: developer,
        message,
        request: { operation: "create", object: workloadOf(kind, objectName, {}, hostile) },
        twin: {
            title: `A ${kind} asks for the sidecar.`,
            request: { operation: "create", object: workloadOf(kind, `${objectName}-twin`, {}, benign) },
        },
    };
}

function namespaceCase(
    name: string,
    before: Strings,
    after: Strings,
    subresource?: "status" | "finalize",
    namespace: string = CLIENT,
): HostileCase {
    const change = (object: SentObject): Request => ({
        operation: "update",
        before: labelled(namespace, before),
        object,
        ...(subresource === undefined ? {} : { subresource }),
    });
    return {
        id: `client-namespace-labels/${name}`,
        rule: "client-namespace-labels",
        bypass: 52,
        title: `An administrator changes the injection labels of namespace ${namespace} (${name.replaceAll("-", " ")}).`,
        as: administrator,
        message: "changes labels that decide about the namespace's pods",
        request: change(labelled(namespace, after)),
        twin:
            subresource === undefined
                ? { title: "The deployer does.", as: deployer, request: change(labelled(namespace, after)) }
                : {
                      title: "An administrator sets another label there.",
                      request: change(labelled(namespace, { ...before, "acme/cost-centre": "42" })),
                  },
    };
}

/** The program's own Sidecar of a client, and one that would be put beside it. */
function sidecars(): HostileCase[] {
    const sidecar = (name: string, namespace: string, spec: Readonly<Record<string, unknown>>): SentObject => ({
        apiVersion: "networking.istio.io/v1",
        kind: "Sidecar",
        metadata: { name, namespace },
        spec: { egress: [{ hosts: ["*/*"] }], ...spec },
    });
    const own = sidecar("default", CLIENT, { outboundTrafficPolicy: { mode: "REGISTRY_ONLY" } });
    const open = { outboundTrafficPolicy: { mode: "ALLOW_ANY" } };
    const tries: [string, string, Request, Request][] = [
        [
            "opened",
            "opens the program's Sidecar",
            { operation: "update", before: own, object: sidecar("default", CLIENT, open) },
            {
                operation: "update",
                before: sidecar("default", ELSEWHERE, {}),
                object: sidecar("default", ELSEWHERE, open),
            },
        ],
        [
            "deleted",
            "deletes the program's Sidecar",
            { operation: "delete", before: own },
            { operation: "delete", before: sidecar("default", ELSEWHERE, {}) },
        ],
        [
            "overruled",
            "overrules it by one with a selector",
            {
                operation: "create",
                object: sidecar("mine", CLIENT, { ...open, workloadSelector: { labels: { app: "web" } } }),
            },
            {
                operation: "create",
                object: sidecar("mine", ELSEWHERE, { ...open, workloadSelector: { labels: { app: "web" } } }),
            },
        ],
        [
            "old-version",
            "does so in an older version of the API",
            {
                operation: "create",
                object: { ...sidecar("old", CLIENT, open), apiVersion: "networking.istio.io/v1alpha3" },
            },
            {
                operation: "create",
                object: { ...sidecar("old", ELSEWHERE, open), apiVersion: "networking.istio.io/v1alpha3" },
            },
        ],
    ];
    return tries.map(([name, what, request, permitted]) => ({
        id: `client-sidecar/${name}`,
        rule: "client-sidecar",
        title: `A developer ${what}.`,
        as: developer,
        message: "changes what the namespace's sidecars may reach",
        request,
        twin: { title: "In a namespace that is no client it is theirs.", request: permitted },
    }));
}

function labelled(name: string, labels: Strings): SentObject {
    return { apiVersion: "v1", kind: "Namespace", metadata: { name, labels } };
}

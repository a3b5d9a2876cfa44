import { type HostileCase, type Sender, type SentObject } from "./case";
import { type PodFields } from "./objects";
import {
    administrator,
    CLIENT,
    CONTROL_PLANE,
    deployer,
    developer,
    ELSEWHERE,
    GATEWAY,
    GATEWAY_HOST,
    GATEWAY_LABELS,
    SYSTEM,
} from "./surroundings";

const inline: PodFields = { issuer: "https://inline.example", jwks: '{"keys":[]}' };

/** Istio and Gateway API objects by which others take part in the gateway's configuration. */
export const meshCases: readonly HostileCase[] = [
    ...reservedKinds().flatMap(({ rule, bypass, object }): HostileCase[] =>
        [CLIENT, ELSEWHERE, CONTROL_PLANE, SYSTEM].map(namespace => ({
            id: `${rule}/${object.kind}/${namespace}`,
            rule,
            bypass,
            title: `A developer creates a ${object.kind} in namespace ${namespace}.`,
            as: developer,
            message: `is outside namespace ${GATEWAY}: ${object.kind} in namespace ${namespace}`,
            request: { operation: "create", object: moved(object, namespace) },
            twin: {
                title: "The deployer creates it in the gateway's namespace.",
                as: deployer,
                request: { operation: "create", object: moved(object, GATEWAY) },
            },
        })),
    ),
    {
        id: "mesh-registry/by-update",
        rule: "mesh-registry",
        bypass: 30,
        title: "A developer turns a ServiceEntry from before the guard to another address.",
        as: developer,
        message: "is outside namespace istio-egress",
        request: {
            operation: "update",
            before: serviceEntry("turned", CLIENT, ["ledger.internal"]),
            object: serviceEntry("turned", CLIENT, ["api.evil.example"]),
        },
        twin: {
            title: "The deployer of the mesh platform, a named group, changes one.",
            as: { user: "operator@acme.example", groups: ["mesh-platform@acme.example"] },
            request: {
                operation: "update",
                before: serviceEntry("turned-twin", CLIENT, ["ledger.internal"]),
                object: serviceEntry("turned-twin", CLIENT, ["journal.internal"]),
            },
        },
    },

    ...[
        ["whole", GATEWAY_LABELS],
        ["one-label", { istio: "egressgateway" }],
        ["with-an-injected-label", { istio: "egressgateway", "istio.io/rev": "default" }],
        ["injected-labels-only", { "service.istio.io/canonical-name": "egress-gateway" }],
        ["zone", { "topology.kubernetes.io/zone": "europe-west1-b" }],
    ].map(([name, selector]) => gatewayCase(name as string, { selector })),
    gatewayCase("empty-selector", { selector: {} }, "an empty selector"),
    gatewayCase("no-selector", {}, "an empty selector"),
    gatewayCase("root-namespace", { selector: { istio: "egressgateway" } }, undefined, CONTROL_PLANE),
    gatewayCase("old-version", { selector: { istio: "egressgateway" } }, undefined, CLIENT, "v1alpha3"),
    ...[
        "egress-gateway.istio-egress.svc.cluster.local",
        "egress-gateway.istio-egress",
        "*.ISTIO-EGRESS.svc.cluster.local.",
    ].map((value, index): HostileCase => ({
        id: `mesh-gateway-selector/gateway-api-${index + 1}`,
        rule: "mesh-gateway-selector",
        bypass: 32,
        title: `A Gateway of the Gateway API uses the egress gateway's Service (${value}).`,
        as: developer,
        message: "uses the egress gateway's Service as its address",
        request: { operation: "create", object: apiGateway(`address-${index + 1}`, value) },
        twin: {
            title: "A Gateway of the Gateway API uses a Service of its own.",
            request: {
                operation: "create",
                object: apiGateway(`address-${index + 1}-twin`, "ingress.tools.svc.cluster.local"),
            },
        },
    })),

    ...[
        [GATEWAY_HOST, "ledger.payments.svc.cluster.local"],
        [`${GATEWAY_HOST}.`, "ledger.payments.svc.cluster.local."],
        ["Egress-Gateway.ISTIO-EGRESS.svc.cluster.local", "egress-gateway.payments.svc.cluster.local"],
        ["egress-gateway.istio-egress", "egress-gateway"],
        ["egress-gateway.istio-egress.svc", "egress-gateway.istio-egress-2.svc"],
        ["*", "*.payments.svc.cluster.local"],
        ["*.local", "*.internal"],
        ["*.cluster.local.", "*.payments"],
        ["*.istio-egress.svc.cluster.local", "*.istio-egres.svc.cluster.local"],
        [" *.svc.cluster.local ", "*.example.com"],
    ].flatMap(([hostile, benign], index) => [
        meshCase(
            `destination-rule-${index + 1}`,
            `A DestinationRule for "${hostile}" shadows the gateway's subsets.`,
            "takes over the egress gateway's host",
            destinationRule(`host-${index + 1}`, hostile),
            destinationRule(`host-${index + 1}-twin`, benign),
            undefined,
        ),
        meshCase(
            `virtual-service-${index + 1}`,
            `A VirtualService for "${hostile}" redirects what is meant for the gateway.`,
            "takes over the egress gateway's host",
            virtualService(`host-${index + 1}`, { hosts: ["ledger.payments.svc.cluster.local", hostile] }),
            virtualService(`host-${index + 1}-twin`, { hosts: ["ledger.payments.svc.cluster.local", benign] }),
            31,
        ),
    ]),
    meshCase(
        "destination-rule-old-version",
        "A DestinationRule in an older version of the API.",
        "takes over the egress gateway's host",
        { ...destinationRule("old", GATEWAY_HOST), apiVersion: "networking.istio.io/v1beta1" },
        { ...destinationRule("old-twin", "ledger"), apiVersion: "networking.istio.io/v1beta1" },
        undefined,
    ),
    {
        ...meshCase(
            "destination-rule-by-update",
            "A DestinationRule of another host is turned to the gateway's.",
            "takes over the egress gateway's host",
            destinationRule("turning", GATEWAY_HOST),
            destinationRule("turning-twin", "ledger"),
            undefined,
        ),
        request: {
            operation: "update",
            before: destinationRule("turning", "ledger"),
            object: destinationRule("turning", GATEWAY_HOST),
        },
        twin: {
            title: "It is turned to another host of the namespace.",
            request: {
                operation: "update",
                before: destinationRule("turning-twin", "ledger"),
                object: destinationRule("turning-twin", "journal"),
            },
        },
    },
    {
        ...meshCase(
            "clients-own-rule",
            "A developer edits the client's DestinationRule that the program wrote.",
            "takes over the egress gateway's host",
            destinationRule("egress-gateway", GATEWAY_HOST),
            destinationRule("egress-gateway", GATEWAY_HOST),
            undefined,
        ),
        twin: {
            title: "The deployer writes it.",
            as: deployer,
            request: { operation: "create", object: destinationRule("egress-gateway", GATEWAY_HOST) },
        },
    },
    meshCase(
        "virtual-service-mesh-among-gateways",
        "A VirtualService for every host is bound to the mesh besides its own gateway.",
        "takes over the egress gateway's host",
        virtualService("among", { hosts: ["*"], gateways: ["ingress/shop", "mesh"] }),
        virtualService("among-twin", { hosts: ["*"], gateways: ["ingress/shop"] }),
        31,
    ),
    ...[
        ["istio-egress/http", "ingress/http"],
        ["istio-egress/istio-io-443", "payments/istio-egress"],
        ["http.istio-egress", "http.ingress"],
        ["http.istio-egress.svc.cluster.local", "istio-egress.ingress.svc.cluster.local"],
    ].map(([hostile, benign], index) =>
        meshCase(
            `bound-${index + 1}`,
            `A VirtualService binds to a Gateway of the egress gateway, written as "${hostile}".`,
            "adds routes to the egress gateway",
            virtualService(`bound-${index + 1}`, { hosts: ["istio.io"], gateways: [hostile] }),
            virtualService(`bound-${index + 1}-twin`, { hosts: ["istio.io"], gateways: [benign] }),
            31,
        ),
    ),
    ...["Service", "Gateway"].map(kind =>
        meshCase(
            `route-to-${kind.toLowerCase()}`,
            `An HTTPRoute attaches to the egress gateway as a ${kind}.`,
            "attaches to the egress gateway",
            httpRoute("attached", { kind, name: "egress-gateway", namespace: GATEWAY }),
            httpRoute("attached-twin", { kind, name: "egress-gateway" }),
            31,
        ),
    ),

    ...[
        ["public-url", { issuer: "https://idp.example", jwksUri: "https://idp.example/keys" }],
        ["alias", { issuer: "https://idp.example", jwks_uri: "https://idp.example/keys" }],
        ["discovery", { issuer: "https://accounts.evil.example" }],
        ["address", { issuer: "x", jwksUri: "http://169.254.169.254/computeMetadata/v1/" }],
        ["user-part", { issuer: "x", jwksUri: "https://keys.payments.svc.cluster.local@evil.example/keys" }],
        ["lookalike", { issuer: "x", jwksUri: "https://keys.payments.svc.cluster.local.evil.example/keys" }],
        ["query", { issuer: "x", jwksUri: "https://evil.example?.svc.cluster.local/keys" }],
    ].map(([name, rule]): HostileCase => ({
        id: `mesh-key-fetch/${name as string}`,
        rule: "mesh-key-fetch",
        bypass: 47,
        title: `A RequestAuthentication makes istiod fetch keys (${(name as string).replaceAll("-", " ")}).`,
        as: developer,
        message: "makes istiod fetch keys from outside the cluster",
        request: {
            operation: "create",
            object: requestAuthentication(`${name as string}`, [inline, rule as PodFields]),
        },
        twin: {
            title: "A RequestAuthentication with its keys, and one that fetches them from a Service.",
            request: {
                operation: "create",
                object: requestAuthentication(`${name as string}-twin`, [
                    inline,
                    { issuer: "https://idp.example", jwksUri: "https://keys.payments.svc.cluster.local:8443/keys" },
                    { issuer: "https://other.example", jwks_uri: "http://keys.payments.svc/keys" },
                ]),
            },
        },
    })),
    {
        id: "mesh-key-fetch/root-namespace",
        rule: "mesh-key-fetch",
        bypass: 47,
        title: "An administrator writes it for the whole mesh.",
        as: administrator,
        message: "makes istiod fetch keys from outside the cluster",
        request: {
            operation: "create",
            object: requestAuthentication("mesh-wide", [{ issuer: "https://idp.example" }], CONTROL_PLANE),
        },
        twin: {
            title: "The deployer may.",
            as: deployer,
            request: {
                operation: "create",
                object: requestAuthentication("mesh-wide", [{ issuer: "https://idp.example" }], CONTROL_PLANE),
            },
        },
    },
];

function reservedKinds(): { rule: HostileCase["rule"]; bypass: number; object: SentObject }[] {
    const istio = (group: string, kind: string, version: string, spec: PodFields): SentObject => ({
        apiVersion: `${group}.istio.io/${version}`,
        kind,
        metadata: { name: `reserved-${kind.toLowerCase()}` },
        spec,
    });
    return [
        { rule: "mesh-registry", bypass: 29, object: serviceEntry("reserved", CLIENT, ["api.evil.example"]) },
        {
            rule: "mesh-registry",
            bypass: 30,
            object: istio("networking", "WorkloadEntry", "v1beta1", { address: "203.0.113.9" }),
        },
        {
            rule: "mesh-registry",
            bypass: 30,
            object: istio("networking", "WorkloadGroup", "v1", { template: { serviceAccount: "api" } }),
        },
        {
            rule: "mesh-proxy-extension",
            bypass: 33,
            object: istio("networking", "EnvoyFilter", "v1alpha3", { configPatches: [] }),
        },
        {
            rule: "mesh-proxy-extension",
            bypass: 33,
            object: istio("networking", "ProxyConfig", "v1beta1", { concurrency: 2 }),
        },
        {
            rule: "mesh-proxy-extension",
            bypass: 33,
            object: istio("extensions", "WasmPlugin", "v1alpha1", { url: "oci://evil.example/filter" }),
        },
        {
            rule: "mesh-proxy-extension",
            bypass: 33,
            object: istio("extensions", "TrafficExtension", "v1alpha1", { lua: { inlineCode: "return" } }),
        },
    ];
}

function moved(object: SentObject, namespace: string): SentObject {
    return { ...object, metadata: { ...object.metadata, namespace } };
}

function serviceEntry(name: string, namespace: string, hosts: readonly string[]): SentObject {
    return {
        apiVersion: "networking.istio.io/v1",
        kind: "ServiceEntry",
        metadata: { name, namespace },
        spec: {
            hosts,
            ports: [{ number: 443, name: "tls", protocol: "TLS" }],
            resolution: "STATIC",
            endpoints: [{ address: "203.0.113.9" }],
        },
    };
}

function gatewayCase(
    name: string,
    spec: PodFields,
    message = "selects the egress gateway's pods",
    namespace: string = CLIENT,
    version = "v1",
): HostileCase {
    const gateway = (objectName: string, fields: PodFields): SentObject => ({
        apiVersion: `networking.istio.io/${version}`,
        kind: "Gateway",
        metadata: { name: objectName, namespace },
        spec: {
            ...fields,
            servers: [
                {
                    port: { number: 443, name: "tls", protocol: "TLS" },
                    hosts: ["istio.io"],
                    tls: { mode: "PASSTHROUGH" },
                },
            ],
        },
    });
    return {
        id: `mesh-gateway-selector/${name}`,
        rule: "mesh-gateway-selector",
        bypass: 32,
        title: `A Gateway in namespace ${namespace} binds to the egress gateway's pods (${name.replaceAll("-", " ")}).`,
        as: developer,
        message,
        request: { operation: "create", object: gateway(name, spec) },
        twin: {
            title: "A Gateway selects the ingress gateway, or a gateway with a label of its own.",
            request: {
                operation: "create",
                object: gateway(`${name}-twin`, {
                    selector:
                        name === "one-label"
                            ? { team: "payments" }
                            : { istio: "ingressgateway", "istio.io/rev": "default" },
                }),
            },
        },
    };
}

function apiGateway(name: string, value: string): SentObject {
    return {
        apiVersion: "gateway.networking.k8s.io/v1",
        kind: "Gateway",
        metadata: { name, namespace: CLIENT },
        spec: {
            gatewayClassName: "istio",
            addresses: [{ type: "Hostname", value }],
            listeners: [{ name: "tls", port: 443, protocol: "TLS" }],
        },
    };
}

function meshCase(
    name: string,
    title: string,
    message: string,
    hostile: SentObject,
    benign: SentObject,
    bypass: number | undefined,
    as: Sender = developer,
): HostileCase {
    return {
        id: `mesh-gateway-host/${name}`,
        rule: "mesh-gateway-host",
        ...(bypass === undefined ? {} : { bypass }),
        title,
        as,
        message,
        request: { operation: "create", object: hostile },
        twin: {
            title: `A ${benign.kind} of the same sort that leaves the gateway alone.`,
            request: { operation: "create", object: benign },
        },
    };
}

function destinationRule(name: string, host: string): SentObject {
    return {
        apiVersion: "networking.istio.io/v1",
        kind: "DestinationRule",
        metadata: { name, namespace: CLIENT },
        spec: { host, exportTo: ["."], trafficPolicy: { tls: { mode: "DISABLE" } } },
    };
}

function virtualService(name: string, spec: PodFields): SentObject {
    return {
        apiVersion: "networking.istio.io/v1",
        kind: "VirtualService",
        metadata: { name, namespace: CLIENT },
        spec: { ...spec, http: [{ route: [{ destination: { host: "interceptor.payments.svc.cluster.local" } }] }] },
    };
}

function httpRoute(name: string, parent: PodFields): SentObject {
    const group = parent.kind === "Service" ? "" : "gateway.networking.k8s.io";
    return {
        apiVersion: "gateway.networking.k8s.io/v1",
        kind: "HTTPRoute",
        metadata: { name, namespace: CLIENT },
        spec: { parentRefs: [{ group, ...parent }], rules: [{ backendRefs: [{ name: "interceptor", port: 80 }] }] },
    };
}

function requestAuthentication(name: string, jwtRules: readonly PodFields[], namespace: string = CLIENT): SentObject {
    return {
        apiVersion: "security.istio.io/v1",
        kind: "RequestAuthentication",
        metadata: { name, namespace },
        spec: { jwtRules },
    };
}

import { type HostileCase, type SentObject } from "./case";
import { autoscaler } from "./gatewayChanges";
import { gatewayDeployment, type PodFields } from "./objects";
import { deployer, developer, GATEWAY, GATEWAY_HOST, GATEWAY_LABELS, onCall } from "./surroundings";

/** Objects that route, admit, re-point, scale or starve the gateway, written by others. */
export const gatewayOwnerCases: readonly HostileCase[] = [
    ...ownedObjects().map(([id, object]): HostileCase => ({
        id: `gateway-owner/${id}`,
        rule: "gateway-namespace-owner",
        bypass: 30,
        title: `A developer with rights in the gateway's namespace creates a ${object.kind} there.`,
        as: developer,
        message: "writes what only the deployer writes",
        request: { operation: "create", object },
        twin: { title: "The deployer creates it.", as: deployer, request: { operation: "create", object } },
    })),
    {
        id: "gateway-owner/delete",
        rule: "gateway-namespace-owner",
        bypass: 35,
        title: "A developer deletes the policy that denies by default.",
        as: developer,
        message: "writes what only the deployer writes",
        request: { operation: "delete", before: denyAll("delete-by-developer") },
        twin: {
            title: "The deployer deletes a policy.",
            as: deployer,
            request: { operation: "delete", before: denyAll("delete-by-deployer") },
        },
    },
    {
        id: "gateway-owner/update-old-version",
        rule: "gateway-namespace-owner",
        bypass: 35,
        title: "A developer turns the default deny into an allow, in an older version of the API.",
        as: developer,
        message: "writes what only the deployer writes",
        request: {
            operation: "update",
            before: denyAll("opened-by-developer"),
            object: {
                ...denyAll("opened-by-developer"),
                apiVersion: "security.istio.io/v1beta1",
                spec: { rules: [{}] },
            },
        },
        twin: {
            title: "The deployer changes a policy in an older version of the API.",
            as: deployer,
            request: {
                operation: "update",
                before: denyAll("changed-by-deployer"),
                object: {
                    ...denyAll("changed-by-deployer"),
                    apiVersion: "security.istio.io/v1beta1",
                    spec: { action: "DENY" },
                },
            },
        },
    },
    {
        id: "gateway-owner/scale",
        rule: "gateway-namespace-owner",
        title: "A developer scales the gateway away.",
        as: developer,
        message: "writes what only the deployer writes",
        request: {
            operation: "update",
            subresource: "scale",
            before: gatewayDeployment("scaled-by-developer"),
            object: scaleOf("scaled-by-developer", 0),
        },
        twin: {
            title: "The break-glass group scales the gateway.",
            as: onCall,
            request: {
                operation: "update",
                subresource: "scale",
                before: gatewayDeployment("scaled-by-on-call"),
                object: scaleOf("scaled-by-on-call", 5),
            },
        },
    },
];

function denyAll(name: string): SentObject {
    return {
        apiVersion: "security.istio.io/v1",
        kind: "AuthorizationPolicy",
        metadata: { name, namespace: GATEWAY },
        spec: { selector: { matchLabels: { istio: "egressgateway" } } },
    };
}

function scaleOf(name: string, replicas: number): SentObject {
    return { apiVersion: "autoscaling/v1", kind: "Scale", metadata: { name, namespace: GATEWAY }, spec: { replicas } };
}

function ownedObjects(): [string, SentObject][] {
    const metadata = (name: string) => ({ name, namespace: GATEWAY });
    const istio = (group: string, kind: string, spec: PodFields, version = "v1"): SentObject => ({
        apiVersion: `${group}.istio.io/${version}`,
        kind,
        metadata: metadata(`owned-${kind.toLowerCase()}`),
        spec,
    });
    return [
        [
            "service-entry",
            istio("networking", "ServiceEntry", {
                hosts: ["evil.example"],
                ports: [{ number: 443, name: "tls", protocol: "TLS" }],
                resolution: "DNS",
            }),
        ],
        ["gateway", istio("networking", "Gateway", { selector: { istio: "egressgateway" }, servers: [] })],
        [
            "virtual-service",
            istio(
                "networking",
                "VirtualService",
                { hosts: ["evil.example"], gateways: ["http"], http: [] },
                "v1alpha3",
            ),
        ],
        ["destination-rule", istio("networking", "DestinationRule", { host: "istio.io" }, "v1beta1")],
        ["envoy-filter", istio("networking", "EnvoyFilter", { configPatches: [] }, "v1alpha3")],
        ["authorization-policy", istio("security", "AuthorizationPolicy", { rules: [{}] })],
        ["peer-authentication", istio("security", "PeerAuthentication", { mtls: { mode: "DISABLE" } })],
        ["telemetry", istio("telemetry", "Telemetry", { accessLogging: [{ disabled: true }] })],
        ["wasm-plugin", istio("extensions", "WasmPlugin", { url: "oci://evil.example/filter" }, "v1alpha1")],
        [
            "service",
            {
                apiVersion: "v1",
                kind: "Service",
                metadata: metadata("owned"),
                spec: { selector: GATEWAY_LABELS, ports: [{ port: 443 }] },
            },
        ],
        [
            "endpoint-slice",
            {
                apiVersion: "discovery.k8s.io/v1",
                kind: "EndpointSlice",
                metadata: { ...metadata("owned"), labels: { "kubernetes.io/service-name": "egress-gateway" } },
                addressType: "IPv4",
                endpoints: [{ addresses: ["10.4.7.7"] }],
                ports: [{ port: 8443 }],
            },
        ],
        [
            "endpoints",
            {
                apiVersion: "v1",
                kind: "Endpoints",
                metadata: metadata("owned"),
                subsets: [{ addresses: [{ ip: "10.4.7.7" }] }],
            },
        ],
        [
            "network-policy",
            {
                apiVersion: "networking.k8s.io/v1",
                kind: "NetworkPolicy",
                metadata: metadata("owned"),
                spec: { podSelector: {}, egress: [{}] },
            },
        ],
        ["deployment", gatewayDeployment("owned")],
        ["autoscaler", autoscaler("owned", 1)],
        ...(
            [
                [
                    "policy/v1",
                    "PodDisruptionBudget",
                    { maxUnavailable: "100%", selector: { matchLabels: GATEWAY_LABELS } },
                ],
                ["v1", "ResourceQuota", { hard: { pods: "0" } }],
                ["v1", "LimitRange", { limits: [{ type: "Container", max: { memory: "1Mi" } }] }],
                [
                    "networking.k8s.io/v1",
                    "Ingress",
                    { defaultBackend: { service: { name: "egress-gateway", port: { number: 443 } } } },
                ],
                [
                    "gateway.networking.k8s.io/v1",
                    "Gateway",
                    {
                        gatewayClassName: "istio",
                        addresses: [{ type: "Hostname", value: GATEWAY_HOST }],
                        listeners: [],
                    },
                ],
                ["gateway.networking.k8s.io/v1", "HTTPRoute", { parentRefs: [{ name: "egress-gateway" }] }],
            ] as const
        ).map(([apiVersion, kind, spec]): [string, SentObject] => [
            `${apiVersion.startsWith("gateway.") ? "api-" : ""}${kind.toLowerCase()}`,
            { apiVersion, kind, metadata: metadata("owned"), spec },
        ]),
        ["service-account", { apiVersion: "v1", kind: "ServiceAccount", metadata: metadata("owned") }],
        ["secret", { apiVersion: "v1", kind: "Secret", metadata: metadata("owned"), type: "Opaque", data: {} }],
        [
            "role-binding",
            {
                apiVersion: "rbac.authorization.k8s.io/v1",
                kind: "RoleBinding",
                metadata: metadata("owned"),
                roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "edit" },
                subjects: [],
            },
        ],
    ];
}

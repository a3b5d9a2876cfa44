import {
    type ConnectRequest,
    type HostileCase,
    type PermittedRequest,
    type Request,
    type Sender,
    type SentObject,
} from "./case";
import { app, container, gatewayDeployment, gatewayPod, gatewayProxy, type PodFields, workloadOf } from "./objects";
import {
    administrator,
    CLIENT,
    deployer,
    developer,
    GATEWAY,
    GATEWAY_LABELS,
    knownNode,
    kubelet,
    onCall,
    replicaSetController,
    workload,
} from "./surroundings";

/** Ways into the gateway's namespace: another pod, another object, a shell, a token. */
export const gatewayNamespaceCases: readonly HostileCase[] = [
    foreignPod(
        "default-account",
        "An ordinary pod runs in the gateway's namespace.",
        "does not run as service account egress-gateway",
        {
            serviceAccountName: undefined,
        },
    ),
    foreignPod(
        "another-account",
        "A gateway pod under another account.",
        "does not run as service account egress-gateway",
        {
            serviceAccountName: "default",
        },
    ),
    foreignPod(
        "without-labels",
        "A pod that no authorization policy selects, since it lacks the gateway's labels.",
        "does not carry the gateway's labels",
        {},
        { app: "egress-gateway" },
    ),
    foreignPod(
        "other-labels",
        "A pod with another value of the gateway's label.",
        "does not carry the gateway's labels",
        {},
        { ...GATEWAY_LABELS, istio: "EgressGateway" },
    ),
    foreignPod(
        "application",
        "An application in place of the proxy.",
        "has a container that is not the injector's proxy",
        {
            containers: [app],
        },
    ),
    foreignPod(
        "second-container",
        "A second container beside the proxy.",
        "has a container that is not the injector's proxy",
        {
            containers: [gatewayProxy, container("tunnel")],
        },
    ),
    foreignPod(
        "init-container",
        "A container that runs before the proxy.",
        "has a container that is not the injector's proxy",
        {
            initContainers: [container("prepare")],
        },
    ),
    foreignPod(
        "native-sidecar",
        "A sidecar that starts before the proxy and stays.",
        "has a container that is not the injector's proxy",
        {
            initContainers: [container("tunnel", { restartPolicy: "Always" })],
        },
    ),
    foreignPod(
        "another-command",
        "The proxy's image with another command.",
        "has a container that is not the injector's proxy",
        {
            containers: [{ ...gatewayProxy, command: ["sh", "-c", "curl https://203.0.113.9"] }],
        },
    ),
    foreignPod(
        "another-image",
        "Another image under the proxy's name.",
        "has a container that is not the injector's proxy",
        {
            containers: [{ ...gatewayProxy, image: "registry.acme.example/proxyv2-debug:1.30.3" }],
        },
    ),
    foreignPod(
        "image-in-a-path",
        "An image whose path only looks like the proxy's.",
        "has a container that is not the injector's proxy",
        {
            containers: [{ ...gatewayProxy, image: "registry.acme.example/proxyv2/tool:1" }],
        },
    ),
    foreignPod(
        "not-injected",
        "A gateway pod that was not injected.",
        "has a container that is not the injector's proxy",
        {
            containers: [{ name: "istio-proxy", image: "auto" }],
        },
    ),
    foreignPod("host-network", "A gateway pod on the node's network.", "reaches the node", { hostNetwork: true }),
    foreignPod("host-processes", "A gateway pod that sees the node's processes.", "reaches the node", {
        hostPID: true,
    }),
    foreignPod("host-path", "A gateway pod that mounts the node's disk.", "reaches the node", {
        volumes: [{ name: "node", hostPath: { path: "/" } }],
    }),
    foreignPod("host-port", "A gateway pod that takes a port of the node.", "reaches the node", {
        containers: [{ ...gatewayProxy, ports: [{ containerPort: 8443, hostPort: 8443 }] }],
    }),
    foreignPod("privileged", "A privileged gateway pod.", "has more privileges than a proxy needs", {
        containers: [{ ...gatewayProxy, securityContext: { privileged: true } }],
    }),
    foreignPod("capability", "A gateway pod that may change the network.", "has more privileges than a proxy needs", {
        containers: [{ ...gatewayProxy, securityContext: { capabilities: { add: ["NET_ADMIN"] } } }],
    }),
    gatewayCase("job", "A Job in the gateway's namespace.", "does not run as service account egress-gateway", {
        operation: "create",
        object: workloadOf(
            "Job",
            "report",
            { containers: [gatewayProxy] },
            { namespace: GATEWAY, labels: GATEWAY_LABELS },
        ),
    }),
    gatewayCase(
        "cron-job",
        "A CronJob of the gateway's account and labels with another program.",
        "has a container that is not",
        {
            operation: "create",
            object: workloadOf(
                "CronJob",
                "report",
                { serviceAccountName: "egress-gateway" },
                { namespace: GATEWAY, labels: GATEWAY_LABELS },
            ),
        },
    ),
    gatewayCase(
        "deployment-with-helper",
        "The deployer's own program adds a helper beside the proxy.",
        "has a container that is not",
        {
            operation: "create",
            object: gatewayDeployment("with-helper", {
                containers: [{ name: "istio-proxy", image: "auto" }, container("exporter")],
            }),
        },
    ),
    gatewayCase(
        "placeholder-with-command",
        "A template leaves the image to the injector and sets the command.",
        "has a container that is not",
        {
            operation: "create",
            object: gatewayDeployment("with-command", {
                containers: [{ name: "istio-proxy", image: "auto", command: ["sleep"] }],
            }),
        },
    ),
    {
        id: "gateway-pods/relabelled-through-status",
        rule: "gateway-namespace-pods",
        title: "A gateway pod loses its label through the status subresource, and with it its authorization policies.",
        as: administrator,
        message: "does not carry the gateway's labels",
        request: {
            operation: "update",
            subresource: "status",
            before: gatewayPod("gateway-status"),
            object: gatewayPod("gateway-status", {}, { labels: { app: "egress-gateway", istio: "none" } }),
        },
        twin: {
            title: "A kubelet reports the status of a gateway pod.",
            as: kubelet("gateway-node-1"),
            request: {
                operation: "update",
                subresource: "status",
                needs: [],
                before: gatewayPod("gateway-status-twin", { nodeName: "gateway-node-1" }),
                object: {
                    ...gatewayPod("gateway-status-twin", { nodeName: "gateway-node-1" }),
                    status: { message: "running" },
                },
            },
        },
    },
    {
        id: "gateway-pods/relabelled",
        rule: "gateway-namespace-pods",
        title: "A gateway pod is taken out of the gateway by its label.",
        as: administrator,
        message: "does not carry the gateway's labels",
        request: {
            operation: "update",
            before: gatewayPod("gateway-relabelled"),
            object: gatewayPod("gateway-relabelled", {}, { labels: { app: "egress-gateway", istio: "none" } }),
        },
        twin: {
            title: "A gateway pod gets one more label.",
            request: {
                operation: "update",
                before: gatewayPod("gateway-labelled"),
                object: gatewayPod("gateway-labelled", {}, { labels: { ...GATEWAY_LABELS, "acme/shift": "night" } }),
            },
        },
    },

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

    ...(["exec", "attach", "portforward", "proxy"] as const).map((subresource): HostileCase => {
        const to = gatewayPod(`gateway-${subresource}`);
        return lookingIn(
            `gateway-access/${subresource}`,
            `An administrator opens ${subresource} to a gateway pod.`,
            administrator,
            {
                operation: "connect",
                to,
                subresource,
            },
        );
    }),
    lookingIn(
        "gateway-access/exec-by-deployer",
        "The deployer, who may change the gateway, may not exec into it.",
        deployer,
        {
            operation: "connect",
            to: gatewayPod("gateway-exec-deployer"),
            subresource: "exec",
        },
    ),
    lookingIn(
        "gateway-access/service-proxy",
        "A developer reaches the proxy's admin port through the API server.",
        developer,
        {
            operation: "connect",
            to: service("admin-port", { ports: [{ name: "admin", port: 15000 }] }),
            subresource: "proxy",
            path: "config_dump",
        },
    ),
    {
        id: "gateway-access/debug-container",
        rule: "gateway-pod-access",
        bypass: 46,
        title: "An administrator adds a debug container to a gateway pod.",
        as: administrator,
        message: "looks into a gateway pod",
        request: withDebugContainer("gateway-debug"),
        twin: {
            title: "The break-glass group adds one.",
            as: onCall,
            request: withDebugContainer("gateway-debug-twin"),
        },
    },
    ...[
        ["exec", "exec/istio-egress/gateway-1/istio-proxy?command=id"],
        ["run", "run/istio-egress/gateway-1/istio-proxy?cmd=id"],
        ["attach", "Attach/istio-egress/gateway-1/istio-proxy"],
        ["port-forward", "portForward/istio-egress/gateway-1"],
        ["doubled-slash", "/exec/istio-egress/gateway-1/istio-proxy"],
        ["escaped", "%65xec/istio-egress/gateway-1/istio-proxy"],
    ].map(([name, path]): HostileCase => ({
        id: `gateway-access/kubelet-${name}`,
        rule: "gateway-pod-access",
        bypass: 48,
        title: "An administrator asks the node's kubelet, past the pod's subresources.",
        as: administrator,
        message: "asks a kubelet to run a command or to forward a port",
        request: { operation: "connect", to: knownNode, subresource: "proxy", path },
        twin: {
            title: "A monitoring system reads the kubelet's metrics.",
            request: { operation: "connect", to: knownNode, subresource: "proxy", path: "metrics/cadvisor" },
        },
    })),

    {
        id: "gateway-token/requested",
        rule: "gateway-service-account-token",
        bypass: 46,
        title: "A workload asks for a token of the gateway's service account.",
        as: workload,
        message: "asks for a token of a service account in the gateway's namespace",
        request: tokenRequest(GATEWAY, "egress-gateway"),
        twin: { title: "A workload asks for a token of its own account.", request: tokenRequest(CLIENT, "api") },
    },
    {
        id: "gateway-token/stored",
        rule: "gateway-service-account-token",
        bypass: 46,
        title: "A Secret asks the control plane for a token that never expires.",
        as: administrator,
        message: "stores a token that never expires",
        request: { operation: "create", object: tokenSecret(GATEWAY, "egress-gateway") },
        twin: {
            title: "A Secret with a certificate for TLS origination.",
            request: {
                operation: "create",
                object: {
                    apiVersion: "v1",
                    kind: "Secret",
                    metadata: { name: "client-certificate", namespace: GATEWAY },
                    type: "Opaque",
                    data: {},
                },
            },
        },
    },
];

function foreignPod(
    name: string,
    title: string,
    message: string,
    fields: PodFields,
    labels: Readonly<Record<string, string>> = GATEWAY_LABELS,
): HostileCase {
    return gatewayCase(
        name,
        title,
        message,
        { operation: "create", object: gatewayPod(`foreign-${name}`, fields, { labels }) },
        administrator,
        {
            title: "The ReplicaSet controller creates a gateway pod.",
            as: replicaSetController,
            request: { operation: "create", object: gatewayPod(`gateway-${name}`) },
        },
    );
}

function gatewayCase(
    name: string,
    title: string,
    message: string,
    request: Request,
    as: Sender = deployer,
    twin: PermittedRequest = {
        title: "The deployer creates the gateway's Deployment.",
        request: { operation: "create", object: gatewayDeployment(`gateway-${name}`) },
    },
): HostileCase {
    return {
        id: `gateway-pods/${name}`,
        rule: "gateway-namespace-pods",
        bypass: 19,
        title,
        as,
        message,
        request,
        twin,
    };
}

function lookingIn(id: string, title: string, as: Sender, request: ConnectRequest): HostileCase {
    return {
        id,
        rule: "gateway-pod-access",
        bypass: 46,
        title,
        as,
        message: "looks into a gateway pod",
        request,
        twin: { title: "The break-glass group does the same.", as: onCall, request },
    };
}

function withDebugContainer(name: string): Request {
    return {
        operation: "update",
        subresource: "ephemeralcontainers",
        before: gatewayPod(name),
        object: gatewayPod(name, {
            ephemeralContainers: [container("debugger", { targetContainerName: "istio-proxy" })],
        }),
    };
}

function service(name: string, spec: PodFields): SentObject {
    return {
        apiVersion: "v1",
        kind: "Service",
        metadata: { name, namespace: GATEWAY },
        spec: { selector: GATEWAY_LABELS, ...spec },
    };
}

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

function tokenRequest(namespace: string, account: string): Request {
    return {
        operation: "create",
        object: {
            apiVersion: "authentication.k8s.io/v1",
            kind: "TokenRequest",
            metadata: {},
            spec: { audiences: ["istio-ca"] },
        },
        below: {
            object: { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: account, namespace } },
            subresource: "token",
        },
    };
}

function tokenSecret(namespace: string, account: string): SentObject {
    return {
        apiVersion: "v1",
        kind: "Secret",
        metadata: { name: "forever", namespace, annotations: { "kubernetes.io/service-account.name": account } },
        type: "kubernetes.io/service-account-token",
    };
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
        ["service", service("owned", { ports: [{ port: 443 }] })],
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
    ];
}

import { type ConnectRequest, type HostileCase, type Request, type Sender, type SentObject } from "./case";
import { KUBELET_PATHS } from "./kubeletPaths";
import { container, gatewayPod, type PodFields } from "./objects";
import {
    administrator,
    CLIENT,
    deployer,
    developer,
    GATEWAY,
    GATEWAY_LABELS,
    knownNode,
    onCall,
    workload,
} from "./surroundings";

/** A shell, a port or a token of the gateway. */
export const gatewayAccessCases: readonly HostileCase[] = [
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
    ...(
        [
            ["admin-port", 15000, "config_dump"],
            ["counters-port-elsewhere", 15090, "quitquitquit"],
            ["counters-port-around", 15090, "stats/prometheus/../../quitquitquit"],
            ["counters-path-at-admin-port", 15000, "stats/prometheus"],
        ] as const
    ).map(([name, port, path]): HostileCase => {
        const to = gatewayPod(`gateway-${name}`);
        return {
            id: `gateway-access/${name}`,
            rule: "gateway-pod-access",
            bypass: 46,
            title: `An administrator asks port ${port} of a gateway pod for ${path}.`,
            as: administrator,
            message: "looks into a pod that has a way out",
            request: { operation: "connect", to, subresource: "proxy", port, path },
            twin: {
                title: "Somebody reads the gateway's counters.",
                request: { operation: "connect", to, subresource: "proxy", port: 15090, path: "stats/prometheus" },
            },
        };
    }),
    {
        id: "gateway-access/debug-container",
        rule: "gateway-pod-access",
        bypass: 46,
        title: "An administrator adds a debug container to a gateway pod.",
        as: administrator,
        message: "looks into a pod that has a way out",
        request: withDebugContainer("gateway-debug"),
        twin: {
            title: "The break-glass group adds one.",
            as: onCall,
            request: withDebugContainer("gateway-debug-twin"),
        },
    },
    ...KUBELET_PATHS.map(({ name, path }): HostileCase => ({
        id: `gateway-access/kubelet-${name}`,
        rule: "gateway-pod-access",
        bypass: 48,
        title: "An administrator asks the node's kubelet, past the pod's subresources.",
        as: administrator,
        message: "asks a kubelet to run a command, to forward a port or to write a pod's memory",
        request: { operation: "connect", to: knownNode, subresource: "proxy", path: path(`${GATEWAY}/gateway-1`) },
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
        message: "asks for a token of a service account in a namespace of this program",
        request: tokenRequest(GATEWAY, "egress-gateway"),
        twin: { title: "A workload asks for a token of its own account.", request: tokenRequest(CLIENT, "api") },
    },
    {
        id: "gateway-token/stored",
        rule: "gateway-service-account-token",
        bypass: 46,
        title: "A Secret asks the control plane for a token that never expires.",
        as: deployer,
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

function lookingIn(id: string, title: string, as: Sender, request: ConnectRequest): HostileCase {
    return {
        id,
        rule: "gateway-pod-access",
        bypass: 46,
        title,
        as,
        message: "looks into a pod that has a way out",
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

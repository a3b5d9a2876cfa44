import { type HostileCase, type PermittedRequest, type Request, type Sender } from "./case";
import { app, container, gatewayDeployment, gatewayPod, gatewayProxy, type PodFields } from "./objects";
import { deployer, GATEWAY_LABELS, replicaSetController } from "./surroundings";

/** Pods in the gateway's namespace that are not the gateway, whoever makes them. */
export const gatewayPodCases: readonly HostileCase[] = [
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
        "was not injected by Istio (is that revision installed",
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
        id: "gateway-pods/relabelled",
        rule: "gateway-namespace-pods",
        title: "A controller takes a gateway pod out of the gateway by its label.",
        as: replicaSetController,
        message: "does not carry the gateway's labels",
        request: {
            operation: "update",
            before: gatewayPod("gateway-relabelled"),
            object: gatewayPod("gateway-relabelled", {}, { labels: { app: "egress-gateway", istio: "none" } }),
        },
        twin: {
            title: "A controller adds a label to a gateway pod.",
            request: {
                operation: "update",
                before: gatewayPod("gateway-labelled"),
                object: gatewayPod("gateway-labelled", {}, { labels: { ...GATEWAY_LABELS, "acme/shift": "night" } }),
            },
        },
    },
    {
        id: "gateway-pods/relabelled-through-status",
        rule: "gateway-namespace-pods",
        title: "The same through the status subresource.",
        as: replicaSetController,
        message: "does not carry the gateway's labels",
        request: {
            operation: "update",
            subresource: "status",
            before: gatewayPod("gateway-status"),
            object: gatewayPod("gateway-status", {}, { labels: { app: "egress-gateway", istio: "none" } }),
        },
        twin: {
            title: "A controller writes a condition.",
            request: {
                operation: "update",
                subresource: "status",
                before: gatewayPod("gateway-condition"),
                object: { ...gatewayPod("gateway-condition"), status: { message: "disrupted" } },
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
        replicaSetController,
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

import { type HostileCase, type Sender, type SentObject } from "./case";
import { type PodFields } from "./objects";
import { administrator, CLIENT, cloudController, developer, ELSEWHERE, endpointSliceController } from "./surroundings";

type Strings = Readonly<Record<string, string>>;
const TYPE = "networking.gke.io/load-balancer-type";
const OLD_TYPE = "cloud.google.com/load-balancer-type";
const INGRESS_CLASS = "kubernetes.io/ingress.class";
const PORTS = [{ port: 443, protocol: "TCP" }];

/** Services and endpoints that lead outside, or that bring the outside in. */
export const serviceCases: readonly HostileCase[] = [
    ...[
        ["public", "api.evil.example", "ledger.orders.svc.cluster.local"],
        ["trailing-dot", "api.evil.example.", "ledger.orders.svc.cluster.local."],
        ["lookalike", "ledger.orders.svc.cluster.local.evil.example", "ledger.orders.svc.cluster.local"],
        ["lookalike-suffix", "evil-svc.cluster.local", "evil.svc.cluster.local"],
        ["metadata", "metadata.google.internal", "ledger.orders.svc.cluster.local"],
    ].map(([name, hostile, benign]) =>
        serviceCase(
            "service-external-name",
            name,
            28,
            "points outside the cluster",
            external(hostile),
            external(benign),
        ),
    ),
    serviceCase(
        "service-external-name",
        "elsewhere",
        28,
        "points outside the cluster",
        external("api.evil.example"),
        external("ledger.orders.svc.cluster.local"),
        { namespace: ELSEWHERE },
    ),
    {
        id: "service-external-name/by-update",
        rule: "service-external-name",
        bypass: 28,
        title: "A Service inside the cluster is turned to a public name.",
        as: developer,
        message: "points outside the cluster",
        request: {
            operation: "update",
            before: service("turned", external("ledger.orders.svc.cluster.local")),
            object: service("turned", external("api.evil.example")),
        },
        twin: {
            title: "It is turned to another name inside the cluster.",
            request: {
                operation: "update",
                before: service("turned-twin", external("ledger.orders.svc.cluster.local")),
                object: service("turned-twin", external("journal.orders.svc.cluster.local")),
            },
        },
    },

    serviceCase(
        "service-external-ips",
        "public",
        27,
        "claims addresses: 203.0.113.9",
        { selector: { app: "any" }, ports: PORTS, externalIPs: ["203.0.113.9"] },
        { selector: { app: "any" }, ports: PORTS },
    ),
    serviceCase(
        "service-external-ips",
        "inside",
        27,
        "claims addresses: 10.8.0.10",
        { selector: { app: "any" }, ports: [{ port: 53, protocol: "UDP" }], externalIPs: ["10.8.0.10"] },
        { selector: { app: "any" }, ports: [{ port: 53, protocol: "UDP" }] },
        { namespace: ELSEWHERE, as: administrator },
    ),
    serviceCase(
        "service-external-ips",
        "version-6",
        27,
        "claims addresses",
        { type: "NodePort", selector: { app: "any" }, ports: PORTS, externalIPs: ["2001:db8::9"] },
        { type: "NodePort", selector: { app: "any" }, ports: PORTS },
    ),
    {
        id: "service-external-ips/by-update",
        rule: "service-external-ips",
        bypass: 27,
        title: "A Service is given an external address afterwards.",
        as: developer,
        message: "claims addresses: 203.0.113.9",
        request: {
            operation: "update",
            before: service("claiming", { selector: { app: "any" }, ports: PORTS }),
            object: service("claiming", { selector: { app: "any" }, ports: PORTS, externalIPs: ["203.0.113.9"] }),
        },
        twin: {
            title: "A Service is given another selector.",
            request: {
                operation: "update",
                before: service("reselecting", { selector: { app: "any" }, ports: PORTS }),
                object: service("reselecting", { selector: { app: "other" }, ports: PORTS }),
            },
        },
    },
    {
        id: "service-external-ips/through-status",
        rule: "service-external-ips",
        bypass: 27,
        title: "A developer writes the load balancer's address into the status.",
        as: developer,
        message: "claims addresses through its status: 203.0.113.9",
        request: statusRequest("claimed-by-developer"),
        twin: {
            title: "The cloud controller writes it.",
            as: cloudController,
            request: statusRequest("claimed-by-controller"),
        },
    },

    serviceCase(
        "client-load-balancer",
        "external",
        26,
        "opens an external load balancer",
        { type: "LoadBalancer", selector: { app: "any" }, ports: PORTS },
        { type: "ClusterIP", selector: { app: "any" }, ports: PORTS },
    ),
    ...[
        ["annotation-of-another-value", { [TYPE]: "INTERNAL" }, { [TYPE]: "internal" }],
        [
            "first-annotation",
            { [TYPE]: "External", [OLD_TYPE]: "Internal" },
            { [TYPE]: "Internal", [OLD_TYPE]: "External" },
        ],
        ["first-annotation-empty", { [TYPE]: "", [OLD_TYPE]: "Internal" }, { [OLD_TYPE]: "Internal" }],
    ].map(([name, hostile, benign]) =>
        serviceCase(
            "client-load-balancer",
            name as string,
            26,
            "opens an external load balancer",
            { type: "LoadBalancer", selector: { app: "any" }, ports: PORTS },
            { type: "LoadBalancer", selector: { app: "any" }, ports: PORTS },
            { annotations: [hostile as Strings, benign as Strings] },
        ),
    ),
    ...[
        ["class", "networking.gke.io/l4-regional-external"],
        ["class-of-somebody-else", "tunnel.example/any"],
    ].map(([name, loadBalancerClass]) =>
        serviceCase(
            "client-load-balancer",
            name,
            26,
            `opens an external load balancer: loadBalancerClass ${loadBalancerClass}`,
            { type: "LoadBalancer", loadBalancerClass, selector: { app: "any" }, ports: PORTS },
            {
                type: "LoadBalancer",
                loadBalancerClass: "networking.gke.io/l4-regional-internal",
                selector: { app: "any" },
                ports: PORTS,
            },
            { annotations: [{ [TYPE]: "Internal" }, {}] },
        ),
    ),
    ...[
        ["without-class", ingress("without-class"), ingress("inside", { [INGRESS_CLASS]: "gce-internal" })],
        ["class-gce", ingress("gce", { [INGRESS_CLASS]: "gce" }), ingress("nginx", {}, { ingressClassName: "nginx" })],
    ].map(([name, hostile, benign]) => published(name as string, hostile as SentObject, benign as SentObject)),
    ...["gke-l7-global-external-managed", "gke-l7-regional-external-managed-mc", "gke-l7-yet-to-come"].map(
        gatewayClassName =>
            published(gatewayClassName, apiGateway(gatewayClassName), apiGateway("gke-l7-rilb"), "an external class"),
    ),
    {
        id: "client-load-balancer/annotation-removed",
        rule: "client-load-balancer",
        bypass: 26,
        title: "The internal annotation is taken away afterwards.",
        as: developer,
        message: "opens an external load balancer",
        request: {
            operation: "update",
            before: balanced("opened", { "networking.gke.io/load-balancer-type": "Internal" }),
            object: balanced("opened", { "networking.gke.io/load-balancer-type": "External" }),
        },
        twin: {
            title: "The annotation is written in its older form besides.",
            request: {
                operation: "update",
                before: balanced("kept", { "networking.gke.io/load-balancer-type": "Internal" }),
                object: balanced("kept", {
                    "networking.gke.io/load-balancer-type": "Internal",
                    "cloud.google.com/load-balancer-type": "Internal",
                }),
            },
        },
    },

    ...[
        ["public", "203.0.113.9"],
        ["documentation", "192.0.2.1"],
        ["near-private", "172.32.0.1"],
        ["near-shared", "100.128.0.1"],
    ].map(([name, address]) => endpointsCase(name, slice(`slice-${name}`, [address]), "10.20.0.5")),
    ...[
        ["gateway-pod", "10.3.2.7"],
        ["gateway-node", "10.0.8.31"],
    ].map(([name, address]) => endpointsCase(name, slice(`slice-${name}`, [address]), "10.0.8.32")),
    endpointsCase("elsewhere", slice("slice-elsewhere", ["203.0.113.9"], "IPv4", ELSEWHERE), "10.20.0.5"),
    endpointsCase("version-6", slice("slice-version-6", ["2001:db8::9"], "IPv6"), "fd12:3456::5", "IPv6"),
    endpointsCase("second-of-two", slice("slice-second", ["10.20.0.5", "203.0.113.9"]), "172.31.255.254"),
    endpointsCase("name", slice("slice-name", ["api.evil.example"], "FQDN"), "192.168.7.7"),
    {
        id: "client-endpoints/endpoints",
        rule: "client-endpoints",
        bypass: 28,
        title: "A developer writes Endpoints with a public address.",
        as: developer,
        message: "adds an endpoint that is not a private address, or is the gateway's: 203.0.113.9",
        request: {
            operation: "create",
            object: endpoints("written", { addresses: [{ ip: "10.20.0.5" }, { ip: "203.0.113.9" }] }),
        },
        twin: {
            title: "A developer writes Endpoints with private addresses.",
            request: {
                operation: "create",
                object: endpoints("written-twin", { addresses: [{ ip: "10.20.0.5" }, { ip: "100.64.1.1" }] }),
            },
        },
    },
    {
        id: "client-endpoints/endpoints-not-ready",
        rule: "client-endpoints",
        bypass: 28,
        title: "The public address is among those that are not ready yet.",
        as: developer,
        message: "adds an endpoint that is not a private address",
        request: { operation: "create", object: endpoints("waiting", { notReadyAddresses: [{ ip: "203.0.113.9" }] }) },
        twin: {
            title: "The controller of endpoints writes pod addresses from a public range that the cluster uses privately.",
            as: endpointSliceController,
            request: {
                operation: "create",
                object: endpoints("waiting-twin", { notReadyAddresses: [{ ip: "203.0.113.9" }] }),
            },
        },
    },
];

function serviceCase(
    rule: HostileCase["rule"],
    name: string,
    bypass: number,
    message: string,
    hostile: PodFields,
    benign: PodFields,
    variation: {
        readonly namespace?: string;
        readonly as?: Sender;
        readonly annotations?: readonly [Readonly<Record<string, string>>, Readonly<Record<string, string>>];
    } = {},
): HostileCase {
    const { namespace = CLIENT, as = developer, annotations } = variation;
    const objectName = `${rule.replace("service-", "").replace("client-", "")}-${name}`;
    return {
        id: `${rule}/${name}`,
        rule,
        bypass,
        title: `A Service ${message.split(":")[0]} (${name.replaceAll("-", " ")}).`,
        as,
        message,
        request: { operation: "create", object: service(objectName, hostile, namespace, annotations?.[0]) },
        twin: {
            title: "A Service of the same sort that stays inside.",
            request: {
                operation: "create",
                object: service(`${objectName}-twin`, benign, namespace, annotations?.[1]),
            },
        },
    };
}

function service(
    name: string,
    spec: PodFields,
    namespace: string = CLIENT,
    annotations?: Readonly<Record<string, string>>,
): SentObject {
    return {
        apiVersion: "v1",
        kind: "Service",
        metadata: { name, namespace, ...(annotations === undefined ? {} : { annotations }) },
        spec,
    };
}

function external(externalName: string): PodFields {
    return { type: "ExternalName", externalName };
}

function balanced(name: string, annotations: Readonly<Record<string, string>>): SentObject {
    return service(name, { type: "LoadBalancer", selector: { app: "any" }, ports: PORTS }, CLIENT, annotations);
}

function ingress(name: string, annotations: Strings = {}, fields: PodFields = {}): SentObject {
    return {
        apiVersion: "networking.k8s.io/v1",
        kind: "Ingress",
        metadata: { name, namespace: CLIENT, annotations },
        spec: { defaultBackend: { service: { name: "web", port: { number: 80 } } }, ...fields },
    };
}

function apiGateway(gatewayClassName: string): SentObject {
    return {
        apiVersion: "gateway.networking.k8s.io/v1",
        kind: "Gateway",
        metadata: { name: gatewayClassName, namespace: CLIENT },
        spec: { gatewayClassName, listeners: [{ name: "tls", port: 443, protocol: "TLS" }] },
    };
}

function published(
    name: string,
    hostile: SentObject,
    benign: SentObject,
    message = "has Google publish it on an external load balancer",
): HostileCase {
    return {
        id: `client-load-balancer/${name}`,
        rule: "client-load-balancer",
        bypass: 26,
        title: `A developer lets Google publish a ${hostile.kind} (${name.replaceAll("-", " ")}).`,
        as: developer,
        message,
        request: { operation: "create", object: hostile },
        twin: { title: "An internal one, or another controller's.", request: { operation: "create", object: benign } },
    };
}

function statusRequest(name: string) {
    const before = service(name, { type: "LoadBalancer", selector: { app: "any" }, ports: PORTS }, ELSEWHERE);
    return {
        operation: "update",
        subresource: "status",
        before,
        object: { ...before, status: { loadBalancer: { ingress: [{ ip: "203.0.113.9" }] } } },
    } as const;
}

function slice(
    name: string,
    addresses: readonly string[],
    addressType = "IPv4",
    namespace: string = CLIENT,
): SentObject {
    return {
        apiVersion: "discovery.k8s.io/v1",
        kind: "EndpointSlice",
        metadata: { name, namespace, labels: { "kubernetes.io/service-name": "outside" } },
        addressType,
        endpoints: addresses.map(address => ({ addresses: [address] })),
        ports: [{ port: 443 }],
    };
}

function endpointsCase(name: string, hostile: SentObject, benign: string, addressType = "IPv4"): HostileCase {
    return {
        id: `client-endpoints/${name}`,
        rule: "client-endpoints",
        bypass: 28,
        title: `A developer writes an EndpointSlice for a Service without a selector (${name.replaceAll("-", " ")}).`,
        as: developer,
        message: "adds an endpoint that is not a private address",
        request: { operation: "create", object: hostile },
        twin: {
            title: "A developer writes an EndpointSlice with a private address.",
            request: {
                operation: "create",
                object: slice(`${hostile.metadata.name}-twin`, [benign], addressType, hostile.metadata.namespace),
            },
        },
    };
}

function endpoints(name: string, subset: PodFields): SentObject {
    return {
        apiVersion: "v1",
        kind: "Endpoints",
        metadata: { name, namespace: CLIENT },
        subsets: [{ ...subset, ports: [{ port: 443 }] }],
    };
}

import { type GuardRuleId } from "../../../components/guard/rules";
import {
    GATEWAY_NAME,
    GATEWAY_NODE_KEY,
    GATEWAY_NODE_VALUE,
    GATEWAY_POD_LABELS,
    GATEWAY_TAINT_EFFECT,
    serviceHost,
} from "../../../base/conventions";
import {
    type AccessProbe,
    type AdmissionProbe,
    type InspectionProbe,
    type KubernetesManifest,
    type LiveClaim,
} from "../probe";
import { type Client, type DestinationPort, firstOfEachNamespace } from "./destinations";

interface Surroundings {
    readonly gatewayNamespace: string;
    readonly gatewayHost: string;
    /** Never pulled and never started: these objects are tried without being created. */
    readonly image: string;
}

/** How something could come to run on a gateway node, or loosen the mesh, were it admitted. */
export function admissionProbes(ports: readonly DestinationPort[], surroundings: Surroundings): AdmissionProbe[] {
    const [client] = firstOfEachNamespace(ports);
    return client === undefined
        ? []
        : [
              ...schedulingProbes(client, surroundings),
              ...clientProbes(client, surroundings),
              ...meshProbes(client, surroundings),
          ];
}

/** Rules that no probe tries, each with the reason; what they refuse is tried on a real API server before a release. */
export const NOT_PROBED: Partial<Record<GuardRuleId, string>> = {
    "gateway-node-runtime-class": "a tenant that could try it would need rights on the whole cluster",
    "gateway-node-mark": "would change a node; the taint itself is inspected instead",
    "gateway-node-compute-class": "a tenant that could try it would need rights on the whole cluster",
    "gateway-namespace-owner": "a tenant that could try it would need rights in the gateway's namespace",
    "gateway-pod-access": "RBAC is asked instead: a connection cannot be tried without making it",
    "gateway-service-account-token": "a token that is issued cannot be taken back",
    "client-sidecar": "the program's Sidecar would have to be changed",
    "client-namespace-labels": "a client's namespace would have to be relabelled",
    "exempt-namespace-creation": "a tenant that could try it would need rights on the whole cluster",
    "client-endpoints": "tenants have no rights on endpoints by default",
    "mesh-key-fetch": "tenants have no rights on authentication by default",
};

const TOLERATION = {
    key: GATEWAY_NODE_KEY,
    operator: "Equal",
    value: GATEWAY_NODE_VALUE,
    effect: GATEWAY_TAINT_EFFECT,
};

function schedulingProbes(client: Client, { image, gatewayNamespace }: Surroundings): AdmissionProbe[] {
    const ordinary = pod(client, image);
    const c2 = trying("C2", ordinary);
    return [
        c2(
            "toleration",
            "no pod may tolerate the gateway nodes' taint",
            [19],
            pod(client, image, { tolerations: [TOLERATION] }),
            ["gateway-node-toleration"],
        ),
        c2(
            "tolerates-everything",
            "no pod may tolerate every taint",
            [19],
            pod(client, image, { tolerations: [{ operator: "Exists" }] }),
            ["gateway-node-toleration"],
        ),
        c2("node-name", "no pod may name its node", [20], pod(client, image, { nodeName: "some-node" }), [
            "gateway-node-name",
        ]),
        c2(
            "node-selector",
            "no pod may select gateway nodes",
            [19],
            pod(client, image, { nodeSelector: { [GATEWAY_NODE_KEY]: GATEWAY_NODE_VALUE } }),
            ["gateway-node-selection"],
        ),
        c2(
            "daemon-set",
            "no DaemonSet may tolerate the gateway nodes' taint",
            [21],
            daemonSet(client, image, { tolerations: [TOLERATION] }),
            ["gateway-node-toleration"],
            daemonSet(client, image),
        ),
        c2(
            "gateway-namespace",
            "nothing but the gateway runs in its namespace",
            [19, 52],
            pod({ namespace: gatewayNamespace, serviceAccount: GATEWAY_NAME }, image),
            ["gateway-namespace-pods"],
        ),
    ];
}

/** What a client's pod may not be. The perimeter holds without these; they keep the mesh's promises. */
function clientProbes(client: Client, { image }: Surroundings): AdmissionProbe[] {
    const ordinary = pod(client, image);
    const c4 = trying("C4", ordinary);
    const service = (spec: object): KubernetesManifest => ({
        apiVersion: "v1",
        kind: "Service",
        metadata: { name: NAME, namespace: client.namespace },
        spec,
    });
    const plainService = service({ ports: [{ port: 80 }], selector: { app: NAME } });
    return [
        c4("host-network", "no client pod is on the host network", [3], pod(client, image, { hostNetwork: true }), [
            "client-host-network",
        ]),
        c4(
            "proxy-user",
            "no client pod runs as user 1337",
            [4],
            pod(client, image, { securityContext: { runAsUser: 1337 } }),
            ["client-proxy-identity"],
        ),
        c4(
            "node-disk",
            "no client pod mounts its node's disk",
            [22],
            pod(client, image, { volumes: [{ name: "node", hostPath: { path: "/" } }] }),
            ["client-host-network"],
        ),
        c4(
            "sidecar-hook",
            "no client pod runs a command in its sidecar",
            [4],
            withContainer(ordinary, {
                name: "istio-proxy",
                image,
                lifecycle: { preStop: { exec: { command: ["sh"] } } },
            }),
            ["client-proxy-impostor"],
        ),
        c4(
            "network-capability",
            "no client pod may change its network",
            [4],
            withContainer(ordinary, {
                name: "helper",
                image,
                securityContext: { capabilities: { add: ["NET_ADMIN"] } },
            }),
            ["client-network-capabilities"],
        ),
        c4(
            "capture",
            "no client pod leaves ports out of its capture",
            [4],
            annotated(ordinary, { "traffic.sidecar.istio.io/excludeOutboundPorts": "443" }),
            ["client-traffic-capture"],
        ),
        c4(
            "uninjected",
            "no client pod goes without a sidecar",
            [2],
            labelled(ordinary, { "sidecar.istio.io/inject": "false" }),
            ["client-injection"],
        ),
        c4(
            "external-ips",
            "no Service takes over foreign addresses",
            [27],
            service({ ports: [{ port: 80 }], externalIPs: ["198.51.100.7"] }),
            ["service-external-ips"],
            plainService,
        ),
        c4(
            "external-name",
            "no Service is an alias of a name outside",
            [28],
            service({ type: "ExternalName", externalName: "example.net" }),
            ["service-external-name"],
            plainService,
        ),
        c4(
            "load-balancer",
            "no client Service opens an external load balancer",
            [26],
            service({ type: "LoadBalancer", ports: [{ port: 80 }], selector: { app: NAME } }),
            ["client-load-balancer"],
            plainService,
        ),
    ];
}

function meshProbes(client: Client, { gatewayHost }: Surroundings): AdmissionProbe[] {
    const { namespace } = client;
    const istio = (kind: string, spec: object, apiVersion = "networking.istio.io/v1"): KubernetesManifest => ({
        apiVersion,
        kind,
        metadata: { name: NAME, namespace },
        spec,
    });
    const benign = istio("VirtualService", {
        hosts: [serviceHost("inside", namespace)],
        http: [{ route: [{ destination: { host: serviceHost("inside", namespace) } }] }],
    });
    const c4 = trying("C4", benign);
    const servers = [
        { port: { number: 443, name: "tls", protocol: "TLS" }, hosts: ["*"], tls: { mode: "PASSTHROUGH" } },
    ];
    return [
        c4(
            "service-entry",
            "no tenant declares a host",
            [29, 30],
            istio("ServiceEntry", {
                hosts: ["example.net"],
                ports: [{ number: 443, name: "tls", protocol: "TLS" }],
                resolution: "DNS",
            }),
            ["mesh-registry"],
        ),
        c4(
            "gateway",
            "no tenant binds a Gateway to the gateway's pods",
            [32],
            istio("Gateway", { selector: GATEWAY_POD_LABELS, servers }),
            ["mesh-gateway-selector"],
        ),
        c4(
            "destination-rule",
            "no tenant captures the gateway's host",
            [31],
            istio("DestinationRule", { host: gatewayHost, trafficPolicy: { tls: { mode: "DISABLE" } } }),
            ["mesh-gateway-host"],
        ),
        c4(
            "envoy-filter",
            "no tenant rewrites proxies",
            [33],
            istio(
                "EnvoyFilter",
                {
                    configPatches: [
                        {
                            applyTo: "CLUSTER",
                            match: { context: "SIDECAR_OUTBOUND" },
                            patch: { operation: "MERGE", value: { connect_timeout: "1s" } },
                        },
                    ],
                },
                "networking.istio.io/v1alpha3",
            ),
            ["mesh-proxy-extension"],
        ),
    ];
}

/** Who may look into a gateway pod, and what runs where. */
export function accessProbes(ports: readonly DestinationPort[], gatewayNamespace: string): AccessProbe[] {
    return firstOfEachNamespace(ports).map(client => ({
        kind: "access",
        id: `access/${client.namespace}/${client.serviceAccount}/exec`,
        title: `${client.namespace}/${client.serviceAccount} may not exec into gateway pods`,
        claim: "C2",
        bypasses: [46],
        user: client,
        action: { verb: "create", namespace: gatewayNamespace, resource: "pods", subresource: "exec" },
    }));
}

export function inspectionProbes(): InspectionProbe[] {
    return [
        {
            kind: "inspection",
            id: "inspection/gateway-node-taint",
            title: "every node with the gateway's label has its taint, which the kubelet enforces",
            claim: "C2",
            bypasses: [20],
            inspect: "gateway-node-taint",
        },
        {
            kind: "inspection",
            id: "inspection/gateway-node-pods",
            title: "gateway nodes run the gateway and system pods, and nothing else",
            claim: "C2",
            bypasses: [19, 20, 21],
            inspect: "gateway-node-pods",
        },
    ];
}

const NAME = "egress-gateway-verify";

/** Probes of one claim, which share their harmless twin unless they bring one. */
function trying(claim: LiveClaim, twin: KubernetesManifest) {
    return (
        name: string,
        title: string,
        bypasses: readonly number[],
        object: KubernetesManifest,
        rules: readonly GuardRuleId[],
        control = twin,
    ): AdmissionProbe => ({
        kind: "admission",
        id: `admission/${name}`,
        title,
        claim,
        bypasses,
        object,
        rules,
        control,
    });
}

/** Fits the strictest of Kubernetes' Pod Security Standards, so that what is refused is refused for what is tried. */
function podSpec(
    { serviceAccount }: Client,
    image: string,
    { securityContext, ...spec }: Readonly<Record<string, unknown>>,
): object {
    return {
        serviceAccountName: serviceAccount,
        automountServiceAccountToken: false,
        securityContext: {
            runAsNonRoot: true,
            runAsUser: 65532,
            seccompProfile: { type: "RuntimeDefault" },
            ...(securityContext as object | undefined),
        },
        containers: [
            {
                name: "probe",
                image,
                securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
            },
        ],
        ...spec,
    };
}

function pod(client: Client, image: string, spec: Readonly<Record<string, unknown>> = {}): KubernetesManifest {
    return {
        apiVersion: "v1",
        kind: "Pod",
        metadata: { name: NAME, namespace: client.namespace },
        spec: podSpec(client, image, spec),
    };
}

function labelled(manifest: KubernetesManifest, labels: Readonly<Record<string, string>>): KubernetesManifest {
    return { ...manifest, metadata: { ...manifest.metadata, labels } };
}

function annotated(manifest: KubernetesManifest, annotations: Readonly<Record<string, string>>): KubernetesManifest {
    return { ...manifest, metadata: { ...manifest.metadata, annotations } };
}

function withContainer(manifest: KubernetesManifest, container: object): KubernetesManifest {
    const spec = manifest.spec as { readonly containers: readonly object[] };
    return { ...manifest, spec: { ...spec, containers: [...spec.containers, container] } };
}

function daemonSet(client: Client, image: string, spec: Readonly<Record<string, unknown>> = {}): KubernetesManifest {
    const labels = { app: NAME };
    return {
        apiVersion: "apps/v1",
        kind: "DaemonSet",
        metadata: { name: NAME, namespace: client.namespace },
        spec: {
            selector: { matchLabels: labels },
            template: { metadata: { labels }, spec: podSpec(client, image, spec) },
        },
    };
}

import { creation, type SentObject } from "../../../attacks";
import { isDeepStrictEqual } from "node:util";
import { CLIENT, GATEWAY, GATEWAY_HOST, GATEWAY_LABELS, RESOLVER } from "../../../attacks/surroundings";
import { GATEWAY_NODE_KEY, gatewayNodeValue, gatewayPodLabels } from "../../../base/conventions";
import { type GuardRuleId } from "../../../components/guard/rules";
import { type VerifiedGateway } from "../outputs";
import {
    aboutGateway,
    type AccessProbe,
    type AdmissionProbe,
    type InspectionProbe,
    type KubernetesManifest,
    type LiveClaim,
} from "../probe";
import { type Client, type DestinationPort, firstOfEachNamespace } from "./destinations";

type Named = Pick<VerifiedGateway, "name" | "namespace" | "host">;

interface Surroundings {
    readonly gateways: readonly [Named, ...Named[]];
    /** Of the DNS lock; absent: it is not enforced. */
    readonly resolverNamespace?: string;
    /** Never pulled and never started: these objects are tried without being created. */
    readonly image: string;
}

/** An attack of the catalogue that a tenant can try. */
interface Tried {
    /** Of the probe. */
    readonly id: string;
    /** The case of the catalogue. */
    readonly attack: string;
    readonly claim: LiveClaim;
    /** What holds when it is refused. */
    readonly title: string;
    /** The case whose twin vouches for the refusal, where the attack's own passes for its sender alone. */
    readonly twinOf?: string;
    /** Rows of the bypass list besides the case's. */
    readonly besides?: readonly number[];
}

/** How something could come to run on a gateway node, were it admitted; then what keeps the mesh's promises, not the perimeter. */
const TRIED: readonly Tried[] = [
    ...tried("C2", [
        ["toleration", "toleration/by-key/Pod", "no pod may tolerate the gateway nodes' taint"],
        ["tolerates-everything", "toleration/everything/Pod", "no pod may tolerate every taint"],
        ["node-name", "node-name/named/Pod", "no pod may name its node"],
        ["node-selector", "selection/node-selector/Pod", "no pod may select gateway nodes"],
        ["daemon-set", "toleration/every-no-execute/DaemonSet", "no DaemonSet may tolerate every NoExecute taint"],
        [
            "gateway-namespace",
            "gateway-pods/application",
            "nothing but the gateway runs in its namespace",
            { twinOf: "node-name/named/Pod", besides: [52] },
        ],
    ]),
    ...tried("C4", [
        ["host-network", "client-host-network/host-network/Pod", "no client pod is on the host network"],
        ["proxy-user", "client-proxy-identity/user/Pod", "no client pod runs as user 1337"],
        ["node-disk", "client-host-network/host-path/Pod", "no client pod mounts its node's disk"],
        [
            "sidecar-hook",
            "client-proxy-impostor/tampered-placeholder/DaemonSet",
            "no client pod runs a command in its sidecar",
        ],
        ["network-capability", "client-network-capabilities/net-admin/Pod", "no client pod may change its network"],
        ["capture", "client-traffic-capture/exclude-ports/Pod", "no client pod leaves ports out of its capture"],
        ["uninjected", "client-injection/label/Pod", "no client pod goes without a sidecar"],
        ["external-ips", "service-external-ips/public", "no Service takes over foreign addresses"],
        ["external-name", "service-external-name/public", "no Service is an alias of a name outside"],
        ["load-balancer", "client-load-balancer/external", "no client Service opens an external load balancer"],
        [
            "service-entry",
            "mesh-registry/ServiceEntry/payments",
            "no tenant declares a host",
            { twinOf: "mesh-gateway-host/virtual-service-1", besides: [30] },
        ],
        ["gateway", "mesh-gateway-selector/one-label", "no tenant binds a Gateway to the gateway's pods"],
        ["virtual-service", "mesh-gateway-host/virtual-service-1", "no tenant redirects what is meant for the gateway"],
        ["destination-rule", "mesh-gateway-host/destination-rule-1", "no tenant captures the gateway's host"],
        [
            "envoy-filter",
            "mesh-proxy-extension/EnvoyFilter/payments",
            "no tenant rewrites proxies",
            { twinOf: "mesh-gateway-host/virtual-service-1" },
        ],
    ]),
    ...tried("C6", [
        [
            "resolver-namespace",
            "resolver-maker/pod",
            "nothing but the resolver runs in its namespace",
            { twinOf: "node-name/named/Pod" },
        ],
    ]),
];

function tried(
    claim: LiveClaim,
    rows: readonly (readonly [string, string, string, Pick<Tried, "twinOf" | "besides">?])[],
): Tried[] {
    return rows.map(([id, attack, title, more]) => ({ id, attack, claim, title, ...more }));
}

/** The catalogue's attacks, as the first client of the stack would try them: on each gateway where they are on one. */
export function admissionProbes(ports: readonly DestinationPort[], surroundings: Surroundings): AdmissionProbe[] {
    const [client] = firstOfEachNamespace(ports);
    if (client === undefined) {
        return [];
    }
    const [first, ...further] = surroundings.gateways;
    return TRIED.filter(({ claim }) => claim !== "C6" || surroundings.resolverNamespace !== undefined).flatMap(row => {
        const on = (gateway: Named): AdmissionProbe => admissionProbe(row, client, gateway, surroundings);
        return further.every(gateway => isDeepStrictEqual(on(gateway).object, on(first).object))
            ? [on(first)]
            : surroundings.gateways.map(gateway => aboutGateway(on(gateway), gateway.name));
    });
}

function admissionProbe(
    { id, attack, claim, title, twinOf = attack, besides = [] }: Tried,
    client: Client,
    gateway: Named,
    surroundings: Surroundings,
): AdmissionProbe {
    const { rule, bypass, hostile } = creation(attack);
    return {
        kind: "admission",
        id: `admission/${id}`,
        title,
        claim,
        bypasses: [...(bypass === undefined ? [] : [bypass]), ...besides],
        object: sentBy(client, hostile, gateway, surroundings),
        rules: [rule],
        control: sentBy(client, creation(twinOf).benign, gateway, surroundings),
    };
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
    "client-network-policies": "a policy that were admitted would open what it tries",
    "cluster-dns": "a tenant that could try it would need rights in kube-system",
    "client-endpoints": "tenants have no rights on endpoints by default",
    "mesh-key-fetch": "tenants have no rights on authentication by default",
};

/** Who may look into a gateway pod, and what runs where. */
export function accessProbes(
    ports: readonly DestinationPort[],
    { namespace, name }: Pick<VerifiedGateway, "namespace" | "name">,
): AccessProbe[] {
    return firstOfEachNamespace(ports).map(client => {
        const probe: AccessProbe = {
            kind: "access",
            id: `access/${client.namespace}/${client.serviceAccount}/exec`,
            title: `${client.namespace}/${client.serviceAccount} may not exec into gateway pods`,
            claim: "C2",
            bypasses: [46],
            user: client,
            action: { verb: "create", namespace, resource: "pods", subresource: "exec" },
        };
        return aboutGateway(probe, name);
    });
}

export function inspectionProbes({ namespace, name }: Pick<VerifiedGateway, "namespace" | "name">): InspectionProbe[] {
    const probes: InspectionProbe[] = [
        {
            kind: "inspection",
            id: "inspection/gateway-node-taint",
            title: "every node with the gateway's label has its taint, which the kubelet enforces",
            claim: "C2",
            bypasses: [20],
            inspect: "gateway-node-taint",
            namespace,
        },
        {
            kind: "inspection",
            id: "inspection/gateway-node-pods",
            title: "gateway nodes run the gateway and system pods, and nothing else",
            claim: "C2",
            bypasses: [19, 20, 21],
            inspect: "gateway-node-pods",
            namespace,
        },
    ];
    const atHome: InspectionProbe = {
        kind: "inspection",
        id: "inspection/gateway-pods",
        title: "the gateway's pods run on its own nodes, whose way out its addresses are",
        claim: "C7",
        bypasses: [],
        inspect: "gateway-pods",
        namespace,
    };
    return [...probes, ...(name === undefined ? [] : [atHome])].map(probe => aboutGateway(probe, name));
}

/** The object of the catalogue in this cluster: its names for the catalogue's, and a pod that no other policy has a reason to refuse. */
function sentBy(
    client: Client,
    object: SentObject,
    { name, namespace, host }: Named,
    { resolverNamespace, image }: Surroundings,
): KubernetesManifest {
    const names = new Map([
        [CLIENT, client.namespace],
        [GATEWAY, namespace],
        [GATEWAY_HOST, host],
        [GATEWAY_LABELS.istio, gatewayPodLabels(name).istio],
        ...(resolverNamespace === undefined ? [] : ([[RESOLVER, resolverNamespace]] as const)),
    ]);
    const { metadata, ...rest } = renamed(object, names, gatewayNodeValue(name)) as SentObject;
    const spec = fieldsOf(rest.spec);
    const template = spec.template === undefined ? undefined : fieldsOf(spec.template);
    return {
        ...rest,
        metadata: { ...metadata, name: "egress-gateway-verify" },
        ...(object.kind === "Pod"
            ? { spec: restricted(spec, client, image) }
            : template === undefined
              ? {}
              : {
                    spec: {
                        ...spec,
                        template: { ...template, spec: restricted(fieldsOf(template.spec), client, image) },
                    },
                }),
    };
}

function renamed(value: unknown, names: ReadonlyMap<string, string>, nodeValue: string): unknown {
    if (typeof value === "string") {
        return names.get(value) ?? value;
    }
    if (Array.isArray(value)) {
        return value.map(item => renamed(item, names, nodeValue));
    }
    if (typeof value !== "object" || value === null) {
        return value;
    }
    // A label, or a toleration.
    const mark = "key" in value && value.key === GATEWAY_NODE_KEY ? "value" : GATEWAY_NODE_KEY;
    return Object.fromEntries(
        Object.entries(value).map(([key, item]) => [key, key === mark ? nodeValue : renamed(item, names, nodeValue)]),
    );
}

type Fields = Readonly<Record<string, unknown>>;

function fieldsOf(value: unknown): Fields {
    return (value ?? {}) as Fields;
}

/** Fits the strictest of Kubernetes' Pod Security Standards but for what is tried, so that it is refused for nothing else. */
function restricted(spec: Fields, { serviceAccount }: Client, image: string): Fields {
    return {
        serviceAccountName: serviceAccount,
        ...spec,
        securityContext: {
            runAsNonRoot: true,
            runAsUser: 65532,
            seccompProfile: { type: "RuntimeDefault" },
            ...fieldsOf(spec.securityContext),
        },
        containers: (spec.containers as readonly Fields[]).map(container => {
            const { capabilities, ...context } = fieldsOf(container.securityContext);
            // What the injector fills in is the injector's.
            return container.image === "auto"
                ? container
                : {
                      ...container,
                      image,
                      securityContext: {
                          allowPrivilegeEscalation: false,
                          capabilities: { drop: ["ALL"], ...fieldsOf(capabilities) },
                          ...context,
                      },
                  };
        }),
    };
}

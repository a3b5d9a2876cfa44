import { serviceHost } from "../../base/conventions";
import { type KubernetesObject, fieldsList, texts } from "../kubernetes";
import { type DeclaredPort } from "./declared";
import { HYPOTHETICAL } from "./call";
import { type MeshModel, type MeshSettings, podLabelsOf } from "./model";

/** Objects with which a tenant could become part of the gateway, and what they would do. */
export interface Move {
    readonly id: string;
    readonly words: string;
    readonly objects: readonly KubernetesObject[];
    /** Namespaces whose pods the guard declares exempt may do it as well. */
    readonly likePods?: true;
    /** The objects are there, and their status is written. */
    readonly status?: true;
    /** Beyond the model once it is admitted: the reason. */
    readonly unmodelled?: string;
}

/** An address that is certainly not a declared destination's. */
const ATTACKER = "1.1.1.1";
const OWN_HOST = "tenant.example";

/**
 * What a tenant of the namespace may try. The mesh has a gateway.
 *
 * @param victim what the moves are about
 */
export function movesFrom(namespace: string, mesh: MeshModel, victim: DeclaredPort): readonly Move[] {
    return [
        rePointing(namespace, victim),
        ...selectors(mesh).map((selector, index) => ownServer(namespace, victim, selector, index)),
        ownRoute(namespace, mesh, victim),
        ...EXTENSIONS.map(([kind, apiVersion]) => extension(namespace, kind, apiVersion, mesh.settings)),
        ...claimedAddresses(namespace, victim),
    ];
}

/** A host that is allowed, with other endpoints: of two entries for one host the older wins, so whoever comes first has it. */
function rePointing(namespace: string, { host, port }: DeclaredPort): Move {
    return {
        id: "re-point",
        words: "a ServiceEntry that gives a declared host other endpoints",
        objects: [
            object(namespace, "networking.istio.io/v1", "ServiceEntry", "re-point", {
                hosts: [host],
                location: "MESH_EXTERNAL",
                resolution: "STATIC",
                ports: [{ number: port, name: `tcp-${port}`, protocol: "TCP" }],
                endpoints: [{ address: ATTACKER }],
            }),
        ],
    };
}

/** Selectors that the gateway's pods satisfy; a Gateway binds to pods of every namespace. */
function selectors(mesh: MeshModel): readonly Readonly<Record<string, string>>[] {
    const labels = podLabelsOf(mesh.gatewayWorkloads[0]!);
    return [labels, ...Object.entries(labels).map(([key, value]) => ({ [key]: value })), {}];
}

function ownServer(
    namespace: string,
    { host, port }: DeclaredPort,
    selector: Readonly<Record<string, string>>,
    index: number,
): Move {
    const server = {
        port: { number: 443, name: "tls-tenant", protocol: "TLS" },
        hosts: [OWN_HOST],
        tls: { mode: "ISTIO_MUTUAL" },
    };
    return {
        id: `own server ${index}`,
        words: `a Gateway with selector ${JSON.stringify(selector)}, which fits the gateway's pods, and a route to a declared destination`,
        objects: [
            object(namespace, "networking.istio.io/v1", "Gateway", "own-server", { selector, servers: [server] }),
            object(namespace, "networking.istio.io/v1", "VirtualService", "own-server", {
                hosts: [OWN_HOST],
                gateways: [`${namespace}/own-server`],
                tcp: [{ route: [{ destination: { host, port: { number: port } } }] }],
            }),
        ],
    };
}

/** A route behind the gateway's own server, to a Service of the tenant's: any namespace has some. */
function ownRoute(namespace: string, mesh: MeshModel, { host, port }: DeclaredPort): Move {
    const route = [{ route: [{ destination: { host: serviceHost("relay", namespace), port: { number: 80 } } }] }];
    const serving = mesh.gateways.filter(
        ({ spec, namespace: place }) =>
            place === mesh.settings.gatewayNamespace &&
            fieldsList(spec.servers).some(({ hosts }) =>
                texts(hosts).some(name => ["*", host, `p${port}.${host}`].includes(name)),
            ),
    );
    return {
        id: "own route",
        words: "a VirtualService that binds to the gateway's Gateway and leads to a Service of the tenant's own",
        objects: [
            object(namespace, "v1", "Service", "relay", {
                selector: { app: "relay" },
                ports: [{ name: "tcp", port: 80 }],
            }),
            object(namespace, "networking.istio.io/v1", "VirtualService", "own-route", {
                hosts: ["*"],
                gateways: serving.map(({ name, namespace: place }) => `${place}/${name}`),
                tcp: route,
                tls: [],
                http: route,
            }),
        ],
    };
}

/** What rewrites proxies. */
const EXTENSIONS = [
    ["EnvoyFilter", "networking.istio.io/v1alpha3"],
    ["WasmPlugin", "extensions.istio.io/v1alpha1"],
    ["TrafficExtension", "extensions.istio.io/v1alpha1"],
    ["ProxyConfig", "networking.istio.io/v1beta1"],
] as const;

function extension(namespace: string, kind: string, apiVersion: string, settings: MeshSettings): Move {
    return {
        id: kind,
        words: `${/^[AEIOU]/.test(kind) ? "an" : "a"} ${kind}`,
        objects: [object(namespace, apiVersion, kind, "extension", { configPatches: [] })],
        unmodelled:
            `nothing refuses a tenant's ${kind} (tried in namespace ${namespace}): there it rewrites that namespace's proxies, in the root namespace ` +
            `${settings.rootNamespace} every proxy, the gateway's included, and what it does is not modelled; refuse ${kind}s outside the gateway's namespace`,
    };
}

/**
 * kube-proxy of every node sends what goes to these addresses to the Service's pods (Kubernetes documentation, "External IPs"), and to
 * those that its status says a load balancer has (CVE-2020-8554).
 */
function claimedAddresses(namespace: string, { port }: DeclaredPort): Move[] {
    const base = { selector: { app: "relay" }, ports: [{ name: "tcp", port }] };
    const move = (id: string, how: string, service: KubernetesObject): Move => ({
        id,
        likePods: true,
        words: `a Service that claims the address of a declared host by ${how}`,
        objects: [service],
        unmodelled: `nothing refuses a tenant's Service with ${how} (tried in namespace ${namespace}): nodes send what goes to those addresses to the tenant's pods, be it a declared host's or the gateway's, and whom that captures is not modelled; refuse ${how}`,
    });
    const balanced = object(namespace, "v1", "Service", "claimed-address", { ...base, type: "LoadBalancer" });
    const status = { loadBalancer: { ingress: [{ ip: ATTACKER }] } };
    return [
        move(
            "claimed address",
            "externalIPs",
            object(namespace, "v1", "Service", "claimed-address", { ...base, externalIPs: [ATTACKER] }),
        ),
        {
            ...move("claimed status", "a load balancer's address that is written into its status", {
                ...balanced,
                object: { ...balanced.object, status },
            }),
            status: true,
        },
    ];
}

function object(
    namespace: string,
    apiVersion: string,
    kind: string,
    name: string,
    spec: Record<string, unknown>,
): KubernetesObject {
    const [group, version] = apiVersion.includes("/") ? (apiVersion.split("/") as [string, string]) : ["", apiVersion];
    return {
        urn: HYPOTHETICAL,
        group,
        version,
        kind,
        namespace,
        name,
        labels: {},
        annotations: {},
        spec,
        // Empty, so that what a policy asks of them is asked of these.
        object: { apiVersion, kind, metadata: { name, namespace, labels: {}, annotations: {} }, spec },
    };
}

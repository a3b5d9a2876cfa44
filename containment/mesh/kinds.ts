import { fields, fieldsList, type Fields, type KubernetesObject, text } from "../kubernetes";
import { type MeshSettings } from "./model";

/**
 * What an object of a kind means to the gateway: the model follows it; it changes nothing that the claim is about; it changes the
 * proxies of its own namespace, and in the root namespace all of them.
 */
type Meaning = "followed" | "harmless" | "proxies of its namespace";

/** Kinds of Istio 1.30, by API group. What is not listed here could mean anything. */
const ISTIO_KINDS: Readonly<Record<string, Readonly<Record<string, Meaning>>>> = {
    "networking.istio.io": {
        ServiceEntry: "followed",
        Gateway: "followed",
        VirtualService: "followed",
        DestinationRule: "followed",
        Sidecar: "followed",
        EnvoyFilter: "proxies of its namespace",
        ProxyConfig: "proxies of its namespace",
        // A selector of a Service picks workload entries of its namespace too.
        WorkloadEntry: "proxies of its namespace",
        WorkloadGroup: "proxies of its namespace",
    },
    "security.istio.io": {
        AuthorizationPolicy: "followed",
        // The servers of a gateway say themselves how they meet their callers.
        PeerAuthentication: "harmless",
        RequestAuthentication: "proxies of its namespace",
    },
    "extensions.istio.io": {
        WasmPlugin: "proxies of its namespace",
        TrafficExtension: "proxies of its namespace",
    },
    "telemetry.istio.io": { Telemetry: "harmless" },
};

/** Kinds of the Gateway API. All but these two mean something where they stand, or to what they refer to. */
const GATEWAY_API_KINDS: Readonly<Record<string, "harmless" | "what it refers to">> = {
    GatewayClass: "harmless",
    ReferenceGrant: "harmless",
    Gateway: "what it refers to",
    ListenerSet: "what it refers to",
    XListenerSet: "what it refers to",
    HTTPRoute: "what it refers to",
    GRPCRoute: "what it refers to",
    TLSRoute: "what it refers to",
    TCPRoute: "what it refers to",
    UDPRoute: "what it refers to",
    BackendTLSPolicy: "what it refers to",
};

const GATEWAY_API = /^gateway\.networking\.(?:x-)?k8s\.io$/;

/** Of a group of Istio's own, operators and settings of the control plane included. */
export function isIstioObject({ group }: KubernetesObject): boolean {
    return /(?:^|\.)istio\.io$/.test(group) || group === "sailoperator.io";
}

/** Why the object keeps the model from deciding; undefined where it does not. */
export function obstacleOf(object: KubernetesObject, settings: MeshSettings): string | undefined {
    if (isIstioObject(object)) {
        return istioObstacle(object, settings);
    }
    return GATEWAY_API.test(object.group) ? gatewayApiObstacle(object, settings) : undefined;
}

function istioObstacle(
    { urn, group, kind, namespace }: KubernetesObject,
    { gatewayNamespace, rootNamespace }: MeshSettings,
): string | undefined {
    if (kind.endsWith("Patch")) {
        return `${urn} patches an object whose other fields are not shown; register the whole object`;
    }
    const meaning = ISTIO_KINDS[group]?.[kind];
    if (meaning === undefined) {
        return `${urn}: kind ${kind} of ${group} is none that the model knows; remove it, or give what it makes as objects`;
    }
    if (meaning !== "proxies of its namespace" || (namespace !== gatewayNamespace && namespace !== rootNamespace)) {
        return undefined;
    }
    const scope = namespace === rootNamespace ? "every proxy of the mesh" : "the gateway's proxies";
    return `${urn}: this ${kind} changes ${scope} in ways that the model does not follow; remove it`;
}

function gatewayApiObstacle(object: KubernetesObject, { gatewayNamespace }: MeshSettings): string | undefined {
    const { urn, group, kind, namespace, spec } = object;
    const meaning = GATEWAY_API_KINDS[kind];
    if (meaning === "harmless") {
        return undefined;
    }
    if (meaning === undefined) {
        return `${urn}: kind ${kind} of ${group} is none that the model knows; remove it`;
    }
    const references: Fields[] = [
        ...fieldsList(spec.parentRefs),
        ...fieldsList(spec.targetRefs),
        ...(spec.parentRef === undefined ? [] : [fields(spec.parentRef)]),
    ];
    const near =
        namespace === gatewayNamespace ||
        // A Gateway with addresses of its own is served by the proxies behind them.
        (kind === "Gateway" && Array.isArray(spec.addresses)) ||
        references.some(reference => (text(reference.namespace) ?? namespace) === gatewayNamespace);
    return near
        ? `${urn}: Gateway API objects in front of the gateway are not modelled; use Istio's Gateway and VirtualService`
        : undefined;
}

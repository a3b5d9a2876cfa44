import { type KubernetesObject } from "../kubernetesObject";

/**
 * Istio's API as far as this program uses it, and no further: a field that is not here cannot be written by mistake, which
 * Kubernetes would accept silently. Names and meanings are those of the Istio API reference (`networking.istio.io/v1`,
 * `security.istio.io/v1`, `telemetry.istio.io/v1`).
 */
export type IstioObject =
    | ServiceEntry
    | GatewayObject
    | VirtualService
    | DestinationRule
    | Sidecar
    | AuthorizationPolicy
    | PeerAuthentication
    | Telemetry
    | EnvoyFilter;

interface IstioObjectOf<Version extends string, Kind extends string, Spec> extends KubernetesObject {
    readonly apiVersion: Version;
    readonly kind: Kind;
    readonly metadata: { readonly name: string; readonly namespace: string };
    readonly spec: Spec;
}

type NetworkingObject<Kind extends string, Spec> = IstioObjectOf<"networking.istio.io/v1", Kind, Spec>;
type SecurityObject<Kind extends string, Spec> = IstioObjectOf<"security.istio.io/v1", Kind, Spec>;

export type ServiceEntry = NetworkingObject<"ServiceEntry", ServiceEntrySpec>;
export type GatewayObject = NetworkingObject<"Gateway", GatewaySpec>;
export type VirtualService = NetworkingObject<"VirtualService", VirtualServiceSpec>;
export type DestinationRule = NetworkingObject<"DestinationRule", DestinationRuleSpec>;
export type Sidecar = NetworkingObject<"Sidecar", SidecarSpec>;
export type AuthorizationPolicy = SecurityObject<"AuthorizationPolicy", AuthorizationPolicySpec>;
export type PeerAuthentication = SecurityObject<"PeerAuthentication", PeerAuthenticationSpec>;
export type Telemetry = IstioObjectOf<"telemetry.istio.io/v1", "Telemetry", TelemetrySpec>;

export type EnvoyFilter = IstioObjectOf<"networking.istio.io/v1alpha3", "EnvoyFilter", EnvoyFilterSpec>;

/** Namespaces that see the object; `.` is its own. Istio reads an empty list as "everybody". */
export type ExportTo = readonly [string, ...string[]];

export interface ServiceEntrySpec {
    readonly hosts: readonly string[];
    /** Addresses or ranges by which a client's TCP connection is recognised. */
    readonly addresses?: readonly string[];
    readonly location: "MESH_EXTERNAL";
    readonly resolution: "DNS" | "STATIC" | "NONE";
    readonly ports: readonly ServicePort[];
    readonly endpoints?: readonly { readonly address: string }[];
    readonly exportTo: ExportTo;
}

export interface ServicePort {
    readonly number: number;
    readonly name: string;
    readonly protocol: "TLS" | "HTTP" | "HTTPS" | "TCP";
}

interface GatewaySpec {
    readonly selector: PodLabels;
    readonly servers: readonly GatewayServer[];
}

type PodLabels = Readonly<Record<string, string>>;

export interface GatewayServer {
    /** `number` is the port of the gateway's Service, not of its pods. */
    readonly port: { readonly number: number; readonly name: string; readonly protocol: "HTTP" | "HTTPS" | "TLS" };
    readonly hosts: readonly string[];
    readonly tls?: ServerTls;
}

type ServerTls =
    | { readonly mode: "PASSTHROUGH" }
    /** Absent `subjectAltNames` accept every identity of the mesh. */
    | { readonly mode: "ISTIO_MUTUAL"; readonly subjectAltNames?: readonly string[] };

export interface VirtualServiceSpec {
    readonly hosts: readonly string[];
    readonly gateways: readonly string[];
    readonly exportTo: ExportTo;
    readonly tls?: readonly TlsRoute[];
    readonly tcp?: readonly TcpRoute[];
    readonly http?: readonly HttpRoute[];
}

interface TlsRoute {
    readonly match: readonly { readonly port: number; readonly sniHosts: readonly string[] }[];
    readonly route: readonly RouteDestination[];
}

interface TcpRoute {
    readonly match: readonly { readonly port: number }[];
    readonly route: readonly RouteDestination[];
}

export interface HttpRoute {
    /** Absent: every request that no earlier route took. */
    readonly match?: readonly ({ readonly port: number } | { readonly authority: { readonly exact: string } })[];
    readonly rewrite: { readonly authority: string };
    readonly headers?: { readonly request: { readonly remove: readonly string[] } };
    readonly route: readonly RouteDestination[];
}

export interface RouteDestination {
    readonly destination: {
        readonly host: string;
        readonly subset?: string;
        readonly port: { readonly number: number };
    };
}

export interface DestinationRuleSpec {
    readonly host: string;
    readonly exportTo: ExportTo;
    readonly trafficPolicy?: TrafficPolicy;
    readonly subsets?: readonly { readonly name: string; readonly trafficPolicy: PortPolicies }[];
}

/** Port settings inherit nothing from what stands beside them, so nothing may stand beside them. */
export interface PortPolicies {
    readonly portLevelSettings: readonly PortTrafficPolicy[];
}

type TrafficPolicy = PortPolicies | { readonly connectionPool: ConnectionPool; readonly loadBalancer?: LoadBalancer };

export interface PortTrafficPolicy {
    readonly port: { readonly number: number };
    readonly connectionPool: ConnectionPool;
    readonly loadBalancer?: LoadBalancer;
    readonly tls?: ClientTls;
}

interface LoadBalancer {
    readonly simple: "LEAST_REQUEST";
}

/** Durations are texts such as `300s`. */
export interface ConnectionPool {
    readonly tcp: {
        readonly tcpKeepalive: { readonly probes: number; readonly time: string; readonly interval: string };
    };
    readonly http: {
        readonly idleTimeout: string;
        /** HTTP/2 to the far side, by ALPN alone where there is TLS; absent: HTTP/1.1. */
        readonly h2UpgradePolicy?: "UPGRADE";
    };
}

export type ClientTls =
    | { readonly mode: "ISTIO_MUTUAL"; readonly sni?: string }
    /** `credentialName`: the Secret with the authorities; absent: those of the proxy's image. */
    | (OriginatedTls<"SIMPLE"> & { readonly credentialName?: string })
    | (OriginatedTls<"MUTUAL"> & { readonly credentialName: string });

/** An explicit `sni` without `subjectAltNames` would accept any certificate of a trusted authority. */
interface OriginatedTls<Mode extends string> {
    readonly mode: Mode;
    readonly sni: string;
    readonly subjectAltNames: readonly [string, ...string[]];
}

interface SidecarSpec {
    readonly egress: readonly { readonly hosts: readonly string[] }[];
    readonly outboundTrafficPolicy: { readonly mode: "REGISTRY_ONLY" | "ALLOW_ANY" };
}

export interface AuthorizationPolicySpec {
    readonly selector: { readonly matchLabels: PodLabels };
    /** Absent together with `rules`: nothing is allowed. */
    readonly action?: "ALLOW";
    readonly rules?: readonly AuthorizationRule[];
}

interface AuthorizationRule {
    /** Absent: any caller, known or not. */
    readonly from?: readonly { readonly source: { readonly principals: readonly string[] } }[];
    /** `ports` are ports of the gateway's pods. */
    readonly to: readonly {
        readonly operation: { readonly ports: readonly string[]; readonly hosts?: readonly string[] };
    }[];
}

interface PeerAuthenticationSpec {
    readonly mtls: { readonly mode: "STRICT" };
}

interface TelemetrySpec {
    readonly accessLogging: readonly { readonly providers: readonly { readonly name: string }[] }[];
    readonly tracing?: readonly { readonly disableContextPropagation: true }[];
}

/** Envoy's own configuration, which Istio merges into what it generates. */
interface EnvoyFilterSpec {
    readonly workloadSelector?: { readonly labels: Readonly<Record<string, string>> };
    readonly configPatches: readonly {
        readonly applyTo: "CLUSTER" | "LISTENER";
        readonly match: {
            readonly context: string;
            readonly cluster?: { readonly service: string } | { readonly name: string };
        };
        readonly patch: { readonly operation: string; readonly value?: object };
    }[];
}

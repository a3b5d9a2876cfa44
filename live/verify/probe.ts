import { type GuardRuleId } from "../../components/guard/rules";
import { type KubernetesObject } from "../../components/kubernetesObject";
import { type ClaimId } from "../../containment/verdict";

/** The claims that a probe can test. C5 is about removed locks, and nobody removes locks from a live system to see. */
export type LiveClaim = Exclude<ClaimId, "C5">;

/** C6 is made by stacks with the DNS lock alone, C7 by those with several gateways. */
export const CLAIMS_OF_EVERY_STACK: readonly LiveClaim[] = ["C1", "C2", "C3", "C4"];

/** Whom an attempt is made as. */
export type ProbeSource =
    /** A workload that some destination allows, with its sidecar. */
    | { readonly kind: "client"; readonly namespace: string; readonly serviceAccount: string }
    /** An account of a client namespace that no destination allows, with its sidecar. */
    | { readonly kind: "other-account"; readonly namespace: string }
    /** A pod with a sidecar in a namespace that is no client. */
    | { readonly kind: "mesh-stranger" }
    | { readonly kind: "no-sidecar" }
    | { readonly kind: "host-network" }
    /** User 1337, whose traffic the sidecar's redirection leaves alone. */
    | { readonly kind: "proxy-user" }
    /** A pod on a gateway node that is not the gateway; only an exempt namespace can have one. */
    | { readonly kind: "gateway-node"; readonly namespace: string; readonly gateway?: string }
    /** A pod of an ordinary namespace that wants to run on a gateway node: by a toleration, or by naming the node. */
    | { readonly kind: "intruder"; readonly how: "toleration" | "node-name"; readonly gateway?: string };

/** Stands for the address of one of the pods of the probe's gateway, which is known only when the probes run. */
export const GATEWAY_POD = "<gateway pod>";

/** Stands in a name for a label that is another in every run. */
export const RANDOM_LABEL = "<random>";

/** Types of DNS records that are asked for, by number (IANA, "Resource Record (RR) TYPEs"). */
export const QUERY_TYPES = {
    A: 1,
    CNAME: 5,
    NULL: 10,
    MX: 15,
    TXT: 16,
    AAAA: 28,
    SRV: 33,
    SVCB: 64,
    HTTPS: 65,
    ANY: 255,
} as const;

/** What is tried. */
export type Attempt =
    /** TLS to a host, verified; answered when the handshake ends. With `at`, to that address instead of the resolved one. */
    | {
          readonly action: "https";
          readonly host: string;
          readonly port: number;
          readonly at?: string;
          readonly anyCertificate?: boolean;
      }
    | {
          readonly action: "http";
          readonly host: string;
          readonly port: number;
          readonly at?: string;
          readonly path?: string;
          readonly header?: string;
          /** Keep the first characters of the answer's body. */
          readonly keepBody?: boolean;
          readonly tls?: boolean;
      }
    /** Connects, sends, and waits whether anything comes back or the connection is closed. */
    | { readonly action: "tcp"; readonly host: string; readonly port: number; readonly send: string }
    /** Sends one datagram and waits for any answer. An absent address is the pod's own resolver. */
    | {
          readonly action: "udp";
          readonly address?: string;
          readonly port: number;
          readonly hex: string;
          readonly padToBytes?: number;
      }
    /** Asks for records of a name. An absent address is the pod's own resolver. */
    | {
          readonly action: "dns";
          readonly transport: "udp" | "tcp";
          readonly address?: string;
          readonly name: string;
          readonly type: keyof typeof QUERY_TYPES;
      }
    | { readonly action: "ping"; readonly address: string };

/** The gateway's cluster that carries a destination's port. */
export interface GatewayRoute {
    readonly host: string;
    /** Port of the far side. */
    readonly port: number;
    /** On the HTTP leg connections are pooled, so requests are counted there instead. */
    readonly leg: "tls" | "http";
}

/** How a denial shows, and who says so. A mere time-out counts only where nothing better can be had. */
export type Reason =
    /** The gateway refused the caller's certificate in the handshake, so that no byte went to the destination. */
    | { readonly by: "gateway-handshake"; readonly towards: GatewayRoute }
    /** No filter chain of the gateway matches: unknown SNI, or no TLS. */
    | { readonly by: "gateway-listener" }
    /** The gateway's authorization policy answered 403. */
    | { readonly by: "gateway-authorization" }
    /** The caller's own sidecar has no route: closed, or answered 502. */
    | { readonly by: "sidecar" }
    /** Landed at the declared host although another address was dialled: the gateway resolves the name itself. */
    | { readonly by: "redirected"; readonly through: GatewayRoute }
    /** Nobody listens at that port of the gateway's pod. */
    | { readonly by: "closed-port" }
    /** The resolver says of a name that exists that there is none. */
    | { readonly by: "name-lock" }
    /** There is no route, or no such address family, at the caller. */
    | { readonly by: "no-route" }
    /** Dropped on the way, silently; the hint says who did it, or whose log has the packet. */
    | { readonly by: "network"; readonly hint: string }
    /** The API server refused the pod, in the words of one of these rules of the guard. */
    | { readonly by: "admission"; readonly rules: readonly GuardRuleId[] }
    /** The node's taint kept the pod off. */
    | { readonly by: "taint" }
    /** The metadata server answered for the workload, and not for the node, or not at all. */
    | { readonly by: "workload-identity" };

interface Common {
    /** Stable from run to run. */
    readonly id: string;
    /** One sentence of what holds when the probe passes. */
    readonly title: string;
    /** Absent for a control. */
    readonly claim?: LiveClaim;
    /** Name of the gateway that it is about, whose counters judge it; absent where there is only one, or it is about none. */
    readonly gateway?: string;
    /** Rows of the bypass list in docs/verify.md. */
    readonly bypasses: readonly number[];
}

/** Tries something on the network. */
export interface NetworkProbe extends Common {
    readonly kind: "network";
    readonly source: ProbeSource;
    readonly attempt: Attempt;
    readonly expect:
        | {
              readonly allowed: true;
              readonly through?: GatewayRoute;
              /** The far side has to see one of the gateway's addresses. */
              readonly sourceIsNat?: boolean;
          }
        | { readonly allowed: false; readonly reasons: readonly Reason[] };
    /** Probe of the same pod that has to succeed, or this one's silence proves nothing. */
    readonly control?: string;
}

/** Asks the API server, without creating anything, for something that the guard has to refuse. */
export interface AdmissionProbe extends Common {
    readonly kind: "admission";
    readonly object: KubernetesManifest;
    /** Rules of the guard that may refuse it, as they stand in its messages. */
    readonly rules: readonly GuardRuleId[];
    /** What makes the object harmless; the same without it has to be admitted, or a refusal proves nothing. */
    readonly control: KubernetesManifest;
}

/** Asks whether somebody may do something. */
export interface AccessProbe extends Common {
    readonly kind: "access";
    readonly user: { readonly namespace: string; readonly serviceAccount: string };
    readonly action: {
        readonly verb: string;
        readonly namespace: string;
        readonly resource: string;
        readonly subresource?: string;
    };
}

/** Looks at what runs. */
export interface InspectionProbe extends Common {
    readonly kind: "inspection";
    readonly inspect: "gateway-node-taint" | "gateway-node-pods" | "gateway-pods";
    /** Of the gateway. */
    readonly namespace: string;
}

/** What cannot be tried as the command was given; that is told, and passes for nothing. */
export interface UntriedProbe extends Common {
    readonly kind: "untried";
    readonly why: string;
}

export type Probe = NetworkProbe | AdmissionProbe | AccessProbe | InspectionProbe | UntriedProbe;

/** A probe that is about one gateway of several says so. */
export function aboutGateway<P extends Probe>(probe: P, gateway: string | undefined): P {
    if (gateway === undefined) {
        return probe;
    }
    // A pod on its nodes is named after it anyway, and so is what it tries.
    return probe.kind === "network" && probe.source.kind === "gateway-node"
        ? { ...probe, gateway }
        : { ...probe, gateway, id: `${probe.id}/gateway ${gateway}`, title: `${probe.title} (gateway ${gateway})` };
}

export interface KubernetesManifest extends KubernetesObject {
    readonly [field: string]: unknown;
}

/** For people and as a key. */
export function sourceName(source: ProbeSource): string {
    switch (source.kind) {
        case "client":
            return `${source.namespace}/${source.serviceAccount}`;
        case "other-account":
            return `${source.namespace}/another account`;
        case "mesh-stranger":
            return "other namespace, in the mesh";
        case "no-sidecar":
            return "pod without sidecar";
        case "host-network":
            return "pod on the host network";
        case "proxy-user":
            return "pod as user 1337";
        case "gateway-node":
            return `pod on ${aNodeOf(source)}`;
        case "intruder":
            return source.how === "toleration"
                ? `pod that tolerates the gateway nodes' taint${source.gateway === undefined ? "" : ` (${source.gateway})`}`
                : `pod that names ${aNodeOf(source)}`;
    }
}

function aNodeOf({ gateway }: { readonly gateway?: string }): string {
    return gateway === undefined ? "a gateway node" : `a node of gateway ${gateway}`;
}

/** `outbound|443||istio.io`, Istio's name of a cluster without subset. */
export function clusterName({ host, port }: Pick<GatewayRoute, "host" | "port">): string {
    return `outbound|${port}||${host}`;
}

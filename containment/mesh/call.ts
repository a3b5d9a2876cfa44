import { type Hop } from "../verdict";
import { type KubernetesObject } from "../kubernetes";
import { type UpstreamTls } from "./destinationRules";

/** One connection, with the first thing that the caller says on it. */
export interface Call {
    /** Address that the caller dials; absent means the one that its name resolves to, which no listener singles out. */
    readonly address?: string;
    readonly port: number;
    readonly protocol: "http" | "tcp";
    readonly tls: "plaintext" | "tls" | "mtls";
    readonly sni?: string;
    readonly host?: string;
}

/** Where a call goes, in the words of Istio's own traffic simulation (`pilot/pkg/simulation`). */
export interface CallOutcome {
    /** Envoy cluster, `outbound|<port>|<subset>|<host>`, `BlackHoleCluster` or `PassthroughCluster`. */
    readonly cluster?: string;
    readonly error?:
        | "no listener matched"
        | "no filter chains matched"
        | "no virtual host matched"
        | "no route matched"
        | "invalid TLS"
        | "invalid mTLS"
        | "protocol error"
        /** The route leads to a cluster that the proxy does not have. */
        | "no cluster";
    /** Answered by the proxy itself. */
    readonly status?: 502;
    /** Set where the model cannot tell; the reason. */
    readonly unknown?: string;
    readonly hops: readonly Hop[];
    /** The route that was taken. */
    readonly destination?: CallTarget;
}

/** Target of a route. */
export interface CallTarget {
    readonly host: string;
    readonly port: number;
    readonly subset?: string;
    readonly virtualService?: KubernetesObject;
    /** What the route writes into the Host header; absent where it leaves what the caller wrote. */
    readonly authority?: string;
}

export function clusterName({ host, port, subset }: CallTarget): string {
    return `outbound|${port}|${subset ?? ""}|${host}`;
}

export function hop(at: string, decision: string, source?: KubernetesObject): Hop {
    return { at, decision, ...(source === undefined || source.urn === HYPOTHETICAL ? {} : { resource: source.urn }) };
}

/** The hop that gives the answer. */
export function deciding(hop: Hop): Hop {
    return { ...hop, decides: true };
}

/** In place of the URN of an object that a tenant might add. */
export const HYPOTHETICAL = "an object that a tenant adds";

export function tlsInWords(tls: UpstreamTls | undefined): string {
    if (tls === undefined || tls.mode === "DISABLE") {
        return "in plaintext";
    }
    return tls.sni === undefined ? `with TLS mode ${tls.mode}` : `with TLS mode ${tls.mode} and server name ${tls.sni}`;
}

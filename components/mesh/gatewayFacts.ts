import { gatewayPodLabels } from "../../base/conventions";
import { gatewayHost } from "../../settings/contract";
import { type WorkloadIdentity } from "../../settings/schema";
import { type Settings } from "../../settings/settings";

/** What every object is written against: where the gateway is, and whether it knows its callers. */
export interface GatewayFacts {
    /** Namespace of the gateway and of all objects that are not a client's own. */
    readonly namespace: string;
    /** Its name; absent: `default`. */
    readonly name?: string | undefined;
    /** Labels that its pods have and those of no other gateway. */
    readonly podLabels: Readonly<Record<string, string>>;
    /** Host name of the gateway's Service. */
    readonly host: string;
    /** First part of every identity. */
    readonly trustDomain: string;
    /** `false`: the application's own TLS passes through, and nobody's identity is known. */
    readonly mutualTls: boolean;
    /** Istio version of the control plane: what it does not know yet is not written. */
    readonly istioVersion: string;
    readonly keepAliveSeconds: number;
    readonly httpIdleSeconds: number;
    /** TLS sessions that a sidecar keeps for each of its clusters of the gateway; 1 is Envoy's own number. */
    readonly sessionKeys: number;
}

export function gatewayFacts(settings: Pick<Settings, "mesh" | "gateway">): GatewayFacts {
    return {
        namespace: settings.gateway.namespace,
        name: settings.gateway.name,
        podLabels: gatewayPodLabels(settings.gateway.name),
        host: gatewayHost(settings),
        trustDomain: settings.mesh.trustDomain,
        mutualTls: settings.mesh.mutualTls,
        istioVersion: settings.mesh.version,
        keepAliveSeconds: settings.mesh.keepAliveSeconds,
        httpIdleSeconds: settings.mesh.httpIdleSeconds,
        sessionKeys: settings.mesh.sessionKeys,
    };
}

/** Istio's form of the identities, each once and sorted: `cluster.local/ns/payments/sa/api`. */
export function principals(allow: readonly WorkloadIdentity[], { trustDomain }: GatewayFacts): string[] {
    const all = allow.map(({ namespace, serviceAccount }) => `${trustDomain}/ns/${namespace}/sa/${serviceAccount}`);
    return [...new Set(all)].sort();
}

/** The same as a certificate has them. */
export function spiffeIds(allow: readonly WorkloadIdentity[], gateway: GatewayFacts): string[] {
    return principals(allow, gateway).map(principal => `spiffe://${principal}`);
}

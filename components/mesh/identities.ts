import { type WorkloadIdentity } from "../../settings/schema";
import { type GatewayFacts } from "./gatewayFacts";

/** Istio's form of the identities, each once and sorted: `cluster.local/ns/payments/sa/api`. */
export function principals(allow: readonly WorkloadIdentity[], { trustDomain }: GatewayFacts): string[] {
    const all = allow.map(({ namespace, serviceAccount }) => `${trustDomain}/ns/${namespace}/sa/${serviceAccount}`);
    return [...new Set(all)].sort();
}

/** The same as a certificate has them. */
export function spiffeIds(allow: readonly WorkloadIdentity[], gateway: GatewayFacts): string[] {
    return principals(allow, gateway).map(principal => `spiffe://${principal}`);
}

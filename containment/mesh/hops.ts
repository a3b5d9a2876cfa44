import { type KubernetesObject } from "../kubernetes";
import { type Hop } from "../verdict";
import { type UpstreamTls } from "./destinationRules";

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

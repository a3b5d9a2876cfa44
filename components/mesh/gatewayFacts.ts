import { gatewayHost } from "../../settings/contract";
import { type Settings } from "../../settings/settings";

/** What every object is written against: where the gateway is, and whether it knows its callers. */
export interface GatewayFacts {
    /** Namespace of the gateway and of all objects that are not a client's own. */
    readonly namespace: string;
    /** Host name of the gateway's Service. */
    readonly host: string;
    /** First part of every identity. */
    readonly trustDomain: string;
    /** `false`: the application's own TLS passes through, and nobody's identity is known. */
    readonly mutualTls: boolean;
}

export function gatewayFacts(settings: Pick<Settings, "mesh" | "gateway">): GatewayFacts {
    return {
        namespace: settings.gateway.namespace,
        host: gatewayHost(settings),
        trustDomain: settings.mesh.trustDomain,
        mutualTls: settings.mesh.mutualTls,
    };
}

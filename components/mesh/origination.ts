import { type Destination } from "../../settings/schema";
import { type ClientTls, type DestinationRule } from "./istioObject";
import { type HttpLegPort, httpLegPorts } from "./legs";
import { objectName } from "./names";
import { type GatewayFacts } from "./gatewayFacts";
import { OWN_NAMESPACE } from "./visibility";

type OriginatedPort = Extract<HttpLegPort, { protocol: "originate" }>;

/** How the gateway opens TLS itself: none, or one rule for all originated ports of the host. */
export function originationRules(destination: Destination, { namespace }: GatewayFacts): DestinationRule[] {
    const { host } = destination;
    const originated = httpLegPorts(destination)
        .filter((port): port is OriginatedPort => port.protocol === "originate")
        .sort((a, b) => a.number - b.number);
    if (originated.length === 0) {
        return [];
    }
    return [
        {
            apiVersion: "networking.istio.io/v1",
            kind: "DestinationRule",
            metadata: { name: objectName(host), namespace },
            spec: {
                host,
                exportTo: OWN_NAMESPACE,
                trafficPolicy: {
                    portLevelSettings: originated.map(port => ({
                        port: { number: port.number },
                        tls: originatedTls(host, port),
                    })),
                },
            },
        },
    ];
}

/**
 * The name is checked in the certificate, always: with an explicit `sni` Istio checks no name of its own accord and would
 * take any certificate of a trusted authority (`setAutoSniAndAutoSanValidation` in istio/istio `cluster_tls.go`).
 */
function originatedTls(host: string, { clientCertificate }: OriginatedPort): ClientTls {
    const verified = { sni: host, subjectAltNames: [host] } as const;
    return clientCertificate === undefined
        ? { mode: "SIMPLE", ...verified }
        : { mode: "MUTUAL", credentialName: clientCertificate.secret, ...verified };
}

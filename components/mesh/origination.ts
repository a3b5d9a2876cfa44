import { type Destination } from "../../settings/schema";
import { type ClientTls, type DestinationRule, type PortPolicies } from "./istioObject";
import { connectionPool } from "./connections";
import { type HttpLegPort, httpTenants, speaksHttp2 } from "./legs";
import { objectName } from "./names";
import { type GatewayFacts } from "./gatewayFacts";
import { OWN_NAMESPACE } from "./meshDestination";

type OriginatedPort = Extract<HttpLegPort, { protocol: "originate" }>;

/**
 * How the gateway opens TLS itself, and where it speaks HTTP/2: none, or one rule for a host with such ports. It names the other
 * ports too, since it hides the rule for connections in general.
 */
export function originationRules(destination: Destination, gateway: GatewayFacts): DestinationRule[] {
    const { host, ports } = destination;
    const tenants = httpTenants(destination).flatMap(({ subset }) => subset ?? []);
    if (!ports.some(port => port.protocol === "originate" || speaksHttp2(port))) {
        return [];
    }
    return [
        {
            apiVersion: "networking.istio.io/v1",
            kind: "DestinationRule",
            metadata: { name: objectName(host), namespace: gateway.namespace },
            spec: {
                host,
                exportTo: OWN_NAMESPACE,
                trafficPolicy: portPolicies(destination, gateway),
                ...(tenants.length === 0
                    ? {}
                    : {
                          subsets: tenants.map(({ name, namespace }) => ({
                              name,
                              trafficPolicy: portPolicies(destination, gateway, namespace),
                          })),
                      }),
            },
        },
    ];
}

/** @param namespace whose certificates are shown; no route leads to a host with several but by one of its subsets */
function portPolicies({ host, ports }: Destination, gateway: GatewayFacts, namespace?: string): PortPolicies {
    return {
        portLevelSettings: [...ports]
            .sort((a, b) => a.number - b.number)
            .map(port => ({
                port: { number: port.number },
                connectionPool: connectionPool(gateway, speaksHttp2(port)),
                ...(port.protocol === "originate" ? { tls: originatedTls(host, port, namespace) } : {}),
            })),
    };
}

/**
 * The name is checked in the certificate, always: with an explicit `sni` Istio checks no name of its own accord and would
 * take any certificate of a trusted authority (`setAutoSniAndAutoSanValidation` in istio/istio `cluster_tls.go`).
 */
function originatedTls(host: string, port: OriginatedPort, namespace?: string): ClientTls {
    const { caCertificate } = port;
    const shown = port.clientCertificate ?? port.clientCertificates?.find(one => one.namespace === namespace);
    const verified = { sni: host, subjectAltNames: [host] } as const;
    return shown === undefined
        ? {
              mode: "SIMPLE",
              ...(caCertificate === undefined ? {} : { credentialName: caCertificate.secret }),
              ...verified,
          }
        : { mode: "MUTUAL", credentialName: shown.secret, ...verified };
}

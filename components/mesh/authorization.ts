import { GATEWAY_PORTS } from "../../base/conventions";
import { type Destination } from "../../settings/schema";
import { type AuthorizationPolicy, type AuthorizationPolicySpec, type PeerAuthentication } from "./istioObject";
import { httpLegPorts, httpTenants } from "./legs";
import { type GatewayFacts, principals } from "./gatewayFacts";

const HTTP_POD_PORT = String(GATEWAY_PORTS.http.targetPort);
const TLS_POD_PORT = String(GATEWAY_PORTS.tls.targetPort);

/** Name of the policy without which nothing else in the gateway's namespace should exist. */
export const DEFAULT_DENY = "default-deny";

/** What holds for the gateway as a whole, whatever the destinations. */
export function gatewayAuthorization(gateway: GatewayFacts): (AuthorizationPolicy | PeerAuthentication)[] {
    return [defaultDeny(gateway), tlsLeg(gateway), strictMutualTls(gateway)];
}

/** A policy with a selector and no rule allows nothing; the others add to it. */
function defaultDeny(gateway: GatewayFacts): AuthorizationPolicy {
    return authorizationPolicy(DEFAULT_DENY, gateway, {});
}

/**
 * With mutual TLS, the identities that a destination accepts were checked in the handshake of its own server; this policy is
 * coarse on purpose, since Istio repeats every policy in every filter chain, and one per destination would grow with their
 * square. Without mutual TLS nobody's identity is known, on either leg.
 */
function tlsLeg(gateway: GatewayFacts): AuthorizationPolicy {
    return authorizationPolicy("tls-leg", gateway, {
        action: "ALLOW",
        rules: [
            gateway.mutualTls
                ? { from: [{ source: { principals: ["*"] } }], to: [{ operation: { ports: [TLS_POD_PORT] } }] }
                : { to: [{ operation: { ports: [HTTP_POD_PORT, TLS_POD_PORT] } }] },
        ],
    });
}

/** On the HTTP leg the server accepts every identity of the mesh, so the host's own policy says who may ask for it. */
export function httpAuthorization(destination: Destination, gateway: GatewayFacts): AuthorizationPolicy[] {
    if (!gateway.mutualTls || httpLegPorts(destination).length === 0) {
        return [];
    }
    return httpTenants(destination).map(({ name, host, allow }) =>
        authorizationPolicy(`${name}-http`, gateway, {
            action: "ALLOW",
            rules: [
                {
                    from: [{ source: { principals: principals(allow, gateway) } }],
                    // The Host header may carry a port.
                    to: [{ operation: { ports: [HTTP_POD_PORT], hosts: [host, `${host}:*`] } }],
                },
            ],
        }),
    );
}

/** The gateway's own TLS follows its servers; this is for whatever else would come to listen in its namespace. */
function strictMutualTls({ namespace }: GatewayFacts): PeerAuthentication {
    return {
        apiVersion: "security.istio.io/v1",
        kind: "PeerAuthentication",
        metadata: { name: "default", namespace },
        spec: { mtls: { mode: "STRICT" } },
    };
}

function authorizationPolicy(
    name: string,
    { namespace, podLabels }: GatewayFacts,
    decision: Omit<AuthorizationPolicySpec, "selector">,
): AuthorizationPolicy {
    return {
        apiVersion: "security.istio.io/v1",
        kind: "AuthorizationPolicy",
        metadata: { name, namespace },
        spec: { selector: { matchLabels: podLabels }, ...decision },
    };
}

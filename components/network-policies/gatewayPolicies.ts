import { GATEWAY_COUNTERS, GATEWAY_PORTS } from "../../base/conventions";
import { type OfGateways } from "../../settings/gateways";
import { everyGatewayCidr } from "../../settings/googleNames";
import { type Settings } from "../../settings/settings";
import { isPrivate, ipv4Range } from "../../base/cidr";
import { fixedReach, publicPorts } from "../../settings/reach";
import { GATEWAY_FORBIDDEN_CIDRS } from "../perimeter/firewallRules";
import { counterReaders, dns, meshControlPlane } from "./clusterServices";
import { addresses, closed, egressTo, ingressFrom, type NetworkPolicy, podsOf, tcp } from "./networkPolicy";

/** The part of the settings that the policies of the gateway's namespace follow from. */
export type GatewayPolicySettings = OfGateways &
    Pick<Settings, "mesh" | "monitoring"> & { readonly whole?: OfGateways };

/**
 * The gateway's namespace, closed both ways. A public name may be re-pointed to a private address; these policies are where
 * a gateway pod is held back from it inside the cluster, as the firewall holds back its node.
 */
export function gatewayPolicies(settings: GatewayPolicySettings): NetworkPolicy[] {
    const { namespace } = settings.gateway;
    const ports = publicPorts(settings.destinations);
    const fixed = fixedReach(settings.destinations);
    return [
        closed(namespace, "default-deny", ["Ingress", "Egress"]),
        // One policy for each client, so that a new client changes none.
        ...settings.clientNamespaces.map(client =>
            ingressFrom(namespace, `allow-client-${client}`, [
                {
                    peers: [podsOf(client)],
                    ports: tcp(GATEWAY_PORTS.http.targetPort, GATEWAY_PORTS.tls.targetPort),
                },
            ]),
        ),
        ingressFrom(namespace, "allow-counters", [
            { peers: counterReaders(settings), ports: tcp(GATEWAY_COUNTERS.port) },
        ]),
        egressTo(namespace, "allow-dns", [dns(settings.platform)]),
        egressTo(namespace, "allow-control-plane", [meshControlPlane(settings)]),
        ...(ports.length === 0
            ? []
            : [
                  egressTo(namespace, "allow-public", [
                      { peers: [addresses("0.0.0.0/0", forbidden(settings))], ports: tcp(...ports) },
                  ]),
              ]),
        ...(fixed.length === 0
            ? []
            : [
                  egressTo(
                      namespace,
                      "allow-addresses",
                      fixed.map(reach => ({
                          peers: reach.addresses.map(address => addresses(`${address}/32`)),
                          ports: tcp(...reach.ports),
                      })),
                  ),
              ]),
    ];
}

/** Private, shared and link-local addresses, and the cluster's own ranges where it uses public ones privately. */
function forbidden(settings: GatewayPolicySettings): string[] {
    const { platform } = settings;
    const { nodeCidrs, podCidrs, serviceCidr, controlPlaneCidr } = platform.cluster;
    const own = [...nodeCidrs, ...podCidrs, serviceCidr, controlPlaneCidr, ...everyGatewayCidr(settings)];
    return [...GATEWAY_FORBIDDEN_CIDRS, ...new Set(own.filter(cidr => !isPrivate(ipv4Range(cidr))))];
}

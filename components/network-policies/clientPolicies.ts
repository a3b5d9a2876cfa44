import { GOOGLE_RESTRICTED_CIDR } from "../../base/addresses";
import { GATEWAY_PORTS, gatewayPodLabels } from "../../base/conventions";
import { gatewayViews, type OfGateways } from "../../settings/gateways";
import { type Settings } from "../../settings/settings";
import { dns, kubernetesApi, meshControlPlane, metadataServer } from "./clusterServices";
import {
    addresses,
    closed,
    egressTo,
    type NetworkPolicy,
    type Opening,
    podsOf,
    podsOutside,
    tcp,
} from "./networkPolicy";

/** The part of the settings that the policies of the client namespaces follow from. */
export type ClientPolicySettings = OfGateways & Pick<Settings, "mesh" | "clients" | "googleApis">;

/** The namespaces are not this stack's own: the prefix keeps its policies apart from those that are there already. */
const PREFIX = "egress-gateway";

/** Egress of every client namespace; what reaches its pods is not touched. */
export function clientPolicies(settings: ClientPolicySettings): NetworkPolicy[] {
    return settings.clientNamespaces.flatMap(namespace => namespacePolicies(namespace, settings));
}

/**
 * Closed, and open again for what worked inside before and does not lead outside. A policy that opens nothing is not
 * written.
 *
 * No policy opens the Services range: the address of a Service is translated to that of a pod before policies look, and
 * Kubernetes leaves undefined what a range of such addresses would mean. Nor are the nodes open, whose addresses no selector
 * matches; a team whose pods talk to an agent on their node adds a policy of its own.
 */
function namespacePolicies(namespace: string, settings: ClientPolicySettings): NetworkPolicy[] {
    const gateways = gatewayViews(settings);
    const openings: readonly (readonly [string, readonly Opening[]])[] = [
        ["dns", [dns(settings.platform)]],
        [
            "mesh",
            [
                meshControlPlane(settings),
                ...gateways.filter(({ clientNamespaces }) => clientNamespaces.includes(namespace)).map(gatewayPods),
            ],
        ],
        ["cluster", [{ peers: [podsOutside(...gateways.map(({ gateway }) => gateway.namespace))] }]],
        ["kubernetes-api", [kubernetesApi(settings.platform)]],
        ["metadata-server", metadataServer(settings.platform)],
        ["google-apis", googleApis(settings)],
        ...privateDestinations(namespace, settings),
    ];
    return [
        closed(namespace, `${PREFIX}-default-deny`, ["Egress"]),
        ...openings
            .filter(([, opened]) => opened.length > 0)
            .map(([subject, opened]) => egressTo(namespace, `${PREFIX}-allow-${subject}`, opened)),
    ];
}

/** The gateway's pods on the two ports of its listeners; on no other, although they are pods of the cluster as well. */
function gatewayPods({ gateway }: Pick<Settings, "gateway">): Opening {
    return {
        peers: [podsOf(gateway.namespace, gatewayPodLabels(gateway.name))],
        ports: tcp(GATEWAY_PORTS.http.targetPort, GATEWAY_PORTS.tls.targetPort),
    };
}

function googleApis({ googleApis }: ClientPolicySettings): Opening[] {
    return googleApis === "restricted" ? [{ peers: [addresses(GOOGLE_RESTRICTED_CIDR)], ports: tcp(443) }] : [];
}

/** One policy for each, so that a new one changes none. */
function privateDestinations(namespace: string, { clients }: ClientPolicySettings): [string, Opening[]][] {
    return clients.privateDestinations
        .filter(({ namespaces }) => namespaces.includes(namespace))
        .map(({ name, cidrs, ports }) => [
            `private-${name}`,
            [
                {
                    peers: [...cidrs].sort().map(cidr => addresses(cidr)),
                    ports: tcp(...ports.map(({ number }) => number)),
                },
            ],
        ]);
}

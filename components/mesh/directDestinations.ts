import { type PlatformFacts } from "../../contract/platform";
import { GOOGLE_METADATA_ADDRESS } from "../../base/addresses";
import { GOOGLE_API_DOMAINS } from "../../base/conventions";
import { type PrivateDestination } from "../../settings/schema";
import { type ServiceEntry } from "./istioObject";
import { byNumber, servicePort } from "./serviceEntries";
import { type GatewayFacts } from "./gatewayFacts";
import { toNamespaces } from "./meshDestination";

/** The host is never resolved or dialled: private destinations are recognised by address. */
const PRIVATE_DOMAIN = "private.egress-gateway.internal";

/**
 * What stays inside the network, direct and by address. Every port is plain TCP to the sidecar, whatever is spoken on it:
 * for TLS and HTTP Istio would match the name that the client sends against the entry's own host, and refuse it.
 */
export function privateEntry(
    { name, cidrs, ports, namespaces }: PrivateDestination,
    { namespace }: GatewayFacts,
): ServiceEntry {
    return {
        apiVersion: "networking.istio.io/v1",
        kind: "ServiceEntry",
        metadata: { name: `private-${name}`, namespace },
        spec: {
            hosts: [`${name}.${PRIVATE_DOMAIN}`],
            addresses: [...cidrs].sort(),
            location: "MESH_EXTERNAL",
            resolution: "NONE",
            ports: byNumber(ports.map(({ number }) => servicePort(number, "TCP"))),
            exportTo: toNamespaces(namespaces),
        },
    };
}

/**
 * Google's APIs stay direct, over the restricted range. A client may put any address behind these names; only the
 * perimeter bounds where it gets.
 */
export function googleApisEntry(clientNamespaces: readonly string[], { namespace }: GatewayFacts): ServiceEntry {
    return {
        apiVersion: "networking.istio.io/v1",
        kind: "ServiceEntry",
        metadata: { name: "google-apis", namespace },
        spec: {
            hosts: GOOGLE_API_DOMAINS.map(domain => `*.${domain}`),
            location: "MESH_EXTERNAL",
            resolution: "NONE",
            ports: [servicePort(443, "TLS")],
            exportTo: toNamespaces(clientNamespaces),
        },
    };
}

/**
 * The metadata server of GKE, by address: a sidecar that knows it by name only would refuse what is addressed by number.
 * Without this entry, sidecars that refuse whatever is not registered would cut every workload off from Workload Identity.
 */
export function metadataServerEntry(
    clientNamespaces: readonly string[],
    { cluster }: PlatformFacts,
    { namespace }: GatewayFacts,
): ServiceEntry {
    const numbers = cluster.dns === "cloud-dns" ? [53, 80] : [80];
    return {
        apiVersion: "networking.istio.io/v1",
        kind: "ServiceEntry",
        metadata: { name: "metadata-server", namespace },
        spec: {
            hosts: ["metadata.google.internal"],
            addresses: [GOOGLE_METADATA_ADDRESS],
            location: "MESH_EXTERNAL",
            resolution: "NONE",
            ports: numbers.map(number => servicePort(number, "TCP")),
            exportTo: toNamespaces(clientNamespaces),
        },
    };
}

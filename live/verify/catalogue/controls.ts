import { type NetworkProbe, type ProbeSource, sourceName } from "../probe";

/**
 * What has to work in the same pod at the same time, so that silence means denial: a broken pod fails like a contained one.
 */

/** The Kubernetes API answers every pod that has a network: 401 is an answer. */
export function clusterApiControl(source: ProbeSource): NetworkProbe {
    return {
        kind: "network",
        id: `control/${sourceName(source)}/kubernetes-api`,
        title: `${sourceName(source)} reaches the Kubernetes API`,
        bypasses: [],
        source,
        attempt: { action: "https", host: "kubernetes.default.svc", port: 443, anyCertificate: true },
        expect: { allowed: true },
    };
}

/** A query to the pod's own resolver, as a datagram: UDP works in this pod, with the tools of its image. */
export function resolverControl(source: ProbeSource): NetworkProbe {
    return {
        kind: "network",
        id: `control/${sourceName(source)}/resolver`,
        title: `${sourceName(source)} gets an answer from the cluster's resolver over UDP`,
        bypasses: [],
        source,
        attempt: { action: "udp", port: 53, hex: DNS_QUERY },
        expect: { allowed: true },
    };
}

/** Ping works in this image and for this user; how far it gets says nothing. */
export function pingControl(source: ProbeSource): NetworkProbe {
    return {
        kind: "network",
        id: `control/${sourceName(source)}/ping`,
        title: `${sourceName(source)} can ping at all`,
        bypasses: [],
        source,
        attempt: { action: "ping", address: "127.0.0.1" },
        expect: { allowed: true },
    };
}

/** A standard query for the A record of `a.root-servers.net`, recursion desired (RFC 1035, 4.1). */
export const DNS_QUERY = `abcd01000001000000000000${label("a")}${label("root-servers")}${label("net")}0000010001`;

function label(text: string): string {
    return Buffer.from([text.length, ...Buffer.from(text)]).toString("hex");
}

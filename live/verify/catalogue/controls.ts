import { serviceHost } from "../../../base/conventions";
import { dnsQuery } from "../query";
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

/** A name of the cluster itself, from the pod's own resolver: it answers, and the image has the tools to see it. */
export function clusterNameControl(source: ProbeSource): NetworkProbe {
    return nameControl(source, "cluster-name", "a name of the cluster", {
        name: serviceHost("kubernetes", "default"),
    });
}

/** A declared name, so that of an undeclared one it is the lock that denies it. */
export function declaredNameControl(source: ProbeSource, name: string, server?: Server): NetworkProbe {
    return server === undefined
        ? nameControl(source, "declared-name", name, { name })
        : nameControl(source, `declared-name by ${server.name}`, `${name} by ${server.name}`, {
              name,
              address: server.address,
          });
}

interface Server {
    readonly name: string;
    readonly address: string;
}

function nameControl(
    source: ProbeSource,
    id: string,
    what: string,
    asked: { readonly name: string; readonly address?: string },
): NetworkProbe {
    return {
        kind: "network",
        id: `control/${sourceName(source)}/${id}`,
        title: `${sourceName(source)} resolves ${what}`,
        bypasses: [],
        source,
        attempt: { action: "dns", transport: "udp", type: "A", ...asked },
        expect: { allowed: true },
    };
}

/** Every resolver answers it, if only that it will not. */
export const DNS_QUERY = dnsQuery("a.root-servers.net", "A");

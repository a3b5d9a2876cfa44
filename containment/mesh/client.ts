import { CLUSTER_DOMAIN, serviceHost } from "../../base/conventions";
import { type Hop } from "../verdict";
import { rangeContains, specificity } from "./addresses";
import { nameIn } from "./authorities";
import { type Call, type CallOutcome, type CallTarget, clusterName, hop, tlsInWords } from "./call";
import { ANY, type ClientChain, type ClientView, type Listener } from "./clientView";
import { upstreamPolicy } from "./destinationRules";
import { type ByHost } from "./hosts";
import { type ChosenRoutes, httpRoutes } from "./routes";
import { type MeshService } from "./services";

/** Follows a call from a workload of the view's namespace through its own sidecar. */
export function walkClient(view: ClientView, call: Call): CallOutcome {
    if (view.unknown !== undefined) {
        return { unknown: view.unknown, hops: [] };
    }
    const listener = view.listener(call.port);
    if (listener === undefined) {
        return unknownDestination(view, `no service that namespace ${view.namespace} sees has port ${call.port}`);
    }
    const { address } = call;
    const bound = address === undefined ? undefined : longestRange(listener.bound, address);
    if (bound !== undefined) {
        return throughChains(view, call, bound.chains, `${bound.range}:${call.port}`);
    }
    // HTTP and the rest share one listener, which looks at what the call says first, whichever object is older ("Merge the two and
    // upgrade to sniffed" in `buildSidecarOutboundListener`, pilot/pkg/networking/core/listener.go).
    if (listener.http.length > 0 && call.protocol === "http" && call.tls === "plaintext") {
        return throughHosts(view, call, listener.http);
    }
    const shared = !listener.anyAddress.isEmpty || listener.bound.some(({ range }) => range.includes("/"));
    if (listener.http.length > 0 && !shared) {
        return {
            error: "protocol error",
            hops: [hop("sidecar listener", `port ${call.port} speaks HTTP, the call does not`)],
        };
    }
    if (listener.anyAddress.isEmpty) {
        return unknownDestination(view, `no listener on port ${call.port} takes address ${address ?? "of that name"}`);
    }
    return throughChains(view, call, listener.anyAddress, `port ${call.port}`);
}

function longestRange(bound: Listener["bound"], address: string): Listener["bound"][number] | undefined {
    return bound
        .filter(({ range }) => rangeContains(range, address))
        .sort((left, right) => specificity(right.range) - specificity(left.range))[0];
}

function throughChains(view: ClientView, call: Call, chains: ByHost<ClientChain>, place: string): CallOutcome {
    const sni = call.tls === "plaintext" ? undefined : call.sni?.toLowerCase();
    const matching = sni === undefined ? chains.mostSpecific(ANY) : chains.mostSpecific(sni);
    const [first, ...others] = matching;
    if (first === undefined) {
        return unknownDestination(
            view,
            sni === undefined ? `${place} takes TLS with a server name` : `${place} has no server name ${sni}`,
        );
    }
    if (others.length > 0 && matching.some(chain => targetName(chain) !== targetName(first))) {
        const claimants = matching.map(({ service }) => service.source.urn);
        return {
            unknown: `several objects claim the same traffic of namespace ${view.namespace}, and the oldest wins: ${[...new Set(claimants)].join(", ")}`,
            hops: [],
        };
    }
    const seen = hop(
        "sidecar listener",
        `${place} takes ${sni === undefined ? "the connection" : `server name ${sni}`}`,
        first.service.source,
    );
    return arrive(view, first.chosen, { host: first.service.host, port: first.port }, [seen]);
}

function targetName({ chosen, service, port }: ClientChain): string {
    return chosen === undefined ? clusterName({ host: service.host, port }) : chosen.routes.map(clusterName).join();
}

function throughHosts(view: ClientView, call: Call, services: readonly MeshService[]): CallOutcome {
    const host = nameIn(call.host ?? call.address ?? "");
    const candidates = names(host, view.namespace);
    const service = services.find(({ host: name, addresses }) => candidates.includes(name) || addresses.includes(host));
    const name = service?.host ?? host;
    const lookup = (wanted: string): MeshService | undefined => view.service(wanted);
    const chosen = view
        .virtualServicesFor(name)
        .map(virtualService => httpRoutes(virtualService, view.context(call.port, call.host ?? name), lookup))
        .filter(({ routes, reason }) => routes.length > 0 || reason !== undefined);
    if (chosen.length > 1) {
        const urns = chosen.flatMap(({ routes }) => routes.map(({ virtualService }) => virtualService.urn));
        return {
            unknown: `several VirtualServices of the mesh claim ${name}, and the oldest wins: ${[...new Set(urns)].join(", ")}`,
            hops: [],
        };
    }
    // A route alone makes a virtual host on port 80 only (`buildSidecarVirtualHostsForVirtualService`).
    if (service === undefined && (chosen.length === 0 || call.port !== 80)) {
        return unknownDestination(view, `no Host ${host} on port ${call.port}`, true);
    }
    const seen = hop("sidecar route", `Host ${host} on port ${call.port}`, service?.source);
    return arrive(view, chosen[0], { host: name, port: call.port }, [seen]);
}

/** A Service answers to its short names too. */
function names(host: string, namespace: string): readonly string[] {
    return [host, `${host}.${CLUSTER_DOMAIN}`, `${host}.svc.${CLUSTER_DOMAIN}`, serviceHost(host, namespace)];
}

function arrive(
    view: ClientView,
    chosen: ChosenRoutes | undefined,
    fallback: CallTarget,
    hops: readonly Hop[],
): CallOutcome {
    if (chosen?.reason !== undefined) {
        return { unknown: chosen.reason, hops };
    }
    const routes = chosen?.routes ?? [];
    const destination = routes[0] ?? fallback;
    if (chosen !== undefined && !chosen.certain) {
        return {
            unknown: `${routes[0]?.virtualService.urn ?? "a VirtualService"} asks for properties of the call that the model does not follow`,
            hops,
        };
    }
    if (routes.some(route => clusterName(route) !== clusterName(destination))) {
        return { unknown: `${routes[0]!.virtualService.urn} divides the traffic among several destinations`, hops };
    }
    const routed = [...hops, hop("VirtualService", `to ${clusterName(destination)}`, destination.virtualService)];
    const service = view.service(destination.host);
    if (service === undefined || !service.ports.some(({ number }) => number === destination.port)) {
        return {
            error: "no cluster",
            cluster: clusterName(destination),
            destination,
            hops: [...routed, hop("cluster", `the sidecar has no ${clusterName(destination)}: 503`)],
        };
    }
    const policy = upstreamPolicy(view.mesh, view.namespace, service, destination.subset, destination.port);
    switch (policy.kind) {
        case "unknown":
            return { unknown: policy.reason, hops: routed };
        case "no subset":
            return {
                error: "no cluster",
                cluster: clusterName(destination),
                destination,
                hops: [...routed, hop("DestinationRule", `no subset ${destination.subset}: 503`, policy.rule)],
            };
        default:
            return {
                cluster: clusterName(destination),
                destination,
                hops:
                    destination.virtualService === undefined
                        ? hops
                        : [...routed, hop("DestinationRule", tlsInWords(policy.tls), policy.rule)],
            };
    }
}

function unknownDestination(view: ClientView, why: string, http = false): CallOutcome {
    const { sidecar } = view;
    if (view.registryOnly) {
        const decision = hop(
            "sidecar",
            `${why}: ${http ? "answered 502" : "closed (BlackHoleCluster)"}, since outbound traffic is REGISTRY_ONLY`,
            sidecar,
        );
        return http ? { status: 502, hops: [decision] } : { cluster: "BlackHoleCluster", hops: [decision] };
    }
    return {
        cluster: "PassthroughCluster",
        hops: [
            hop(
                "sidecar",
                `${why}: passed through, since outbound traffic is ALLOW_ANY; the perimeter decides`,
                sidecar,
            ),
        ],
    };
}

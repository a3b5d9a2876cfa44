import { type KubernetesObject, fieldsList, fields, text, texts } from "../kubernetes";
import { type Hop } from "../verdict";
import { rangeContains, specificity } from "./addresses";
import { type Call, type Destination, type Outcome, clusterName } from "./call";
import { upstreamPolicy, type UpstreamTls } from "./destinationRules";
import { ByHost, isWithin } from "./hosts";
import { append, type HostedVirtualService, type Mesh, type MeshService, type ServicePort } from "./model";
import { type Chosen, type RouteContext, httpRoutes, tcpRoutes, tlsRoutes } from "./routes";

/** What the sidecars of one namespace are configured with. Built once per namespace, listeners once per port. */
export class ClientView {
    readonly registryOnly: boolean;
    /** The Sidecar in force, if any. */
    readonly sidecar: KubernetesObject | undefined;
    /** Why the model cannot follow this namespace. */
    readonly unknown: string | undefined;
    private readonly services = new Map<string, MeshService[]>();
    private readonly byPort = new Map<number, { readonly service: MeshService; readonly port: ServicePort }[]>();
    private readonly virtualServices = new ByHost<KubernetesObject>();
    private readonly listeners = new Map<number, Listener | undefined>();

    constructor(
        readonly mesh: Mesh,
        readonly namespace: string,
    ) {
        const { settings } = mesh;
        const own = mesh.sidecars.get(namespace) ?? [];
        const inForce = own.length > 0 ? own : (mesh.sidecars.get(settings.rootNamespace) ?? []);
        this.sidecar = inForce[0];
        this.unknown = sidecarProblem(inForce);
        const mode = text(fields(this.sidecar?.spec.outboundTrafficPolicy).mode) ?? settings.outboundTraffic;
        this.registryOnly = mode === "REGISTRY_ONLY";
        const imports = importedHosts(this.sidecar, namespace);
        for (const service of mesh.services.visibleTo(namespace)) {
            append(this.services, service.host, service);
            if (imports.some(entry => importCovers(entry, service.namespace, service.host))) {
                for (const port of service.ports) {
                    append(this.byPort, port.number, { service, port });
                }
            }
        }
        const seen = new Set<HostedVirtualService>();
        for (const hosted of mesh.meshRoutes.visibleTo(namespace)) {
            const { host, virtualService } = hosted;
            if (!seen.has(hosted) && imports.some(entry => importCovers(entry, virtualService.namespace, host))) {
                seen.add(hosted);
                this.virtualServices.add(host, virtualService);
            }
        }
    }

    service(host: string): MeshService | undefined {
        const candidates = this.services.get(host);
        return candidates?.find(({ resolution }) => resolution === "KUBERNETES") ?? candidates?.[0];
    }

    /** More than one object claims the host here, and their age decides. */
    claimants(host: string): readonly MeshService[] {
        return this.services.get(host) ?? [];
    }

    virtualServicesFor(host: string): readonly KubernetesObject[] {
        return this.virtualServices.all(host);
    }

    listener(port: number): Listener | undefined {
        if (!this.listeners.has(port)) {
            const entries = this.byPort.get(port);
            this.listeners.set(port, entries === undefined ? undefined : buildListener(this, port, entries));
        }
        return this.listeners.get(port);
    }

    context(port: number, host?: string): RouteContext {
        return { gateway: "mesh", port, namespace: this.namespace, ...(host === undefined ? {} : { host }) };
    }
}

interface Import {
    readonly namespace: string;
    readonly host: string;
}

function importedHosts(sidecar: KubernetesObject | undefined, namespace: string): readonly Import[] {
    const egress = fieldsList(sidecar?.spec.egress);
    if (egress.length === 0) {
        return [{ namespace: "*", host: "*" }];
    }
    return egress
        .flatMap(({ hosts }) => texts(hosts))
        .map(entry => {
            const [place, host] = entry.split("/", 2) as [string, string | undefined];
            return { namespace: place === "." ? namespace : place, host: host ?? "*" };
        });
}

function importCovers(entry: Import, namespace: string, host: string): boolean {
    return (
        (entry.namespace === "*" || entry.namespace === namespace) &&
        (isWithin(host, entry.host) || isWithin(entry.host, host))
    );
}

function sidecarProblem(inForce: readonly KubernetesObject[]): string | undefined {
    if (inForce.some(({ spec }) => spec.workloadSelector !== undefined)) {
        return `a Sidecar selects workloads by their labels, which a service account does not tell: ${inForce.map(({ urn }) => urn).join(", ")}`;
    }
    if (inForce.length > 1) {
        return `several Sidecars apply to one namespace, and the oldest wins: ${inForce.map(({ urn }) => urn).join(", ")}`;
    }
    const special = fieldsList(inForce[0]?.spec.egress).some(
        ({ port, bind, captureMode, hosts }) =>
            port !== undefined ||
            bind !== undefined ||
            (captureMode !== undefined && captureMode !== "DEFAULT") ||
            texts(hosts).some(host => host.startsWith("~") && host !== "~/*"),
    );
    return special ? `${inForce[0]!.urn} binds listeners of its own or excludes hosts` : undefined;
}

interface Chain {
    readonly chosen: Chosen | undefined;
    /** Where the bytes go if no virtual service says otherwise. */
    readonly service: MeshService;
    readonly port: number;
}

interface Listener {
    /** Chains by the address that the listener or the chain is bound to. */
    readonly bound: readonly { readonly range: string; readonly chains: ByHost<Chain> }[];
    /** Chains for any address, by server name; `*` takes what has none. */
    readonly anyAddress: ByHost<Chain>;
    readonly http: readonly MeshService[];
}

/** Server name under which a chain without one is filed: it takes every connection. */
const ANY = "*";

function buildListener(
    view: ClientView,
    port: number,
    entries: readonly { readonly service: MeshService; readonly port: ServicePort }[],
): Listener {
    const bound = new Map<string, ByHost<Chain>>();
    const anyAddress = new ByHost<Chain>();
    const http: MeshService[] = [];
    for (const { service, port: servicePort } of entries) {
        if (servicePort.protocol === "http") {
            http.push(service);
            continue;
        }
        // A Service without a known address listens on an address of its own all the same.
        const ownAddress =
            servicePort.protocol === "auto" && service.addresses.length === 0
                ? [`service ${service.host}`]
                : service.addresses;
        const places = ownAddress.length === 0 ? [anyAddress] : ownAddress.map(range => placeOf(bound, range));
        for (const { sni, chain } of chainsOf(view, service, servicePort, port)) {
            places.forEach(place => place.add(sni, chain));
        }
    }
    return { bound: [...bound].map(([range, chains]) => ({ range, chains })), anyAddress, http };
}

function placeOf(bound: Map<string, ByHost<Chain>>, range: string): ByHost<Chain> {
    const place = bound.get(range) ?? new ByHost<Chain>();
    bound.set(range, place);
    return place;
}

function chainsOf(
    view: ClientView,
    service: MeshService,
    { protocol }: ServicePort,
    port: number,
): { readonly sni: string; readonly chain: Chain }[] {
    const lookup = (host: string): MeshService | undefined => view.service(host);
    const chain = (chosen: Chosen | undefined): Chain => ({ chosen, service, port });
    const virtualServices = view.virtualServicesFor(service.host);
    if (protocol === "tls") {
        const matched = virtualServices.flatMap(virtualService =>
            tlsRoutes(virtualService, view.context(port), lookup),
        );
        if (matched.length === 0) {
            return [{ sni: service.addresses.length === 0 ? service.host : ANY, chain: chain(undefined) }];
        }
        return matched.map(({ sni, chosen }) => ({ sni, chain: chain(chosen) }));
    }
    const matched = virtualServices
        .map(virtualService => tcpRoutes(virtualService, view.context(port), lookup))
        .filter(({ routes }) => routes.length > 0);
    return matched.length === 0
        ? [{ sni: ANY, chain: chain(undefined) }]
        : matched.map(chosen => ({ sni: ANY, chain: chain(chosen) }));
}

/** Follows a call from a workload of the view's namespace through its own sidecar. */
export function walkClient(view: ClientView, call: Call): Outcome {
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
    const others = listener.anyAddress.patterns().length > 0 || listener.bound.some(({ range }) => range.includes("/"));
    if (listener.http.length > 0 && others) {
        return {
            unknown: `HTTP and other protocols meet on port ${call.port} of the sidecars of ${view.namespace}; which listener wins depends on the age of the objects`,
            hops: [],
        };
    }
    if (listener.http.length > 0) {
        return call.protocol === "http" && call.tls === "plaintext"
            ? throughHosts(view, call, listener.http)
            : {
                  error: "protocol error",
                  hops: [hop("sidecar listener", `port ${call.port} speaks HTTP, the call does not`)],
              };
    }
    if (listener.anyAddress.patterns().length === 0) {
        return unknownDestination(view, `no listener on port ${call.port} takes address ${address ?? "of that name"}`);
    }
    return throughChains(view, call, listener.anyAddress, `port ${call.port}`);
}

function longestRange(bound: Listener["bound"], address: string): Listener["bound"][number] | undefined {
    return bound
        .filter(({ range }) => rangeContains(range, address))
        .sort((left, right) => specificity(right.range) - specificity(left.range))[0];
}

function throughChains(view: ClientView, call: Call, chains: ByHost<Chain>, place: string): Outcome {
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

function targetName({ chosen, service, port }: Chain): string {
    return chosen === undefined ? clusterName({ host: service.host, port }) : chosen.routes.map(clusterName).join();
}

function throughHosts(view: ClientView, call: Call, services: readonly MeshService[]): Outcome {
    const host = hostWithoutPort(call.host ?? call.address ?? "");
    const candidates = names(host, view.namespace);
    const service = services.find(({ host: name, addresses }) => candidates.includes(name) || addresses.includes(host));
    const name = service?.host ?? host;
    const lookup = (wanted: string): MeshService | undefined => view.service(wanted);
    const chosen = view
        .virtualServicesFor(name)
        .map(virtualService => httpRoutes(virtualService, view.context(call.port, name), lookup))
        .filter(({ routes, reason }) => routes.length > 0 || reason !== undefined);
    if (chosen.length > 1) {
        const urns = chosen.flatMap(({ routes }) => routes.map(({ virtualService }) => virtualService.urn));
        return {
            unknown: `several VirtualServices of the mesh claim ${name}, and the oldest wins: ${[...new Set(urns)].join(", ")}`,
            hops: [],
        };
    }
    if (service === undefined && chosen.length === 0) {
        return unknownDestination(view, `no Host ${host} on port ${call.port}`, true);
    }
    const seen = hop("sidecar route", `Host ${host} on port ${call.port}`, service?.source);
    return arrive(view, chosen[0], { host: name, port: call.port }, [seen]);
}

/** A Service answers to its short names too. */
function names(host: string, namespace: string): readonly string[] {
    return [host, `${host}.cluster.local`, `${host}.svc.cluster.local`, `${host}.${namespace}.svc.cluster.local`];
}

export function hostWithoutPort(host: string): string {
    return host.replace(/:\d+$/, "").toLowerCase();
}

function arrive(view: ClientView, chosen: Chosen | undefined, fallback: Destination, hops: readonly Hop[]): Outcome {
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

export function tlsInWords(tls: UpstreamTls | undefined): string {
    if (tls === undefined || tls.mode === "DISABLE") {
        return "in plaintext";
    }
    return tls.sni === undefined ? `with TLS mode ${tls.mode}` : `with TLS mode ${tls.mode} and server name ${tls.sni}`;
}

function unknownDestination(view: ClientView, why: string, http = false): Outcome {
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

export function hop(at: string, decision: string, source?: KubernetesObject): Hop {
    return { at, decision, ...(source === undefined || source.urn === HYPOTHETICAL ? {} : { resource: source.urn }) };
}

/** In place of the URN of an object that a tenant might add. */
export const HYPOTHETICAL = "an object that a tenant adds";

import { type KubernetesObject, fields, fieldsList, text, texts } from "../kubernetes";
import { append } from "./exported";
import { ByHost, isWithin } from "./hosts";
import { type HostedVirtualService, type MeshModel } from "./model";
import { type ChosenRoutes, type RouteContext, tcpRoutes, tlsRoutes } from "./routes";
import { type MeshService, type ServicePort } from "./services";

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
        readonly mesh: MeshModel,
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

    context(port: number, authority?: string): RouteContext {
        return { gateway: "mesh", port, namespace: this.namespace, ...(authority === undefined ? {} : { authority }) };
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

export interface ClientChain {
    readonly chosen: ChosenRoutes | undefined;
    /** Where the bytes go if no virtual service says otherwise. */
    readonly service: MeshService;
    readonly port: number;
}

export interface Listener {
    /** Chains by the address that the listener or the chain is bound to. */
    readonly bound: readonly { readonly range: string; readonly chains: ByHost<ClientChain> }[];
    /** Chains for any address, by server name; `*` takes what has none. */
    readonly anyAddress: ByHost<ClientChain>;
    readonly http: readonly MeshService[];
}

/** Server name under which a chain without one is filed: it takes every connection. */
export const ANY = "*";

function buildListener(
    view: ClientView,
    port: number,
    entries: readonly { readonly service: MeshService; readonly port: ServicePort }[],
): Listener {
    const bound = new Map<string, ByHost<ClientChain>>();
    const anyAddress = new ByHost<ClientChain>();
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

function placeOf(bound: Map<string, ByHost<ClientChain>>, range: string): ByHost<ClientChain> {
    const place = bound.get(range) ?? new ByHost<ClientChain>();
    bound.set(range, place);
    return place;
}

function chainsOf(
    view: ClientView,
    service: MeshService,
    { protocol }: ServicePort,
    port: number,
): { readonly sni: string; readonly chain: ClientChain }[] {
    const lookup = (host: string): MeshService | undefined => view.service(host);
    const chain = (chosen: ChosenRoutes | undefined): ClientChain => ({ chosen, service, port });
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

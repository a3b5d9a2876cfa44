import {
    type DestinationRule,
    type EnvoyFilter,
    type GatewayObject,
    type IstioObject,
    type RouteDestination,
    type VirtualService,
} from "../../../components/mesh/istioObject";

/** Where a connection ends up, and which identities the gateway lets through on the way. */
export interface Arrival {
    readonly host: string;
    readonly port: number;
    readonly identities: readonly string[];
    /** Secret with the certificate that the gateway shows. */
    readonly certificate?: string;
    /** The server names inside that the gateway takes; absent: it looks for none. */
    readonly inside?: string;
}

type Rule = Extract<IstioObject, { kind: "AuthorizationPolicy" }>;
const SPIFFE = "spiffe://";

/** Whether Istio shows the object to a namespace: no list means everybody. */
export function isVisible(object: IstioObject, namespace: string): boolean {
    const exportTo: readonly string[] | undefined = "exportTo" in object.spec ? object.spec.exportTo : undefined;
    return (
        exportTo === undefined ||
        exportTo.length === 0 ||
        exportTo.includes("*") ||
        exportTo.includes(namespace) ||
        (exportTo.includes(".") && object.metadata.namespace === namespace)
    );
}

/**
 * Follows a connection through the objects in the way Istio documents them: the client's route, the subset in the client's
 * namespace, the gateway's server by SNI or Host, the route behind it. Knows nothing of how the objects were made.
 */
export function walk(
    objects: readonly IstioObject[],
    namespace: string,
    dialled: string,
    port: number,
): Arrival | undefined {
    const seen = objects.filter(object => isVisible(object, namespace));
    const entries = seen.filter(({ kind }) => kind === "ServiceEntry") as Extract<
        IstioObject,
        { kind: "ServiceEntry" }
    >[];
    // By its name, or by the address that the entry has.
    const known = entries.find(
        ({ spec }) =>
            ([...spec.hosts, ...(spec.addresses ?? [])].includes(dialled) ||
                spec.hosts.some(host => host.startsWith("*.") && dialled.endsWith(host.slice(1)))) &&
            spec.ports.some(({ number }) => number === port),
    );
    const host = known?.spec.hosts[0] ?? dialled;
    const leg = seen
        .filter((object): object is VirtualService => object.kind === "VirtualService")
        .filter(({ spec }) => spec.gateways.includes("mesh") && spec.hosts.includes(host))
        .flatMap(({ spec }) => [...(spec.tls ?? []), ...(spec.tcp ?? []), ...(spec.http ?? [])])
        .find(({ match }) => match?.some(condition => "port" in condition && condition.port === port));
    const route = leg?.route[0];
    if (known === undefined || leg === undefined || route === undefined) {
        return undefined;
    }
    const { destination } = route;
    const rule = seen.find(
        (object): object is DestinationRule =>
            object.kind === "DestinationRule" &&
            object.metadata.namespace === namespace &&
            object.spec.host === destination.host,
    );
    const tls = rule?.spec.subsets
        ?.find(({ name }) => name === destination.subset)
        ?.trafficPolicy.portLevelSettings.find(setting => setting.port.number === destination.port.number)?.tls;
    if (tls?.mode !== "ISTIO_MUTUAL") {
        return undefined;
    }
    return destination.port.number === 443
        ? tlsLeg(objects, tls.sni ?? "")
        : httpLeg(objects, "rewrite" in leg ? leg.rewrite.authority : host);
}

function tlsLeg(objects: readonly IstioObject[], sni: string): Arrival | undefined {
    const servers = objects.filter(
        (object): object is GatewayObject =>
            object.kind === "Gateway" &&
            object.spec.servers.some(({ port, hosts }) => port.number === 443 && hosts.includes(sni)),
    );
    const server = servers[0];
    const listener = server?.spec.servers[0];
    if (servers.length !== 1 || server === undefined || listener?.tls?.mode !== "ISTIO_MUTUAL") {
        return undefined;
    }
    const behind = objects.filter(
        (object): object is VirtualService =>
            object.kind === "VirtualService" &&
            object.spec.gateways.includes(server.metadata.name) &&
            object.spec.hosts.includes(sni),
    );
    const target = behind[0]?.spec.tcp?.[0]?.route[0]?.destination;
    return behind.length !== 1 || target === undefined
        ? undefined
        : {
              ...placeOf(objects, target.host, target.port.number),
              identities: (listener.tls.subjectAltNames ?? ["*"]).map(name => name.replace(SPIFFE, "")),
          };
}

/** Where the gateway connects to: the name itself, the one address that an entry of its namespace gives it, or what a filter does instead. */
function placeOf(
    objects: readonly IstioObject[],
    host: string,
    port: number,
): Pick<Arrival, "host" | "port" | "inside"> {
    const entry = objects.find(
        object =>
            object.kind === "ServiceEntry" && object.spec.exportTo.includes(".") && object.spec.hosts.includes(host),
    ) as Extract<IstioObject, { kind: "ServiceEntry" }> | undefined;
    const endpoints = entry?.spec.endpoints ?? [];
    if (entry?.spec.ports.every(({ number }) => number !== port)) {
        return { host: "", port };
    }
    return entry?.spec.resolution === "STATIC"
        ? endpoints.length > 0
            ? { host: endpoints.map(({ address }) => address).join(), port }
            : (filtered(objects, `outbound|${port}||${host}`) ?? { host: "", port })
        : { host: entry?.spec.resolution === "DNS" && endpoints.length === 0 ? host : "", port };
}

/* Envoy's own configuration, as far as a filter of the gateway adds any. */
interface Added {
    readonly name: string;
    readonly load_assignment?: {
        readonly endpoints: readonly {
            readonly lb_endpoints: readonly { readonly endpoint: { readonly address: Address } }[];
        }[];
    };
    readonly filter_chains?: readonly {
        readonly filter_chain_match: { readonly server_names: readonly string[] };
        readonly filters: readonly {
            readonly typed_config: { readonly port_value?: number; readonly cluster?: string };
        }[];
    }[];
}
interface Address {
    readonly envoy_internal_address?: { readonly server_listener_name: string };
    readonly socket_address?: { readonly address: string; readonly port_value: number };
}

/** Through a cluster that filters replace, and the listener that it leads to: by the one name that the listener takes. */
function filtered(
    objects: readonly IstioObject[],
    cluster: string,
): Pick<Arrival, "host" | "port" | "inside"> | undefined {
    const patches = objects
        .filter((object): object is EnvoyFilter => object.kind === "EnvoyFilter")
        .filter(({ spec }) => spec.workloadSelector?.labels["istio"] === "egressgateway")
        .flatMap(({ spec }) => spec.configPatches);
    const removed = patches.some(
        ({ match, patch }) =>
            patch.operation === "REMOVE" &&
            match.cluster !== undefined &&
            "name" in match.cluster &&
            match.cluster.name === cluster,
    );
    const added = (applyTo: string, name: string | undefined): Added | undefined => {
        const found = patches.filter(
            one => one.applyTo === applyTo && one.patch.operation === "ADD" && (one.patch.value as Added).name === name,
        );
        return found.length === 1 ? (found[0]!.patch.value as Added) : undefined;
    };
    const addressOf = (one: Added | undefined): Address | undefined =>
        one?.load_assignment?.endpoints[0]?.lb_endpoints[0]?.endpoint.address;
    const listener = added(
        "LISTENER",
        addressOf(added("CLUSTER", cluster))?.envoy_internal_address?.server_listener_name,
    );
    const [chain, ...others] = listener?.filter_chains ?? [];
    if (!removed || chain === undefined || others.length > 0) {
        return undefined;
    }
    const names = chain.filter_chain_match.server_names.join();
    const [first, last] = [chain.filters[0]!.typed_config, chain.filters.at(-1)!.typed_config];
    if (first.port_value !== undefined) {
        return { host: names, port: first.port_value, inside: names };
    }
    const onward = addressOf(added("CLUSTER", last.cluster))?.socket_address;
    return onward === undefined ? undefined : { host: onward.address, port: onward.port_value, inside: names };
}

/** Behind the HTTP server, with the Host header that the client's leg wrote: clients themselves may leave the port out. */
function httpLeg(objects: readonly IstioObject[], authority: string): Arrival | undefined {
    const host = authority.replace(/:\d+$/, "");
    const route = objects
        .filter((object): object is VirtualService => object.kind === "VirtualService")
        .filter(({ spec }) => spec.gateways.includes("http") && spec.hosts.includes(host))
        .flatMap(({ spec }) => spec.http ?? [])
        .find(
            ({ match }) => match === undefined || match.some(m => "authority" in m && m.authority.exact === authority),
        );
    const target = route?.route[0]?.destination;
    return target === undefined
        ? undefined
        : {
              host: target.host,
              port: target.port.number,
              identities: allowedByHost(objects, authority),
              ...shownTo(objects, target),
          };
}

/** The Secret with the certificate that the gateway shows there. */
function shownTo(
    objects: readonly IstioObject[],
    { host, subset, port }: RouteDestination["destination"],
): Pick<Arrival, "certificate"> {
    const rule = objects.find(
        (object): object is DestinationRule => object.kind === "DestinationRule" && object.spec.host === host,
    );
    const policy =
        subset === undefined
            ? rule?.spec.trafficPolicy
            : rule?.spec.subsets?.find(({ name }) => name === subset)?.trafficPolicy;
    const tls =
        policy !== undefined && "portLevelSettings" in policy
            ? policy.portLevelSettings.find(setting => setting.port.number === port.number)?.tls
            : undefined;
    return tls?.mode === "MUTUAL" ? { certificate: tls.credentialName } : {};
}

/** Who passes the authorization policies of the HTTP leg with this authority. */
function allowedByHost(objects: readonly IstioObject[], authority: string): string[] {
    return objects
        .filter((object): object is Rule => object.kind === "AuthorizationPolicy")
        .flatMap(({ spec }) => spec.rules ?? [])
        .filter(({ to }) =>
            to.some(
                ({ operation }) =>
                    operation.ports.includes("8080") &&
                    (operation.hosts ?? ["*"]).some(pattern =>
                        pattern.endsWith("*") ? authority.startsWith(pattern.slice(0, -1)) : pattern === authority,
                    ),
            ),
        )
        .flatMap(({ from }) => from?.flatMap(({ source }) => source.principals) ?? ["*"]);
}

import {
    type DestinationRule,
    type Gateway,
    type IstioObject,
    type VirtualService,
} from "../../../components/mesh/istioObject";

/** Where a connection ends up, and which identities the gateway lets through on the way. */
export interface Arrival {
    readonly host: string;
    readonly port: number;
    readonly identities: readonly string[];
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
    host: string,
    port: number,
): Arrival | undefined {
    const seen = objects.filter(object => isVisible(object, namespace));
    const entries = seen.filter(({ kind }) => kind === "ServiceEntry") as Extract<
        IstioObject,
        { kind: "ServiceEntry" }
    >[];
    const known = entries.some(
        ({ spec }) => spec.hosts.includes(host) && spec.ports.some(({ number }) => number === port),
    );
    const route = seen
        .filter((object): object is VirtualService => object.kind === "VirtualService")
        .filter(({ spec }) => spec.gateways.includes("mesh") && spec.hosts.includes(host))
        .flatMap(({ spec }) => [...(spec.tls ?? []), ...(spec.tcp ?? []), ...(spec.http ?? [])])
        .find(({ match }) => match?.some(condition => "port" in condition && condition.port === port))?.route[0];
    if (!known || route === undefined) {
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
    return destination.port.number === 443 ? tlsLeg(objects, tls.sni ?? "") : httpLeg(objects, host, port);
}

function tlsLeg(objects: readonly IstioObject[], sni: string): Arrival | undefined {
    const servers = objects.filter(
        (object): object is Gateway =>
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
              host: target.host,
              port: target.port.number,
              identities: (listener.tls.subjectAltNames ?? ["*"]).map(name => name.replace(SPIFFE, "")),
          };
}

function httpLeg(objects: readonly IstioObject[], host: string, dialled: number): Arrival | undefined {
    const authority = dialled === 80 ? host : `${host}:${dialled}`;
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
        : { host: target.host, port: target.port.number, identities: allowedByHost(objects, authority) };
}

/** Who passes the authorization policies of the HTTP leg with this authority. */
export function allowedByHost(objects: readonly IstioObject[], authority: string): string[] {
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
